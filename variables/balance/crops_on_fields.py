"""Crops on fields: when they stood there, what was cut and what stayed."""

import datetime

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import NO_DAY, Harvested, ResidueLeft, Rotation
from openfisca_stoffenbalans.entities import Entry

CONTRACT = "Data contract, table crops"


class crop_sown(Variable):
    value_type = datetime.date
    default_value = NO_DAY
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "First day of the crop on its field; 1970-01-01: not given"
    reference = CONTRACT


class crop_end(Variable):
    value_type = datetime.date
    default_value = NO_DAY
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Last day of the crop on its field; 1970-01-01: not given"
    reference = CONTRACT


class crop_cut(Variable):
    value_type = float
    default_value = 1
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "number"
    label = "Number of the cut; each cut of a crop is a line, and the first stands for the crop"
    reference = CONTRACT


class crop_harvested(Variable):
    value_type = Enum
    possible_values = Harvested
    default_value = Harvested.unknown
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether the line is a harvest; unknown: as the catalogue says of the crop"
    reference = CONTRACT


class crop_dm_yield_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Dry matter harvested"
    reference = CONTRACT


class crop_n_g_per_kg_dm(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg dry matter"
    label = "Nitrogen in the dry matter harvested"
    reference = CONTRACT


class crop_p2o5_g_per_kg_dm(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g P2O5/kg dry matter"
    label = "Phosphate in the dry matter harvested"
    reference = CONTRACT


class crop_residue_left(Variable):
    value_type = Enum
    possible_values = ResidueLeft
    default_value = ResidueLeft.unknown
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether the residue stays on the field; unknown: neither taken off nor left"
    reference = CONTRACT


class crop_rotation(Variable):
    value_type = Enum
    possible_values = Rotation
    default_value = Rotation.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What the crop is in the rotation, for a crop that the catalogue lacks"
    reference = CONTRACT


class crop_standard_dm_yield_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg dry matter/ha"
    label = "Standard yield declared in place of the catalogue's"
    reference = CONTRACT


class crop_standard_n_g_per_kg_dm(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg dry matter"
    label = "Standard nitrogen content declared in place of the catalogue's"
    reference = CONTRACT


class crop_harvest_index(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg/kg"
    label = "Harvested share of the dry matter above ground, declared in place of the catalogue's"
    reference = CONTRACT


class crop_residue_n_g_per_kg_dm(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg dry matter"
    label = "Nitrogen in the residue, declared in place of the catalogue's"
    reference = CONTRACT


class crop_n_fixation_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitrogen fixed, declared in place of the catalogue's"
    reference = CONTRACT
