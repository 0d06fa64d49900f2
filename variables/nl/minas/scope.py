"""The farms and balance years that MINAS is computed for."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Country
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law

LAW = "Meststoffenwet (2005-07-01)"
ARTICLES = [f"{LAW} art. 14–17", f"{LAW} art. 22–25"]
DAYS = "nl.minas.in_force"


def day(farm, period, name):
    """A day (ISO) of the parameters of when MINAS was in force."""
    return Law(farm, period, farm.simulation.tax_benefit_system.get_parameters_at_instant).value(f"{DAYS}.{name}")


def has_norms(farm, period):
    """Whether every day of a balance year lies in the years of which norms were found."""
    first, last = day(farm, period, "first_day_found"), day(farm, period, "last_day")
    return first <= str(period.start) and str(period.stop) <= last


def counted(farm, period, amounts):
    """The amounts of the farms and balance years that MINAS is computed for; missing for all others."""
    return numpy.where(farm("minas_computed", period), amounts, numpy.nan)


class minas_computed(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The balance year is known and lies in the years of which norms of MINAS were found: 2002 to 2005"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return farm("farm_year_known", period) & has_norms(farm, period)


class minas_obliged(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Aangifteplichtig (obliged to declare): a farm in the Netherlands in a balance year of MINAS"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return farm("minas_computed", period) & (farm("country", period) == Country.NL)
