"""A limit on the phosphate balance beside that on nitrogen."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law, NotInForceError
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import FORM, sum_known, window
from openfisca_stoffenbalans.variables.de.stoffbilv.missing import reasons, undetermined
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import Verdict, of_method, verdict
from openfisca_stoffenbalans.words import bits, phrases, sentences

LIMIT = "de.policy_options.phosphate_limit"
NO_LAND = "no land: the phosphate limit is per hectare"
SIDES = {"supply": "supplied", "removal": "removed"}


def limit(law):
    """Kg P2O5 per hectare on the first day of the balance year, infinite on a day without a limit.

    NotInForceError when no scenario gives a value on any day.
    """
    values = law.table(LIMIT)
    if all(value.value is None for value in values.values_list):
        raise NotInForceError(
            f"phosphate_limit: no value is published for {LIMIT}; give one in the scenario's parameters or sweep it "
            "(anchors: 10 and 20 kg P2O5/ha of DüV 2017 section 9(3))"
        )
    value = values.get_at_instant(law.start)
    return numpy.inf if value is None else value


def phosphate_reasons(farm, period):
    """What is missing for the verdict on phosphate alone."""
    lacking, total = undetermined(farm, period, "_phosphate"), farm("stoffbilv_mean_phosphate_balance", period)
    no_land = numpy.isnan(farm("stoffbilv_mean_phosphate_balance_per_ha", period)) & ~numpy.isnan(total)
    yield bits([lacking & no_land & ~numpy.isnan(farm("stoffbilv_mean_area", period))]), phrases([NO_LAND])
    for year in window(farm, period):
        needed = lacking & farm("farm_year_known", year)
        missing = [needed & numpy.isnan(farm(f"phosphate_{side}", year)) for side in SIDES]
        words = [f"phosphorus or phosphate content of something {word} (annex 2)" for word in SIDES.values()]
        yield bits(missing), phrases(words, f"missing in the balance year from {year.start}: ")


class stoffbilv_mean_phosphate_balance_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg P2O5/ha"
    label = "Phosphate balance per hectare over the known years: sum of kg by sum of ha"
    reference = f"{FORM} Zeile 4"

    def formula_2018_01_01(farm, period, parameters):
        area = sum_known(farm, period, "utilised_area_ha")
        return sum_known(farm, period, "phosphate_balance") / numpy.where(area > 0, area, numpy.nan)


class stoffbilv_limit_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg P2O5/ha"
    label = "Limit of the mean phosphate balance per hectare; infinite before the first day of a limit"
    reference = "no value is published"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(limit(Law(farm, period, parameters)))


class stoffbilv_verdict_phosphate(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Verdict by the phosphate limit per ha; undetermined for a farm without land"
    reference = "StoffBilV § 6 Abs. 2"

    def formula_2018_01_01(farm, period, parameters):
        most = farm("stoffbilv_limit_phosphate", period)
        balance = farm("stoffbilv_mean_phosphate_balance_per_ha", period)
        return verdict(farm, period, numpy.where(numpy.isinf(most), 0, balance), most)


class stoffbilv_verdict(Variable):
    label = "Verdict on nitrogen by the method that the farm chose and on phosphate: exceeds when either does"

    def formula_2018_01_01(farm, period, parameters):
        nitrogen, phosphate = of_method(farm, period, "stoffbilv_verdict"), farm("stoffbilv_verdict_phosphate", period)
        cases = [Verdict.exceeds.index, Verdict.undetermined.index]
        holds = [(nitrogen == case) | (phosphate == case) for case in cases]
        return numpy.select(holds, cases, nitrogen)


class stoffbilv_undetermined_because(Variable):
    label = "What is missing when a verdict, on nitrogen or phosphate, is undetermined"

    def formula_2018_01_01(farm, period, parameters):
        methods = ("_flat", "_farm_specific", "")
        found = numpy.logical_or.reduce([undetermined(farm, period, method) for method in methods])
        return sentences(found, *reasons(farm, period), *phosphate_reasons(farm, period))


class phosphate_limit(LawReform):
    """Limit and headroom stay those of nitrogen; the limit on phosphate is a number that a scenario has to give."""

    label = "The mean phosphate balance per hectare must not exceed a limit either; its value is not published"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"
    status = "inferred"
    source = (
        "UBA 2021, Empfehlungen für Novellierung der Stoffstrombilanzverordnung, recommends a limit for phosphorus; "
        "its value and form were not found"
    )

    def change(self):
        for variable in (
            stoffbilv_mean_phosphate_balance_per_ha,
            stoffbilv_limit_phosphate,
            stoffbilv_verdict_phosphate,
        ):
            self.add_variable(variable)
        self.update_variable(stoffbilv_verdict)
        self.update_variable(stoffbilv_undetermined_because)
