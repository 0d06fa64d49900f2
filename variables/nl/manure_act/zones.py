"""Article 24: which standard of animal manure holds for a farm with a derogation, by year, soil, province and zone."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Instant, Period
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import (
    DerogationFreeZone,
    GroundwaterProtectionZone,
    Natura2000Zone,
    NutrientPollutedZone,
    Rotation,
    choices,
)
from openfisca_stoffenbalans.entities import Farm, Field
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.slots import field_of, field_total, lines, total
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import given, last_day, windows

LIMIT = "nl.manure_act.animal_manure_limit"
DEROGATION = "nl.manure_act.derogation"
PROVINCES = "nl.manure_act.provinces"
SOILS = "nl.soil.soil_types"
ARTICLE = "Uitvoeringsregeling Meststoffenwet art. 24"
NUTS_2 = len("NL00")

SandLoess = choices("SandLoess", "unknown", "yes", "no")


def is_sand_or_loess(law, soil):
    """1 for zand- of lössgrond, 0 for another soil, NaN for an unknown one."""
    return numpy.nan if soil == NONE else law.text(SOILS, soil, "leaching_group") in ("sand", "loess")


def is_in_named_province(law, regions):
    """1 for a region in a province that the law names, 0 for one in another, NaN for none of them."""
    codes = regions.astype(f"<U{NUTS_2}")
    rows = list(law.table(PROVINCES).children)
    named = [law.number(PROVINCES, row, "lower_on_sand_and_loess") for row in rows]
    return numpy.select([codes == row for row in rows], named, numpy.nan)


def either(conditions):
    """1 where one of the conditions holds, 0 where none does, NaN where that depends on one that is not known."""
    known = numpy.nan_to_num(conditions).max(axis=0)
    return numpy.where(known > 0, 1, numpy.max(conditions, axis=0))


def in_zone(farm, period, name, zone):
    """1 in a zone, 0 outside, NaN where the data do not say."""
    said = farm(name, period)
    return numpy.select([said == zone[name], said == zone[f"no_{name}"]], [1, 0], numpy.nan)


def chosen(condition, where_it_holds, elsewhere):
    """One of two standards by a condition of 1, 0 or NaN; missing where they differ and the condition is not known."""
    by_condition = numpy.where(condition > 0, where_it_holds, elsewhere)
    same = where_it_holds == elsewhere
    return numpy.where(numpy.isnan(condition) & ~same, numpy.nan, by_condition)


def limit_of(law, name, otherwise):
    """The standard of a kind of land or zone; `otherwise` in a year whose text knows no such land."""
    value = law.value(f"{LIMIT}.{name}")
    return otherwise if numpy.isnan(value) else value


def on_day(farm, parameters, day):
    """The law as read on one day of a balance year."""
    return Law(farm, Period((DateUnit.DAY, day, 1)), parameters)


def all_year(farm, period, parameters, standard):
    """A standard of the whole balance year; missing where it changes within it, or is not known of a calendar year.

    A text that was read holds for its calendar year, so that the last day counts only when its text was read too.
    """
    first = standard(on_day(farm, parameters, period.start))
    new_year = on_day(farm, parameters, Instant((period.stop.year, 1, 1)))
    last = on_day(farm, parameters, period.stop)
    read = not (last.value(f"{DEROGATION}.in_force") and numpy.isnan(last.value(f"{LIMIT}.derogation")))
    others = [new_year] * (period.stop.year > period.start.year) + [last] * read
    for law in others:
        first = numpy.where(standard(law) == first, first, numpy.nan)
    return first


def outside_zones(farm, period, law):
    """The standard under derogation outside zones without derogation, by soil and province or polluted area."""
    place = farm("nl_on_sand_or_loess_of_art_24", period)
    on_sand = numpy.select([place == SandLoess.yes, place == SandLoess.no], [1, 0], numpy.nan)
    in_polluted = in_zone(farm, period, "nutrient_polluted_zone", NutrientPollutedZone)
    general = law.value(f"{LIMIT}.derogation")
    by_soil = chosen(on_sand, limit_of(law, "derogation_sand_loess", general), general)
    return chosen(in_polluted, limit_of(law, "derogation_polluted_area", by_soil), by_soil)


def permitted(farm, period, law):
    """The standard under derogation, in zones without derogation too."""
    outside = outside_zones(farm, period, law)
    natura = in_zone(farm, period, "natura_2000_zone", Natura2000Zone)
    water = in_zone(farm, period, "groundwater_protection_zone", GroundwaterProtectionZone)
    free = in_zone(farm, period, "derogation_free_zone", DerogationFreeZone)
    around = chosen(free, limit_of(law, "derogation_free_zone", outside), outside)
    return chosen(either([natura, water]), limit_of(law, "natura_2000_or_groundwater_area", around), around)


def standard_of_farm(farm, period, law):
    """The standard of a farm by the law of one day: under derogation where it holds one and the law knows any."""
    derogation = farm("derogation", period) & bool(law.value(f"{DEROGATION}.in_force"))
    return numpy.where(derogation, permitted(farm, period, law), law.value(f"{LIMIT}.standard"))


def stands_all_summer(crop, period, law):
    """Which crops stand on every day that the share of grassland counts, as far as it lies in the balance year."""
    sown, end = crop("crop_sown", period), given(crop("crop_end", period), last_day(period))
    days = (law.value(f"{DEROGATION}.grassland_{side}") for side in ("from", "to"))
    return numpy.logical_and.reduce([(sown <= first) & (end >= last) for first, last in windows(period, *days)])


class nl_on_sand_or_loess_of_art_24(Variable):
    value_type = Enum
    possible_values = SandLoess
    default_value = SandLoess.unknown
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Zand- of lössgrond (sand or loess) in the five provinces of article 24(2), by soil and region of the farm"
    reference = f"{ARTICLE} lid 2"

    def formula(farm, period, parameters):
        sand = gather(farm, period, parameters, is_sand_or_loess, farm("soil_type", period))
        province = is_in_named_province(Law(farm, period, parameters), farm("region", period))
        no = (sand == 0) | (province == 0)
        found = numpy.select([no, (sand > 0) & (province > 0)], [SandLoess.no.index, SandLoess.yes.index], 0)
        return found.astype(numpy.int16)


class nl_derogation_limit_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Gebruiksnorm met derogatie outside zones without derogation: general, on sand and loess, in polluted areas"
    reference = [f"{ARTICLE} lid 1", f"{ARTICLE} lid 2"]

    def formula(farm, period, parameters):
        return all_year(farm, period, parameters, lambda law: outside_zones(farm, period, law))


class nl_permitted_limit_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Gebruiksnorm dierlijke meststoffen of a farm with a derogation permit, by year and zone"
    reference = [f"{ARTICLE} lid 1", f"{ARTICLE} lid 2", "Meststoffenwet art. 9 lid 2"]

    def formula(farm, period, parameters):
        return all_year(farm, period, parameters, lambda law: permitted(farm, period, law))


class nl_field_grassland_ha(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of a field under grass from 15 May to 15 September, at most the field; further cuts do not count"
    reference = "Uitvoeringsregeling Meststoffenwet art. 25 lid 5"

    def formula(field, period, parameters):
        crop = lines(field, "crop")
        grass = (crop("nl_crop_rotation", period) == Rotation.grass) & (crop("crop_cut", period) == 1)
        grass &= ~crop("nl_crop_is_no_fodder", period) & stands_all_summer(crop, period, Law(field, period, parameters))
        area = total(field, "crop", numpy.where(grass, crop("crop_area_ha", period), 0))
        counts = field("nl_field_counts", period)
        return numpy.where(counts, numpy.minimum(area, field("field_area_ha", period)), 0)


class nl_grassland_pct(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Grasland (grassland) in the area of the fields that are no buffer strips; missing without fields"
    reference = "Uitvoeringsregeling Meststoffenwet art. 25 lid 5"

    def formula(farm, period, parameters):
        area = farm("nl_soil_area_ha", period)
        grass = field_total(farm, field_of(farm)("nl_field_grassland_ha", period))
        return 100 * grass / numpy.where(area > 0, area, numpy.nan)
