"""Organic fertiliser brought out, line by line."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Form, Material, Origin
from openfisca_stoffenbalans.entities import Entry

LINES = ["StoffBilV Anlage 4 Tabelle 1 Zeile 5", "StoffBilV Anlage 4 Tabelle 1 Zeile 6"]


class application_material(Variable):
    value_type = Enum
    possible_values = Material
    default_value = Material.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Organic fertiliser that was spread"
    reference = "StoffBilV Anlage 4 Tabelle 3"


class application_form(Variable):
    value_type = Enum
    possible_values = Form
    default_value = Form.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Slurry (also digestate) or solid manure"
    reference = "StoffBilV Anlage 4 Tabelle 3"


class application_origin(Variable):
    value_type = Enum
    possible_values = Origin
    default_value = Origin.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "From the own farm or received"
    reference = LINES


class application_n_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Total nitrogen brought out, after losses in housing and storage"
    reference = LINES
