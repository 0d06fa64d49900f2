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

    `because`: the variable that says what it lacks; `parts`: what it is made of, by the inputs it asks for; `of_land`:
    it is 0 of a farm without land.
    """

    variable: str
    because: str
    words: str
    parts: tuple[str, ...]
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


SOIL, FARM = "nl_soil_undetermined_because", "nl_farm_undetermined_because"
NITROGEN, PHOSPHATE = ("gate", "gate_nitrogen"), ("gate", "gate_phosphate")
BALANCE = ("crops", "spreading", "fixation", "deposition", "soil")

# Another indicator is a line here and its name among the choices of nl.targets.indicator.
INDICATORS = {
    "soil_nitrogen_surplus": Indicator("nl_soil_surplus", SOIL, "soil nitrogen surplus", BALANCE, of_land=True),
    "farm_nitrogen_surplus": Indicator(
        "nl_farm_surplus_nitrogen", FARM, "farm nitrogen surplus", (*NITROGEN, "fixation", "deposition", "soil")
    ),
    "farm_gate_nitrogen_surplus": Indicator(
        "nl_farm_gate_surplus_nitrogen", FARM, "farm nitrogen surplus at the gate", (*NITROGEN, "fixation")
    ),
    "farm_phosphate_surplus": Indicator("nl_farm_surplus_phosphate", FARM, "farm phosphate surplus", PHOSPHATE),
    "nitrate": Indicator("nl_soil_nitrate_kg", SOIL, "nitrate leached", (*BALANCE, "groundwater"), of_land=True),
    "ammonia": Indicator("nl_soil_ammonia_kg", SOIL, "ammonia of the fields", ("residues", "spreading"), of_land=True),
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
    "fpcm": ("milk, its fat or its protein", "no milk"),
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
