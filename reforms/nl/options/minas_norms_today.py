"""MINAS with the norms and levies of 2005 for the years after its end."""

from openfisca_stoffenbalans.reform import LawReform

LAW = "nl.minas"
LAST_DAY = "2005-12-31"
NEVER = "9999-12-31"


class minas_norms_today(LawReform):
    """Norms, forfaits and levies stay those of 2005; settlement still looks back eight years and no further.

    Room that was carried forward from years before these is not known.
    """

    label = "MINAS did not end: loss norms, forfaits and levies of 2005 also in later balance years"
    reference = "Meststoffenwet (2005-07-01) art. 19"
    status = "inferred"
    source = (
        "Meststoffenwet as in force on 2005-07-01, art. 14–20, 22–27, 43 and annex F: norms, forfaits and levies as "
        "printed for 2005; no source proposes them for later years"
    )

    def change(self):
        self.outlive(LAW, LAST_DAY)
        for value in self.parameter(f"{LAW}.in_force.last_day").values_list:
            value.value = NEVER
