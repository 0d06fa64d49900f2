"""What scenarios do together beyond the sum of what each does alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.run import BASELINE

ADDITIVE = (
    "farms_obliged",
    "farms_assessed",
    "farms_exceeding",
    "farms_undetermined",
    "surplus_total_t",
    "net_surplus_total_t",
    "excess_total_t",
)


def interactions(book: Book, label: str, alone: Sequence[str]) -> None:
    """Publish `interaction_<statistic>` of a combination: its change less the changes of its scenarios alone."""
    published = {(one.scenario, one.name): one for one in book.statistics}
    for name in ADDITIVE:
        together, base = published[label, name], published[BASELINE, name]
        singles = [published[scenario, name] for scenario in alone]
        values = together.values - base.values - numpy.sum([one.values - base.values for one in singles], axis=0)
        parts = [part for one in (together, base, *singles) for part in one.parts]
        # A difference of floats may leave a last digit; none of these is published finer than a gram.
        book.publish(label, f"interaction_{name}", together.unit, numpy.round(values, 6), *parts)
