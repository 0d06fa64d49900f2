"""Land of a farm by use and soil, and the loss that is free of levy on it."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Crop, LeachingSensitive, Rotation, SoilType, choices
from openfisca_stoffenbalans.entities import Farm, Field
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import farm_of, field_of, field_total, has, lines, of_farm
from openfisca_stoffenbalans.variables.nl.minas.scope import LAW, counted

LOSS_NORMS = "nl.minas.loss_norms"
SOILS = "nl.soil.soil_types"
NORMS = [f"{LAW} art. 19", f"{LAW} art. 26"]
UNKNOWN = "unknown"
CLAY_AND_PEAT = ("clay", "peat")

LandUse = choices("MinasLandUse", NONE, UNKNOWN, "grassland", "arable", "nature")
NormRow = choices(
    "MinasNormRow", NONE, UNKNOWN, "grassland_not_sensitive", "grassland_sensitive", "arable_clay_peat",
    "arable_sensitive", "arable_other", "nature",
)  # fmt: skip


def norm(law, row, nutrient):
    """Kg per ha free of levy; 0 where there is no field, missing for land of unknown use or soil."""
    if row == NONE:
        return 0
    return numpy.nan if row == UNKNOWN else law.number(LOSS_NORMS, row, nutrient)


def nitrogen_norm(law, row):
    """Verliesnorm for nitrogen by land use and soil."""
    return norm(law, row, "n")


def phosphate_norm(law, row):
    """Verliesnorm for phosphate by land use."""
    return norm(law, row, "p2o5")


def is_clay_or_peat(law, soil):
    """1 for clay and peat, 0 for other soils, missing for none."""
    if soil == NONE:
        return numpy.nan
    return law.text(SOILS, soil, "leaching_group") in CLAY_AND_PEAT


def over_fields(farm, period, values):
    """The sum over a farm's fields; without fields 0 for a farm without land, else missing."""
    fields = field_total(farm, field_of(farm)("field_known", period))
    without = numpy.where(farm("utilised_area_ha", period) == 0, 0, numpy.nan)
    return counted(farm, period, numpy.where(fields > 0, field_total(farm, values), without))


def area_of(farm, period, use):
    """Hectares of the fields of a land use; missing when the use of one is not known."""
    field = field_of(farm)
    uses, area = field("minas_field_land_use", period), field("minas_field_area_ha", period)
    unknown = numpy.where(uses == LandUse.unknown, numpy.nan, 0)
    return over_fields(farm, period, numpy.where(uses == use, area, unknown))


class minas_field_area_ha(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of a field that counts for MINAS; 0 in a year in which the farm does not have it"
    reference = NORMS

    def formula(field, period, parameters):
        return numpy.where(field("field_known", period), field("field_area_ha", period), 0)


class minas_field_land_use(Variable):
    value_type = Enum
    possible_values = LandUse
    default_value = LandUse.none
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Grasland, bouwland or natuurterrein: grass or clover for fodder only, nature only, else arable"
    reference = NORMS

    def formula(field, period, parameters):
        kind = lines(field, "crop")("nl_crop_rotation", period)
        unnamed = lines(field, "crop")("crop_crop", period) == Crop.none
        sward = (kind == Rotation.grass) | (kind == Rotation.clover)
        grass, nature = sward & ~lines(field, "crop")("nl_crop_is_no_fodder", period), kind == Rotation.nature
        open_ = kind == Rotation.none
        on_grass, on_nature, on_open = (has(field, "crop", part) for part in (grass, nature, open_ & ~unnamed))
        arable = has(field, "crop", ~grass & ~nature & ~open_)
        there = field("field_known", period) & of_farm(field, farm_of(field)("minas_computed", period))
        cases = [~there, arable, on_open | (on_grass & on_nature), on_grass, on_nature]
        uses = [LandUse.none, LandUse.arable, LandUse.unknown, LandUse.grassland, LandUse.nature]
        return numpy.select(cases, [use.index for use in uses], LandUse.unknown.index)


class minas_field_clay_or_peat(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "0 or 1"
    label = "Klei of veen (clay or peat) by the soil type of the field, else of the farm; missing without either"
    reference = NORMS

    def formula(field, period, parameters):
        own, farms = field("field_soil_type", period), of_farm(field, farm_of(field)("soil_type", period))
        by_field = gather(field, period, parameters, is_clay_or_peat, own)
        by_farm = gather(field, period, parameters, is_clay_or_peat, farms)
        return numpy.where(own == SoilType.none, by_farm, by_field)


class minas_field_norm_row(Variable):
    value_type = Enum
    possible_values = NormRow
    default_value = NormRow.none
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Row of the nitrogen norms that holds for a field; unknown without land use, sensitivity or soil"
    reference = NORMS

    def formula(field, period, parameters):
        use, sensitivity = field("minas_field_land_use", period), field("field_leaching_sensitive", period)
        grass, arable = use == LandUse.grassland, use == LandUse.arable
        sensitive = sensitivity == LeachingSensitive.leaching_sensitive
        firm = sensitivity == LeachingSensitive.no_leaching_sensitive
        heavy = field("minas_field_clay_or_peat", period)
        rows = {
            NormRow.none: use == LandUse.none, NormRow.nature: use == LandUse.nature,
            NormRow.grassland_sensitive: grass & sensitive, NormRow.grassland_not_sensitive: grass & firm,
            NormRow.arable_sensitive: arable & sensitive, NormRow.arable_clay_peat: arable & firm & (heavy == 1),
            NormRow.arable_other: arable & firm & (heavy == 0),
        }  # fmt: skip
        return numpy.select(list(rows.values()), [row.index for row in rows], NormRow.unknown.index)


class minas_grassland_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Grasland (grassland)"
    reference = NORMS

    def formula(farm, period, parameters):
        return area_of(farm, period, LandUse.grassland)


class minas_arable_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Bouwland, braak (arable land, fallow)"
    reference = NORMS

    def formula(farm, period, parameters):
        return area_of(farm, period, LandUse.arable)


class minas_nature_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Natuurterrein (nature land)"
    reference = NORMS

    def formula(farm, period, parameters):
        return area_of(farm, period, LandUse.nature)


class minas_area_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "All land of the farm's fields"
    reference = NORMS

    def formula(farm, period, parameters):
        return over_fields(farm, period, field_of(farm)("minas_field_area_ha", period))


class minas_permitted_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Toelaatbaar stikstofverlies (permitted loss of nitrogen): hectares x verliesnorm"
    reference = NORMS

    def formula(farm, period, parameters):
        field = field_of(farm)
        norms = gather(field, period, parameters, nitrogen_norm, field("minas_field_norm_row", period))
        return over_fields(farm, period, field("minas_field_area_ha", period) * norms)


class minas_permitted_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Toelaatbaar fosfaatverlies (permitted loss of phosphate): hectares x verliesnorm"
    reference = NORMS

    def formula(farm, period, parameters):
        field = field_of(farm)
        norms = gather(field, period, parameters, phosphate_norm, field("minas_field_land_use", period))
        return over_fields(farm, period, field("minas_field_area_ha", period) * norms)
