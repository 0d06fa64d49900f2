"""Articles 8, 9 and 12: the nitrogen of animal manure used on a farm, held against the standard of its land."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import PRODUCTS, Category, Direction, StockCategory, Verdict
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.slots import field_of, field_total, on, total
from openfisca_stoffenbalans.variables.balance.farm_gate import known, per_hectare
from openfisca_stoffenbalans.variables.nl.manure_act.zones import LIMIT, all_year, limit_of, standard_of_farm
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import MANURES

MW = "Meststoffenwet"
USED = [f"{MW} art. 12 lid 1", "Uitvoeringsbesluit Meststoffenwet art. 68 lid 2"]
STANDARD = [f"{MW} art. 8 a", f"{MW} art. 9 lid 1", f"{MW} art. 9 lid 2"]
RENURE = "nmi-agro/fdm norms/nl/2026/value/renure-gebruiksnorm.ts"
BUFFER = "nmi-agro/fdm norms/nl/2025/value/dierlijke-mest-gebruiksnorm.ts"


def of_mestcode(column):
    """What the table of mestcodes says of a product: 1 for yes, 0 for no, NaN for nothing."""

    def coefficient(law, product):
        code = PRODUCTS.get(product)
        return law.number(MANURES, code.row, column) if code and code.table == MANURES else numpy.nan

    coefficient.__name__ = column
    return coefficient


IS_MANURE, IS_RENURE = of_mestcode("animal_manure"), of_mestcode("renure")


def counts(entry, period, parameters, product, by_category):
    """Whether a line is animal manure or Renure: by its mestcode, by its category where the table says nothing."""
    manure = gather(entry, period, parameters, IS_MANURE, entry(product, period))
    renure = gather(entry, period, parameters, IS_RENURE, entry(product, period)) > 0
    return renure | numpy.where(numpy.isnan(manure), by_category, manure > 0)


def net_use(farm, period, flows, stocks):
    """Kg N that came in or out of store less what left, of the flows and stocks that count."""
    flow, stock = farm.members("flow_nitrogen", period), farm.members("stock_nitrogen_opening", period)
    direction = farm.members("flow_direction", period)
    signed = numpy.select([direction == Direction.supply, direction == Direction.removal], [flow, -flow], 0)
    out_of_store = stock - farm.members("stock_nitrogen_closing", period)
    through_gate = total(farm, "flow", numpy.where(flows, signed, 0))
    return through_gate + total(farm, "stock", numpy.where(stocks, out_of_store, 0))


def room_on_strips(farm, period, parameters):
    """Kg N on buffer strips; missing where what they take changes within the balance year."""
    per_ha, strips = farm("nl_animal_manure_limit_per_ha", period), farm("nl_buffer_strips_ha", period)
    of_strips = all_year(farm, period, parameters, lambda law: limit_of(law, "buffer_strip", per_ha))
    return numpy.where(strips > 0, strips * of_strips, 0)


class nl_flow_is_renure(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "An amount of Renure, by its mestcode"
    reference = RENURE

    @on("flow")
    def formula(entry, period, parameters):
        return gather(entry, period, parameters, IS_RENURE, entry("flow_product", period)) > 0


class nl_stock_is_renure(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "A stock of Renure, by its mestcode"
    reference = RENURE

    @on("stock")
    def formula(entry, period, parameters):
        return gather(entry, period, parameters, IS_RENURE, entry("stock_product", period)) > 0


class nl_flow_is_animal_manure(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Dierlijke meststoffen (animal manure, with Renure): by mestcode where table 11 says so, else by category"
    reference = f"{MW} art. 1 lid 1 c"

    @on("flow")
    def formula(entry, period, parameters):
        manure = entry("flow_category", period) == Category.animal_manure
        return counts(entry, period, parameters, "flow_product", manure)


class nl_stock_is_animal_manure(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Animal manure (with Renure) in store: by mestcode where table 11 says so, else by category"
    reference = f"{MW} art. 1 lid 1 c"

    @on("stock")
    def formula(entry, period, parameters):
        manure = entry("stock_category", period) == StockCategory.manure
        return counts(entry, period, parameters, "stock_product", manure)


class nl_renure_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Renure used: supplied, less removed, plus what came out of store"
    reference = RENURE

    def formula(farm, period, parameters):
        flows, stocks = farm.members("nl_flow_is_renure", period), farm.members("nl_stock_is_renure", period)
        return known(farm, period, net_use(farm, period, flows, stocks))


class nl_animal_manure_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = (
        "Dierlijke mest op of in de bodem (manure used, with Renure): produced, supplied, out of store, less removed"
    )
    reference = USED

    def formula(farm, period, parameters):
        flows = farm.members("nl_flow_is_animal_manure", period)
        stocks = farm.members("nl_stock_is_animal_manure", period)
        return farm("nl_nitrogen_excretion", period) + known(farm, period, net_use(farm, period, flows, stocks))


class nl_animal_manure_nitrogen_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Animal manure used per hectare; missing for a farm without land"
    reference = USED

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nl_animal_manure_nitrogen", period))


class nl_animal_manure_applied(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Animal manure spread on the fields by the declared spreadings, to compare with what was used"
    reference = USED

    def formula(farm, period, parameters):
        return farm("nl_soil_supply_manure", period) * farm("nl_soil_area_ha", period)


class nl_animal_manure_limit_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Gebruiksnorm dierlijke meststoffen (standard of animal manure) per hectare that is no buffer strip"
    reference = STANDARD

    def formula(farm, period, parameters):
        per_ha = all_year(farm, period, parameters, lambda law: standard_of_farm(farm, period, law))
        return numpy.where(farm("nl_obliged", period), per_ha, numpy.nan)


class nl_buffer_strips_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "ha"
    label = "Bufferstroken (buffer strips) among the fields"
    reference = BUFFER

    def formula(farm, period, parameters):
        field = field_of(farm)
        strip = field("field_buffer_strip", period) & field("field_known", period)
        return field_total(farm, numpy.where(strip, field("field_area_ha", period), 0))


class nl_renure_room(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Renure that does not count against the standard of animal manure: up to a standard of its own"
    reference = RENURE

    def formula(farm, period, parameters):
        per_ha = numpy.nan_to_num(Law(farm, period, parameters).value(f"{LIMIT}.renure"))
        land = farm("utilised_area_ha", period) - farm("nl_buffer_strips_ha", period)
        return numpy.clip(farm("nl_renure_nitrogen", period), 0, per_ha * numpy.maximum(land, 0))


class nl_animal_manure_limit(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = (
        "Gebruiksruimte dierlijke meststoffen (room for animal manure): standard x land, buffer strips, room for Renure"
    )
    reference = [*STANDARD, BUFFER, RENURE]

    def formula(farm, period, parameters):
        land = numpy.maximum(farm("utilised_area_ha", period) - farm("nl_buffer_strips_ha", period), 0)
        of_land = farm("nl_animal_manure_limit_per_ha", period) * land
        return of_land + room_on_strips(farm, period, parameters) + farm("nl_renure_room", period)


class nl_animal_manure_headroom(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Room for animal manure less what was used; negative: above it"
    reference = [f"{MW} art. 8 a", *USED]

    def formula(farm, period, parameters):
        return farm("nl_animal_manure_limit", period) - farm("nl_animal_manure_nitrogen", period)


class nl_animal_manure_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Whether more animal manure was used than the standard allows"
    reference = [f"{MW} art. 8 a", f"{MW} art. 7"]

    def formula_2006_01_01(farm, period, parameters):
        used, limit = farm("nl_animal_manure_nitrogen", period), farm("nl_animal_manure_limit", period)
        return verdict(used, limit, farm("nl_obliged", period))


def verdict(amount, limit, held):
    """The verdict on an amount against its limit, for the farms that are held to it."""
    found = numpy.where(exceeds(amount, limit), Verdict.exceeds.index, Verdict.complies.index)
    found = numpy.where(numpy.isnan(amount + limit), Verdict.undetermined.index, found)
    return numpy.where(held, found, Verdict.not_assessed.index).astype(numpy.int16)
