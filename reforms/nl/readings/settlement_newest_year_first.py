"""Art. 43: room of a year settles the newest of the former years first."""

from openfisca_stoffenbalans.reform import LawReform

ORDER = "nl.minas.settlement_order.oldest_year_first"


class settlement_newest_year_first(LawReform):
    """What was read of article 43 does not say which of the eight former years comes first."""

    label = "Room settles the newest open year first instead of the oldest"
    reference = "Meststoffenwet (2005-07-01) art. 43"

    def change(self):
        for value in self.parameter(ORDER).values_list:
            value.value = False
