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
# # A synthetic population: how it was made, and what it is worth
#
# Microdata of farms are confidential. Who has none can run a rule over farms that don't exist, made so that all
# together they look like the country in what is published about it. This notebook makes such a population of German
# farms step by step, holds it against its margins and against figures that were kept out, and varies an assumption.
#
# On the command line: `stoffenbalans population de --out FOLDER`, then `stoffenbalans population quality FOLDER`.

# %%
import tempfile
from pathlib import Path

import polars
from IPython.display import SVG

from openfisca_stoffenbalans import CountryTaxBenefitSystem, read_dataset
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.population import build, de, margins
from openfisca_stoffenbalans.population.quality import quality
from openfisca_stoffenbalans.population.quality_charts import intervals, ratios

polars.Config.set_tbl_rows(40)
polars.Config.set_fmt_str_lengths(100)
polars.Config.set_tbl_hide_column_data_types(True)
polars.Config.set_tbl_hide_dataframe_shape(True)

# %% [markdown]
# ## What is published
#
# Margins: farms, hectares, animals, by Land, by size class, in all. Each stands in a table with its source, and says
# what it is used for: to calibrate, or held out to test the population with.

# %%
published = margins.margins("DE")
print(published.group_by("use").len().sort("use"))
wanted = margins.targets("DE", 2020)
wanted.filter(breakdown="total").select("statistic", "target", "unit", "margin_year", "tolerance")

# %% [markdown]
# Many things are not published: how many animals per hectare a farm keeps, how many have a biogas plant, who takes
# manure. What stands in their place is an **assumption**, in one file, with a range and a reason:

# %%
plan, assumptions = build.plan("DE", 2020, farms=1_000, seed=1)
shown = [(name, str(one.value)[:40], one.reason[:90]) for name, one in assumptions.items()]
polars.DataFrame(shown[:8], schema=["assumption", "value", "reason"], orient="row")

# %% [markdown]
# ## The steps
#
# `frame` makes what belongs to a farm as a whole: where it lies, its size and type, its land and animals, the manure
# it gives and takes. `lines` makes the rows of the tables for three years: harvests, feed, fertiliser, manure.

# %%
farms = de.frame(plan)
tables = de.lines(plan, build.part_of(farms, 0, 1_000), block=0)
for name, table in tables.items():
    print(f"{name}: {table.height} rows")
one = tables["farms"].filter(polars.col("farm_type") == "dairy")["farm_id"][0]
tables["flows"].filter(polars.col("farm_id") == one, polars.col("year_start").dt.year() == 2020)

# %% [markdown]
# The links between the columns are those of a farm: the more animals on its land, the more feed it buys.

# %%
last = {name: table.filter(polars.col("year_start").dt.year() == 2020) for name, table in tables.items()}
feed = (
    last["flows"]
    .filter(category="feed", direction="supply", unit="t")
    .group_by("farm_id")
    .agg(polars.col("amount").sum().alias("feed bought, t"))
)
animals = last["herds"].group_by("farm_id").agg(polars.col("count").sum().alias("animals"))
both = animals.join(feed, on="farm_id").join(last["farms"].select("farm_id", "utilised_area_ha"), on="farm_id")
assert both.select(polars.corr("animals", "feed bought, t", method="spearman")).item() > 0.3

# %% [markdown]
# ## Weights
#
# Each farm starts with the number of farms of its group that it stands for. Then the weights are moved as little as
# possible until the margins hold, none to less than a fifth or more than five times its start.

# %%
with tempfile.TemporaryDirectory() as folder:
    made = build.build(plan, assumptions, Path(folder, "population"))
    raking = made.raking
print(*raking.sentences(plan.targets), sep="\n")
assert raking.ratio.min() >= 0.2
assert raking.ratio.max() <= 5

# %% [markdown]
# A few hundred farms can't meet all margins: small Länder have few farms, and some margins miss. The more farms, the
# fewer miss, and the less the weights have to move. The population of 2,000 farms that comes with the program:

# %%
law = CountryTaxBenefitSystem()
found = quality(example("germany_sample"), law)
missed = found.margins.filter(~polars.col("met"))
print(f"{found.margins.height - missed.height} of {found.margins.height} margins are met")
found.margins.filter(breakdown="total").select(
    "statistic", "target", "unit", "start", "calibrated", polars.col("deviation_pct").round(3)
)

# %%
SVG(ratios(found.bins))

# %% [markdown]
# ## What it is worth
#
# These figures were published too, and kept out of all that went before. Where the population misses one, it says so;
# nothing was bent to fit.

# %%
for figure in found.figures:
    print(f"{figure.words}: {figure.said}")
assert {figure.verdict for figure in found.figures} & {"agrees", "misses"}

# %%
SVG(intervals(found.figures))

# %% [markdown]
# And no farm is one that can't be: none sells more than it grows, gives away manure it does not have, or feeds
# animals on nothing.

# %%
assert found.judged.breaches.height == 0

# %% [markdown]
# ## Another assumption
#
# How much hangs on an assumption, another population shows, made with another value within its range. Weather, say:
# the standard deviation of the shock that all farms of a region share in a year.


# %%
def surplus(**assume):
    """The nitrogen balance per hectare of a thousand farms in each year, all farms together."""
    from openfisca_stoffenbalans import balance

    with tempfile.TemporaryDirectory() as folder:
        build.build(*build.plan("DE", 2020, farms=1_000, seed=1, assume=assume), Path(folder, "population"))
        data = read_dataset(Path(folder, "population"))
        results = balance(data, law)
    rows = (
        data.tables["farms"]
        .select("farm_id", "year_start", "weight", "utilised_area_ha")
        .join(results.select("farm_id", "year_start", "nitrogen_balance"), on=["farm_id", "year_start"])
    )
    known = rows.drop_nulls("nitrogen_balance")
    return known.group_by(polars.col("year_start").dt.year().alias("year")).agg(
        ((polars.col("nitrogen_balance") * polars.col("weight")).sum()
         / (polars.col("utilised_area_ha") * polars.col("weight")).sum()).alias("kg N/ha")
    ).sort("year")  # fmt: skip


calm, wild = surplus(yield_shock_sd=0.0), surplus(yield_shock_sd=0.15)
print("no weather", calm, "much weather", wild, sep="\n")
assert wild["kg N/ha"].std() > calm["kg N/ha"].std()

# %% [markdown]
# ## Your own farms
#
# Farms in the same tables take the place of synthetic ones at any time. If they are a sample, `stoffenbalans
# population reweight` gives them weights that meet margins, by the same calibration.
