"""What drives a verdict: the lines of the yearly form over the years that the verdict rests on."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_2_balance import LINES, SIDES
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import mean_known
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY


def mean_line_variable(line):
    """The mean of one line of the form over the known years."""
    side, _, number = line.split("_")

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, f"stoffbilv_annex_2_{line}")

    return type(
        f"stoffbilv_mean_annex_2_{line}",
        (Variable,),
        {
            "__module__": __name__,
            "value_type": float,
            "default_value": numpy.nan,
            "entity": Farm,
            "definition_period": DateUnit.YEAR,
            "end": LAST_DAY,
            "unit": "kg N",
            "label": f"Anlage 2 {SIDES[side]} Zeile {number}, mean over the known years: {LINES[line]['label']}",
            "reference": [f"StoffBilV Anlage 2 Tabelle 2 Zeile {number}", "StoffBilV Anlage 3 Tabelle 2"],
            "formula_2018_01_01": formula_2018_01_01,
        },
    )


globals().update({made.__name__: made for made in map(mean_line_variable, LINES)})
