# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A target per hectare or per kg of milk: who wins, who loses?
#
# A target for the nitrogen that farms lose can be counted in several ways: per hectare, per livestock unit, per kg of
# milk, per farm. The total can be the same for all of them together, and yet other farms have to do the work. Here the
# same total is set on each of the four **bases** for the seven dairy farms of the Dutch example data, in 2023.
#
# There is no official target in the Netherlands. The number used here is made up for this page, and so are the farms:
# they show how such a question is asked, and say nothing about Dutch farming.

# %%
import dataclasses

import polars
from IPython.display import SVG

from openfisca_stoffenbalans import CountryTaxBenefitSystem, read_dataset
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.write import farm_results

polars.Config.set_tbl_rows(60)
polars.Config.set_tbl_cols(20)
polars.Config.set_fmt_str_lengths(120)
polars.Config.set_tbl_width_chars(200)
polars.Config.set_tbl_hide_column_data_types(True)
polars.Config.set_tbl_hide_dataframe_shape(True)

year = 2023
law = CountryTaxBenefitSystem()
whole = read_dataset(example("netherlands"))

farms = whole.tables["farms"]
dairy = farms.filter((polars.col("farm_type") == "dairy") & (polars.col("year_start").dt.year() == year))["farm_id"]
tables = {name: table.filter(polars.col("farm_id").is_in(dairy.to_list())) for name, table in whole.tables.items()}
data = dataclasses.replace(whole, tables=tables, runs={})
print(", ".join(dairy))

# %%
assert len(dairy) == 7

# %% [markdown]
# ## What is counted, and by what
#
# The **indicator** is the soil nitrogen surplus of the whole farm (notebook 06). The four bases are the hectares, the
# livestock units (a dairy cow is one, a calf 0.22, a heifer 0.439), the tonnes of milk corrected for fat and protein
# (FPCM), and the farm itself. A first run without a target, once by each basis:

# %%
BASES = {
    "hectare": "per hectare",
    "livestock_unit": "per livestock unit",
    "fpcm": "per tonne of milk",
    "farm": "per farm",
}


def scenario(basis, **others):
    """A target by a basis; `others`: further numbers of nl.targets, with two underscores for a dot."""
    numbers = {"indicator": "soil_nitrogen_surplus", "basis": basis, **others}
    parameters = {f"nl.targets.{name.replace('__', '.')}": {"2000-01-01": value} for name, value in numbers.items()}
    about = {"name": basis, "title": BASES[basis], "status": "inferred", "source": "made up for this page"}
    return Scenario.from_spec({**about, "parameters": parameters})


def run(scenarios):
    """The scenarios beside one another; without protection, for the farms are invented."""
    return compare(data, scenarios, year, regime="nl.targets", rule=None, combine=False, system=law)


without = run([scenario(basis) for basis in BASES])
amounts = {basis: polars.Series(without.of(basis)("nl_target_basis")) for basis in BASES}
surplus = polars.Series(without.of("hectare")("nl_target_indicator"))
now = polars.DataFrame({"farm": without.farms["farm_id"], "surplus, kg N": surplus.round(0).cast(int)})
now.with_columns((surplus / amounts[basis]).round(1).alias(words) for basis, words in BASES.items() if basis != "farm")

# %% [markdown]
# The order of the farms depends on the basis. Of these farms `brabant_intensive_dairy` has the third highest surplus
# per hectare and, with the most milk per hectare, the second lowest per tonne of milk.

# %%
brabant = without.farms["farm_id"].to_list().index("brabant_intensive_dairy")
assert (surplus / amounts["hectare"]).rank("ordinal", descending=True)[brabant] == 3
assert (surplus / amounts["fpcm"]).rank("ordinal")[brabant] == 2
assert (amounts["fpcm"] / amounts["hectare"]).arg_max() == brabant

# %% [markdown]
# ## The same total on each basis
#
# Suppose that all seven together should come down by a fifth. The total is divided by all hectares, all livestock
# units, all tonnes of milk, or by seven:

# %%
total = 0.8 * surplus.sum()
norms = {basis: total / amounts[basis].sum() for basis in BASES}
print(f"{surplus.sum():,.0f} kg N now, {total:,.0f} kg N as a target")
for basis, words in BASES.items():
    print(f"{norms[basis]:9,.2f} kg N {words}")

# %%
set_ = run([scenario(basis, norm=norms[basis]) for basis in BASES])
limits = {basis: polars.Series(set_.of(basis)("nl_target_limit")) for basis in BASES}
assert all(abs(limit.sum() - total) < 0.001 for limit in limits.values())

# %% [markdown]
# Every column below adds up to the same total. It is divided otherwise:

# %%
shares = polars.DataFrame({"farm": set_.farms["farm_id"]}).with_columns(
    (limits[basis] / 1000).round(2).alias(f"{words}, t N") for basis, words in BASES.items()
)
shares

# %% [markdown]
# ## Who is above the target, and by how much

# %%
results = farm_results(set_, law).filter(polars.col("scenario") != "baseline")
above = results.filter(verdict="exceeds")
counts = above.group_by("scenario", maintain_order=True).agg(
    polars.len().alias("farms above"),
    (polars.col("gap_kg").sum() / 1000).round(2).alias("to be reduced by them, t N"),
)
counts

