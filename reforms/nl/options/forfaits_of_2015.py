"""Excretion in years whose text was not found: by the last text that was."""

import numpy

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.slots import has, lines
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.nl.forfaits.tables import ANIMALS_TABLE, DAIRY_TABLE

LAST_DAY = tables()[ANIMALS_TABLE].head["valid_to"]
NOTE = f"excretion by bijlage D as of {LAST_DAY}, the last text that was found"


def labelled(before, farm, period, parameters):
    """What is derived, and that excretion is, for a farm that does not declare it all."""
    herd = lines(farm, "herd")
    kept = herd("herd_animal", period) != Animal.none
    undeclared = numpy.isnan(herd("herd_n_excretion_kg", period) + herd("herd_p2o5_excretion_kg", period))
    says = has(farm, "herd", kept & undeclared) & farm("farm_year_known", period) & (str(period.start) > LAST_DAY)
    with_note = numpy.where(before == "", NOTE, before + f"; {NOTE}")
    return numpy.where(says, with_note, before)


class forfaits_of_2015(LawReform):
    """Rows that a former text ended stay ended, and years before the first text that was found stay without."""

    label = f"Balance years after the last text of bijlage D that was found ({LAST_DAY}) take its forfaits"
    reference = (
        "Uitvoeringsregeling Meststoffenwet bijlage D tabel I; Uitvoeringsregeling Meststoffenwet bijlage D tabel II"
    )
    status = "inferred"
    source = "none proposes it; for years whose tables were not found"

    def change(self):
        for table in (ANIMALS_TABLE, DAIRY_TABLE):
            self.outlive(table, LAST_DAY)
        layer(self, "nl_derived", labelled)
