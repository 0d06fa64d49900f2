"""The repeal: balance years that had ended by 7.7.2025 keep the duty."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_duty_in_force(Variable):
    label = "The balance year ended before the repeal"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(str(period.stop) <= parameters(period).de.stoffbilv.in_force.last_day)


class repeal_by_year_end(LawReform):
    """An open case is a balance year that had not ended, not a balance that was not due yet."""

    label = "Balance years that end by 7.7.2025 keep the duty, also when the deadline lies later"
    reference = "StoffBilV Aufhebung"

    def change(self):
        self.update_variable(stoffbilv_duty_in_force)
