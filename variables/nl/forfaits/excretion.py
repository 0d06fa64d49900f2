"""Excretion of herds and farms: declared, else by the version of Bijlage D in force on the year's first day."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.slots import on, total
from openfisca_stoffenbalans.variables.balance.contents import declared_else, of_nothing
from openfisca_stoffenbalans.variables.balance.farm_gate import known
from openfisca_stoffenbalans.variables.nl.forfaits.dairy_cows import UR
from openfisca_stoffenbalans.variables.nl.forfaits.tables import (
    CORRECTION,
    NITROGEN,
    PHOSPHATE,
    dairy_nitrogen,
    dairy_phosphate,
    is_dairy_cattle,
)

UB = "Uitvoeringsbesluit Meststoffenwet"
FORFAITS = [f"{UB} art. 66 lid 1", f"{UB} art. 66 lid 2", f"{UR} art. 73 lid 1", f"{UR} art. 74 lid 1"]


def of_herd(entry, period, per_animal, declared):
    """Kg of a herd: declared, else animals x kg per animal; 0 for an empty line and for no animals."""
    count = entry("herd_count", period)
    kg = declared_else(declared, of_nothing(count, count * per_animal))
    return numpy.where(entry("herd_animal", period) == Animal.none, 0, kg)


class nl_herd_nitrogen_excretion(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stikstofproductie (nitrogen excretion) of a herd, net of gaseous loss: declared, else animals x forfait"
    reference = [*FORFAITS, f"{UR} bijlage D tabel I", f"{UR} bijlage D tabel II"]

    @on("herd")
    def formula(entry, period, parameters):
        animal = gather(entry, period, parameters, NITROGEN, entry("herd_animal", period))
        classes = entry("nl_herd_dairy_class", period), entry("nl_herd_urea_class", period)
        cow = gather(entry, period, parameters, dairy_nitrogen, *classes)
        per_animal = numpy.where(entry("nl_herd_is_dairy_cows", period), cow, animal)
        return of_herd(entry, period, per_animal, entry("herd_n_excretion_kg", period))


class nl_herd_phosphate_excretion(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Fosfaatproductie (phosphate excretion) of a herd: declared, else animals x forfait"
    reference = [*FORFAITS, f"{UR} bijlage D tabel I", f"{UR} bijlage D tabel II"]

    @on("herd")
    def formula(entry, period, parameters):
        animal = gather(entry, period, parameters, PHOSPHATE, entry("herd_animal", period))
        cow = gather(entry, period, parameters, dairy_phosphate, entry("nl_herd_dairy_class", period))
        per_animal = numpy.where(entry("nl_herd_is_dairy_cows", period), cow, animal)
        return of_herd(entry, period, per_animal, entry("herd_p2o5_excretion_kg", period))


class nl_herd_nitrogen_correction(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stikstofcorrectie (gaseous nitrogen loss of housing and storage, column D) of a herd: animals x forfait"
    reference = [f"{UB} art. 67 lid 5", f"{UR} art. 96", f"{UR} bijlage D tabel I"]

    @on("herd")
    def formula(entry, period, parameters):
        per_animal = gather(entry, period, parameters, CORRECTION, entry("herd_animal", period))
        return of_herd(entry, period, per_animal, numpy.nan)


class nl_nitrogen_excretion(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stikstofproductie (nitrogen excretion) of all herds, net of gaseous loss"
    reference = FORFAITS

    def formula(farm, period, parameters):
        return known(farm, period, total(farm, "herd", farm.members("nl_herd_nitrogen_excretion", period)))


class nl_phosphate_excretion(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Fosfaatproductie (phosphate excretion) of all herds"
    reference = FORFAITS

    def formula(farm, period, parameters):
        return known(farm, period, total(farm, "herd", farm.members("nl_herd_phosphate_excretion", period)))


class nl_herd_is_dairy_cattle(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "A herd of melkvee: dairy and calf cows (100), young stock under (101) and over a year (102)"
    reference = "Meststoffenwet art. 1 lid 1 kk"

    @on("herd")
    def formula(entry, period, parameters):
        return gather(entry, period, parameters, is_dairy_cattle, entry("herd_animal", period)) > 0


class nl_dairy_phosphate_excretion(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Fosfaatproductie van melkvee (phosphate excretion of dairy cattle: 100, 101 and 102)"
    reference = ["Meststoffenwet art. 1 lid 1 kk", "Meststoffenwet art. 21a lid 4"]

    def formula(farm, period, parameters):
        kg = farm.members("nl_herd_phosphate_excretion", period)
        dairy = numpy.where(farm.members("nl_herd_is_dairy_cattle", period), kg, 0)
        return known(farm, period, total(farm, "herd", dairy))
