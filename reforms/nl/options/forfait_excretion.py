"""Excretion by the Uitvoeringsregeling's tables, also where the farm has reckoned its own."""

import numpy

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.layers import layer, on_lines
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.balance.contents import declared_else
from openfisca_stoffenbalans.variables.nl.forfaits.tables import NITROGEN, PHOSPHATE, dairy_nitrogen, dairy_phosphate

# Nutrient -> the coefficient of an animal, that of a dairy cow, and the classes that the latter goes by.
TABLES = {
    "nitrogen": (NITROGEN, dairy_nitrogen, ("nl_herd_dairy_class", "nl_herd_urea_class")),
    "phosphate": (PHOSPHATE, dairy_phosphate, ("nl_herd_dairy_class",)),
}


def by_table(entry, period, parameters, nutrient):
    """Kg of a herd by the table alone; NaN for an animal, class or year that it lacks."""
    animal, dairy, classes = TABLES[nutrient]
    per_animal = gather(entry, period, parameters, animal, entry("herd_animal", period))
    cow = gather(entry, period, parameters, dairy, *(entry(name, period) for name in classes))
    return entry("herd_count", period) * numpy.where(entry("nl_herd_is_dairy_cows", period), cow, per_animal)


def table_first(nutrient):
    """The table's kg before the declared ones."""

    def change(before, entry, period, parameters):
        there = entry("herd_animal", period) != Animal.none
        listed = numpy.where(there, by_table(entry, period, parameters, nutrient), numpy.nan)
        return declared_else(listed, before)

    return on_lines("herd", change)


class forfait_excretion(LawReform):
    """A herd for which the table of the year has no value keeps the declared excretion."""

    label = "Declared excretion of a herd is ignored where the Uitvoeringsregeling's table of the year has a value"
    reference = "Actieagenda Stoffenbalans, action 12"
    status = "inferred"
    source = (
        "simplification named by the Actieagenda Stoffenbalans, action 12 (tables 4 and 6 for excretion); its form "
        "here is inferred"
    )

    def change(self):
        for nutrient in TABLES:
            layer(self, f"nl_herd_{nutrient}_excretion", table_first(nutrient))
