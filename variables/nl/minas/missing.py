"""What is missing for a verdict on MINAS, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Country, LeachingSensitive, MinasAssessment, SoilType, Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.slots import farm_of, field_of, field_total, of_farm
from openfisca_stoffenbalans.variables.nl.minas.land import LandUse
from openfisca_stoffenbalans.variables.nl.minas.scope import ARTICLES, day, has_norms
from openfisca_stoffenbalans.words import bits, phrases, sentences

NOT_FOUND = "the norms of 1998 to 2001 are not in the sources"
ENDED = "MINAS ended on 31.12.2005"
NOT_BEGUN = "MINAS began on 1.1.1998"

# What is said of a field that lacks it stands in `field_conditions`, in this order.
OF_FIELDS = (
    "what grows on a field (grassland, arable land or nature land)",
    "whether the soil of a field is sensitive to leaching (uitspoelingsgevoelig)",
    "soil type of an arable field",
)
OF_BOTH = {"minas_nitrogen_fixation": "area of a legume"}
OF_REFINED = {
    "minas_refined_supply_nitrogen": "nitrogen content of what is supplied",
    "minas_refined_supply_phosphate": "phosphate content of what is supplied",
    "minas_refined_removal_nitrogen": "nitrogen content of what is removed",
    "minas_refined_removal_phosphate": "phosphate content of what is removed",
}
OF_FORFAITARY = {
    "minas_forfaitary_supply_nitrogen": "nitrogen content of manure or fertiliser supplied",
    "minas_forfaitary_supply_phosphate": "phosphate content of manure or fertiliser supplied",
    "minas_forfaitary_removal_nitrogen": "nitrogen content of manure removed",
    "minas_forfaitary_removal_phosphate": "phosphate content of manure removed",
    "minas_production_nitrogen": "number of animals, or a forfait of an animal category in annex F",
}
NO_FIELDS = "fields of a farm with land"
WORDS = [*OF_BOTH.values(), *OF_REFINED.values(), *OF_FORFAITARY.values(), NO_FIELDS, *OF_FIELDS]


def without(farm, period, names):
    """Whether each of these amounts is missing."""
    return [numpy.isnan(farm(name, period)) for name in names]


def field_conditions(farm, period):
    """Whether some field of a farm lacks its land use, its sensitivity where that counts, or then its soil type."""
    field = field_of(farm)
    use, sensitivity = field("minas_field_land_use", period), field("field_leaching_sensitive", period)
    soils = (field("field_soil_type", period), of_farm(field, farm_of(field)("soil_type", period)))
    arable, farmed = use == LandUse.arable, (use == LandUse.arable) | (use == LandUse.grassland)
    firm = sensitivity == LeachingSensitive.no_leaching_sensitive
    no_soil = numpy.logical_and.reduce([soil == SoilType.none for soil in soils])
    lacking = (use == LandUse.unknown, farmed & (sensitivity == LeachingSensitive.unknown), arable & firm & no_soil)
    return [field_total(farm, fields) > 0 for fields in lacking]


class minas_missing_inputs(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Which amounts of the declaration that the farm chose are missing, one bit each"
    reference = ARTICLES

    def formula(farm, period, parameters):
        refined = farm("minas_assessment", period) == MinasAssessment.refined
        amounts = without(farm, period, OF_BOTH)
        amounts += [refined & missing for missing in without(farm, period, OF_REFINED)]
        amounts += [~refined & missing for missing in without(farm, period, OF_FORFAITARY)]
        no_fields = without(farm, period, ["minas_area_ha"])
        return bits([*amounts, *no_fields, *field_conditions(farm, period)]) * farm("minas_obliged", period)


class minas_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What is missing when a verdict is undetermined, or why MINAS has no norms for the year"
    reference = ARTICLES

    def formula(farm, period, parameters):
        dutch = farm("farm_year_known", period) & (farm("country", period) == Country.NL)
        unassessed = dutch & (not has_norms(farm, period))
        undetermined = farm("minas_verdict", period) == Verdict.undetermined
        missing = farm("minas_missing_inputs", period) * undetermined
        return sentences(
            unassessed | undetermined,
            (unassessed.astype(int), no_norms(farm, period)),
            (missing, phrases(WORDS, between="; ")),
        )


def no_norms(farm, period):
    """Reader of 1 as why the balance year has no norms."""
    words = NOT_FOUND
    if str(period.start) < day(farm, period, "first_day"):
        words = NOT_BEGUN
    if str(period.stop) > day(farm, period, "last_day"):
        words = ENDED
    return phrases([words])
