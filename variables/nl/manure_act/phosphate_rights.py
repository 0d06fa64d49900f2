"""Phosphate rights: the phosphate that dairy cattle produce, held against the rights of the farm."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.slots import has
from openfisca_stoffenbalans.variables.nl.manure_act.animal_manure import verdict

RIGHTS = "fosfaatrechten (production not above the rights)"
DAIRY_CATTLE = "Meststoffenwet art. 1 lid 1 kk"


def rights_are_named(law):
    """Whether a source names phosphate rights in the balance year; their first day was not found."""
    return not numpy.isnan(law.value("nl.manure_act.phosphate_rights.named"))


class nl_keeps_dairy_cattle(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm keeps melkvee (dairy cattle), which phosphate rights are for"
    reference = DAIRY_CATTLE

    def formula(farm, period, parameters):
        return has(farm, "herd", farm.members("nl_herd_is_dairy_cattle", period))


class nl_phosphate_rights_headroom(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = (
        "Fosfaatrechten (phosphate rights) less the phosphate that dairy cattle produced; negative: above the rights"
    )
    reference = RIGHTS

    def formula(farm, period, parameters):
        return farm("phosphate_rights_kg", period) - farm("nl_dairy_phosphate_excretion", period)


class nl_phosphate_rights_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    label = (
        "Whether dairy cattle produced more phosphate than the farm has rights for; not assessed without dairy cattle, "
        "undetermined before a source names rights"
    )
    reference = [RIGHTS, DAIRY_CATTLE]

    def formula(farm, period, parameters):
        held = farm("nl_obliged", period) & farm("nl_keeps_dairy_cattle", period)
        named = rights_are_named(Law(farm, period, parameters))
        rights = numpy.where(named, farm("phosphate_rights_kg", period), numpy.nan)
        return verdict(farm("nl_dairy_phosphate_excretion", period), rights, held)
