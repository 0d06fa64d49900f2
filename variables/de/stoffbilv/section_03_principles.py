"""Section 3: exemptions, and the duty to draw up a balance."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.calendar import deadline
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY, Scope


class manure_received_previous_year_n_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Declared: nitrogen in farm manure received in the previous balance year"
    reference = "StoffBilV § 3 Abs. 4 Satz 1"


class own_manure_previous_year_n_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Declared: nitrogen excreted by the farm's own animals in the previous balance year"
    reference = "StoffBilV § 3 Abs. 4 Satz 2"


def known_last_year(farm, period, declared, computed):
    """The declared amount, else the one of the previous balance year, NaN when that year is not known."""
    last = period.offset(-1)
    known = farm("farm_year_known", last) & numpy.isnan(farm(declared, period))
    if not known.any():
        # Spares the whole computation of a year of which nothing is known.
        return farm(declared, period)
    return numpy.where(known, farm(computed, last), farm(declared, period))


class stoffbilv_manure_received_for_exemption(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in farm manure received in the previous balance year; missing when not known"
    reference = "StoffBilV § 3 Abs. 4 Satz 1"

    def formula(farm, period, parameters):
        declared, computed = "manure_received_previous_year_n_kg", "manure_received_nitrogen"
        return known_last_year(farm, period, declared, computed)


class stoffbilv_own_manure_for_exemption(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen excreted by the own animals in the previous balance year; missing when not known"
    reference = "StoffBilV § 3 Abs. 4 Satz 2"

    def formula(farm, period, parameters):
        return known_last_year(farm, period, "own_manure_previous_year_n_kg", "nitrogen_excretion")


class stoffbilv_exempt_by_manure_received(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Exempt: below the thresholds and not more than 750 kg N in farm manure received the year before"
    reference = "StoffBilV § 3 Abs. 4 Satz 1"

    def formula_2018_01_01(farm, period, parameters):
        limit = parameters(period).de.stoffbilv.section_03_principles.exemption_manure_received
        received = farm("stoffbilv_manure_received_for_exemption", period)
        small = ~numpy.isnan(received) & ~exceeds(received, limit)
        return small & ~farm("stoffbilv_scope_livestock", period)


class stoffbilv_exempt_by_own_manure(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = "2022-12-31"
    label = "Exempt until 2022: in scope by manure intake, own animals excreted not more than 750 kg N the year before"
    reference = "StoffBilV § 3 Abs. 4 Satz 2"

    def formula_2018_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv.section_03_principles
        excreted = farm("stoffbilv_own_manure_for_exemption", period)
        small = ~numpy.isnan(excreted) & ~exceeds(excreted, law.exemption_own_manure)
        in_time = str(period.stop) <= law.exemption_own_manure_last_day
        return small & farm("stoffbilv_scope_manure_intake", period) & in_time


class stoffbilv_duty_in_force(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The deadline of the balance passed before the repeal"
    reference = ["StoffBilV § 3 Abs. 2 Satz 1", "StoffBilV § 6 Abs. 1", "StoffBilV Aufhebung"]

    def formula_2018_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv
        due = deadline(period, law.section_06_assessment.balance_deadline)
        return farm.filled_array(str(due) <= law.in_force.last_day)


class stoffbilv_obliged(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Obliged to draw up a balance: in scope, not exempt, duty in force"
    reference = ["StoffBilV § 3 Abs. 2 Satz 1", "StoffBilV § 3 Abs. 4"]

    def formula_2018_01_01(farm, period, parameters):
        exempt = farm("stoffbilv_exempt_by_manure_received", period) | farm("stoffbilv_exempt_by_own_manure", period)
        in_scope = farm("stoffbilv_scope", period) != Scope.none
        return in_scope & ~exempt & farm("stoffbilv_duty_in_force", period)


class stoffbilv_duty_undecided(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Missing livestock units or area decide whether the farm is obliged"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 1", "StoffBilV § 1 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        open_ = farm("stoffbilv_thresholds_undecided", period) & farm("stoffbilv_duty_in_force", period)
        return open_ & ~farm("stoffbilv_obliged", period)
