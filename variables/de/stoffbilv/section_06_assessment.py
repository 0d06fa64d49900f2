"""Section 6: the balance held against the flat limit and against the farm's own permitted balance."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import AssessmentMethod, Verdict, choices
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import exceeds, grams
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY

SECTION = "de.stoffbilv.section_06_assessment"

BetterMethod = choices("BetterMethod", "undetermined", "flat", "farm_specific", "equal")


def with_tolerance(law, limit, tolerance):
    """A limit with its tolerance, both as the law last had them."""
    return limit * (1 + law.value(f"{SECTION}.{tolerance}") / 100)


def of_method(farm, period, result):
    """A result that is computed by either method, by the one that counts for the farm."""
    flat, own = (farm(f"{result}_{method}", period) for method in ("flat", "farm_specific"))
    return numpy.where(farm("stoffbilv_assessment_method", period) == AssessmentMethod.flat, flat, own)


def verdict(farm, period, value, limit):
    """Whether a value complies with a limit: undetermined when not all years are known or something is missing."""
    determined = farm("stoffbilv_enough_years", period) & ~numpy.isnan(value) & ~numpy.isnan(limit)
    determined = determined & ~farm("stoffbilv_duty_undecided", period)
    verdicts = numpy.where(exceeds(value, limit), Verdict.exceeds.index, Verdict.complies.index)
    verdicts = numpy.where(determined, verdicts, Verdict.undetermined.index)
    return numpy.where(farm("stoffbilv_assessed", period), verdicts, Verdict.not_assessed.index)


class assessment_method(Variable):
    value_type = Enum
    possible_values = AssessmentMethod
    default_value = AssessmentMethod.flat
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm's choice between the flat limit and its own permitted balance"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"


class stoffbilv_assessment_method(Variable):
    value_type = Enum
    possible_values = AssessmentMethod
    default_value = AssessmentMethod.flat
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The method that counts for the farm: its choice"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"

    def formula_2018_01_01(farm, period, parameters):
        return farm("assessment_method", period)


class stoffbilv_assessment_period(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The duty to assess holds: the balance year ends by 31.12.2022"
    reference = "StoffBilV § 6 Abs. 6"

    def formula_2018_01_01(farm, period, parameters):
        last_day = parameters(period).de.stoffbilv.section_06_assessment.assessment_last_day
        return farm.filled_array(str(period.stop) <= last_day)


class stoffbilv_assessed(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The balance has to be assessed, or would have to if what is missing decides so"
    reference = ["StoffBilV § 6 Abs. 2 Satz 1", "StoffBilV § 6 Abs. 6"]

    def formula_2018_01_01(farm, period, parameters):
        duty = farm("stoffbilv_obliged", period) | farm("stoffbilv_duty_undecided", period)
        return duty & farm("stoffbilv_assessment_period", period)


class stoffbilv_enough_years(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "As many balance years are known as are averaged: three"
    reference = ["StoffBilV § 6 Abs. 1", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        years = parameters(period).de.stoffbilv.annex_3_three_years.averaging_years
        return farm("stoffbilv_known_years", period) >= years


class stoffbilv_assessed_balance(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Mean balance less the agreed losses, as held against the permitted balance"
    reference = ["StoffBilV § 6 Abs. 2 Satz 3", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_mean_balance", period) - farm("stoffbilv_mean_agreed_losses", period)


class stoffbilv_assessed_balance_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N/ha"
    label = "Mean balance per hectare less the agreed losses, as held against the flat limit"
    reference = ["StoffBilV § 6 Abs. 2 Satz 3", "StoffBilV § 6 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        area = farm("stoffbilv_mean_area", period)
        losses = farm("stoffbilv_mean_agreed_losses", period) / numpy.where(area > 0, area, numpy.nan)
        return farm("stoffbilv_mean_balance_per_ha", period) - losses


class stoffbilv_limit_flat(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N/ha"
    label = "Flat limit with its tolerance; from 2023 the lapsed one, for information"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2 Nr. 1", "StoffBilV § 6 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        law = Law(farm, period, parameters)
        return farm.filled_array(with_tolerance(law, law.value(f"{SECTION}.flat_limit"), "flat_tolerance"))


class stoffbilv_limit_farm_specific(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Mean permitted balance with its tolerance; from 2023 the lapsed one, for information"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2 Nr. 2", "StoffBilV § 6 Abs. 3 Nr. 2"]

    def formula_2018_01_01(farm, period, parameters):
        permitted = farm("stoffbilv_mean_permitted_balance", period)
        return with_tolerance(Law(farm, period, parameters), permitted, "farm_specific_tolerance")


class stoffbilv_verdict_flat(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Verdict by the flat limit per ha; undetermined for a farm without land"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2 Nr. 1", "StoffBilV § 6 Abs. 3 Nr. 1", "StoffBilV § 6 Abs. 5 Satz 1"]

    def formula_2018_01_01(farm, period, parameters):
        balance = farm("stoffbilv_assessed_balance_per_ha", period)
        return verdict(farm, period, balance, farm("stoffbilv_limit_flat", period))


class stoffbilv_verdict_farm_specific(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Verdict by the farm's own permitted balance with its tolerance, in kg per farm"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2 Nr. 2", "StoffBilV § 6 Abs. 3 Nr. 2", "StoffBilV § 6 Abs. 5 Satz 1"]

    def formula_2018_01_01(farm, period, parameters):
        balance = farm("stoffbilv_assessed_balance", period)
        return verdict(farm, period, balance, farm("stoffbilv_limit_farm_specific", period))


class stoffbilv_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Verdict by the method that the farm chose"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        return of_method(farm, period, "stoffbilv_verdict")


class stoffbilv_limit(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N per year"
    label = "Limit of the method that the farm chose, with its tolerance; the flat limit times mean area"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        flat = farm("stoffbilv_limit_flat", period) * farm("stoffbilv_mean_area", period)
        chose_flat = farm("stoffbilv_assessment_method", period) == AssessmentMethod.flat
        return numpy.where(chose_flat, flat, farm("stoffbilv_limit_farm_specific", period))


class stoffbilv_headroom(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N per year"
    label = "Headroom by the method that the farm chose; negative: excess"
    reference = ["StoffBilV § 6 Abs. 2 Satz 2", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        return of_method(farm, period, "stoffbilv_headroom")


class stoffbilv_headroom_flat(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N per year"
    label = "Flat limit minus mean balance per ha less agreed losses, times mean area; negative: excess"
    reference = "StoffBilV § 6 Abs. 3 Nr. 1"

    def formula_2018_01_01(farm, period, parameters):
        per_ha = farm("stoffbilv_limit_flat", period) - farm("stoffbilv_assessed_balance_per_ha", period)
        return per_ha * farm("stoffbilv_mean_area", period)


class stoffbilv_headroom_farm_specific(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N per year"
    label = "Permitted balance with its tolerance, minus mean balance less agreed losses; negative: excess"
    reference = "StoffBilV § 6 Abs. 3 Nr. 2"

    def formula_2018_01_01(farm, period, parameters):
        return farm("stoffbilv_limit_farm_specific", period) - farm("stoffbilv_assessed_balance", period)


class stoffbilv_better_method(Variable):
    value_type = Enum
    possible_values = BetterMethod
    default_value = BetterMethod.undetermined
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "The method that leaves more headroom; undetermined when either is missing"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"

    def formula_2018_01_01(farm, period, parameters):
        flat = grams(farm("stoffbilv_headroom_flat", period))
        own = grams(farm("stoffbilv_headroom_farm_specific", period))
        methods = (BetterMethod.flat, BetterMethod.farm_specific, BetterMethod.equal)
        holds = [flat > own, own > flat, flat == own]
        return numpy.select(holds, [method.index for method in methods], BetterMethod.undetermined.index)
