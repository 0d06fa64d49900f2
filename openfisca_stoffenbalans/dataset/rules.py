"""What holds between the cells of one row."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy
import polars as pl

from openfisca_stoffenbalans.codes import PRODUCTS, Product, Unit
from openfisca_stoffenbalans.dataset.checked import Checked
from openfisca_stoffenbalans.dataset.messages import Severity
from openfisca_stoffenbalans.dataset.schema import CONTENTS, TABLES, parameter, unit_mass_kg
from openfisca_stoffenbalans.tables import tables

PLAUSIBILITY = "quality.plausibility"

# Amounts are compared after rounding to a gram, as every limit of the engine is.
NITROGEN_ROUNDING = 0.0005


@dataclass(frozen=True)
class Rule:
    """What holds between the cells of a row: `bad` is true where it does not, null counts as fine."""

    column: str
    bad: pl.Expr
    allowed: str | pl.Expr
    severity: Severity = "error"

    @functools.cached_property
    def needs(self) -> set[str]:
        """Columns the rule reads; a row with an error in one of them is not judged."""
        return set(self.bad.meta.root_names())


def apply_rules(table: Checked, rules: tuple[Rule, ...]) -> None:
    """Note each row that breaks a rule."""
    if not rules:
        return
    any_bad = [rule.bad.any().alias(str(place)) for place, rule in enumerate(rules)]
    # Lazily, because what rules share is then computed once.
    hit = table.typed.lazy().select(any_bad).collect().row(0)
    for rule in itertools.compress(rules, hit):
        bad = table.typed.select(rule.bad.fill_null(False)).to_series()
        for column in rule.needs & table.bad.keys():
            bad &= ~table.bad[column]
        index = bad.arg_true()
        if isinstance(rule.allowed, str):
            table.note(index, rule.column, rule.allowed, rule.severity)
        else:
            allowed = table.typed[index].select(rule.allowed.alias("allowed")).to_series()
            table.note(index, rule.column, allowed, rule.severity)


def by_code(column: str, table: str, values: Mapping[str, float | int], otherwise: float | int | None) -> pl.Expr:
    """A value for each row by its code: gathered with the index of the code, null without a code."""
    schema = next(known for known in TABLES[table].columns if known.name == column)
    series = pl.Series([values.get(code, otherwise) for code in schema.members])
    return pl.lit(series).gather(pl.col(column).to_physical())


@functools.cache
def rules_of_rows() -> dict[str, tuple[Rule, ...]]:
    """Table name -> the rules of its rows."""
    no_plant = ~pl.col("has_biogas_plant").fill_null(False)
    excretion = pl.col("n_excretion_kg").is_not_null() | pl.col("p2o5_excretion_kg").is_not_null()
    least, most = (parameter(PLAUSIBILITY, f"yield_{end}") for end in ("least", "most"))
    substrates = ("biogas_plant_substrate_n_kg", "biogas_substrate_n_kg")
    parts = pl.sum_horizontal("nh4_n_g_per_kg", "no3_n_g_per_kg")
    last_day = pl.col("year_start").dt.offset_by("1y").dt.offset_by("-1d")
    in_year = pl.col("date").is_between("year_start", last_day)
    kg_of_parts = parts * pl.col("amount_kg") / 1000

    of_table = by_code("product", "applications", _most_nitrogen_per_kg(), None)

    def in_its_year(first: str) -> tuple[Rule, Rule]:
        return (
            Rule(first, pl.col(first) > last_day, "usually not after the balance year", "notice"),
            Rule("end", pl.col("end") < pl.col("year_start"), "usually not before the balance year", "notice"),
        )

    return {
        "farms": (
            Rule("year_start", pl.col("year_start").dt.day() != 1, "the first day of a month"),
            *(Rule(name, no_plant & (pl.col(name) > 0), "empty or 0 without a biogas plant") for name in substrates),
        ),
        "flows": (
            Rule(
                "direction",
                pl.col("category").is_in(["plant_product", "animal_product"]) & (pl.col("direction") != "removal"),
                pl.format("removal for the category {}", pl.col("category").cast(pl.String)),
            ),
            *_contents("flows"),
        ),
        "stocks": _contents("stocks"),
        "fields": (Rule("end", pl.col("end") < pl.col("start"), "not before start"), *in_its_year("start")),
        "herds": (
            Rule("count", (pl.col("count") == 0) & excretion, "more than 0 animals with declared excretion", "notice"),
        ),
        "crops": (
            Rule(
                "yield_dt_per_ha",
                ~pl.col("yield_dt_per_ha").is_between(least, most),
                f"usually {least:g} to {most:g} dt per ha",
                "notice",
            ),
            Rule("end", pl.col("end") < pl.col("sown"), "not before sown"),
            *in_its_year("sown"),
            Rule("cut", pl.col("cut") != pl.col("cut").floor(), "a whole number ≥ 1"),
        ),
        "applications": (
            Rule("n_g_per_kg", parts > pl.col("n_g_per_kg"), "at least its ammonium and nitrate together"),
            Rule(
                "n_kg",
                pl.col("n_g_per_kg").is_null() & (kg_of_parts > pl.col("n_kg") + NITROGEN_ROUNDING),
                pl.format("usually at least the ammonium and nitrate of amount_kg, {} kg", kg_of_parts.round(1)),
                "notice",
            ),
            Rule(
                "n_g_per_kg",
                pl.col("n_g_per_kg").is_null() & pl.col("n_kg").is_null() & (parts > of_table),
                pl.format("usually declared where ammonium and nitrate are above the table's {} g N per kg", of_table),
                "notice",
            ),
            Rule("date", ~in_year, "usually a day of the balance year", "notice"),
            Rule("form", (pl.col("material") == "digestate") & (pl.col("form") == "solid"), "slurry for digestate"),
        ),
    }


def _most_nitrogen_per_kg() -> dict[str, float]:
    """Product -> the highest g N per kg that its table has on any day, of products counted in t."""
    found = {}
    for code, product in PRODUCTS.items():
        if product.unit == "t" and not product.dry_matter:
            cell = tables()[product.table].rows[product.row].get("n")
            values = [one for one in (cell.values() if isinstance(cell, dict) else [cell]) if one is not None]
            if values:
                found[code] = float(max(values)) / product.per
    return found


def _contents(table: str) -> tuple[Rule, ...]:
    """What holds between product, unit and contents of a line."""
    declared = pl.any_horizontal(pl.col(content).is_not_null() for content in CONTENTS)
    return (
        _unit_rule(declared),
        *_content_rules(table),
        Rule(
            "content_source",
            declared & pl.col("content_source").is_null(),
            "label, measurement, authority, table, required with a declared content",
        ),
    )


def _unit_rule(declared: pl.Expr) -> Rule:
    # How products are counted in their tables: in mass, in volume, in pieces; 0 without a product.
    mass, volume, thousands, pieces = 1, 2, 3, 4
    counted = {"m3": volume, "1000_pieces": thousands, "pieces": pieces}
    kinds = [counted.get(PRODUCTS[code].unit, mass) if code in PRODUCTS else 0 for code in Product.__members__]
    units = [counted.get(unit, mass) for unit in Unit.__members__]

    def fits(kind: int, unit: int) -> int:
        """0: the unit fits the product; 1: only with a declared content; 2: never."""
        if pieces in (kind, unit) or kind == thousands or (unit == thousands and kind):
            return 0 if kind == unit else 2
        return int((kind == volume) != (unit == volume))

    # One gather over all pairs of product and unit: a table of a few thousand cells instead of passes over all rows.
    pairs = pl.Series([fits(kind, unit) for kind in kinds for unit in units], dtype=pl.UInt8)
    product = pl.col("product").to_physical().cast(pl.UInt32).fill_null(0)
    pair = product * len(units) + pl.col("unit").to_physical().cast(pl.UInt32)
    allowed = pl.Series([
        "t, dt, kg, 1000_pieces, or m3 with a declared content",
        "t, dt, kg for this product, or m3 with a declared content",
        "m3 for this product, or t, dt, kg with a declared content",
        "1000_pieces for this product",
        "pieces for this product",
    ])  # fmt: skip
    kind = pl.lit(pl.Series(kinds)).gather(product)
    return Rule("unit", pl.lit(pairs).gather(pair) > declared.cast(pl.UInt8), pl.lit(allowed).gather(kind))


def _content_rules(table: str) -> list[Rule]:
    """No product holds more than 1 kg of a nutrient per kg: only units of mass tell."""
    mass = by_code("unit", table, unit_mass_kg(), numpy.inf)
    unit = pl.col("unit").cast(pl.String)
    return [
        Rule(name, pl.col(name) > mass, pl.format("at most {} kg per {}", mass.cast(pl.Int64, strict=False), unit))
        for name in CONTENTS
    ]
