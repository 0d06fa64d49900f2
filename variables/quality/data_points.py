"""How many inputs the rules use: the cells that somebody had to find out and write down.

A cell of the data set counts as one data point when it says something else than an empty cell would: a number that is
given, a code, `slaughter` but not `live`, more than 0 grazing days, a biogas plant but not that there is none, farm
manure where the category does not say so. An amount and its unit are one. Keys, weight, region, farm type, country and
the source of a content never count, because no rule reads them; nor do the cells of rows that no rule reads (seed that
is no supply, crops without fixation).
"""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal, Category, Material
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import on, total
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import fixation_per_ha
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_3_three_years import sum_known
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY

MEASURE = "project measure of the administrative burden, not law"

# Declared values that a table or a decision of policy can make needless; each has a variable `<name>_needed`.
CONTENTS = ("flow_n_content", "flow_p_content", "flow_p2o5_content")
DECLARED_FOR_HERD = ("herd_livestock_units", "herd_n_excretion_kg", "herd_p2o5_excretion_kg")

FLOW = (
    "flow_direction",
    "flow_category",
    "flow_product",
    "flow_amount",
    "flow_dry_matter_pct",
    "flow_weight_basis",
    "flow_animal_sex",
)
HERD = ("herd_animal", "herd_count", "herd_manure_system", "herd_grazing_days")
CROP = ("crop_crop", "crop_area_ha", "crop_yield_dt_per_ha")
APPLICATION = ("application_material", "application_form", "application_origin", "application_n_kg")
FARM = (
    "utilised_area_ha",
    "has_biogas_plant",
    "linked_to_livestock_farm",
    "biogas_plant_substrate_n_kg",
    "biogas_substrate_n_kg",
    "roughage_n_removal_kg",
    "manure_received_previous_year_n_kg",
    "own_manure_previous_year_n_kg",
    "assessment_method",
    "unavoidable_losses_n_kg",
)
LINES = ("flow", "herd", "crop", "application")


def is_given(population, period, name):
    """Whether an input says something else than an empty cell would."""
    variable = population.simulation.tax_benefit_system.variables[name]
    empty = variable.default_array(1).view(numpy.ndarray)
    values = population(name, period).view(numpy.ndarray)
    return ~numpy.isnan(values) & (values != empty)


def given(population, period, names):
    """How many of the inputs are given."""
    return added(is_given(population, period, name).astype(int) for name in names)


def needed(population, period, names):
    """How many of the declared values are given and needed."""
    return added(population(f"{name}_needed", period).astype(int) for name in names)


def not_by_category(entry, period):
    """Whether a flow is said to be farm manure, or not to be, other than its category has it."""
    by_category = entry("flow_category", period) == Category.animal_manure
    return entry("flow_is_farm_manure", period) != by_category


def needed_variable(name):
    """Whether a declared value is given and the rules use it."""
    role, _, column = name.partition("_")

    @on(role)
    def formula(entry, period, parameters):
        return is_given(entry, period, name)

    return type(
        f"{name}_needed",
        (Variable,),
        {
            "__module__": __name__,
            "value_type": bool,
            "entity": Entry,
            "definition_period": DateUnit.YEAR,
            "label": f"The rules use a declared {column}",
            "reference": MEASURE,
            "formula": formula,
        },
    )


globals().update({made.__name__: made for made in map(needed_variable, (*CONTENTS, *DECLARED_FOR_HERD))})


class flow_data_points(Variable):
    value_type = int
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = (
        "Inputs used of a flow: direction, category, product, amount with unit, each declared content, dry matter, "
        "slaughter weight, sex, farm manure or not against its category; 0 for one that neither counts nor is "
        "farm manure received"
    )
    reference = MEASURE

    @on("flow")
    def formula(entry, period, parameters):
        # Sections 1 and 3(4) ask for farm manure received whether or not the balance counts it.
        read = (entry("flow_group", period) > 0) | entry("flow_is_manure_received", period)
        inputs = given(entry, period, FLOW) + needed(entry, period, CONTENTS) + not_by_category(entry, period)
        return read * inputs


class herd_data_points(Variable):
    value_type = int
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = (
        "Inputs used of a herd: animal, count, manure system, grazing days above 0, declared livestock units, "
        "declared excretion of nitrogen and of phosphate"
    )
    reference = MEASURE

    @on("herd")
    def formula(entry, period, parameters):
        inputs = given(entry, period, HERD) + needed(entry, period, DECLARED_FOR_HERD)
        return (entry("herd_animal", period) != Animal.none) * inputs


class crop_data_points(Variable):
    value_type = int
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = "Inputs used of a crop: crop, area, declared yield; 0 for a crop that fixes no nitrogen"
    reference = MEASURE

    @on("crop")
    def formula(entry, period, parameters):
        legume = gather(entry, period, parameters, fixation_per_ha, entry("crop_crop", period)) > 0
        return legume * given(entry, period, CROP)


class application_data_points(Variable):
    value_type = int
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = "Inputs used of organic fertiliser spread: material, form, origin, nitrogen"
    reference = MEASURE

    @on("application")
    def formula(entry, period, parameters):
        return (entry("application_material", period) != Material.none) * given(entry, period, APPLICATION)


class farm_data_points(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = (
        "Inputs used of a farm as a whole: area, biogas plant, its link and two substrates, roughage removed, manure "
        "of the year before (received, own), own permitted balance chosen, agreed losses above 0"
    )
    reference = MEASURE

    def formula(farm, period, parameters):
        return given(farm, period, FARM)


class data_points(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "data points"
    label = "Inputs used of a balance year: of the farm as a whole and of all its flows, herds, crops, applications"
    reference = MEASURE

    def formula(farm, period, parameters):
        of_lines = added(total(farm, line, farm.members(f"{line}_data_points", period)) for line in LINES)
        return farm("farm_data_points", period) + of_lines


class stoffbilv_data_points(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "data points"
    label = "Inputs used of all known balance years that a verdict rests on"
    reference = MEASURE

    def formula_2018_01_01(farm, period, parameters):
        return sum_known(farm, period, "data_points")
