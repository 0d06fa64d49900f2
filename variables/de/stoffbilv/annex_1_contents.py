"""Contents by the tables of the law, and the amounts as the tables count them."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import CROPS, PRODUCTS, WeightBasis
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import on, total
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.balance.contents import kg_per_unit
from openfisca_stoffenbalans.variables.de.stoffbilv.section_05_removal import manure_nitrogen, manure_phosphate

P_PER_P2O5 = "balance.phosphorus.p_per_p2o5"


def printed(law, product, column):
    """Kg per unit of the product's table, NaN for no product or an empty cell."""
    if product == NONE:
        return numpy.nan
    code = PRODUCTS[product]
    return law.number(code.table, code.row, column) / code.per


def nitrogen(law, product):
    """Kg N per unit of the product's table."""
    if product != NONE and PRODUCTS[product].form:
        return manure_nitrogen(law, PRODUCTS[product])
    return printed(law, product, "n")


def phosphate(law, product):
    """Kg P2O5 per unit of the product's table."""
    if product != NONE and PRODUCTS[product].form:
        return manure_phosphate(law, PRODUCTS[product])
    return printed(law, product, "p2o5")


def phosphorus(law, product):
    """Kg P per unit of the product's table; from P2O5 where the table prints no P (the DüV's manure, Dutch tables)."""
    if product == NONE:
        return numpy.nan
    if PRODUCTS[product].form or "p" not in tables()[PRODUCTS[product].table].columns:
        return phosphate(law, product) * law.value(P_PER_P2O5)
    return printed(law, product, "p")


def units_of_table(law, product, unit):
    """How many units of the product's table one unit of the amount is; NaN when they do not convert."""
    if product == NONE:
        return numpy.nan
    counted = PRODUCTS[product].unit
    if unit == counted:
        return 1
    return kg_per_unit(law, unit) / kg_per_unit(law, counted)


def counts_dry_matter(law, product):
    """1 for a product whose table counts dry matter, else 0."""
    return product != NONE and PRODUCTS[product].dry_matter


def dry_matter_share(law, product):
    """Dry matter share when none is declared: the table's, or 1 where the table prints none."""
    if not counts_dry_matter(law, product):
        return 1
    code = PRODUCTS[product]
    pct = law.cell(code.table, code.row, "dry_matter_pct")
    return 1 if pct is None else pct / 100


def live_per_slaughter_weight(law, product, sex):
    """Live weight per slaughter weight: 1 for all that is no animal, NaN without a percentage."""
    code = PRODUCTS.get(product)
    if code is None or law.text(code.table, code.row, "basis") != "live_weight":
        return 1
    pct = law.number(code.table, code.row, f"slaughter_pct_{sex}")
    if numpy.isnan(pct):
        pct = law.number(code.table, code.row, "slaughter_pct_all")
    return 100 / pct


def fixation_per_ha(law, crop):
    """Kg N fixed per ha; 0 for a crop that is no legume of the table."""
    return law.number(CROPS[crop].table, CROPS[crop].row, "n_per_ha") if crop in CROPS else 0


def fixation_per_dt(law, crop):
    """Kg N fixed per dt of main product; 0 for a crop that is no legume of the table."""
    return law.number(CROPS[crop].table, CROPS[crop].row, "n_per_dt") if crop in CROPS else 0


class flow_table_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Dry matter in an amount whose table counts it, live weight per slaughter weight; else 1"
    reference = [
        "StoffBilV Anlage 1 Tabelle 3",
        "StoffBilV Anlage 1 Tabelle 4",
        "StoffBilV Anlage 1 Tabelle 5",
    ]

    @on("flow")
    def formula(entry, period, parameters):
        product, dry_matter = entry("flow_product", period), entry("flow_dry_matter_pct", period) / 100
        share = gather(entry, period, parameters, dry_matter_share, product)
        # Few amounts declare dry matter or slaughter weight; only those are worked on.
        declared = numpy.flatnonzero(~numpy.isnan(dry_matter))
        counts = gather(entry, period, parameters, counts_dry_matter, product[declared]) > 0
        share[declared[counts]] = dry_matter[declared[counts]]
        slaughtered = numpy.flatnonzero(entry("flow_weight_basis", period) == WeightBasis.slaughter)
        codes = product[slaughtered], entry("flow_animal_sex", period)[slaughtered]
        share[slaughtered] *= gather(entry, period, parameters, live_per_slaughter_weight, *codes)
        return share


class flow_table_amount(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "unit of the product's table"
    label = "An amount as its table counts it: unit, dry matter, live weight; missing (NaN) when it does not convert"
    reference = [
        "StoffBilV Anlage 1 Tabelle 1",
        "StoffBilV Anlage 1 Tabelle 2",
        "StoffBilV Anlage 1 Tabelle 3",
        "StoffBilV Anlage 1 Tabelle 4",
        "StoffBilV Anlage 1 Tabelle 5",
    ]

    @on("flow")
    def formula(entry, period, parameters):
        product, unit = entry("flow_product", period), entry("flow_unit", period)
        units = gather(entry, period, parameters, units_of_table, product, unit)
        return entry("flow_amount", period) * units * entry("flow_table_share", period)


class crop_nitrogen_fixation(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Symbiotische N-Bindung (nitrogen fixation): declared yield x kg N/dt, else area x kg N/ha"
    reference = "StoffBilV Anlage 1 Tabelle 6"

    @on("crop")
    def formula(entry, period, parameters):
        crop = entry("crop_crop", period)
        per_ha = gather(entry, period, parameters, fixation_per_ha, crop)
        by_yield = entry("crop_yield_dt_per_ha", period) * gather(entry, period, parameters, fixation_per_dt, crop)
        kg = entry("crop_area_ha", period) * numpy.where(numpy.isnan(by_yield), per_ha, by_yield)
        # Further cuts of a crop are lines of their own.
        return numpy.where((per_ha > 0) & (entry("crop_cut", period) == 1), kg, 0)


class legume_nitrogen_fixation(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stickstoffzufuhr durch Leguminosen (nitrogen fixed by legumes)"
    reference = ["StoffBilV Anlage 1 Tabelle 6", "StoffBilV Anlage 2 Tabelle 2 Zeile 10"]

    def formula(farm, period, parameters):
        return total(farm, "crop", farm.members("crop_nitrogen_fixation", period))
