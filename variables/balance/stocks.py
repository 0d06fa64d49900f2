"""What lay in store when a balance year began and ended, line by line."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import ContentSource, Product, StockCategory, Unit
from openfisca_stoffenbalans.entities import Entry

CONTRACT = "Data contract, table stocks"


class stock_category(Variable):
    value_type = Enum
    possible_values = StockCategory
    default_value = StockCategory.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What kind of matter a stock is"
    reference = CONTRACT


class stock_product(Variable):
    value_type = Enum
    possible_values = Product
    default_value = Product.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Row of a table for a stock"
    reference = CONTRACT


class stock_opening(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "stock_unit"
    label = "Amount in store on the first day of the balance year"
    reference = CONTRACT


class stock_closing(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "stock_unit"
    label = "Amount in store on the last day of the balance year"
    reference = CONTRACT


class stock_unit(Variable):
    value_type = Enum
    possible_values = Unit
    default_value = Unit.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Unit of a stock"
    reference = CONTRACT


class stock_n_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N per unit"
    label = "Declared nitrogen content of a stock"
    reference = [CONTRACT, "Uitvoeringsregeling Meststoffenwet art. 94 lid 2"]


class stock_p_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P per unit"
    label = "Declared phosphorus content of a stock"
    reference = [CONTRACT, "Uitvoeringsregeling Meststoffenwet art. 94 lid 2"]


class stock_p2o5_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5 per unit"
    label = "Declared phosphate content of a stock"
    reference = [CONTRACT, "Uitvoeringsregeling Meststoffenwet art. 94 lid 2"]


class stock_content_source(Variable):
    value_type = Enum
    possible_values = ContentSource
    default_value = ContentSource.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Where a declared content comes from: label, measurement or authority"
    reference = CONTRACT
