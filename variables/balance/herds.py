"""Animals kept, line by line."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal, ManureSystem
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.slots import has, lines

TABLE = "DüV Anlage 1 Tabelle 1"


class herd_animal(Variable):
    value_type = Enum
    possible_values = Animal
    default_value = Animal.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Animal category of a herd"
    reference = TABLE


class herd_count(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "animals"
    label = "Mean stock or places of a herd"
    reference = TABLE


class herd_manure_system(Variable):
    value_type = Enum
    possible_values = ManureSystem
    default_value = ManureSystem.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Manure system of a herd: slurry or solid"
    reference = "StoffBilV Anlage 4 Tabelle 1 Fußnote 2"


class herd_grazing_days(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "days"
    label = "Weidetage (grazing days) of a herd"
    reference = "StoffBilV Anlage 4 Tabelle 1 Zeile 8"


class herd_livestock_units(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "livestock units"
    label = "Livestock units declared for a whole herd"
    reference = "DüV Anlage 9 Tabelle 2 Fußnote 1"


class herd_n_excretion_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen excretion declared for a whole herd and year"
    reference = TABLE


class herd_p2o5_excretion_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate excretion declared for a whole herd and year"
    reference = TABLE


class herd_milk_kg_per_animal(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg"
    label = "Milk per dairy cow and year"
    reference = "Data contract, table herds"


class herd_milk_urea_mg_per_100g(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "mg per 100 g"
    label = "Urea in the milk of a herd; missing: that of the farm"
    reference = "Data contract, table herds"


class has_herd(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm declares a herd"
    reference = TABLE

    def formula(farm, period, parameters):
        return has(farm, "herd", lines(farm, "herd")("herd_animal", period) != Animal.none)
