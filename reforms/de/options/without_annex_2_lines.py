"""The balance without one line of annex 2: one reform for each line that enters the sum."""

import numpy

from openfisca_stoffenbalans.codes import Category, Direction
from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_2_balance import LEGUMES, LINES, SIDES

WORDS = {"supply": "supplied", "removal": "removed"}


def in_line(entry, period, side, categories):
    """Whether a flow belongs to a line; what is said to be of no kind is "other"."""
    category = entry("flow_category", period).view(numpy.ndarray)
    category = numpy.where(category == Category.none.index, Category.other.index, category)
    of_line = numpy.isin(category, [Category[name].index for name in categories])
    return of_line & (entry("flow_direction", period) == Direction[side])


def outside(side, categories):
    """Nothing of the flows of a line."""

    def change(before, entry, period, parameters):
        return numpy.where(in_line(entry, period, side, categories), numpy.zeros_like(before), before)

    return change


def nothing(before, entry, period, parameters):
    """Nothing of any line."""
    return numpy.zeros_like(before)


def without(line):
    """The reform that leaves out one line."""
    side, _, number = line.split("_")
    categories = LINES[line]["categories"].split()

    def change(self):
        if categories == [LEGUMES]:
            layer(self, "crop_nitrogen_fixation", nothing)
            layer(self, "crop_data_points", nothing)
        else:
            layer(self, "flow_counts", outside(side, categories))
            # What nobody writes down is no roughage of annex 4 either.
            layer(self, "flow_roughage_nitrogen", outside(side, categories))

    return type(
        f"without_annex_2_{line}",
        (LawReform,),
        {
            "__module__": __name__,
            "__doc__": "Received farm manure still counts for sections 1 and 3(4), and so do its data points.",
            "label": f"Nothing {WORDS[side]} is recorded for line {number} of annex 2 ({LINES[line]['label']})",
            "reference": f"StoffBilV Anlage 2 Tabelle 2 Zeile {number}",
            "status": "inferred",
            "source": "simplification asked for by the Dutch Actieagenda Stoffenbalans, action 12; no source names "
            f"{SIDES[side]} Zeile {number}",
            "change": change,
        },
    )


REFORMS = {made.__name__: made for made in [without(line) for line, row in LINES.items() if row["in_sum"]]}
globals().update(REFORMS)
