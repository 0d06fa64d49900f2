"""Annex 4 line 7: nothing after DüV section 8(3) was repealed."""

import numpy
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_annex_4_line_7(Variable):
    def formula_2020_05_01(farm, period, parameters):
        return numpy.zeros(farm.count)


class no_roughage_line_after_april_2020(LawReform):
    """A dynamic reference: with section 8(3) and the uptake table the line lost its base on 1.5.2020."""

    label = "Annex 4 line 7 is 0 for balance years that start after 30.4.2020"
    reference = "StoffBilV Anlage 4 Tabelle 1 Zeile 7"

    def change(self):
        self.update_variable(stoffbilv_annex_4_line_7)
