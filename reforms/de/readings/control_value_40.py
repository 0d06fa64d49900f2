"""Annex 4 line 1: 40 kg N per hectare where a Land used DüV section 13(2)."""

from openfisca_stoffenbalans.reform import LawReform

SURPLUS = "de.stoffbilv.annex_4_permitted_balance.lines.line_1_surplus"
CONTROL_VALUE = "de.duev.section_09_control_values.kontrollwert_n_land_40.value"
FIRST_DAY = "2018-01-01"


class control_value_40(LawReform):
    """A Land could lower the control value that footnote 5 refers to."""

    label = "Annex 4 line 1 takes 40 kg N/ha, the control value of a Land regulation"
    reference = "StoffBilV Anlage 4 Tabelle 1 Fußnote 5"
    excludes = ("control_value_60_until_2020",)

    def change(self):
        value = self.printed(CONTROL_VALUE, FIRST_DAY)
        for printed in self.parameter(SURPLUS).values_list:
            if printed.value is not None:
                printed.value = value
