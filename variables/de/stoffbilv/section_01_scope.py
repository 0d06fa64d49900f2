"""Section 1: the farms that the law applies to, each ground by itself."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import choices
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.numbers import exceeds

LAST_DAY = "2025-07-07"

Scope = choices("Scope", "none", "livestock", "manure_intake", "biogas")


class stoffbilv_in_force(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The first day of the balance year lies in the life of the Stoffstrombilanzverordnung"
    reference = "StoffBilV Aufhebung"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(parameters(period).de.stoffbilv.in_force.law)


class has_biogas_plant(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm runs a biogas plant"
    reference = "StoffBilV § 1 Abs. 2 Nr. 3"


class linked_to_livestock_farm(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The biogas plant is functionally linked to a farm in scope"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 3", "StoffBilV § 1 Abs. 3 Nr. 3"]


class stoffbilv_above_livestock_thresholds(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "More than 50 livestock units or 30 ha, in either case with more than 2.5 livestock units per ha"
    reference = "StoffBilV § 1 Abs. 2 Nr. 1"

    def formula_2018_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv.section_01_scope
        units, area = farm("livestock_units", period), farm("utilised_area_ha", period)
        large = exceeds(units, law.livestock_units) | exceeds(area, law.area)
        return large & exceeds(units, law.stocking_density * area)


class stoffbilv_scope_livestock(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "In scope by size: livestock units, area and stocking density; from 2023 area or livestock units alone"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 1", "StoffBilV § 1 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_above_livestock_thresholds", period)

    def formula_2023_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv.section_01_scope
        area = exceeds(farm("utilised_area_ha", period), law.area_2023)
        units = exceeds(farm("livestock_units", period), law.livestock_units_2023)
        return farm("stoffbilv_above_livestock_thresholds", period) | area | units


class stoffbilv_thresholds_undecided(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Livestock units or area are missing and decide whether the thresholds are exceeded"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 1", "StoffBilV § 1 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        missing = numpy.isnan(farm("livestock_units", period)) | numpy.isnan(farm("utilised_area_ha", period))
        return missing & ~farm("stoffbilv_scope_livestock", period)


class stoffbilv_scope_manure_intake(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "In scope by farm manure received below the thresholds; before 2023 only farms with animals"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 2", "StoffBilV § 1 Abs. 3 Nr. 2"]

    def formula_2018_01_01(farm, period, parameters):
        below = ~farm("stoffbilv_scope_livestock", period)
        return below & farm("receives_manure", period) & farm("keeps_livestock", period)

    def formula_2023_01_01(farm, period, parameters):
        return ~farm("stoffbilv_scope_livestock", period) & farm("receives_manure", period)


class stoffbilv_scope_biogas(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "In scope by a biogas plant linked to a farm in scope that receives farm manure"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 3", "StoffBilV § 1 Abs. 3 Nr. 3"]

    def formula_2018_01_01(farm, period, parameters):
        linked = farm("has_biogas_plant", period) & farm("linked_to_livestock_farm", period)
        return linked & farm("receives_manure", period)


class stoffbilv_scope(Variable):
    value_type = Enum
    possible_values = Scope
    default_value = Scope.none
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The first ground of section 1 that holds"
    reference = ["StoffBilV § 1 Abs. 2", "StoffBilV § 1 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        grounds = (Scope.livestock, Scope.manure_intake, Scope.biogas)
        holds = [farm(f"stoffbilv_scope_{ground.name}", period) for ground in grounds]
        return numpy.select(holds, [ground.index for ground in grounds], Scope.none.index)
