"""Crops on fields: what the catalogue says of them where nothing is declared."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import CROPS, Crop, Harvested, Rotation
from openfisca_stoffenbalans.entities import Entry
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.slots import field_of, on
from openfisca_stoffenbalans.variables.balance.contents import declared_else

CATALOGUE = "nl.nmi.crops"
BARE = "nl.soil.land_use.bare_crops"
NO_FODDER = "nl.soil.land_use.no_fodder_crops"
REFERENCE = "Data contract, table crops; NMI crop catalogue"
GRAMS_PER_KG = 1000


def in_catalogue(crop):
    """Whether the Dutch catalogue lists a crop."""
    return crop in CROPS and CROPS[crop].table == CATALOGUE


def catalogue(column):
    """The coefficient of a crop in a column of the catalogue; NaN for a crop that it lacks."""

    def coefficient(law, crop):
        return law.number(CATALOGUE, CROPS[crop].row, column) if in_catalogue(crop) else numpy.nan

    coefficient.__name__ = column
    return coefficient


DM_YIELD, N_HARVEST, N_RESIDUE, HARVEST_INDEX, FIXATION = (
    catalogue(column) for column in ("dm_yield", "n_harvest", "n_residue", "harvest_index", "n_per_ha")
)


def rotation(law, crop):
    """Position of a crop's rotation: bare for crops that count as bare soil, none for one that the catalogue lacks."""
    if not in_catalogue(crop):
        return Rotation.none.index
    return Rotation[law.text(CATALOGUE, CROPS[crop].row, "rotation")].index


def counts_as_bare(law, crop):
    """1 for a crop that counts as bare soil whatever its rotation."""
    return crop in law.value(BARE)


def is_no_fodder(law, crop):
    """1 for grass or clover that is grown for seed, sods or fibre."""
    return crop in law.value(NO_FODDER)


def is_harvested(law, crop):
    """1 for a crop that the catalogue harvests at least once, 0 for one that it never does."""
    return in_catalogue(crop) and law.text(CATALOGUE, CROPS[crop].row, "harvestable") != Rotation.none.name


def declared_or(entry, period, parameters, declared, coefficient):
    """What is declared of a crop, else the catalogue's number."""
    given = entry(declared, period)
    listed = gather(entry, period, parameters, coefficient, entry("crop_crop", period))
    return declared_else(given, listed)


def crop_of_line(entry, period, of):
    """A number for each of these lines, the same for the lines of one crop: same field, code and first day."""
    keys = (field_of(entry).members_entity_id[entry.part], entry("crop_crop", period), entry("crop_sown", period))
    keys = [numpy.asarray(key)[of].astype(numpy.int64) for key in keys]
    order = numpy.lexsort(keys)
    begins = numpy.any([numpy.diff(key[order], prepend=0) != 0 for key in keys], axis=0)
    numbers = numpy.empty(len(order), dtype=numpy.int64)
    numbers[order] = numpy.cumsum(begins)
    return numbers


def is_cut_later(entry, period):
    """Which lines are the first of a crop and no harvest, while a later cut of the crop is one."""
    first, harvest = entry("crop_cut", period) == 1, entry("nl_crop_is_harvest", period)
    found, later = first & ~harvest, ~first & harvest
    field = field_of(entry).members_entity_id[entry.part]
    of = numpy.flatnonzero(found | later) if later.any() else numpy.zeros(0, dtype=numpy.intp)
    some = numpy.bincount(field[of], weights=later[of], minlength=field_of(entry).count) > 0
    of = of[some[field[of]]]
    crop = crop_of_line(entry, period, of)
    cut = numpy.zeros(len(first), dtype=numpy.bool_)
    cut[of] = numpy.bincount(crop, weights=later[of])[crop] > 0
    return found & cut


class nl_crop_rotation(Variable):
    value_type = Enum
    possible_values = Rotation
    default_value = Rotation.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What a crop is in the rotation: declared, else the catalogue's; none where neither says"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        listed = gather(entry, period, parameters, rotation, entry("crop_crop", period)).astype(numpy.int16)
        declared = entry("crop_rotation", period).view(numpy.ndarray)
        return numpy.where(declared == Rotation.none.index, listed, declared)


