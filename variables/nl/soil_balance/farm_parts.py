"""The soil nitrogen balance of a farm, part by part: kg N per ha, fields by area."""

from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.nl.soil_balance.farm import REFERENCE, field_mean


class nl_soil_supply_mineral(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Kunstmest (nitrogen in mineral fertiliser spread)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_mineral")


class nl_soil_supply_manure(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Dierlijke mest (nitrogen in manure spread)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_manure")


class nl_soil_supply_compost(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Compost (nitrogen in compost spread)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_compost")


class nl_soil_supply_other(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Overige meststoffen (nitrogen in other fertilisers spread)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_other")


class nl_soil_supply_fixation(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Stikstofbinding (nitrogen fixed by crops)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_fixation")


class nl_soil_supply_deposition(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Depositie (nitrogen from the air)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_deposition")


class nl_soil_supply_mineralisation(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Mineralisatie (nitrogen released by the soil)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply_mineralisation")


class nl_soil_supply(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Aanvoer naar de bodem (nitrogen supplied to the soil)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "supply")


class nl_soil_removal_harvests(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer met oogst (nitrogen removed with harvests)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "removal_harvests")


class nl_soil_removal_residues(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer met gewasresten (nitrogen removed with crop residues)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "removal_residues")


class nl_soil_removal(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer (nitrogen removed from the soil)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "removal")


class nl_soil_ammonia_mineral(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from mineral fertiliser"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia_mineral")


class nl_soil_ammonia_manure(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from manure spread"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia_manure")


class nl_soil_ammonia_compost(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from compost"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia_compost")


class nl_soil_ammonia_other(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from other fertilisers"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia_other")


class nl_soil_ammonia_residues(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammonia from crop residues left"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia_residues")


class nl_soil_ammonia(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Ammoniakemissie van de bodem (nitrogen lost as ammonia on the fields)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "ammonia")


class nl_soil_balance(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Bodembalans stikstof (soil nitrogen balance)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "balance")


class nl_soil_nitrate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitraatuitspoeling (nitrogen leached as nitrate)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "nitrate")


class nl_soil_target(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Streefwaarde (target) of the soil nitrogen balance, advisory"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_mean(farm, period, "target")
