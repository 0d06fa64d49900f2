"""Section 6(2) sentence 3: agreed losses raise the permitted value."""

import numpy
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import SECTION, with_tolerance


class stoffbilv_assessed_balance(Variable):
    label = "Mean balance, as held against the permitted balance"

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_mean_balance", period)


class stoffbilv_assessed_balance_per_ha(Variable):
    label = "Mean balance per hectare, as held against the flat limit"

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_mean_balance_per_ha", period)


class stoffbilv_limit_flat(Variable):
    label = "Flat limit and agreed losses per hectare, with tolerance"

    def formula_2018_01_01(farm, period, parameters):
        law, area = Law(farm, period, parameters), farm("stoffbilv_mean_area", period)
        losses = farm("stoffbilv_mean_agreed_losses", period) / numpy.where(area > 0, area, numpy.nan)
        return with_tolerance(law, law.value(f"{SECTION}.flat_limit") + losses, "flat_tolerance")


class stoffbilv_limit_farm_specific(Variable):
    label = "Mean permitted balance and agreed losses, with tolerance"

    def formula_2018_01_01(farm, period, parameters):
        raised = farm("stoffbilv_mean_permitted_balance", period) + farm("stoffbilv_mean_agreed_losses", period)
        return with_tolerance(Law(farm, period, parameters), raised, "farm_specific_tolerance")


class supplements_raise_permitted_value(LawReform):
    """The 10 percent then apply to the agreed losses as well."""

    label = "Agreed losses are added to the permitted value instead of being deducted from the balance"
    reference = "StoffBilV § 6 Abs. 2 Satz 3"

    def change(self):
        for variable in (
            stoffbilv_assessed_balance,
            stoffbilv_assessed_balance_per_ha,
            stoffbilv_limit_flat,
            stoffbilv_limit_farm_specific,
        ):
            self.update_variable(variable)
