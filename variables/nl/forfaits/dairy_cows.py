"""Bijlage D table II: in which class of milk and urea the dairy cows of a herd are."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import ManureSystem
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.numbers import whole
from openfisca_stoffenbalans.slots import farm_of_lines, on, total
from openfisca_stoffenbalans.variables.balance.contents import declared_else
from openfisca_stoffenbalans.variables.nl.forfaits.tables import (
    CLASSES,
    LEAST,
    MOST,
    DairyClass,
    UreaClass,
    class_starts,
    is_dairy_cow,
    manure_system,
)

UR = "Uitvoeringsregeling Meststoffenwet"


def class_of_milk(starts, milk, solid):
    """Position of the row of table II for whole kg of milk; 0 where the milk or the table is not known."""
    place = numpy.searchsorted(starts, milk, side="right")
    known = (place > 0) & ~numpy.isnan(milk) & ~numpy.isnan(starts).any()
    return numpy.where(known, place + CLASSES * solid, DairyClass.none.index)


def class_of_urea(urea):
    """Position of the column of table II for whole mg of urea; 0 where it is not known."""
    place = numpy.clip(urea, LEAST - 1, MOST + 1) - (LEAST - 1) + 1
    return numpy.where(numpy.isnan(urea), UreaClass.none.index, place)


class nl_herd_is_dairy_cows(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "A herd of melk- en kalfkoeien (dairy and calf cows, number 100)"
    reference = f"{UR} art. 74 lid 1"

    @on("herd")
    def formula(entry, period, parameters):
        return gather(entry, period, parameters, is_dairy_cow, entry("herd_animal", period)) > 0


class nl_herd_manure_system(Variable):
    value_type = Enum
    possible_values = ManureSystem
    default_value = ManureSystem.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Manure system of a herd: that of the animal's row in table I, else the declared one"
    reference = f"{UR} bijlage D tabel I"

    @on("herd")
    def formula(entry, period, parameters):
        named = gather(entry, period, parameters, manure_system, entry("herd_animal", period)).astype(numpy.int16)
        declared = entry("herd_manure_system", period).view(numpy.ndarray)
        return numpy.where(named == ManureSystem.none.index, declared, named)


class nl_dairy_cows(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "animals"
    label = "Melk- en kalfkoeien (dairy and calf cows), mean number of the year"
    reference = f"{UR} art. 74 lid 2"

    def formula(farm, period, parameters):
        cows = farm.members("nl_herd_is_dairy_cows", period)
        return total(farm, "herd", numpy.where(cows, farm.members("herd_count", period), 0))


class nl_herd_milk_per_cow(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg"
    label = "Milk per dairy cow and year: declared of the herd, else the farm's milk per cow; missing for other animals"
    reference = f"{UR} art. 74 lid 2"

    @on("herd")
    def formula(entry, period, parameters):
        cows = farm_of_lines(entry, "nl_dairy_cows", period)
        per_cow = farm_of_lines(entry, "milk_kg", period) / numpy.where(cows > 0, cows, numpy.nan)
        milk = declared_else(entry("herd_milk_kg_per_animal", period), per_cow)
        return numpy.where(entry("nl_herd_is_dairy_cows", period), milk, numpy.nan)


class nl_herd_dairy_class(Variable):
    value_type = Enum
    possible_values = DairyClass
    default_value = DairyClass.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Row of table II of a herd of dairy cows, by manure system and milk in whole kg; none where not known"
    reference = [f"{UR} bijlage D tabel II", f"{UR} art. 74 lid 1"]

    @on("herd")
    def formula(entry, period, parameters):
        system, milk = entry("nl_herd_manure_system", period), entry("nl_herd_milk_per_cow", period)
        starts = class_starts(Law(entry, period, parameters))
        row = class_of_milk(starts, whole(milk), system == ManureSystem.solid)
        return numpy.where(system == ManureSystem.none, DairyClass.none.index, row).astype(numpy.int16)


class nl_herd_urea_class(Variable):
    value_type = Enum
    possible_values = UreaClass
    default_value = UreaClass.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Column of table II of a herd of dairy cows, by urea in whole mg per 100 g; none where not known"
    reference = [f"{UR} bijlage D tabel II", f"{UR} art. 74 lid 3", f"{UR} art. 75c"]

    @on("herd")
    def formula(entry, period, parameters):
        of_farm = farm_of_lines(entry, "milk_urea_mg_per_100g", period)
        urea = declared_else(entry("herd_milk_urea_mg_per_100g", period), of_farm)
        cows = entry("nl_herd_is_dairy_cows", period)
        return numpy.where(cows, class_of_urea(whole(urea)), UreaClass.none.index).astype(numpy.int16)