class nl_crop_is_bare(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "A crop that counts as bare soil: forest, fallow, land that is not cultivated or covered with residues"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        listed = gather(entry, period, parameters, counts_as_bare, entry("crop_crop", period)) > 0
        return listed | (entry("nl_crop_rotation", period) == Rotation.bare)


class nl_crop_is_no_fodder(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Grass or clover grown for seed, sods or fibre: bouwland (arable land) and no grasland of the law"
    reference = ["Meststoffenwet art. 1 lid 1 q", "Meststoffenwet art. 1 lid 1 r"]

    @on("crop")
    def formula(entry, period, parameters):
        return gather(entry, period, parameters, is_no_fodder, entry("crop_crop", period)) > 0


class nl_crop_is_harvest(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "The line is a harvest: declared, else for every crop that the catalogue does not leave unharvested"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        crop, declared = entry("crop_crop", period), entry("crop_harvested", period)
        listed = (gather(entry, period, parameters, is_harvested, crop) > 0) | (crop == Crop.other)
        return (declared == Harvested.harvested) | (listed & (declared == Harvested.unknown))


class nl_crop_standard_yield(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Standard yield of a crop: declared, else the catalogue's"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        return declared_or(entry, period, parameters, "crop_standard_dm_yield_kg_per_ha", DM_YIELD)


class nl_crop_yield(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Dry matter harvested: declared, else the standard yield; 0 where the line is no harvest"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        declared, standard = entry("crop_dm_yield_kg_per_ha", period), entry("nl_crop_standard_yield", period)
        harvested = declared_else(declared, standard)
        return numpy.where(entry("nl_crop_is_harvest", period), harvested, 0)


class nl_crop_nitrogen_harvested(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitrogen in a harvest: yield times declared content, else the standard content"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        declared = entry("crop_n_g_per_kg_dm", period)
        standard = declared_or(entry, period, parameters, "crop_standard_n_g_per_kg_dm", N_HARVEST)
        content = declared_else(declared, standard)
        kg = entry("nl_crop_yield", period) * content / GRAMS_PER_KG
        return numpy.where(entry("nl_crop_is_harvest", period), kg, 0)


class nl_crop_residue_yield(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Yield that the residue belongs to: that of the harvest, else the standard yield of a crop without harvest"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        standard = (entry("crop_cut", period) == 1) & ~is_cut_later(entry, period)
        unharvested = numpy.where(standard, entry("nl_crop_standard_yield", period), 0)
        return numpy.where(entry("nl_crop_is_harvest", period), entry("nl_crop_yield", period), unharvested)


class nl_crop_residue_per_yield_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Dry matter of the residue per dry matter harvested: (1 - harvest index) / harvest index; 0 for index 0"
    reference = [REFERENCE, "nmi-agro/fdm removal/residue.ts"]

    @on("crop")
    def formula(entry, period, parameters):
        index = declared_or(entry, period, parameters, "crop_harvest_index", HARVEST_INDEX)
        some = index != 0
        return numpy.where(some, (1 - index) / numpy.where(some, index, 1), 0)


class nl_crop_residue_nitrogen_content(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg dry matter"
    label = "Nitrogen in the residue of a crop: declared, else the catalogue's"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        return declared_or(entry, period, parameters, "crop_residue_n_g_per_kg_dm", N_RESIDUE)


class nl_crop_nitrogen_fixation(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitrogen fixed by a crop: declared, else the catalogue's; 0 for a crop without code and for further cuts"
    reference = REFERENCE

    @on("crop")
    def formula(entry, period, parameters):
        fixed = declared_or(entry, period, parameters, "crop_n_fixation_kg_per_ha", FIXATION)
        without_code = numpy.isnan(fixed) & (entry("crop_crop", period).view(numpy.ndarray) <= Crop.other.index)
        return numpy.where(without_code | (entry("crop_cut", period) != 1), 0, fixed)
