"""How many inputs a target rests on: the cells that somebody had to find out for its indicator, basis, norm and zones.

Counted as in the measure of the administrative burden: a cell that says something else than an empty one would. The
inputs of a reference year are not counted again.
"""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Entry, Farm, Field
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import field_of, field_total, on, total
from openfisca_stoffenbalans.variables.nl.targets.scheme import TARGETS, chosen, indicator
from openfisca_stoffenbalans.variables.nl.targets.target import ZONES
from openfisca_stoffenbalans.variables.quality.data_points import MEASURE, is_given

ROLES = ("flow", "stock", "crop", "application", "herd")

# Declared values that a table or a decision of policy can make needless; each has a variable `<name>_needed`.
OF_FLOWS = ("flow_n_content", "flow_p_content", "flow_p2o5_content", "herd_livestock_units")
DECLARED = (
    "flow_crude_protein_pct", "stock_n_content", "stock_p_content", "stock_p2o5_content", "application_n_g_per_kg",
    "application_nh4_n_g_per_kg", "application_no3_n_g_per_kg", "application_s_g_per_kg", "application_ammonia_factor",
    "application_n_kg", "crop_dm_yield_kg_per_ha", "crop_n_g_per_kg_dm",
)  # fmt: skip

GROWN = ("crop_crop", "crop_area_ha", "crop_rotation")
STANDS = ("crop_sown", "crop_end")
RESIDUE = ("crop_harvested", "crop_residue_left", "crop_harvest_index", "crop_residue_n_g_per_kg_dm")
YIELD = ("crop_dm_yield_kg_per_ha", "crop_standard_dm_yield_kg_per_ha")
HELD = ("field_area_ha", "field_buffer_strip", "field_start", "field_end")

# Part -> the inputs that it asks for; a name says by its beginning whose they are.
PARTS = {
    "gate": (
        "flow_direction", "flow_product", "flow_amount", "flow_dry_matter_pct", "flow_weight_basis", "flow_animal_sex",
        "stock_category", "stock_product", "stock_opening", "stock_closing",
    ),
    "gate_nitrogen": ("flow_n_content", "flow_crude_protein_pct", "stock_n_content"),
    "gate_phosphate": ("flow_p_content", "flow_p2o5_content", "stock_p_content", "stock_p2o5_content"),
    "fixation": (*GROWN, "crop_n_fixation_kg_per_ha", *HELD),
    "crops": (*GROWN, *YIELD, *RESIDUE, "crop_n_g_per_kg_dm", "crop_standard_n_g_per_kg_dm", *HELD),
    "residues": (*GROWN, *YIELD, *RESIDUE, *HELD),
    "spreading": (
        *STANDS, "application_product", "application_amount_kg", "application_date", "application_technique",
        "application_fertiliser_type", "application_material", "application_urease_inhibitor",
        *(name for name in DECLARED if name.startswith("application_")),
    ),
    "deposition": ("deposition_n_kg_per_ha", "field_deposition_n_kg_per_ha", *HELD),
    "soil": ("soil_type", "field_soil_type", *GROWN, *STANDS, *HELD),
    "groundwater": ("soil_type", "field_soil_type", "field_groundwater_class", *GROWN, *HELD),
    "leaching": ("soil_type", "field_soil_type", "field_leaching_sensitive", *GROWN, *HELD),
    "area": ("utilised_area_ha",),
    "herds": ("herd_animal", "herd_count", "herd_livestock_units"),
    "excretion": ("herd_animal", "herd_count", "herd_manure_system", "herd_grazing_days"),
    "milk": ("milk_kg", "milk_fat_pct", "milk_protein_pct"),
}  # fmt: skip
OF_BASIS = {"hectare": "area", "livestock_unit": "herds", "fpcm": "milk"}
OF_NORM = {
    "ros_2023": ("groundwater",),
    "klw_max_soil_surplus": ("groundwater",),
    "minas": ("leaching",),
    "stoffbilv_annex_4": ("area", "excretion"),
}


def names_used(law):
    """The inputs that the target of the balance year asks for, each once."""
    source = chosen(law, "norm_from")
    parts = [*indicator(law).parts, *OF_NORM.get(source, (OF_BASIS.get(chosen(law, "basis"), "area"),))]
    zones = [ZONES[zone][0] for zone in ZONES if law.value(f"{TARGETS}.zone_factors.{zone}") != 1]
    return list(dict.fromkeys([*(name for part in parts for name in PARTS[part]), *zones]))


def counted(population, period, names):
    """How many of the inputs are given, and needed."""
    declared = [name for name in names if name in DECLARED or name in OF_FLOWS]
    others = [is_given(population, period, name).astype(int) for name in names if name not in declared]
    return added([*others, *(population(f"{name}_needed", period).astype(int) for name in declared)])


def of_role(law, role):
    """The inputs used of the lines of a role, of fields, or of the farm itself ("")."""
    names = names_used(law)
    if role:
        return [name for name in names if name.startswith(f"{role}_")]
    return [name for name in names if not name.startswith(tuple(f"{other}_" for other in (*ROLES, "field")))]


def points(population, period, parameters, role):
    """Inputs used of each line, field or farm; 0 where the target asks for none."""
    names = of_role(Law(population, period, parameters), role)
    return counted(population, period, names) if names else 0


def needed_variable(name):
    """Whether a declared value is given and the rules use it."""
    role, _, column = name.partition("_")

    @on(role)
    def formula(entry, period, parameters):
        return is_given(entry, period, name)

    return made_variable(f"{name}_needed", bool, Entry, f"The rules use a declared {column}", formula)


def line_variable(role):
    """Inputs used of a line of a role."""

    @on(role)
    def formula(entry, period, parameters):
        return points(entry, period, parameters, role) + numpy.zeros(len(entry("flow_amount", period)), dtype=int)

    return made_variable(
        f"nl_{role}_data_points", int, Entry, f"Inputs that a target uses of a line of {role}s", formula
    )


def made_variable(name, kind, entity, label, formula):
    """A yearly variable of this file."""
    attributes = {
        "__module__": __name__,
        "value_type": kind,
        "entity": entity,
        "definition_period": DateUnit.YEAR,
        "label": label,
        "reference": MEASURE,
        "formula": formula,
    }
    return type(name, (Variable,), attributes | ({} if kind is bool else {"unit": "data points"}))


MADE = [*map(needed_variable, DECLARED), *map(line_variable, ROLES)]
globals().update({made.__name__: made for made in MADE})


class nl_field_data_points(Variable):
    value_type = int
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = "Inputs that a target uses of a field"
    reference = MEASURE

    def formula(field, period, parameters):
        return field.filled_array(0) + points(field, period, parameters, "field")


class nl_data_points(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = "Inputs that a target uses: of the farm as a whole, its fields and all its lines"
    reference = MEASURE

    def formula(farm, period, parameters):
        of_lines = [total(farm, role, farm.members(f"nl_{role}_data_points", period)) for role in ROLES]
        of_fields = field_total(farm, field_of(farm)("nl_field_data_points", period))
        return added([*of_lines, of_fields, points(farm, period, parameters, "")])
