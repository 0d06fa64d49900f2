"""Art. 20 and 27: the taxable surplus, the levy on it, and the declaration that is better for the farm."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import MinasAssessment, Verdict, choices
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.variables.nl.minas.scope import LAW

LEVIES = [f"{LAW} art. 20", f"{LAW} art. 27"]
PARAMETERS = "nl.minas.levies"
NUTRIENTS = {"nitrogen": ("kg N", "stikstof"), "phosphate": ("kg P2O5", "fosfaat")}
ASSESSMENTS = {"refined": "verfijnde aangifte", "forfaitary": "forfaitaire aangifte"}

BetterAssessment = choices("MinasBetterAssessment", "undetermined", "refined", "forfaitary", "equal")


def above(amount, limit):
    """What lies above a limit once both are rounded to a gram, else 0; missing when either is."""
    return numpy.where(numpy.isnan(amount - limit), numpy.nan, numpy.where(exceeds(amount, limit), amount - limit, 0))


def tariff(kg, rate, bracket_rate=0, bracket_kg=0):
    """Euro on a taxable amount: the first `bracket_kg` at the bracket's rate, the rest at the other."""
    within = numpy.minimum(kg, bracket_kg)
    return within * bracket_rate + (kg - within) * rate


def levy(farm, period, parameters, nutrient, kg):
    """Euro on a taxable amount by the levies of a balance year."""
    law = Law(farm, period, parameters)
    if nutrient == "phosphate":
        return tariff(kg, law.value(f"{PARAMETERS}.p2o5"))
    # A year without a first bracket prints neither its size nor its rate.
    per_ha, bracket_rate = (law.value(f"{PARAMETERS}.{name}") for name in ("first_bracket_size", "n_first_bracket"))
    if numpy.isnan(per_ha):
        return tariff(kg, law.value(f"{PARAMETERS}.n"))
    return tariff(kg, law.value(f"{PARAMETERS}.n"), bracket_rate, per_ha * farm("minas_area_ha", period))


def by_choice(farm, period, result):
    """A result of both declarations, by the one that the farm chose."""
    refined, forfaitary = (farm(f"{result}_{assessment}", period) for assessment in ASSESSMENTS)
    return numpy.where(farm("minas_assessment", period) == MinasAssessment.refined, refined, forfaitary)


def farm_amount(name, unit, label, reference, formula):
    """A variable of kilograms or euro a farm and balance year, of the file that the formula stands in."""
    attributes = {
        "__module__": formula.__module__,
        "value_type": float,
        "default_value": numpy.nan,
        "entity": Farm,
        "definition_period": DateUnit.YEAR,
        "unit": unit,
        "label": label,
        "reference": reference,
        "formula": formula,
    }
    return type(name, (Variable,), attributes)


def taxable_variable(nutrient, assessment):
    """The taxable amount of a nutrient by one declaration."""
    unit, word = NUTRIENTS[nutrient]

    def formula(farm, period, parameters):
        surplus = farm(f"minas_surplus_{nutrient}_{assessment}", period)
        return above(surplus, farm(f"minas_permitted_{nutrient}", period))

    label = f"Belastbare hoeveelheid {word} (taxable amount), {ASSESSMENTS[assessment]}; 0 when levy-free"
    return farm_amount(f"minas_taxable_{nutrient}_{assessment}", unit, label, LEVIES, formula)


def levy_variable(nutrient, assessment):
    """The levy on a nutrient by one declaration."""

    def formula(farm, period, parameters):
        return levy(farm, period, parameters, nutrient, farm(f"minas_taxable_{nutrient}_{assessment}", period))

    label = f"Heffing {NUTRIENTS[nutrient][1]} (levy), {ASSESSMENTS[assessment]}, before settlement"
    return farm_amount(f"minas_levy_{nutrient}_{assessment}", "EUR", label, LEVIES, formula)


def whole_levy_variable(assessment):
    """The levy on both nutrients by one declaration."""

    def formula(farm, period, parameters):
        return farm(f"minas_levy_nitrogen_{assessment}", period) + farm(f"minas_levy_phosphate_{assessment}", period)

    label = f"Mineralenheffing (levy on nitrogen and phosphate), {ASSESSMENTS[assessment]}, before settlement"
    return farm_amount(f"minas_levy_{assessment}", "EUR", label, LEVIES, formula)


