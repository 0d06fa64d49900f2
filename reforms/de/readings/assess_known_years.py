"""Section 6(3) with fewer than three years: the years that are known are assessed."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_enough_years(Variable):
    label = "Some balance year is known"

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_known_years", period) > 0


class assess_known_years(LawReform):
    """The law has no rule for one or two years; this reading does not wait for the third."""

    label = "One or two known balance years are assessed by their mean instead of being undetermined"
    reference = "StoffBilV § 6 Abs. 3"

    def change(self):
        self.update_variable(stoffbilv_enough_years)
