"""Removal, balance, nitrate and target of a field, kg N per ha."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import ResidueLeft
from openfisca_stoffenbalans.entities import Field
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import lines
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import LandUse, counted, per_field_area, share_of_year
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import SOILS

LEACHING = "nl.emissions.nitrate_leaching"
GROUNDWATER = "nl.soil.groundwater_classes"
TARGETS = "nl.targets.ros_2023"
REFERENCE = "nmi-agro/fdm balance/nitrogen"
ROS = "Ros et al. 2023"


def leached(law, soil, groundwater, use):
    """Share of the surplus that leaches; NaN for an unknown soil or use, or an unknown groundwater class on sand."""
    if soil == NONE or use == LandUse.unknown.name:
        return numpy.nan
    group = law.text(SOILS, soil, "leaching_group")
    if group == "sand":
        if groundwater == NONE:
            return numpy.nan
        group = f"sand_{law.text(GROUNDWATER, groundwater, 'leaching_group')}"
    return law.number(LEACHING, group, "grassland" if use == LandUse.grassland.name else "arable_or_bare")


def target(law, soil, groundwater, use):
    """Kg N per ha and year; NaN for an unknown soil, or for an unknown groundwater class where that decides."""
    if soil == NONE:
        return numpy.nan
    group, rows = law.text(SOILS, soil, "target_group"), law.table(TARGETS).children
    starts = f"{use}_{group}_"
    if groundwater == NONE:
        decides = any(row.startswith(starts) for row in rows)
        return numpy.nan if decides else law.number(TARGETS, f"{use}_other", "n")
    row = starts + law.text(GROUNDWATER, groundwater, "target_group")
    other = f"{starts}other" if use == "arable" else f"{use}_other"
    return law.number(TARGETS, row if row in rows else other, "n")


def target_of_grassland(law, soil, groundwater):
    """Target of grassland."""
    return target(law, soil, groundwater, "grassland")


def target_of_arable_land(law, soil, groundwater):
    """Target of land without grass."""
    return target(law, soil, groundwater, "arable")


def by_soil(field, period, parameters, coefficient, *codes):
    """A coefficient of a field's soil and groundwater class, and of other codes."""
    soil, groundwater = field("nl_field_soil_type", period), field("field_groundwater_class", period)
    return gather(field, period, parameters, coefficient, soil, groundwater, *codes)


class nl_field_removal_harvests(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer met oogst (nitrogen removed with harvests)"
    reference = f"{REFERENCE}/removal/harvest.ts"

    def formula(field, period, parameters):
        kg = lines(field, "crop")("nl_crop_nitrogen_harvested", period)
        return counted(field, period, per_field_area(field, period, kg))


class nl_field_removal_residues(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer met gewasresten (nitrogen removed with crop residues)"
    reference = f"{REFERENCE}/removal/residue.ts"

    def formula(field, period, parameters):
        crop = lines(field, "crop")
        dry_matter = crop("nl_crop_residue_yield", period) * crop("nl_crop_residue_per_yield_share", period)
        kg = dry_matter * crop("nl_crop_residue_nitrogen_content", period) / GRAMS_PER_KG
        removed = crop("crop_residue_left", period) == ResidueLeft.no_residue_left
        return counted(field, period, per_field_area(field, period, numpy.where(removed, kg, 0)))


class nl_field_removal(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Afvoer (nitrogen removed from a field)"
    reference = f"{REFERENCE}/removal/index.ts"

    def formula(field, period, parameters):
        return field("nl_field_removal_harvests", period) + field("nl_field_removal_residues", period)


class nl_field_balance(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Bodembalans stikstof (soil nitrogen balance of a field): supply less removal less ammonia"
    reference = f"{REFERENCE}/index.ts"

    def formula(field, period, parameters):
        kept = field("nl_field_supply", period) - field("nl_field_removal", period)
        return kept - field("nl_field_ammonia", period)


class nl_field_leaching_share(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Uitspoelfractie (share of the surplus that leaches as nitrate) by soil, groundwater class and land use"
    reference = f"{REFERENCE}/emission/nitrate/index.ts"

    def formula(field, period, parameters):
        return by_soil(field, period, parameters, leached, field("nl_field_land_use", period))


class nl_field_nitrate(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitraatuitspoeling (nitrogen leached as nitrate); 0 without a surplus"
    reference = f"{REFERENCE}/emission/nitrate/index.ts"

    def formula(field, period, parameters):
        surplus = numpy.maximum(field("nl_field_balance", period), 0)
        leaching = numpy.where(surplus == 0, 0, surplus * field("nl_field_leaching_share", period))
        return counted(field, period, leaching)


class nl_field_target(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Streefwaarde (target) of the soil nitrogen balance, advisory"
    reference = [ROS, f"{REFERENCE}/target.ts"]

    def formula(field, period, parameters):
        grass = field("nl_field_has_grass", period)
        under_grass, elsewhere = (
            by_soil(field, period, parameters, of) for of in (target_of_grassland, target_of_arable_land)
        )
        year = numpy.where(grass, under_grass, elsewhere)
        return counted(field, period, share_of_year(year, field("nl_field_target_share", period)))
