"""The farm balance without what was put in store or taken from it."""

import numpy

from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.reform import LawReform


def nothing(before, population, period, parameters):
    """No inputs used."""
    return numpy.zeros_like(before)


def unchanged(before, farm, period, parameters):
    """No increase of stocks in a known balance year."""
    return numpy.where(farm("farm_year_known", period), 0, before)


class no_stock_changes(LawReform):
    """Stocks of animal manure stay what they are for the use of animal manure, which is no part of the balance."""

    label = "The increase of stocks is left out of the farm balance"
    reference = "Actieagenda Stoffenbalans, action 12"
    status = "inferred"
    source = (
        "minimal-data variant in the sense of the Actieagenda Stoffenbalans, action 12; MINAS had no stock change "
        "either; its form here is inferred"
    )

    def change(self):
        for nutrient in ("nitrogen", "phosphate"):
            layer(self, f"nl_farm_stock_increase_{nutrient}", unchanged)
        layer(self, "nl_stock_data_points", nothing)
