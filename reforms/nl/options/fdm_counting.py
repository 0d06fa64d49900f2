"""What nmi-agro/fdm does otherwise than its method says, each as an option of its own, to compare with it."""

import numpy

from openfisca_stoffenbalans.layers import layer, on_lines
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG, N_HARVEST, crop_of_line, declared_or
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import given, last_day

SOURCE = "nmi-agro/fdm@9bf23bb, fdm-calculator 0.17.1"


def cuts_of_the_crop(entry, period):
    """How many harvests the crop of each line has: lines of the same field, crop and first day; at least 1."""
    crop = crop_of_line(entry, period, slice(None))
    return numpy.maximum(numpy.bincount(crop, weights=entry("nl_crop_is_harvest", period))[crop], 1)


def mean_of_cuts(before, crop, period, parameters):
    """A yield per cut in place of that of all cuts."""
    return before / cuts_of_the_crop(crop, period)


def nothing_without_yield(before, crop, period, parameters):
    """No yield where a harvest declares none."""
    undeclared = crop("nl_crop_is_harvest", period) & numpy.isnan(crop("crop_dm_yield_kg_per_ha", period))
    return numpy.where(undeclared, 0, before)


def zero_as_missing(before, crop, period, parameters):
    """The standard yield or content where a harvest declares 0."""
    standard = declared_or(crop, period, parameters, "crop_standard_n_g_per_kg_dm", N_HARVEST)
    declared, said = crop("crop_dm_yield_kg_per_ha", period), crop("crop_n_g_per_kg_dm", period)
    harvested = numpy.where(declared > 0, declared, crop("nl_crop_standard_yield", period))
    kg = harvested * numpy.where(said > 0, said, standard) / GRAMS_PER_KG
    return numpy.where(crop("nl_crop_is_harvest", period) & ((declared == 0) | (said == 0)), kg, before)


def days_without_the_last(before, field, period, parameters):
    """Days from the first to the last, the last not counted unless the field is kept beyond the year."""
    goes_on = given(field("field_end", period), last_day(period)) > last_day(period)
    return numpy.maximum(field("nl_field_days", period) - ~goes_on, 0) / period.size_in_days


def days_by_365(before, field, period, parameters):
    """Days by 365, also in leap years; nothing for a single day."""
    days = field("nl_field_days", period)
    return numpy.where(days > 1, days / 365, 0)


class fdm_option(LawReform):
    """What all of these have in common."""

    status = "published"
    source = SOURCE
    reference = SOURCE


class fdm_day_counts(fdm_option):
    """Mineralisation leaves the last day out; the target counts all days, by 365 in leap years too."""

    label = "Mineralisation without the last day, target by 365 days also in leap years"

    def change(self):
        layer(self, "nl_field_mineralisation_share", days_without_the_last)
        layer(self, "nl_field_target_share", days_by_365)


class fdm_mean_yield_of_cuts(fdm_option):
    """Residue of a crop that is cut several times belongs to the mean of the cuts, not to all of them."""

    label = "Residue by the mean yield of the cuts of a crop"

    def change(self):
        layer(self, "nl_crop_residue_yield", on_lines("crop", mean_of_cuts))


class fdm_no_residue_ammonia_without_yield(fdm_option):
    """A harvest without a declared yield leaves no residue that loses ammonia, though it removes the standard yield."""

    label = "No ammonia from the residue of a harvest whose yield is not declared"

    def change(self):
        layer(self, "nl_crop_residue_ammonia_yield", on_lines("crop", nothing_without_yield))


class fdm_zero_is_missing(fdm_option):
    """A declared yield or nitrogen content of 0 is taken for none, and the standard one stands in."""

    label = "A declared yield or content of 0 counts as not declared"

    def change(self):
        layer(self, "nl_crop_nitrogen_harvested", on_lines("crop", zero_as_missing))


REFORMS = {
    reform.__name__: reform
    for reform in (
        fdm_day_counts,
        fdm_mean_yield_of_cuts,
        fdm_no_residue_ammonia_without_yield,
        fdm_zero_is_missing,
    )
}
