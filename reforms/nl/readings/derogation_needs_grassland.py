"""Article 24(3) b: the higher standard holds only for a farm that meets its conditions, grassland among them."""

import numpy

from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.nl.manure_act.zones import DEROGATION, LIMIT


def without_grassland(before, farm, period, parameters):
    """The standard without derogation where the fields show less grassland than the year's text asks for."""
    law = Law(farm, period, parameters)
    too_little = farm("nl_grassland_pct", period) < law.value(f"{DEROGATION}.grassland_share")
    return numpy.where(farm("nl_obliged", period) & too_little, law.value(f"{LIMIT}.standard"), before)


class derogation_needs_grassland(LawReform):
    """By default the permit decides: what fields show is only part of what was checked for it."""

    label = "A farm whose fields show less grassland than the derogation asks for has none"
    reference = "Uitvoeringsregeling Meststoffenwet art. 24 lid 3"

    def change(self):
        layer(self, "nl_animal_manure_limit_per_ha", without_grassland)
