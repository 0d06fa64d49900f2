"""Section 3(4) sentence 1: no exemption without the abolished nutrient comparison."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_exempt_by_manure_received(Variable):
    def formula_2020_05_01(farm, period, parameters):
        return farm.filled_array(False)


class exemption_needs_nutrient_comparison(LawReform):
    """The second condition of the exemption lost its object when the nutrient comparison was abolished on 1.5.2020."""

    label = "No exemption by section 3(4) sentence 1 for balance years that start after 30.4.2020"
    reference = "StoffBilV § 3 Abs. 4 Satz 1"

    def change(self):
        self.update_variable(stoffbilv_exempt_by_manure_received)
