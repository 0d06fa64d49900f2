"""Section 7: how long records are kept."""

import datetime

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.calendar import deadline
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law


def day_while_in_force(farm, period, day):
    """The day for a balance year in the law's life, else no day (NaT)."""
    none = numpy.datetime64("NaT", "D")
    return numpy.where(farm("stoffbilv_in_force", period), numpy.datetime64(day), none)


class stoffbilv_balance_due(Variable):
    value_type = datetime.date
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Last day for the balance: six months after the balance year"
    reference = ["StoffBilV § 6 Abs. 1", "StoffBilV § 7 Abs. 1 Nr. 3"]

    def formula(farm, period, parameters):
        return farm.filled_array(numpy.datetime64("NaT", "D"))

    def formula_2018_01_01(farm, period, parameters):
        months = Law(farm, period, parameters).value("de.stoffbilv.section_06_assessment.balance_deadline")
        return day_while_in_force(farm, period, deadline(period, months))


class stoffbilv_keep_records_until(Variable):
    value_type = datetime.date
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Last day on which records are kept: seven years after the balance year"
    reference = "StoffBilV § 7 Abs. 2"

    def formula(farm, period, parameters):
        return farm.filled_array(numpy.datetime64("NaT", "D"))

    def formula_2018_01_01(farm, period, parameters):
        years = Law(farm, period, parameters).value("de.stoffbilv.section_07_records.retention")
        return day_while_in_force(farm, period, deadline(period, years * MONTHS))


MONTHS = 12
