"""Section 6(6): the duty to assess never ends."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform

SECTION = "de.stoffbilv.section_06_assessment"
LIMITS = ("flat_limit", "farm_specific_tolerance", "flat_tolerance")
LAPSE = "2023-01-01"


class stoffbilv_assessment_period(Variable):
    label = "The duty to assess holds as long as the law"

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_in_force", period)


class assessment_continues(LawReform):
    """Section 6(2) and (3) stay in force until the repeal, with the limit and tolerance of 2022."""

    label = "The duty to assess does not end with 31.12.2022 but goes on until the repeal"
    reference = "StoffBilV § 6 Abs. 6"
    excludes = ("assessment_duty_by_deadline",)

    def change(self):
        repeal = self.parameter(f"{SECTION}.balance_deadline").values_list[0]
        for name in LIMITS:
            values = self.parameter(f"{SECTION}.{name}").values_list
            kept = [value for value in values if value.instant_str != LAPSE]
            ends = [] if repeal.value is not None else [repeal.clone()]
            self.parameter(f"{SECTION}.{name}").values_list = ends + kept
        self.update_variable(stoffbilv_assessment_period)
