"""Section 1: one threshold in kilograms of excreted nitrogen."""

import numpy

from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.lookup import Law, NotInForceError
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.reform import LawReform

THRESHOLD = "de.simplification_options.scope_nitrogen"


def threshold(population, period, parameters):
    """Kg N per year on the first day of the balance year, None on a day without one, when section 1 holds as it is.

    NotInForceError when no scenario gives a value on any day.
    """
    values = Law(population, period, parameters).table(THRESHOLD)
    if all(value.value is None for value in values.values_list):
        raise NotInForceError(
            f"scope_by_nitrogen: no value is published for {THRESHOLD}; give one in the scenario's parameters or sweep "
            "it (anchor: the 750 kg N of StoffBilV section 3(4))"
        )
    return values.get_at_instant(str(period.start))


def excretes_more(before, farm, period, parameters):
    """Whether the farm's animals excrete more than the threshold; not where excretion is missing."""
    limit = threshold(farm, period, parameters)
    return before if limit is None else exceeds(farm("nitrogen_excretion", period), limit)


def excretion_missing(before, farm, period, parameters):
    """Whether excretion is missing and so leaves the scope open."""
    if threshold(farm, period, parameters) is None:
        return before
    return numpy.isnan(farm("nitrogen_excretion", period)) | ~farm("farm_year_known", period)


def before_the_threshold(before, entry, period, parameters):
    """Only on days without a threshold."""
    return before & (threshold(entry, period, parameters) is None)


class scope_by_nitrogen(LawReform):
    """Manure intake and biogas stay grounds as they are; livestock units are for information only."""

    label = "The livestock ground of section 1 is one threshold in kg N excreted by the farm's animals"
    reference = "StoffBilV § 1 Abs. 2 Nr. 1; StoffBilV § 1 Abs. 3 Nr. 1"
    status = "inferred"
    source = "simplification asked for by the Dutch Actieagenda Stoffenbalans, action 12; no threshold is published"

    def change(self):
        layer(self, "stoffbilv_scope_livestock", excretes_more, label="In scope by size: nitrogen excreted")
        layer(self, "stoffbilv_thresholds_undecided", excretion_missing, label="Nitrogen excretion is missing")
        layer(self, "herd_livestock_units_needed", before_the_threshold)
