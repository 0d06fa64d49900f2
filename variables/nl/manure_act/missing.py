"""What is missing for the verdicts of the Meststoffenwet, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.variables.nl.manure_act.animal_manure import MW
from openfisca_stoffenbalans.variables.nl.manure_act.zones import DEROGATION, LIMIT
from openfisca_stoffenbalans.words import bits, phrases, sentences

STANDARD_NOT_FOUND = "standard of animal manure: no text of the balance year was found"
ZONE = "zone, soil type or region, on which the standard under derogation depends"
AMOUNTS = (
    "utilised agricultural area",
    "nitrogen excretion of a herd: neither declared nor in a table of the year",
    "nitrogen content of animal manure supplied, removed or in store",
)
RIGHTS = ("phosphate rights", "phosphate excretion of dairy cattle: neither declared nor in a table of the year")


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
        manure = farm("nl_animal_manure_verdict", period) == Verdict.undetermined
        rights = farm("nl_phosphate_rights_verdict", period) == Verdict.undetermined
        no_limit = numpy.isnan(farm("nl_animal_manure_limit_per_ha", period))
        not_found = farm.filled_array(standard_is_missing(Law(farm, period, parameters))) & no_limit
        amounts = [numpy.isnan(farm("utilised_area_ha", period)), numpy.isnan(farm("nl_nitrogen_excretion", period))]
        amounts.append(numpy.isnan(farm("nl_animal_manure_nitrogen", period)) & ~amounts[1])
        wanted = [numpy.isnan(farm(name, period)) for name in ("phosphate_rights_kg", "nl_dairy_phosphate_excretion")]
        on_manure = [no_limit & not_found, no_limit & ~not_found, *amounts]
        said = bits([*(of & manure for of in on_manure), *(of & rights for of in wanted)])
        return sentences(manure | rights, (said, phrases([STANDARD_NOT_FOUND, ZONE, *AMOUNTS, *RIGHTS], between="; ")))


def standard_is_missing(law):
    """Whether the texts of the year's standards were not found, with and without derogation."""
    return bool(numpy.isnan(law.value(f"{LIMIT}.standard")) | numpy.isnan(law.value(f"{LIMIT}.derogation")))
