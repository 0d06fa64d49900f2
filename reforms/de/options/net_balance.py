"""A limit on the balance after gaseous losses, as the old Nährstoffvergleich had one."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.reforms.de.options.annex_4_only import annex_4_only
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import mean_known
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_4_permitted_balance import LINES

SURPLUS = "de.policy_options.net_balance"
LOSSES = [f"stoffbilv_annex_4_line_{line}" for line in LINES[1:]]


class stoffbilv_mean_permitted_balance(Variable):
    label = "Permitted net surplus of the mean that ends with this balance year x mean area + mean losses of annex 4"

    def formula_2018_01_01(farm, period, parameters):
        surplus = Law(farm, period, parameters).value(SURPLUS)
        losses = added(mean_known(farm, period, line) for line in LOSSES)
        return surplus * farm("stoffbilv_mean_area", period) + losses


class net_balance(annex_4_only):
    """Mean balance less mean losses of annex 4 lines 2 to 8, per hectare, held against one number; no tolerance.

    The number is that of the year in which the mean ends, for all its years.
    """

    label = "The balance less the losses of annex 4 must not exceed 60, later 50 kg N/ha; no choice, no tolerance"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"
    status = "inferred"
    excludes = ("uba_120_120",)
    source = (
        "DüV 2017 § 9 Abs. 2 Satz 2 (until 30.4.2020), control values of the Nährstoffvergleich; "
        "their use on the farm-gate balance, with the losses of annex 4, is inferred"
    )

    def change(self):
        super().change()
        self.without_tolerance()
        self.update_variable(stoffbilv_mean_permitted_balance)
