"""Products spread on fields: how much, when and how."""

import datetime

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import NO_DAY, FertiliserType, Product, Technique
from openfisca_stoffenbalans.entities import Entry

CONTRACT = "Data contract, table applications"


class application_product(Variable):
    value_type = Enum
    possible_values = Product
    default_value = Product.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Row of a table for a product that was spread"
    reference = CONTRACT


class application_amount_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg"
    label = "Product spread"
    reference = CONTRACT


class application_date(Variable):
    value_type = datetime.date
    default_value = NO_DAY
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Day of the spreading; 1970-01-01: not given"
    reference = CONTRACT


class application_technique(Variable):
    value_type = Enum
    possible_values = Technique
    default_value = Technique.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "How the product was spread"
    reference = CONTRACT


class application_fertiliser_type(Variable):
    value_type = Enum
    possible_values = FertiliserType
    default_value = FertiliserType.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What kind of fertiliser it is, for a product that no table lists"
    reference = CONTRACT


class application_n_g_per_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg"
    label = "Declared nitrogen content"
    reference = CONTRACT


class application_nh4_n_g_per_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg"
    label = "Declared content of ammonium nitrogen"
    reference = CONTRACT


class application_no3_n_g_per_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g N/kg"
    label = "Declared content of nitrate nitrogen"
    reference = CONTRACT


class application_s_g_per_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g/kg"
    label = "Declared content of sulphur"
    reference = CONTRACT


class application_p2o5_g_per_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "g P2O5/kg"
    label = "Declared content of phosphate"
    reference = CONTRACT


class application_ammonia_factor(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N/kg N"
    label = "Share of the nitrogen that is lost as ammonia, declared for the product"
    reference = CONTRACT


class application_urease_inhibitor(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "The product holds a urease inhibitor"
    reference = CONTRACT
