"""Nitrogen that a field receives, kg N per ha."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import PRODUCTS, FertiliserType, Material
from openfisca_stoffenbalans.entities import Entry, Field
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import farm_of, lines, of_farm, on, totals_by_group
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import nitrogen, units_of_table
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import counted, per_field_area, share_of_year

FERTILISERS = "nl.nmi.fertilisers"
MANURES = "nl.manure_regulation.annex_i_manure"
SOILS = "nl.soil.soil_types"
REFERENCE = "nmi-agro/fdm balance/nitrogen/supply"
TYPES = ("mineral", "manure", "compost", "other")
MANURE_MATERIALS = tuple(
    material.index for material in (Material.cattle, Material.pigs, Material.poultry, Material.other_animals)
)


def nitrogen_per_kg(law, product):
    """Kg N per kg of a product by its table; NaN for a product without."""
    return nitrogen(law, product) * units_of_table(law, product, "kg")


def fertiliser_type(law, product):
    """Position of a product's kind of fertiliser; none where its table does not say."""
    if product == NONE:
        return FertiliserType.none.index
    code = PRODUCTS[product]
    if code.form or code.table == MANURES:
        return FertiliserType.manure.index
    if code.table != FERTILISERS:
        return FertiliserType.none.index
    return FertiliserType[law.text(code.table, code.row, "type")].index


def mineralisation(law, soil, column):
    """Kg N per ha and year that a soil releases; NaN for an unknown soil."""
    if soil == NONE:
        return numpy.nan
    return law.number("nl.soil.mineralisation", law.text(SOILS, soil, "mineral_group"), column)


def of_grassland(law, soil):
    """Mineralisation of a soil under grass."""
    return mineralisation(law, soil, "grassland")


def of_arable_land(law, soil):
    """Mineralisation of a soil under other crops or none."""
    return mineralisation(law, soil, "arable_or_bare")


def by_type(field, period, amount, kind):
    """Kg N per ha of one kind of fertiliser, of an amount of the spreadings."""
    types = field.members("nl_application_type", period).view(numpy.ndarray)
    sums = totals_by_group(field, "application", field.members(amount, period), types, len(FertiliserType))
    return counted(field, period, sums[FertiliserType[kind].index] / field("field_area_ha", period))


class nl_application_type(Variable):
    value_type = Enum
    possible_values = FertiliserType
    default_value = FertiliserType.none
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Kind of fertiliser spread: declared, else by product, else by material; other where nobody says"
    reference = "Data contract, table applications; NMI fertiliser catalogue"

    @on("application")
    def formula(entry, period, parameters):
        declared = entry("application_fertiliser_type", period).view(numpy.ndarray)
        listed = gather(entry, period, parameters, fertiliser_type, entry("application_product", period))
        none, manure, other = FertiliserType.none.index, FertiliserType.manure.index, FertiliserType.other.index
        is_manure = numpy.isin(entry("application_material", period).view(numpy.ndarray), MANURE_MATERIALS)
        kinds = [declared != none, listed != none, is_manure]
        return numpy.select(kinds, [declared, listed.astype(numpy.int16), manure], other)


class nl_application_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen spread: declared content, else declared nitrogen, else the product's content; 0 for an empty line"
    reference = "Data contract, table applications; NMI fertiliser catalogue"

    @on("application")
    def formula(entry, period, parameters):
        amount, kg = entry("application_amount_kg", period), entry("application_n_kg", period)
        content = entry("application_n_g_per_kg", period) / GRAMS_PER_KG
        listed = gather(entry, period, parameters, nitrogen_per_kg, entry("application_product", period))
        declared = numpy.where(numpy.isnan(amount * content), kg, amount * content)
        nitrogen = numpy.where(numpy.isnan(declared), amount * listed, declared)
        return numpy.where(entry("nl_application_is_empty", period), 0, nitrogen)


class nl_application_is_empty(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Nothing stands in the line: no amount of product, no nitrogen and no material"
    reference = "Data contract, table applications"

    @on("application")
    def formula(entry, period, parameters):
        nothing = numpy.isnan(entry("application_amount_kg", period)) & numpy.isnan(entry("application_n_kg", period))
        return nothing & (entry("application_material", period) == Material.none)


class nl_field_supply_mineral(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Kunstmest (nitrogen in mineral fertiliser) spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_nitrogen", "mineral")


class nl_field_supply_manure(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Dierlijke mest (nitrogen in manure) spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_nitrogen", "manure")


class nl_field_supply_compost(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Compost (nitrogen in compost) spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_nitrogen", "compost")


class nl_field_supply_other(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Overige meststoffen (nitrogen in other fertilisers) spread on a field"
    reference = f"{REFERENCE}/fertilizers.ts"

    def formula(field, period, parameters):
        return by_type(field, period, "nl_application_nitrogen", "other")


class nl_field_supply_fixation(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Stikstofbinding (nitrogen fixed by the crops of a field)"
    reference = f"{REFERENCE}/fixation.ts"

    def formula(field, period, parameters):
        fixed = lines(field, "crop")("nl_crop_nitrogen_fixation", period)
        return counted(field, period, per_field_area(field, period, fixed))


class nl_field_supply_deposition(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Depositie (nitrogen from the air) in the time the farm has the field"
    reference = f"{REFERENCE}/deposition.ts"

    def formula(field, period, parameters):
        own = field("field_deposition_n_kg_per_ha", period)
        farms = of_farm(field, farm_of(field)("deposition_n_kg_per_ha", period))
        year = numpy.where(numpy.isnan(own), farms, own)
        return counted(field, period, share_of_year(year, field("nl_field_time_share", period)))


class nl_field_supply_mineralisation(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Mineralisatie (nitrogen released by the soil) in the time the farm has the field"
    reference = f"{REFERENCE}/mineralization.ts"

    def formula(field, period, parameters):
        soil, grass = field("nl_field_soil_type", period), field("nl_field_grass_in_summer", period)
        under_grass, under_crops = (
            gather(field, period, parameters, of, soil) for of in (of_grassland, of_arable_land)
        )
        year = numpy.where(grass, under_grass, under_crops)
        return counted(field, period, share_of_year(year, field("nl_field_mineralisation_share", period)))


class nl_field_supply(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Aanvoer (nitrogen supplied to a field)"
    reference = f"{REFERENCE}/index.ts"

    def formula(field, period, parameters):
        kinds = (*TYPES, "fixation", "deposition", "mineralisation")
        return added(field(f"nl_field_supply_{kind}", period) for kind in kinds)
