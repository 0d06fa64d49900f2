"""Annex 2: the yearly balance form, line by line, for nitrogen, phosphorus and phosphate."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.balance.farm_gate import by_group, group
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY

LINES = tables()["de.stoffbilv.annex_2_balance"].rows
NUTRIENTS = {"nitrogen": ("", "kg N"), "phosphorus": ("_phosphorus", "kg P"), "phosphate": ("_phosphate", "kg P2O5")}
SIDES = {"supply": "Zufuhr", "removal": "Abgabe"}
LEGUMES = "legumes"


def line_amount(farm, period, side, categories, nutrient):
    """Kilograms of a nutrient in the categories of one line; legumes bring nitrogen only."""
    if categories == [LEGUMES]:
        return farm("legume_nitrogen_fixation", period) if nutrient == "nitrogen" else numpy.zeros(farm.count)
    rows = [group(Direction[side], Category[category]) for category in categories]
    amounts = by_group(farm, period, nutrient)
    return added(amounts[row] for row in rows)


def line_variable(line, nutrient):
    """The variable of one line of the form for one nutrient."""
    suffix, unit = NUTRIENTS[nutrient]
    side, _, number = line.split("_")
    categories = LINES[line]["categories"].split()

    def formula_2018_01_01(farm, period, parameters):
        return line_amount(farm, period, side, categories, nutrient)

    return type(
        f"stoffbilv_annex_2_{line}{suffix}",
        (Variable,),
        {
            "__module__": __name__,
            "value_type": float,
            "default_value": numpy.nan,
            "entity": Farm,
            "definition_period": DateUnit.YEAR,
            "end": LAST_DAY,
            "unit": unit,
            "label": f"Anlage 2 {SIDES[side]} Zeile {number}: {LINES[line]['label']} ({unit})",
            "reference": f"StoffBilV Anlage 2 Tabelle 2 Zeile {number}",
            "formula_2018_01_01": formula_2018_01_01,
        },
    )


class nitrogen_deposition_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Stickstoffdeposition über den Luftpfad (nitrogen deposition): information, part of no sum"
    reference = ["StoffBilV Anlage 2 Tabelle 2 Zeile 17", "StoffBilV Anlage 2 Tabelle 2 Fußnote 2"]


globals().update(
    {made.__name__: made for line in LINES for nutrient in NUTRIENTS for made in [line_variable(line, nutrient)]}
)
