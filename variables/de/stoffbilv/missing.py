"""What is missing for a verdict, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_2_balance import LINES
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import averaging_years, window
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import Verdict
from openfisca_stoffenbalans.words import bits, phrases, sentences

SUMMED = [line for line, row in LINES.items() if row["in_sum"]]
SIDES = {"supply": "supplied", "removal": "removed"}


def line_words(line):
    """What is missing when a line of annex 2 is."""
    side, _, number = line.split("_")
    return f"nitrogen content of what is {SIDES[side]} in line {number} of annex 2 ({LINES[line]['label']})"


INPUTS = {
    **{f"stoffbilv_annex_2_{line}": line_words(line) for line in SUMMED},
    "utilised_area_ha": "utilised agricultural area",
    "stoffbilv_annex_4_line_2": "number or manure system of a herd (annex 4 line 2)",
    "stoffbilv_annex_4_line_5": "nitrogen brought out with own organic fertiliser (annex 4 line 5)",
    "stoffbilv_annex_4_line_3": "nitrogen in plant substrates of the biogas plant (annex 4 line 3)",
    "stoffbilv_annex_4_line_4": "nitrogen in substrates of the biogas plant (annex 4 line 4)",
    "stoffbilv_annex_4_line_6": "nitrogen brought out with received organic fertiliser (annex 4 line 6)",
    "stoffbilv_annex_4_line_7": "roughage: uptake of a cattle category without a row in the table, "
    "or nitrogen content of roughage traded (annex 4 line 7)",
}


class stoffbilv_missing_inputs(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Which amounts of the balance year are missing, one bit each"
    reference = ["StoffBilV § 4 Abs. 2", "StoffBilV § 5 Abs. 2", "StoffBilV Anlage 4 Tabelle 1"]

    def formula_2018_01_01(farm, period, parameters):
        return bits([numpy.isnan(farm(name, period)) for name in INPUTS]) * farm("farm_year_known", period)


class stoffbilv_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "What is missing when a verdict is undetermined"
    reference = ["StoffBilV § 6 Abs. 2", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        flat, own = undetermined(farm, period, "_flat"), undetermined(farm, period, "_farm_specific")
        return sentences(flat | own, *reasons(farm, period))


def undetermined(farm, period, method=""):
    """Whether the verdict, or that by a method (with its underscore), is undetermined."""
    return farm(f"stoffbilv_verdict{method}", period) == Verdict.undetermined


def reasons(farm, period):
    """What is missing beyond single inputs, then the missing inputs of each year."""
    too_few = ~farm("stoffbilv_enough_years", period)
    balance, per_ha = farm("stoffbilv_mean_balance", period), farm("stoffbilv_mean_balance_per_ha", period)
    no_land = numpy.isnan(per_ha) & ~numpy.isnan(balance + farm("stoffbilv_mean_area", period))
    no_land = no_land & undetermined(farm, period, "_flat")
    yield too_few * (farm("stoffbilv_known_years", period) + 1), years_words(averaging_years(farm, period))
    undecided = farm("stoffbilv_duty_undecided", period)
    no_units, no_area = (numpy.isnan(farm(name, period)) for name in ("livestock_units", "utilised_area_ha"))
    yield bits([undecided & no_units, undecided & no_area, no_land]), phrases(OTHER)
    for year in window(farm, period):
        before = f"missing in the balance year from {year.start}: "
        yield farm("stoffbilv_missing_inputs", year), phrases(list(INPUTS.values()), before)


OTHER = (
    "livestock units of an animal category without a value in the key decide whether the farm is obliged",
    "the missing area decides whether the farm is obliged",
    "no land: the flat limit is per hectare",
)


def years_words(years):
    """Reader of how many of `years` balance years are known when too few: one less than the code, 0 for enough."""
    of_years = f"of {years} balance years known" if years > 1 else "of 1 balance year known"

    def read(code):
        if code == 1:
            return f"none {of_years}"
        return f"only {code - 1} {of_years}" if code else ""

    return read
