"""The repeal did not happen: the law goes on."""

from openfisca_stoffenbalans.reform import LawReform

LAW = "de.stoffbilv"
LAST_DAY = "2025-07-07"
NEVER = "9999-12-31"


class repeal_did_not_happen(LawReform):
    """Scope, duty and balance stay as they were on 7.7.2025; section 6(6) still ended the assessment in 2022."""

    label = "The Stoffstrombilanzverordnung was not repealed on 8.7.2025"
    reference = "StoffBilV Aufhebung"
    excludes = ("repeal_by_year_end",)

    def change(self):
        self.outlive(LAW, LAST_DAY)
        for value in self.parameter(f"{LAW}.in_force.last_day").values_list:
            value.value = NEVER
