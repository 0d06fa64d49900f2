"""Excretion by the table, also where the holder can show another."""

import numpy

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import excretion_nitrogen, excretion_phosphate


def by_table(entry, period, parameters, excretion):
    """Kilograms that a herd excretes by the table alone; missing (NaN) without a count or a row."""
    per_animal = gather(entry, period, parameters, excretion, entry("herd_animal", period))
    kg = entry("herd_count", period) * per_animal
    return numpy.where(entry("herd_animal", period) == Animal.none, numpy.nan, kg)


def table_first(excretion):
    """The table's kilograms before the declared ones."""

    def change(before, entry, period, parameters):
        kg = by_table(entry, period, parameters, excretion)
        return numpy.where(numpy.isnan(kg), before, kg)

    return change


def without_table(excretion):
    """Only where the table has no value."""

    def change(before, entry, period, parameters):
        return before & numpy.isnan(by_table(entry, period, parameters, excretion))

    return change


class excretion_by_table_only(LawReform):
    """A herd without a count keeps the declared excretion."""

    label = "Declared excretion of a herd is ignored where the table of the DüV has a value"
    reference = "DüV Anlage 1 Tabelle 1"
    status = "inferred"
    source = "simplification asked for by the Dutch Actieagenda Stoffenbalans, action 12; its form here is inferred"

    def change(self):
        layer(self, "herd_excretion_nitrogen", table_first(excretion_nitrogen), label="Nitrogen excretion by table")
        layer(self, "herd_excretion_phosphate", table_first(excretion_phosphate), label="Phosphate excretion by table")
        layer(self, "herd_n_excretion_kg_needed", without_table(excretion_nitrogen))
        layer(self, "herd_p2o5_excretion_kg_needed", without_table(excretion_phosphate))