# %%
distance = results.select(
    polars.col("farm_id").alias("group"),
    polars.col("scenario").replace(BASES),
    (polars.max_horizontal(polars.col("gap_kg"), 0) / 1000).alias("value"),
)
SVG(charts.by_group_bars(distance, "above the target, t N"))

# %% [markdown]
# Per hectare the intensive farm in Brabant has to come down by 2.7 t; per livestock unit and per tonne of milk by
# nothing at all. What it need not do, others do: the extensive farm in the Achterhoek, a breath above its target per
# hectare, has 1.3 t to reduce per tonne of milk. `salland_forfait_dairy` is above the target on every basis,
# `hengelo_pilot_dairy` on none. Per farm the largest one, in Friesland, has most to do.

# %%
gaps = {(row["scenario"], row["farm_id"]): row["gap_kg"] for row in results.to_dicts()}
assert round(gaps["hectare", "brabant_intensive_dairy"], -2) == 2700
assert gaps["livestock_unit", "brabant_intensive_dairy"] < 0
assert gaps["fpcm", "brabant_intensive_dairy"] < 0
assert 0 < gaps["hectare", "achterhoek_sand_dairy"] < 50
assert round(gaps["fpcm", "achterhoek_sand_dairy"], -2) == 1300
assert all(gaps[basis, "salland_forfait_dairy"] > 0 > gaps[basis, "hengelo_pilot_dairy"] for basis in BASES)
assert gaps["farm", "friesland_clay_dairy"] == max(gaps["farm", name] for name in dairy)

# %% [markdown]
# ## Winners and losers
#
# Per tonne of milk instead of per hectare: by how much each farm's target is higher (it wins) or lower (it loses),
# beside its milk per hectare.

# %%
change = limits["fpcm"] - limits["hectare"]
milk_per_ha = amounts["fpcm"] / amounts["hectare"]
winners = polars.DataFrame(
    {
        "farm": set_.farms["farm_id"],
        "milk, t FPCM/ha": milk_per_ha.round(1),
        "target, change in kg N": change.round(0).cast(int),
    }
).sort("milk, t FPCM/ha", descending=True)
winners

# %% [markdown]
# Two farms win, those with more than the 18.6 t of milk per hectare that the seven have on average; five lose. It
# could not be otherwise: with the same total a farm's target rises by the milk basis if, and only if, it has more milk
# on its land than the others. What a farm loses per hectare plays no part in it.

# %%
mean = amounts["fpcm"].sum() / amounts["hectare"].sum()
assert round(mean, 1) == 18.6
assert ((change > 0) == (milk_per_ha > mean)).all()
assert (change > 0).sum() == 2
assert abs(change.sum()) < 0.001

# %% [markdown]
# ## With a levy
#
# MINAS, the Dutch system until 2005, took 2.30 euro for each kg N above its norm. The same rate on what lies above
# these targets:

# %%
rate = {"instrument": "levy", "levy__bracket_1__rate": 2.30}
levied = run([scenario(basis, norm=norms[basis], **rate) for basis in BASES])
euro = polars.DataFrame({"farm": levied.farms["farm_id"]}).with_columns(
    polars.Series(levied.of(basis)("nl_target_levy")).round(0).cast(int).alias(f"{words}, euro")
    for basis, words in BASES.items()
)
euro

# %%
levy = polars.Series(levied.of("hectare")("nl_target_levy"))
assert abs(levy[brabant] - 2.3 * gaps["hectare", "brabant_intensive_dairy"]) < 0.01
assert polars.Series(levied.of("fpcm")("nl_target_levy"))[brabant] == 0

# %% [markdown]
# ## Farms without milk
#
# A basis that a farm does not have gives it no target. Of all example farms in 2023, by the verdict on each basis:

# %%
everyone = compare(
    whole,
    [scenario(basis, norm=norms[basis]) for basis in BASES],
    year,
    regime="nl.targets",
    rule=None,
    combine=False,
    system=law,
)
verdicts = farm_results(everyone, law).filter(polars.col("scenario") != "baseline")
verdicts.group_by("scenario", "verdict", maintain_order=True).len("farms").pivot("verdict", index="scenario").fill_null(
    0
)

# %% [markdown]
# Per tonne of milk arable farms, pigs and hens are not assessed at all, whatever they lose. Per livestock unit four
# farms can't be determined: the sources give livestock units of dairy cattle only. A target per milk is a target for
# dairy farms; for the others another one would be needed.

# %%
of_milk = dict(verdicts.filter(scenario="fpcm").group_by("verdict").len().iter_rows())
of_units = dict(verdicts.filter(scenario="livestock_unit").group_by("verdict").len().iter_rows())
assert of_milk["not_assessed"] == 5
assert of_units["undetermined"] == 4

# %% [markdown]
# ## What this does not say
#
# - Farms do not react here: no farm keeps more cows or rents land to get a better target.
# - Which basis is right is no question of computing. Water is polluted per hectare, milk is drunk per litre.
# - The targets of Ros et al. (scenario `ros_2023`) and the highest surpluses of the KringloopWijzer
#   (`klw_max_soil_surplus`) are per hectare too, but by soil and groundwater: they ask less where less leaches.
#
# The same on the command line, with a norm in a file that builds on a shipped scenario:
#
#     stoffenbalans compare example:netherlands --regime nl.targets --scenario my_target.yaml --year 2023 --out out
