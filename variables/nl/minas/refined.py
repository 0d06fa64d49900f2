"""Verfijnde aangifte (refined declaration): what was measured at the farm gate."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Direction
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.nl.minas.scope import LAW
from openfisca_stoffenbalans.variables.nl.minas.supply import sum_of

ARTICLES = f"{LAW} art. 22–25"


class minas_refined_supply_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Verfijnde aangifte: aanvoer (supply) of nitrogen, without fixation"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "nitrogen", Direction.supply)


class minas_refined_supply_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Verfijnde aangifte: aanvoer (supply) of phosphate"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "phosphate", Direction.supply)


class minas_refined_removal_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Verfijnde aangifte: afvoer (removal) of nitrogen"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "nitrogen", Direction.removal)


class minas_refined_removal_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Verfijnde aangifte: afvoer (removal) of phosphate"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "phosphate", Direction.removal)


class minas_surplus_nitrogen_refined(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Verfijnde aangifte: nitrogen supplied and fixed less nitrogen removed; stocks do not count"
    reference = ARTICLES

    def formula(farm, period, parameters):
        entered = farm("minas_refined_supply_nitrogen", period) + farm("minas_nitrogen_fixation", period)
        return entered - farm("minas_refined_removal_nitrogen", period)


class minas_surplus_phosphate_refined(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Verfijnde aangifte: phosphate supplied less phosphate removed; stocks do not count"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return farm("minas_refined_supply_phosphate", period) - farm("minas_refined_removal_phosphate", period)
