"""Livestock unit key: fattening bulls of one to two years as young stock."""

from openfisca_stoffenbalans.reform import LawReform

CATEGORIES = "de.duev.herd_categories"
BULLS = "bullenmast_"
YOUNG_STOCK = "jungrinder_1_bis_unter_2_jahre_alt"


class fattening_cattle_as_young_stock(LawReform):
    """The key overlaps for fattening bulls; this reading takes 0.70 instead of 1.00 livestock units."""

    label = "Fattening bulls count 0.70 livestock units (young stock of 1 to 2 years) instead of 1.00"
    reference = "DüV Anlage 9 Tabelle 2"

    def change(self):
        for animal, row in self.parameter(CATEGORIES).children.items():
            if animal.startswith(BULLS):
                for value in row.children["livestock_unit_row"].values_list:
                    value.value = YOUNG_STOCK
