"""What a target is made of: indicator, basis, norm and instrument, chosen by parameters."""

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.lookup import value_on

TARGETS = "nl.targets"
REFERENCE = "Actieagenda Stoffenbalans, action 13"
PATH = f"{TARGETS}.path"


@dataclass(frozen=True)
class Indicator:
    """What a target can be set for: a variable, kg on the farm and year.

    `parts`: what it is made of, by the inputs it asks for; `because`: the variable that says what it lacks, or
    `amounts`: those it is made of, of which one is missing when it is; `of_land`: it is 0 of a farm without land.
    """

    variable: str
    words: str
    parts: tuple[str, ...]
    because: str = ""
    amounts: tuple[str, ...] = ()
    of_land: bool = False


@dataclass(frozen=True)
class Norm:
    """A norm in kg on the farm that comes from a variable, and the indicators it is one of.

    `of_land`: a farm without land has none.
    """

    variable: str
    words: str
    indicators: tuple[str, ...]
    of_land: bool = False


NITROGEN, PHOSPHATE = ("gate", "gate_nitrogen"), ("gate", "gate_phosphate")
BALANCE = ("crops", "spreading", "fixation", "deposition", "soil")
AMMONIA = ("residues", "spreading")


def of_soil(variable, words, parts):
    """An indicator of the fields."""
    return Indicator(variable, words, parts, because="nl_soil_undetermined_because", of_land=True)


def of_farm(variable, words, parts, *amounts):
    """An indicator of the farm balance."""
    return Indicator(variable, words, parts, amounts=tuple(f"nl_farm_{name}" for name in amounts))


GATE = ("flow_supply_nitrogen", "removal_nitrogen", "stock_increase_nitrogen", "fixation_nitrogen")
FARM = (*GATE, "deposition_nitrogen", "mineralisation_nitrogen")
OF_PHOSPHATE = ("supply_phosphate", "removal_phosphate", "stock_increase_phosphate")

# Another indicator is a line here and its name among the choices of nl.targets.indicator.
INDICATORS = {
    "soil_nitrogen_surplus": of_soil("nl_soil_surplus", "soil nitrogen surplus", BALANCE),
    "farm_nitrogen_surplus": of_farm(
        "nl_farm_surplus_nitrogen", "farm nitrogen surplus", (*NITROGEN, "fixation", "deposition", "soil"), *FARM
    ),
    "farm_gate_nitrogen_surplus": of_farm(
        "nl_farm_gate_surplus_nitrogen", "farm nitrogen surplus at the gate", (*NITROGEN, "fixation"), *GATE
    ),
    "farm_phosphate_surplus": of_farm("nl_farm_surplus_phosphate", "farm phosphate surplus", PHOSPHATE, *OF_PHOSPHATE),
    "nitrate": of_soil("nl_soil_nitrate_kg", "nitrate leached", (*BALANCE, "groundwater")),
    "ammonia": of_soil("nl_soil_ammonia_kg", "ammonia of the fields", AMMONIA),
}

OF_SOIL = ("soil_nitrogen_surplus",)
NITROGEN_OF_FARM = ("farm_nitrogen_surplus", "farm_gate_nitrogen_surplus")
# Norms of one variable for each of these groups of indicators.
NORMS = {
    "ros_2023": [Norm("nl_soil_target_kg", "target of Ros et al. 2023", OF_SOIL, of_land=True)],
    "klw_max_soil_surplus": [
        Norm("nl_target_klw", "highest soil surplus of the KringloopWijzer", OF_SOIL, of_land=True)
    ],
    "minas": [
        Norm("minas_permitted_nitrogen", "permitted nitrogen loss of MINAS", NITROGEN_OF_FARM),
        Norm("minas_permitted_phosphate", "permitted phosphate loss of MINAS", ("farm_phosphate_surplus",)),
    ],
    "stoffbilv_annex_4": [
        Norm("nl_target_stoffbilv_annex_4", "permitted balance of StoffBilV annex 4", NITROGEN_OF_FARM)
    ],
}
FLAT, OWN_YEAR = "norm", "reference_year"

BASES = {
    "hectare": ("utilised agricultural area", "no land"),
    "livestock_unit": ("livestock units", "no livestock"),
    "fpcm": ("milk of dairy cows, its fat or its protein", "no milk"),
    "farm": ("", ""),
}


def optional(law, path):
    """The value of a parameter on the balance year's first day, None where no scenario gives one."""
    value = value_on(law.table(path).values_list, law.start)
    # Read again as a value, for a traced simulation records it so.
    return None if value is None else law.value(path)


def number(law, path):
    """The same of a number; NaN where no scenario gives one."""
    value = optional(law, path)
    return numpy.nan if value is None else float(value)


def chosen(law, what):
    """The choice of indicator, basis, instrument or norm_from on the balance year's first day."""
    return law.value(f"{TARGETS}.{what}")


def indicator(law):
    """The indicator that is chosen."""
    return INDICATORS[chosen(law, "indicator")]


def norm_of_variable(law):
    """The norm from a variable that is chosen for the indicator; None for the other norms, or where it has none."""
    name = chosen(law, "indicator")
    return next((norm for norm in NORMS.get(chosen(law, "norm_from"), ()) if name in norm.indicators), None)


def reduction(law, year):
    """Share by which the norm is reduced in a calendar year; NaN where the path has no years."""
    whole, first, last = (number(law, f"{PATH}.{name}") for name in ("reduction", "first_year", "last_year"))
    if numpy.isnan(whole):
        return 0
    if not first < last:
        return numpy.nan
    return whole * min(max((year - first) / (last - first), 0), 1)


def why_no_target(law, year):
    """Why there is no target for any farm, in words; "" where there is one."""
    source = chosen(law, "norm_from")
    if source == FLAT and optional(law, f"{TARGETS}.norm") is None:
        return "no norm is set"
    if source == OWN_YEAR and optional(law, f"{TARGETS}.reference_year") is None:
        return "no reference year is set"
    if source in NORMS and norm_of_variable(law) is None:
        return f"the norm {source} is none of the {indicator(law).words}"
    return "the path of the reduction has no years" if numpy.isnan(reduction(law, year)) else ""
