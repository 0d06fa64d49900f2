"""What is missing for the verdicts of the Meststoffenwet, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.variables.nl.manure_act.animal_manure import MW, room_on_strips
from openfisca_stoffenbalans.variables.nl.manure_act.phosphate_rights import rights_are_named
from openfisca_stoffenbalans.variables.nl.manure_act.zones import DEROGATION, LIMIT, standard_of_farm
from openfisca_stoffenbalans.words import bits, phrases, sentences

STANDARD_NOT_FOUND = "standard of animal manure: no text of the balance year was found"
CHANGES = "standard of animal manure: it changes within the balance year or was found for a part of it"
ZONE = "zone, soil type or region, on which the standard under derogation depends"
MANURE = (
    STANDARD_NOT_FOUND,
    CHANGES,
    ZONE,
    "utilised agricultural area",
    "nitrogen excretion of a herd: neither declared nor in a table of the year",
    "nitrogen content of animal manure supplied, removed or in store",
)
RIGHTS = (
    "phosphate rights: their first day was not found and no source before 2018 names them",
    "phosphate rights",
    "phosphate excretion of dairy cattle: neither declared nor in a table of the year",
)
DAIRY_PHOSPHATE = "nl_dairy_phosphate_excretion"


class nl_derogation_notice(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What the fields say against a derogation that the farm holds"
    reference = ["Uitvoeringsregeling Meststoffenwet art. 24 lid 3", "Uitvoeringsregeling Meststoffenwet art. 25 lid 5"]

    def formula(farm, period, parameters):
        least = Law(farm, period, parameters).value(f"{DEROGATION}.grassland_share")
        too_little = farm("derogation", period) & (farm("nl_grassland_pct", period) < least)
        words = phrases([f"derogation with less than {least:g} % grassland; the permit decides"])
        return sentences(farm("nl_obliged", period), (bits([too_little]), words))


class nl_manure_act_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What is missing when a verdict on animal manure or phosphate rights is undetermined"
    reference = [f"{MW} art. 8 a", f"{MW} art. 12 lid 1"]

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        open_ = [
            farm(f"nl_{of}_verdict", period) == Verdict.undetermined for of in ("animal_manure", "phosphate_rights")
        ]
        lacking = (lacking_for_manure(farm, period, parameters), lacking_for_rights(farm, period, law))
        said = bits([missing & verdict for verdict, of in zip(open_, lacking, strict=True) for missing in of])
        return sentences(numpy.logical_or.reduce(open_), (said, phrases([*MANURE, *RIGHTS], between="; ")))


def lacking_for_manure(farm, period, parameters):
    """Farms that lack each part of the verdict on animal manure, in the order of its words."""
    no_limit = numpy.isnan(farm("nl_animal_manure_limit_per_ha", period))
    not_found = standard_is_missing(Law(farm, period, parameters))
    changes = standard_changes(farm, period, parameters)
    lost = no_limit & ~changes
    no_excretion = numpy.isnan(farm("nl_nitrogen_excretion", period))
    used = numpy.isnan(farm("nl_animal_manure_nitrogen", period)) & ~no_excretion
    land = numpy.isnan(farm("utilised_area_ha", period))
    return lost & not_found, changes, lost & (not not_found), land, no_excretion, used


def lacking_for_rights(farm, period, law):
    """Farms that lack each part of the verdict on phosphate rights, in the order of its words."""
    named = farm.filled_array(rights_are_named(law))
    rights, phosphate = (numpy.isnan(farm(name, period)) for name in ("phosphate_rights_kg", DAIRY_PHOSPHATE))
    return ~named, named & rights, named & phosphate


def standard_changes(farm, period, parameters):
    """Farms whose standard is known on the first day of the balance year and not all the year."""
    first = standard_of_farm(farm, period, Law(farm, period, parameters))
    per_ha, on_strips = farm("nl_animal_manure_limit_per_ha", period), room_on_strips(farm, period, parameters)
    return ~numpy.isnan(first) & numpy.isnan(per_ha + on_strips)


def standard_is_missing(law):
    """Whether the texts of the year's standards were not found, with and without derogation."""
    return bool(numpy.isnan(law.value(f"{LIMIT}.standard")) | numpy.isnan(law.value(f"{LIMIT}.derogation")))
