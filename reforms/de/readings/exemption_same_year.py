"""Section 3(4): the 750 kg are tested in the same year."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_manure_received_for_exemption(Variable):
    label = "Nitrogen in farm manure received in the same balance year"

    def formula(farm, period, parameters):
        return farm("manure_received_nitrogen", period)


class stoffbilv_own_manure_for_exemption(Variable):
    label = "Nitrogen excreted by the own animals in the same balance year"

    def formula(farm, period, parameters):
        return farm("nitrogen_excretion", period)


class exemption_same_year(LawReform):
    """As practice often tests it: this year's manure decides on this year's exemption."""

    label = "The exemptions of section 3(4) look at the same balance year instead of the previous one"
    reference = "StoffBilV § 3 Abs. 4"

    def change(self):
        self.update_variable(stoffbilv_manure_received_for_exemption)
        self.update_variable(stoffbilv_own_manure_for_exemption)
