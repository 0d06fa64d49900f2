"""Amounts that crossed the farm gate, line by line."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import (
    AnimalSex,
    Category,
    ContentSource,
    Direction,
    FarmManure,
    Product,
    Unit,
    WeightBasis,
)
from openfisca_stoffenbalans.entities import Entry

SUPPLY_AND_REMOVAL = ["StoffBilV § 4 Abs. 1 Satz 1", "StoffBilV § 5 Abs. 1"]
CONTENTS = [
    "StoffBilV § 4 Abs. 2 Satz 1 Nr. 1",
    "StoffBilV § 4 Abs. 2 Satz 1 Nr. 2",
    "StoffBilV § 4 Abs. 2 Satz 1 Nr. 3",
    "StoffBilV § 4 Abs. 2 Satz 4",
    "StoffBilV § 5 Abs. 2 Satz 1",
    "StoffBilV § 5 Abs. 2 Satz 3",
]


class flow_direction(Variable):
    value_type = Enum
    possible_values = Direction
    default_value = Direction.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether an amount came onto the farm or left it"
    reference = SUPPLY_AND_REMOVAL


class flow_category(Variable):
    value_type = Enum
    possible_values = Category
    default_value = Category.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "What kind of matter an amount is"
    reference = SUPPLY_AND_REMOVAL


class flow_product(Variable):
    value_type = Enum
    possible_values = Product
    default_value = Product.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Row of a table of the law for an amount"
    reference = ["StoffBilV § 4 Abs. 2 Satz 3", "StoffBilV § 5 Abs. 2 Satz 2"]


class flow_amount(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "flow_unit"
    label = "Amount in its unit"
    reference = ["StoffBilV § 4 Abs. 1 Satz 1 Nr. 1", "StoffBilV § 5 Abs. 1 Nr. 1"]


class flow_unit(Variable):
    value_type = Enum
    possible_values = Unit
    default_value = Unit.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Unit of an amount"
    reference = SUPPLY_AND_REMOVAL


class flow_n_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N per unit"
    label = "Declared nitrogen content"
    reference = CONTENTS


class flow_p_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P per unit"
    label = "Declared phosphorus content"
    reference = CONTENTS


class flow_p2o5_content(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5 per unit"
    label = "Declared phosphate content"
    reference = [*CONTENTS, "StoffBilV § 3 Abs. 3 Satz 1"]


class flow_content_source(Variable):
    value_type = Enum
    possible_values = ContentSource
    default_value = ContentSource.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Where a declared content comes from: label, measurement or authority"
    reference = ["StoffBilV § 4 Abs. 2 Satz 2", *CONTENTS]


class flow_dry_matter_pct(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Dry matter of an amount whose table counts dry matter"
    reference = ["StoffBilV Anlage 1 Tabelle 3", "StoffBilV Anlage 1 Tabelle 4"]


class flow_weight_basis(Variable):
    value_type = Enum
    possible_values = WeightBasis
    default_value = WeightBasis.live
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether animals are given in live or slaughter weight"
    reference = "StoffBilV Anlage 1 Tabelle 5"


class flow_animal_sex(Variable):
    value_type = Enum
    possible_values = AnimalSex
    default_value = AnimalSex.all
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Column of the slaughter weight: all, male, female, dairy cow"
    reference = "StoffBilV Anlage 1 Tabelle 5"


class flow_farm_manure(Variable):
    value_type = Enum
    possible_values = FarmManure
    default_value = FarmManure.by_category
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether an organic fertiliser is farm manure (Wirtschaftsdünger); by category: animal manure is"
    reference = ["DüngG § 2 Nr. 2", "StoffBilV § 1 Abs. 2 Nr. 2", "StoffBilV § 3 Abs. 4 Satz 1"]


class flow_crude_protein_pct(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Crude protein in an amount, from which its nitrogen follows where none is declared"
    reference = "Data contract, table flows"
