"""Three-year mean per hectare as the mean of the yearly values per hectare."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import mean_known


class stoffbilv_mean_balance_per_ha(Variable):
    label = "Mean of the nitrogen balances per hectare over the known years"

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, "nitrogen_balance_per_ha")


class mean_of_yearly_per_hectare(LawReform):
    """Every year weighs the same, whatever its area; missing when a year is without land."""

    label = "The three-year mean per hectare is the mean of the yearly values, not sum of kg by sum of ha"
    reference = "StoffBilV § 6 Abs. 3"

    def change(self):
        self.update_variable(stoffbilv_mean_balance_per_ha)
