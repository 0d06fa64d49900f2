"""Fields of a farm."""

import datetime

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import NO_DAY, GroundwaterClass, LeachingSensitive, SoilType
from openfisca_stoffenbalans.entities import Field

CONTRACT = "Data contract, table fields"


class field_known(Variable):
    value_type = bool
    entity = Field
    definition_period = DateUnit.YEAR
    label = "The field is known in this balance year; a farmyard never is"
    reference = CONTRACT


class field_area_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Area of the field"
    reference = CONTRACT


class field_soil_type(Variable):
    value_type = Enum
    possible_values = SoilType
    default_value = SoilType.none
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Agricultural soil type of the field; none: that of the farm"
    reference = CONTRACT


class field_groundwater_class(Variable):
    value_type = Enum
    possible_values = GroundwaterClass
    default_value = GroundwaterClass.none
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Grondwatertrap (groundwater class) of the field"
    reference = CONTRACT


class field_buffer_strip(Variable):
    value_type = bool
    entity = Field
    definition_period = DateUnit.YEAR
    label = "The field is a buffer strip"
    reference = CONTRACT


class field_leaching_sensitive(Variable):
    value_type = Enum
    possible_values = LeachingSensitive
    default_value = LeachingSensitive.unknown
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Uitspoelingsgevoelige grond (soil sensitive to leaching)"
    reference = CONTRACT


class field_start(Variable):
    value_type = datetime.date
    default_value = NO_DAY
    entity = Field
    definition_period = DateUnit.YEAR
    label = "First day on which the farm has the field; 1970-01-01: before the balance year"
    reference = CONTRACT


class field_end(Variable):
    value_type = datetime.date
    default_value = NO_DAY
    entity = Field
    definition_period = DateUnit.YEAR
    label = "Last day on which the farm has the field; 1970-01-01: after the balance year"
    reference = CONTRACT


class field_deposition_n_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Deposition of nitrogen from the air in a year; missing: that of the farm"
    reference = CONTRACT
