"""Fields in a balance year: how long, on what soil, under what."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import NO_DAY, Crop, Rotation, SoilType, choices
from openfisca_stoffenbalans.entities import Entry, Field
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.slots import farm_of, greatest, has, lines, of_farm, of_field, on, total

LAND_USE = "nl.soil.land_use"
REFERENCE = "nmi-agro/fdm balance/nitrogen"

# Of the crops on a field the last one here makes its land use.
LandUse = choices("LandUse", "bare", "cropland", "unknown", "grassland")

GRASSLAND = (Rotation.grass.index, Rotation.clover.index)


def first_day(period):
    """First day of a balance year."""
    return numpy.datetime64(period.start.date)


def last_day(period):
    """Last day of a balance year."""
    return numpy.datetime64(period.stop.date)


def given(day, otherwise):
    """Days, or another one where none is given."""
    return numpy.where(day == numpy.datetime64(NO_DAY), otherwise, day)


def windows(period, begin, end):
    """First and last day of what a balance year has of the time between two days (month-day) of a year.

    A balance year that starts within that time has its end and, a year later, its beginning.
    """
    for year in sorted({period.start.year, period.stop.year}):
        days = (numpy.datetime64(f"{year}-{day}") for day in (begin, end))
        first, last = numpy.clip([*days], first_day(period), last_day(period))
        if first < last:
            yield first, last


def per_field_area(field, period, kg):
    """Kg N per ha of field from lines' kg N per ha of crop: by the area of the crop on the field."""
    share = lines(field, "crop")("crop_area_ha", period) / of_field(field, "crop", field("field_area_ha", period))
    # A line that is empty in the year has no area; a crop on no area brings nothing, also when its kg are unknown.
    return total(field, "crop", numpy.where((kg == 0) | (share == 0), 0, kg * share))


def counted(field, period, values):
    """The values of fields that count; 0 for buffer strips and what is no field in the year."""
    return numpy.where(field("nl_field_counts", period), values, 0)


def share_of_year(year, share):
    """A share of what a year brings; nothing of it is nothing, also where the year's is unknown."""
    return numpy.where(share == 0, 0, year * share)


class nl_field_counts(Variable):
    value_type = bool
    entity = Field
    definition_period = DateUnit.YEAR
    label = "A field of the balance year that is no buffer strip"
    reference = REFERENCE

    def formula(field, period, parameters):
        return field("field_known", period) & ~field("field_buffer_strip", period)


class nl_field_counted_area_ha(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of a field that counts; 0 for a buffer strip and what is no field in the year"
    reference = REFERENCE

    def formula(field, period, parameters):
        return counted(field, period, field("field_area_ha", period))


class nl_field_days(Variable):
    value_type = int
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "days"
    label = "Days of the balance year on which the farm has the field, first and last included"
    reference = REFERENCE

    def formula(field, period, parameters):
        first, last = first_day(period), last_day(period)
        start = numpy.maximum(given(field("field_start", period), first), first)
        end = numpy.minimum(given(field("field_end", period), last), last)
        return numpy.maximum((end - start).astype(numpy.int64) + 1, 0)


class nl_field_time_share(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Share of the balance year's days on which the farm has the field"
    reference = REFERENCE

    def formula(field, period, parameters):
        return field("nl_field_days", period) / period.size_in_days


class nl_field_mineralisation_share(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Share of a year's mineralisation that falls in the time the farm has the field"
    reference = REFERENCE

    def formula(field, period, parameters):
        return field("nl_field_time_share", period)


class nl_field_target_share(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Share of a year's target for the time the farm has the field"
    reference = REFERENCE

    def formula(field, period, parameters):
        return field("nl_field_time_share", period)


class nl_field_soil_type(Variable):
    value_type = Enum
    possible_values = SoilType
    default_value = SoilType.none
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Soil type of the field, else that of the farm"
    reference = "Data contract, tables fields and farms"

    def formula(field, period, parameters):
        own = field("field_soil_type", period).view(numpy.ndarray)
        farms = of_farm(field, farm_of(field)("soil_type", period).view(numpy.ndarray))
        return numpy.where(own == SoilType.none.index, farms, own)


class nl_field_land_use(Variable):
    value_type = Enum
    possible_values = LandUse
    default_value = LandUse.unknown
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Land use of a field: grassland with any grass or clover in the year, else cropland, else bare"
    reference = "nmi-agro/fdm emission/nitrate/index.ts"

    def formula(field, period, parameters):
        return greatest(field, "crop", lines(field, "crop")("nl_crop_land_use", period).view(numpy.ndarray))


class nl_crop_land_use(Variable):
    value_type = Enum
    possible_values = LandUse
    default_value = LandUse.unknown
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Land use that a crop makes: grassland by grass and clover, bare by crops that count as bare soil"
    reference = "nmi-agro/fdm emission/nitrate/index.ts"

    @on("crop")
    def formula(entry, period, parameters):
        rotation = entry("nl_crop_rotation", period).view(numpy.ndarray)
        nothing = entry("crop_crop", period) == Crop.none
        kinds = [
            (nothing | entry("nl_crop_is_bare", period), LandUse.bare),
            (numpy.isin(rotation, GRASSLAND), LandUse.grassland),
            (rotation == Rotation.none.index, LandUse.unknown),
        ]
        uses = [numpy.int16(use.index) for _, use in kinds]
        return numpy.select([kind for kind, _ in kinds], uses, numpy.int16(LandUse.cropland.index))


class nl_field_has_grass(Variable):
    value_type = bool
    entity = Field
    definition_period = DateUnit.YEAR
    label = "A crop of a grass rotation stands on the field in the year"
    reference = "nmi-agro/fdm target.ts"

    def formula(field, period, parameters):
        return has(field, "crop", lines(field, "crop")("nl_crop_rotation", period) == Rotation.grass)


class nl_field_grass_in_summer(Variable):
    value_type = bool
    entity = Field
    definition_period = DateUnit.YEAR
    label = "A crop of a grass rotation stands on the field between 15 May and 15 July"
    reference = "nmi-agro/fdm supply/mineralization.ts"

    def formula(field, period, parameters):
        law, crop = Law(field, period, parameters), lines(field, "crop")
        sown, end = crop("crop_sown", period), given(crop("crop_end", period), last_day(period))
        days = (law.value(f"{LAND_USE}.grass_{side}") for side in ("from", "to"))
        there = [(sown <= last) & (end >= first) for first, last in windows(period, *days)]
        grass = crop("nl_crop_rotation", period) == Rotation.grass
        return has(field, "crop", grass & numpy.logical_or.reduce(there))
