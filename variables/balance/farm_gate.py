"""Supply, removal and balance of nitrogen, phosphorus and phosphate at the farm gate."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction, Product
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import on, totals_by_group
from openfisca_stoffenbalans.variables.balance.contents import (
    DUTCH_CONTENTS,
    PROTEIN,
    declared_else,
    declared_phosphate,
)
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import nitrogen, phosphate, phosphorus

SUPPLY = ["StoffBilV § 2 Nr. 2", "StoffBilV § 4 Abs. 1 Satz 1", "StoffBilV Anlage 2 Tabelle 2 Zeile 13"]
REMOVAL = ["StoffBilV § 2 Nr. 3", "StoffBilV § 5 Abs. 1", "StoffBilV Anlage 2 Tabelle 2 Zeile 13"]
DIFFERENCE = ["StoffBilV § 3 Abs. 2 Satz 2", "StoffBilV Anlage 2 Tabelle 2 Zeile 15"]
CONTENTS = [
    "StoffBilV § 4 Abs. 1 Satz 1 Nr. 2",
    "StoffBilV § 4 Abs. 2 Satz 2",
    "StoffBilV § 4 Abs. 2 Satz 3",
    "StoffBilV § 5 Abs. 1 Nr. 2",
    "StoffBilV § 5 Abs. 2 Satz 1",
    "StoffBilV § 5 Abs. 2 Satz 2 Nr. 1",
    "StoffBilV § 5 Abs. 2 Satz 2 Nr. 2",
]
PER_HECTARE = "StoffBilV Anlage 2 Tabelle 2 Zeile 16"
SUM_PER_HECTARE = "StoffBilV Anlage 2 Tabelle 2 Zeile 14"
NO_LAND = "StoffBilV Anlage 2 Tabelle 2 Fußnote 1"
PHOSPHATE = "StoffBilV § 3 Abs. 3 Satz 1"

CATEGORIES = len(Category)
GROUPS = len(Direction) * CATEGORIES


def group(direction, category):
    """Position of a direction and category in sums by group; the lines that do not count stand at 0."""
    return direction.index * CATEGORIES + category.index


def groups_of(direction):
    """Positions of all categories of a direction."""
    return slice(direction.index * CATEGORIES, (direction.index + 1) * CATEGORIES)


def by_group(farm, period, nutrient):
    """Kilograms of a nutrient by group and farm, shape (GROUPS, farms)."""
    amounts = farm.members(f"flow_{nutrient}", period)
    return totals_by_group(farm, "flow", amounts, farm.members("flow_group", period), GROUPS)


def per_hectare(farm, period, kg):
    """Kilograms per hectare; missing for a farm without land."""
    area = farm("utilised_area_ha", period)
    return kg / numpy.where(area > 0, area, numpy.nan)


def known(farm, period, kg):
    """The amounts of farms whose balance year is known; a year of which nothing is said has none, not 0 kg."""
    return numpy.where(farm("farm_year_known", period), kg, numpy.nan)


class flow_group(Variable):
    value_type = int
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Direction and category under which an amount is added up; 0 for one that does not count"
    reference = ["StoffBilV Anlage 2 Tabelle 2", "StoffBilV § 4 Abs. 1 Satz 2"]

    @on("flow")
    def formula(entry, period, parameters):
        direction = entry("flow_direction", period).view(numpy.ndarray)
        category = entry("flow_category", period).view(numpy.ndarray)
        # What is said to be of no kind is "sonstige Stoffe", so that the lines of the form add up to its sums.
        category = numpy.where(category == Category.none.index, Category.other.index, category)
        counts = entry("flow_counts", period) & (direction != Direction.none.index)
        return numpy.where(counts, direction * CATEGORIES + category, 0)


class flow_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in an amount: declared content, else by protein, else the table's; missing (NaN) without any"
    reference = [*CONTENTS, *PROTEIN, *DUTCH_CONTENTS]

    @on("flow")
    def formula(entry, period, parameters):
        content = gather(entry, period, parameters, nitrogen, entry("flow_product", period))
        listed = entry("flow_table_amount", period) * content
        declared = entry("flow_amount", period) * entry("flow_n_content", period)
        kg = declared_else(declared, declared_else(entry("flow_protein_nitrogen", period), listed))
        return numpy.where(entry("flow_direction", period) == Direction.none, 0, kg)


class flow_phosphorus(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P"
    label = "Phosphorus in an amount: declared as P or P2O5, else the table's P; missing (NaN) without either"
    reference = [*CONTENTS, "StoffBilV § 3 Abs. 3 Satz 2"]

    @on("flow")
    def formula(entry, period, parameters):
        factor = Law(entry, period, parameters).value("balance.phosphorus.p_per_p2o5")
        content = gather(entry, period, parameters, phosphorus, entry("flow_product", period))
        p, p2o5 = entry("flow_p_content", period), entry("flow_p2o5_content", period)
        declared = entry("flow_amount", period) * declared_else(p, p2o5 * factor)
        kg = declared_else(declared, entry("flow_table_amount", period) * content)
        return numpy.where(entry("flow_direction", period) == Direction.none, 0, kg)


class flow_phosphate(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate in an amount: declared as P2O5 or P, else the table's P2O5; missing (NaN) without either"
    reference = [*CONTENTS, PHOSPHATE, "StoffBilV § 3 Abs. 3 Satz 2", *DUTCH_CONTENTS]

    @on("flow")
    def formula(entry, period, parameters):
        content = gather(entry, period, parameters, phosphate, entry("flow_product", period))
        declared = entry("flow_amount", period) * declared_phosphate(entry, period, parameters, "flow")
        kg = declared_else(declared, entry("flow_table_amount", period) * content)
        return numpy.where(entry("flow_direction", period) == Direction.none, 0, kg)


class flow_takes_from_table(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether a content of an amount that counts comes from a table of the law"
    reference = ["StoffBilV § 4 Abs. 2 Satz 3", "StoffBilV § 5 Abs. 2 Satz 2 Nr. 2"]

    @on("flow")
    def formula(entry, period, parameters):
        p, p2o5 = entry("flow_p_content", period), entry("flow_p2o5_content", period)
        n = declared_else(entry("flow_n_content", period), entry("flow_protein_nitrogen", period))
        undeclared = numpy.isnan(n) | (numpy.isnan(p) & numpy.isnan(p2o5))
        has_product = entry("flow_product", period) != Product.none
        return undeclared & has_product & (entry("flow_group", period) > 0)


class nitrogen_supply(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stickstoffzufuhr (nitrogen supply), legume fixation included"
    reference = SUPPLY

    def formula(farm, period, parameters):
        bought = added(by_group(farm, period, "nitrogen")[groups_of(Direction.supply)])
        return known(farm, period, bought + farm("legume_nitrogen_fixation", period))


class nitrogen_removal(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stickstoffabgabe (nitrogen removal)"
    reference = REMOVAL

    def formula(farm, period, parameters):
        return known(farm, period, added(by_group(farm, period, "nitrogen")[groups_of(Direction.removal)]))


class nitrogen_balance(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Differenz zwischen Stickstoffzufuhr und Stickstoffabgabe (nitrogen balance)"
    reference = DIFFERENCE

    def formula(farm, period, parameters):
        return farm("nitrogen_supply", period) - farm("nitrogen_removal", period)


class nitrogen_balance_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Nitrogen balance per hectare; missing for a farm without land"
    reference = [PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nitrogen_balance", period))


class phosphorus_supply(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P"
    label = "Phosphorzufuhr (phosphorus supply)"
    reference = SUPPLY

    def formula(farm, period, parameters):
        return known(farm, period, added(by_group(farm, period, "phosphorus")[groups_of(Direction.supply)]))


class phosphorus_removal(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P"
    label = "Phosphorabgabe (phosphorus removal)"
    reference = REMOVAL

    def formula(farm, period, parameters):
        return known(farm, period, added(by_group(farm, period, "phosphorus")[groups_of(Direction.removal)]))


class phosphorus_balance(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P"
    label = "Phosphorus balance: supply minus removal"
    reference = DIFFERENCE

    def formula(farm, period, parameters):
        return farm("phosphorus_supply", period) - farm("phosphorus_removal", period)


class phosphorus_balance_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P/ha"
    label = "Phosphorus balance per hectare; missing for a farm without land"
    reference = [PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphorus_balance", period))


class phosphate_supply(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphatzufuhr (phosphate supply)"
    reference = [*SUPPLY, PHOSPHATE]

    def formula(farm, period, parameters):
        return known(farm, period, added(by_group(farm, period, "phosphate")[groups_of(Direction.supply)]))


class phosphate_removal(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphatabgabe (phosphate removal)"
    reference = [*REMOVAL, PHOSPHATE]

    def formula(farm, period, parameters):
        return known(farm, period, added(by_group(farm, period, "phosphate")[groups_of(Direction.removal)]))


class phosphate_balance(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate balance: supply minus removal"
    reference = [*DIFFERENCE, PHOSPHATE]

    def formula(farm, period, parameters):
        return farm("phosphate_supply", period) - farm("phosphate_removal", period)


class phosphate_balance_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5/ha"
    label = "Phosphate balance per hectare; missing for a farm without land"
    reference = [PER_HECTARE, PHOSPHATE]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphate_balance", period))


class nitrogen_supply_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Summe der Nährstoffzufuhr (nitrogen supply) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nitrogen_supply", period))


class nitrogen_removal_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Summe der Nährstoffabgabe (nitrogen removal) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nitrogen_removal", period))


class phosphorus_supply_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P/ha"
    label = "Summe der Nährstoffzufuhr (phosphorus supply) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphorus_supply", period))


class phosphorus_removal_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P/ha"
    label = "Summe der Nährstoffabgabe (phosphorus removal) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphorus_removal", period))


class phosphate_supply_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5/ha"
    label = "Summe der Nährstoffzufuhr (phosphate supply) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND, PHOSPHATE]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphate_supply", period))


class phosphate_removal_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5/ha"
    label = "Summe der Nährstoffabgabe (phosphate removal) per hectare; missing for a farm without land"
    reference = [SUM_PER_HECTARE, NO_LAND, PHOSPHATE]

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("phosphate_removal", period))
