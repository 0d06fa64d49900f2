"""The soil nitrogen balance of a farm: its fields by area, buffer strips left out."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Country, Crop, Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.slots import field_of, field_total, has, lines, of_field
from openfisca_stoffenbalans.words import bits, phrases, sentences

REFERENCE = "nmi-agro/fdm balance/nitrogen/index.ts"
CONTRACT = "Data contract, tables fields, crops and applications"

# What is missing when a sum over the fields is, in words.
INPUTS = {
    "nl_soil_supply_mineral": "amount or nitrogen content of mineral fertiliser spread",
    "nl_soil_supply_manure": "amount or nitrogen content of manure spread",
    "nl_soil_supply_compost": "amount or nitrogen content of compost spread",
    "nl_soil_supply_other": "amount or nitrogen content of other fertiliser spread",
    "nl_soil_supply_fixation": "nitrogen fixation of a crop",
    "nl_soil_supply_deposition": "deposition",
    "nl_soil_supply_mineralisation": "soil type of a field",
    "nl_soil_removal_harvests": "yield or nitrogen content of a harvest",
    "nl_soil_removal_residues": "harvest index or nitrogen content of a crop residue",
    "nl_soil_ammonia_mineral": "ammonia factor or contents of mineral fertiliser spread",
    "nl_soil_ammonia_manure": "ammonium, day, technique or crop of manure spread",
    "nl_soil_ammonia_compost": "ammonium, day, technique or crop of compost spread",
    "nl_soil_ammonia_other": "ammonium, day, technique or crop of other fertiliser spread",
    "nl_soil_ammonia_residues": "harvest index or nitrogen content of a crop residue left",
}
TARGET = "soil type or groundwater class of a field, for the target"
OTHER = ("no fields", "crops or spreadings that name no field")


def field_kg(farm, period, name):
    """Kg of a farm from kg per ha of its fields; missing when the fields do not say all."""
    field = field_of(farm)
    kg = field_total(farm, field(f"nl_field_{name}", period) * field("nl_field_counted_area_ha", period))
    return numpy.where(farm("nl_soil_complete", period), kg, numpy.nan)


def field_mean(farm, period, name):
    """Kg per ha of a farm from its fields, by their area; missing without fields."""
    area = farm("nl_soil_area_ha", period)
    return field_kg(farm, period, name) / numpy.where(area > 0, area, numpy.nan)


class nl_obliged(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "A farm in the Netherlands whose balance year is known"
    reference = "Data contract, table farms"

    def formula(farm, period, parameters):
        return farm("farm_year_known", period) & (farm("country", period) == Country.NL)


class nl_soil_area_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of the fields that are no buffer strips"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_total(farm, field_of(farm)("nl_field_counted_area_ha", period))


class nl_lines_without_field(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "A crop or spreading of the farm names no field"
    reference = CONTRACT

    def formula(farm, period, parameters):
        field = field_of(farm)
        known = field("field_known", period)
        crops = lines(farm, "crop")("crop_crop", period) != Crop.none
        spread = ~lines(farm, "application")("nl_application_is_empty", period)
        lost = has(farm, "crop", crops & ~of_field(field, "crop", known))
        return lost | has(farm, "application", spread & ~of_field(field, "application", known))


class nl_soil_complete(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm has fields, and all its crops and spreadings stand on them"
    reference = CONTRACT

    def formula(farm, period, parameters):
        return (farm("nl_soil_area_ha", period) > 0) & ~farm("nl_lines_without_field", period)


class nl_soil_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Whether the soil nitrogen balance lies above the target; advice, not law"
    reference = "Ros et al. 2023"

    def formula(farm, period, parameters):
        balance, aim = farm("nl_soil_balance", period), farm("nl_soil_target", period)
        found = numpy.where(exceeds(balance, aim), Verdict.exceeds.index, Verdict.complies.index)
        found = numpy.where(numpy.isnan(balance + aim), Verdict.undetermined.index, found)
        return numpy.where(farm("nl_obliged", period), found, Verdict.not_assessed.index)


class nl_soil_target_kg(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Streefwaarde (target) of the soil nitrogen balance on all fields"
    reference = "Ros et al. 2023"

    def formula(farm, period, parameters):
        return field_kg(farm, period, "target")


class nl_soil_headroom(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Target less balance on all fields; negative: above the target"
    reference = "Ros et al. 2023"

    def formula(farm, period, parameters):
        per_ha = farm("nl_soil_target", period) - farm("nl_soil_balance", period)
        return per_ha * farm("nl_soil_area_ha", period)


class nl_soil_surplus(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Bodemoverschot stikstof (soil nitrogen surplus of all fields)"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_kg(farm, period, "balance")


class nl_soil_ammonia_kg(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen lost as ammonia on all fields"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_kg(farm, period, "ammonia")


class nl_soil_nitrate_kg(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen leached as nitrate from all fields"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return field_kg(farm, period, "nitrate")


class nl_soil_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What is missing when the soil nitrogen balance or its target is"
    reference = CONTRACT

    def formula(farm, period, parameters):
        amounts = [numpy.isnan(farm(name, period)) for name in INPUTS]
        complete, no_fields = farm("nl_soil_complete", period), farm("nl_soil_area_ha", period) == 0
        targets = numpy.isnan(farm("nl_soil_target", period)) & complete
        whole = (bits([no_fields, farm("nl_lines_without_field", period)]), phrases(OTHER, between="; "))
        each = (bits([*(of & complete for of in amounts), targets]), phrases([*INPUTS.values(), TARGET], between="; "))
        return sentences(farm("nl_soil_verdict", period) == Verdict.undetermined, whole, each)
