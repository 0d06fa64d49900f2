"""Section 1(2) no. 1: "jeweils" binds the second alternative only."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_above_livestock_thresholds(Variable):
    reference = ["StoffBilV § 1 Abs. 2 Nr. 1", "DüngG § 11a Abs. 2 Satz 2"]

    def formula_2018_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv.section_01_scope
        units, area = farm("livestock_units", period), farm("utilised_area_ha", period)
        dense = exceeds(units, law.stocking_density * area)
        return exceeds(units, law.livestock_units) | (exceeds(area, law.area) & dense)


class stocking_density_only_for_area(LawReform):
    """More than 50 livestock units alone suffice, as DüngG § 11a(2) words it."""

    label = "More than 50 livestock units alone suffice; the stocking density counts for the area only"
    reference = "StoffBilV § 1 Abs. 2 Nr. 1"

    def change(self):
        self.update_variable(stoffbilv_above_livestock_thresholds)
