"""Annex 4 line 1: 60 kg N per hectare before the first mean under 50."""

from openfisca_core.periods import instant

from openfisca_stoffenbalans.reform import LawReform

SURPLUS = "de.stoffbilv.annex_4_permitted_balance.lines.line_1_surplus"
CONTROL_VALUE = "de.duev.section_09_control_values.kontrollwert_n_60.value"
FIRST_DAY, LAST_DAY = "2018-01-01", "2019-12-31"


class control_value_60_until_2020(LawReform):
    """The control value 50 of the DüV first holds for the mean of 2018 to 2020; until then it was 60."""

    label = "Annex 4 line 1 takes 60 kg N/ha for balance years that start before 1.1.2020"
    reference = "StoffBilV Anlage 4 Tabelle 1 Fußnote 5"

    def change(self):
        value = self.printed(CONTROL_VALUE, FIRST_DAY)
        self.parameter(SURPLUS).update(start=instant(FIRST_DAY), stop=instant(LAST_DAY), value=value)