def chosen_variable(result, unit, label):
    """A result by the declaration that the farm chose."""

    def formula(farm, period, parameters):
        return by_choice(farm, period, f"minas_{result}")

    return farm_amount(f"minas_{result}", unit, f"{label}, by the declaration that the farm chose", LEVIES, formula)


def headroom_variable(nutrient):
    """What is left of the permitted loss of a nutrient."""
    unit, word = NUTRIENTS[nutrient]

    def formula(farm, period, parameters):
        return farm(f"minas_permitted_{nutrient}", period) - farm(f"minas_surplus_{nutrient}", period)

    label = f"Permitted loss less surplus, {word}; negative: the taxable amount"
    return farm_amount(f"minas_headroom_{nutrient}", unit, label, LEVIES, formula)


def per_ha_variable(nutrient):
    """The surplus of a nutrient per hectare."""
    unit, word = NUTRIENTS[nutrient]

    def formula(farm, period, parameters):
        area = farm("minas_area_ha", period)
        return farm(f"minas_surplus_{nutrient}", period) / numpy.where(area > 0, area, numpy.nan)

    label = f"Surplus of {word} per hectare, by the declaration that the farm chose; missing without land"
    return farm_amount(f"minas_surplus_{nutrient}_per_ha", f"{unit}/ha", label, LEVIES, formula)


MADE = [
    *(taxable_variable(nutrient, assessment) for nutrient in NUTRIENTS for assessment in ASSESSMENTS),
    *(levy_variable(nutrient, assessment) for nutrient in NUTRIENTS for assessment in ASSESSMENTS),
    *(whole_levy_variable(assessment) for assessment in ASSESSMENTS),
    *(chosen_variable(f"surplus_{name}", unit, f"Surplus of {word}") for name, (unit, word) in NUTRIENTS.items()),
    *(
        chosen_variable(f"taxable_{name}", unit, f"Belastbare hoeveelheid {word} (taxable amount)")
        for name, (unit, word) in NUTRIENTS.items()
    ),
    *(
        chosen_variable(f"levy_{name}", "EUR", f"Heffing {word} (levy) before settlement")
        for name, (_, word) in NUTRIENTS.items()
    ),
    chosen_variable("levy", "EUR", "Mineralenheffing (levy on nitrogen and phosphate) before settlement"),
    *map(headroom_variable, NUTRIENTS),
    *map(per_ha_variable, NUTRIENTS),
]
globals().update({made.__name__: made for made in MADE})


class minas_better_assessment(Variable):
    value_type = Enum
    possible_values = BetterAssessment
    default_value = BetterAssessment.undetermined
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The declaration with the lower levy before settlement"
    reference = LEVIES

    def formula(farm, period, parameters):
        refined, forfaitary = (farm(f"minas_levy_{assessment}", period) for assessment in ASSESSMENTS)
        better = numpy.where(
            exceeds(refined, forfaitary), BetterAssessment.forfaitary.index, BetterAssessment.equal.index
        )
        better = numpy.where(exceeds(forfaitary, refined), BetterAssessment.refined.index, better)
        missing = numpy.isnan(refined) | numpy.isnan(forfaitary)
        return numpy.where(missing, BetterAssessment.undetermined.index, better)


class minas_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Whether the year's surplus is free of levy (complies) by the declaration chosen, before settlement"
    reference = LEVIES

    def formula(farm, period, parameters):
        taxable = [farm(f"minas_taxable_{nutrient}", period) for nutrient in NUTRIENTS]
        over = numpy.logical_or.reduce([exceeds(kg, 0) for kg in taxable])
        missing = numpy.logical_or.reduce([numpy.isnan(kg) for kg in taxable])
        cases = [~farm("minas_obliged", period), over, missing]
        verdicts = [Verdict.not_assessed.index, Verdict.exceeds.index, Verdict.undetermined.index]
        return numpy.select(cases, verdicts, Verdict.complies.index)
