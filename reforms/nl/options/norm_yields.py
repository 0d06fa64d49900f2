"""Harvests by the standard yield and content of the crop, also where they were weighed and analysed."""

import numpy

from openfisca_stoffenbalans.layers import layer, on_lines
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.balance.contents import declared_else
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG, N_HARVEST, declared_or


def yield_by_norm(before, crop, period, parameters):
    """The standard yield of a harvest before the declared one."""
    norm = declared_else(crop("nl_crop_standard_yield", period), before)
    return numpy.where(crop("nl_crop_is_harvest", period), norm, before)


def nitrogen_by_norm(before, crop, period, parameters):
    """Yield, by then the standard one, times the standard content before what was harvested."""
    standard = declared_or(crop, period, parameters, "crop_standard_n_g_per_kg_dm", N_HARVEST)
    kg = crop("nl_crop_yield", period) * standard / GRAMS_PER_KG
    return numpy.where(crop("nl_crop_is_harvest", period), declared_else(kg, before), before)


def needed_yield(before, crop, period, parameters):
    """Only where there is no standard yield."""
    return before & numpy.isnan(crop("nl_crop_standard_yield", period))


def needed_content(before, crop, period, parameters):
    """Only where there is no standard content."""
    return before & numpy.isnan(declared_or(crop, period, parameters, "crop_standard_n_g_per_kg_dm", N_HARVEST))


class norm_yields(LawReform):
    """As if no harvest had declared anything: of a crop that is cut several times each cut has the standard yield."""

    label = "Declared yields and nitrogen contents of harvests are ignored where there are standard ones"
    reference = "Actieagenda Stoffenbalans, action 12"
    status = "inferred"
    source = "simplification named by the Actieagenda Stoffenbalans, action 12 (norm yields); its form here is inferred"

    def change(self):
        layer(self, "nl_crop_yield", on_lines("crop", yield_by_norm))
        layer(self, "nl_crop_nitrogen_harvested", on_lines("crop", nitrogen_by_norm))
        layer(self, "crop_dm_yield_kg_per_ha_needed", on_lines("crop", needed_yield))
        layer(self, "crop_n_g_per_kg_dm_needed", on_lines("crop", needed_content))
