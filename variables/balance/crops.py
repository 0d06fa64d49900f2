"""Crops grown, line by line."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Crop
from openfisca_stoffenbalans.entities import Entry

TABLE = "StoffBilV Anlage 1 Tabelle 6"


class crop_crop(Variable):
    value_type = Enum
    possible_values = Crop
    default_value = Crop.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Crop of a line; other for a crop without nitrogen fixation"
    reference = TABLE


class crop_area_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of a crop"
    reference = TABLE


class crop_yield_dt_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "dt/ha"
    label = "Declared yield of a crop, fresh mass of the main product"
    reference = TABLE
