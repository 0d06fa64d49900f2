"""What a data set says about a farm and balance year as a whole."""

import datetime

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Country
from openfisca_stoffenbalans.entities import Farm

FORM = "StoffBilV Anlage 2 Tabelle 1"


class farm_year_known(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The data set has a row for this farm and balance year"
    reference = [f"{FORM} Zeile 1", f"{FORM} Zeile 5"]


class balance_year_end(Variable):
    value_type = datetime.date
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Ende des Bezugsjahres (last day of the balance year)"
    reference = f"{FORM} Zeile 6"

    def formula(farm, period, parameters):
        return farm.filled_array(numpy.datetime64(period.stop.date))


class country(Variable):
    value_type = Enum
    possible_values = Country
    default_value = Country.none
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Country of the farm"
    reference = "StoffBilV § 2 Nr. 5"


class utilised_area_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Landwirtschaftlich genutzte Fläche (utilised agricultural area); 0 for a farm without land"
    reference = ["StoffBilV § 2 Nr. 1", f"{FORM} Zeile 2", "Meststoffenwet art. 1 lid 1 m"]
