"""Why a farm has no verdict on its target, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.variables.nl.farm_balance.missing import INPUTS
from openfisca_stoffenbalans.variables.nl.targets.scheme import (
    BASES,
    OWN_YEAR,
    REFERENCE,
    TARGETS,
    chosen,
    indicator,
    norm_of_variable,
    number,
    why_no_target,
)
from openfisca_stoffenbalans.variables.nl.targets.target import by_basis, without_basis
from openfisca_stoffenbalans.words import bits, phrases, sentences


def own_year_words(law):
    """What may be missing of the farm's reference year."""
    year = number(law, f"{TARGETS}.reference_year")
    return f"the {indicator(law).words} of {'the reference year' if numpy.isnan(year) else int(year)}"


def lacking(farm, period, law):
    """(Which farms lack it, what it is) of all that a verdict may lack, an indicator of the fields apart."""
    norm, basis = norm_of_variable(law), farm("nl_target_basis", period)
    kg = farm("nl_target_norm", period)
    no_norm, tightened = numpy.isnan(kg), ~(kg <= 0)
    if by_basis(law):
        no_basis = numpy.isnan(basis)
        yield no_basis, BASES[chosen(law, "basis")][0]
        yield no_norm & ~no_basis & (chosen(law, "norm_from") == OWN_YEAR), own_year_words(law)
    else:
        yield no_norm, "" if norm is None else norm.words
    yield (
        tightened & numpy.isnan(farm("nl_target_zone_factor", period)),
        "whether the farm lies in a zone with a factor",
    )
    unknown = numpy.isnan(farm("nl_target_indicator", period))
    for name in indicator(law).amounts:
        yield unknown & numpy.isnan(farm(name, period)), INPUTS[name]


def why_without(farm, period, law):
    """Why farms are not assessed: of all the same reason, or that they have nothing a target is counted by."""
    reason = why_no_target(law, period.start.year)
    basis = BASES[chosen(law, "basis")][1] if by_basis(law) else BASES["hectare"][1]
    yield farm.filled_array(bool(reason)), reason
    yield without_basis(farm, period, law) & (not reason), basis


def said(conditions):
    """A part of a sentence from (condition, words)."""
    where, words = zip(*conditions, strict=True)
    return bits(where), phrases(words, between="; ")


def of_fields(farm, period, open_, texts, one):
    """Texts with what an indicator of the fields lacks after them, where it is missing."""
    found, because = texts.copy(), farm(one.because, period)
    at = numpy.flatnonzero(open_ & numpy.isnan(farm("nl_target_indicator", period)))
    for row, text, other in zip(at, texts[at], because[at], strict=True):
        detail = f"{one.words} is missing: {other}" if other else f"{one.words} is missing"
        found[row] = f"{text}; {detail}" if text else detail
    return found


class nl_target_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What is missing when the verdict on the target is undetermined, or why there is none"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law, verdict = Law(farm, period, parameters), farm("nl_target_verdict", period)
        open_ = verdict == Verdict.undetermined
        none = farm("nl_obliged", period) & (verdict == Verdict.not_assessed)
        reasons = sentences(open_, said(lacking(farm, period, law)))
        reasons = numpy.where(none, sentences(none, said(why_without(farm, period, law))), reasons)
        one = indicator(law)
        return of_fields(farm, period, open_, reasons, one) if one.because else reasons
