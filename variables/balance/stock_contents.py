"""Nitrogen and phosphate that lay in store when a balance year began and ended, line by line."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import StockCategory
from openfisca_stoffenbalans.entities import Entry
from openfisca_stoffenbalans.lookup import gather
from openfisca_stoffenbalans.slots import on
from openfisca_stoffenbalans.variables.balance.contents import declared_else, declared_phosphate, of_nothing
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import (
    dry_matter_share,
    nitrogen,
    phosphate,
    units_of_table,
)

UB = "Uitvoeringsbesluit Meststoffenwet"
STOCKS = ["Data contract, table stocks", f"{UB} art. 68 lid 2", f"{UB} art. 68 lid 3", f"{UB} art. 68 lid 4"]


def by_table(entry, period, parameters, content):
    """Kg of a nutrient per unit of a stock by its product's table; NaN without."""
    product, unit = entry("stock_product", period), entry("stock_unit", period)
    units = gather(entry, period, parameters, units_of_table, product, unit)
    share = gather(entry, period, parameters, dry_matter_share, product)
    return units * share * gather(entry, period, parameters, content, product)


def in_store(entry, period, when, nutrient):
    """Kg of a nutrient in the lines that hold a stock, at `opening` or `closing`; 0 in the others."""
    amount, content = entry(f"stock_{when}", period), entry(f"stock_{nutrient}_per_unit", period)
    kg = of_nothing(amount, amount * content)
    return numpy.where(entry("stock_category", period) == StockCategory.none, 0, kg)


class stock_nitrogen_per_unit(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N per unit"
    label = "Nitrogen in a unit of a stock: declared content, else the table's; missing (NaN) without either"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        return declared_else(entry("stock_n_content", period), by_table(entry, period, parameters, nitrogen))


class stock_phosphate_per_unit(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5 per unit"
    label = "Phosphate in a unit of a stock: declared as P2O5 or P, else the table's; missing (NaN) without either"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        declared = declared_phosphate(entry, period, parameters, "stock")
        return declared_else(declared, by_table(entry, period, parameters, phosphate))


class stock_nitrogen_opening(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in a stock on the first day of the balance year"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        return in_store(entry, period, "opening", "nitrogen")


class stock_nitrogen_closing(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in a stock on the last day of the balance year"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        return in_store(entry, period, "closing", "nitrogen")


class stock_phosphate_opening(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate in a stock on the first day of the balance year"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        return in_store(entry, period, "opening", "phosphate")


class stock_phosphate_closing(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate in a stock on the last day of the balance year"
    reference = STOCKS

    @on("stock")
    def formula(entry, period, parameters):
        return in_store(entry, period, "closing", "phosphate")
