"""Contents by tables, also where a label, an analysis or the holder says something else."""

import numpy

from openfisca_stoffenbalans.codes import StockCategory
from openfisca_stoffenbalans.layers import layer, on_lines
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.reforms.de.options.table_contents_only import (
    lacking,
    no_nitrogen_in_table,
    no_phosphorus_in_table,
    table_first,
    takes_from_table,
)
from openfisca_stoffenbalans.variables.balance.contents import declared_else
from openfisca_stoffenbalans.variables.balance.stock_contents import by_table
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import nitrogen, phosphate, phosphorus
from openfisca_stoffenbalans.variables.nl.farm_balance.soil_surplus import phosphate_per_kg
from openfisca_stoffenbalans.variables.nl.soil_balance.ammonia import FACTOR, NH4, NO3, N, S, regression
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import nitrogen_per_kg

COLUMNS = {
    "application_n_g_per_kg": N,
    "application_nh4_n_g_per_kg": NH4,
    "application_no3_n_g_per_kg": NO3,
    "application_s_g_per_kg": S,
    "application_ammonia_factor": FACTOR,
}


def stock_table_first(content):
    """The table's content of a stock before the declared one."""

    def change(before, entry, period, parameters):
        listed = by_table(entry, period, parameters, content)
        return numpy.where(entry("stock_category", period) == StockCategory.none, before, declared_else(listed, before))

    return on_lines("stock", change)


def spread(entry, period, parameters, coefficient):
    """A catalogue's content of what was spread; NaN without."""
    return gather(entry, period, parameters, coefficient, entry("application_product", period))


def spread_table_first(coefficient, factor=1):
    """Amount x the catalogue's content before what an amount held."""

    def change(before, entry, period, parameters):
        per_kg = spread(entry, period, parameters, coefficient) / factor
        return declared_else(entry("application_amount_kg", period) * per_kg, before)

    return on_lines("application", change)


def ammonia_share(before, entry, period, parameters):
    """The share lost of mineral fertiliser by its catalogue: the product's, else by regression on its contents."""
    share, *contents = (spread(entry, period, parameters, of) for of in (FACTOR, N, NH4, NO3, S))
    total, ammonium, nitrate, sulphur = contents
    inhibitor, law = entry("application_urease_inhibitor", period), Law(entry.entry, period, parameters)
    by_contents = regression(law, total - nitrate - ammonium, nitrate, sulphur, ammonium, inhibitor)
    return declared_else(declared_else(numpy.clip(share, 0, 1), by_contents), before)


def unless_listed(coefficient):
    """Only where the catalogue lacks a content."""

    def change(before, entry, period, parameters):
        return before & numpy.isnan(spread(entry, period, parameters, coefficient))

    return on_lines("application", change)


def unless_by_amount(before, entry, period, parameters):
    """Only where amount and catalogue do not tell the nitrogen spread."""
    kg = entry("application_amount_kg", period) * spread(entry, period, parameters, nitrogen_per_kg)
    return before & numpy.isnan(kg)


def unless_stock_listed(content):
    """Only where the table lacks a content of a stock."""

    def change(before, entry, period, parameters):
        return before & numpy.isnan(by_table(entry, period, parameters, content))

    return on_lines("stock", change)


def no_protein_needed(before, entry, period, parameters):
    """Only where the tables lack nitrogen."""
    return before & lacking(entry, period, parameters, nitrogen)


class forfait_contents(LawReform):
    """Contents that no table lists stay declared, and so does the nitrogen of milk, which follows from its protein."""

    label = "Declared contents of flows, stocks and spreadings are ignored where a table has the product's content"
    reference = "Actieagenda Stoffenbalans, action 12"
    status = "inferred"
    source = (
        "simplification named by the Actieagenda Stoffenbalans, action 12; no list of simplifications was found, "
        "its form here is inferred"
    )

    def change(self):
        for nutrient, content in {"nitrogen": nitrogen, "phosphorus": phosphorus, "phosphate": phosphate}.items():
            layer(self, f"flow_{nutrient}", table_first(content))
        layer(self, "flow_takes_from_table", takes_from_table)
        for nutrient, content in {"nitrogen": nitrogen, "phosphate": phosphate}.items():
            layer(self, f"stock_{nutrient}_per_unit", stock_table_first(content))
        layer(self, "nl_application_nitrogen", spread_table_first(nitrogen_per_kg))
        layer(self, "nl_application_ammonium", spread_table_first(NH4, GRAMS_PER_KG))
        layer(self, "nl_application_phosphate", spread_table_first(phosphate_per_kg))
        layer(self, "nl_application_mineral_ammonia_share", on_lines("application", ammonia_share))
        self.without_data_points()

    def without_data_points(self):
        """Let contents that are ignored be no data points."""
        layer(self, "flow_n_content_needed", no_nitrogen_in_table)
        layer(self, "flow_crude_protein_pct_needed", no_protein_needed)
        layer(self, "stock_n_content_needed", unless_stock_listed(nitrogen))
        for name in ("p", "p2o5"):
            layer(self, f"flow_{name}_content_needed", no_phosphorus_in_table)
            layer(self, f"stock_{name}_content_needed", unless_stock_listed(phosphate))
        layer(self, "application_n_kg_needed", on_lines("application", unless_by_amount))
        for name, coefficient in COLUMNS.items():
            layer(self, f"{name}_needed", unless_listed(coefficient))
