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
# # A norm change: the flat limit at 175, 150 and 120
#
# The Stoffstrombilanzverordnung (StoffBilV) lets a farm choose between two limits for its nitrogen balance, the mean of
# three years: the **flat limit** of 175 kg N per hectare, or its **own permitted balance** by annex 4, with a tolerance
# of 10 percent. What if the flat limit were lower? Who would be hit, and by how much?
#
# The 18 farms here are invented. They show how such a question is asked; the answers say nothing about Germany.

# %%
import polars
import yaml
from IPython.display import SVG

from openfisca_stoffenbalans import CountryTaxBenefitSystem, balance, read_dataset
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.scenario.aims import aim, find
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario
from openfisca_stoffenbalans.scenario.sweep import norm, sweep
from openfisca_stoffenbalans.scenario.write import farm_results

polars.Config.set_tbl_rows(40)
polars.Config.set_fmt_str_lengths(120)
polars.Config.set_tbl_hide_column_data_types(True)
polars.Config.set_tbl_hide_dataframe_shape(True)

year = 2020  # the first balance year with a mean of three
law = CountryTaxBenefitSystem()
data = read_dataset(example("germany"))

# %% [markdown]
# ## The change as a scenario
#
# A **scenario** says how the law is changed, in a few lines of YAML: which number of the law, from which day on, to
# what. A number's name is its place in the folder `parameters`, with dots: this one stands in
# `parameters/de/stoffbilv/section_06_assessment.yaml`. `status` says where the scenario comes from: `law`, `published`
# by someone, or `inferred`, a value to try.

# %%
text = """
name: flat_limit_of_150
title: A flat limit of 150 kg N/ha
parameters:
  de.stoffbilv.section_06_assessment.flat_limit:
    "2018-01-01": 150
status: inferred
source: a value to try
"""
limit_150 = Scenario.from_spec(yaml.safe_load(text))

# %% [markdown]
# Some scenarios come with the program, this one too: `flat_limit_150`. They are loaded by name.

# %%
assert limit_150.parameters == load_scenario("flat_limit_150").parameters
limit_120 = load_scenario("flat_limit_120")
print(limit_120.title, "-", limit_120.description)

# %% [markdown]
# ## The comparison
#
# Both scenarios beside the law, for the balance years that start in 2020. Each farm is counted once and keeps the limit
# it chose.
#
# `rule=None` switches **small-cell protection** off. With real farms it stays on: a figure that rests on fewer than 10
# farms, or of which one farm is more than half, is left empty, and so is every figure from which it could be worked
# out. Invented farms need no protection.

# %%
comparison = compare(data, [limit_150, limit_120], year, rule=None, combine=False, system=law)
figures = comparison.summary


def beside(*statistics):
    """These figures, a column for each scenario."""
    chosen = figures.filter((polars.col("group_by") == "all") & polars.col("statistic").is_in(statistics))
    return chosen.pivot("scenario", index=["statistic", "unit"], values="value", maintain_order=True)


def figure(scenario, statistic):
    """One figure."""
    rows = figures.filter(group_by="all", scenario=scenario, statistic=statistic)
    return rows["value"].item()


beside("farms_total", "farms_assessed", "farms_complying", "farms_exceeding", "farms_undetermined", "newly_exceeding")

# %% [markdown]
# `baseline` is the law as it was. Of 15 farms with a balance year that starts in 2020, 12 have to be assessed. One
# exceeds under the law, two under a flat limit of 150, four under 120. Three can't be determined under any: years or
# amounts are missing.

# %%
names = ("baseline", "flat_limit_of_150", "flat_limit_120")
assert [figure(name, "farms_total") for name in names] == [15, 15, 15]
assert [figure(name, "farms_assessed") for name in names] == [12, 12, 12]
assert [figure(name, "farms_exceeding") for name in names] == [1, 2, 4]
assert [figure(name, "farms_undetermined") for name in names] == [3, 3, 3]

# %% [markdown]
# With protection the number of farms that exceed stays empty, because too few farms stand behind it:

# %%
protected = compare(data, [limit_150, limit_120], year, combine=False, system=law).summary
exceeding = protected.filter(group_by="all", statistic="farms_exceeding")
assert exceeding["value"].null_count() == 3
exceeding.select("scenario", "statistic", "value")

# %% [markdown]
# ## By how much
#
# **Excess** is what the farms that exceed are above their limit: what they would have to reduce to comply.

# %%
beside("excess_total_t", "excess_mean_kg_per_exceeding_farm", "excess_median_kg_per_ha").with_columns(
    polars.exclude("statistic", "unit").round(2)
)

# %% [markdown]
# 1.3 t of nitrogen a year under the law, 3.1 t at 150, 7.4 t at 120. The surplus itself is the same under all three:
# the program holds farms against another limit, it does not guess what they would do about it.

# %%
assert [round(figure(name, "excess_total_t"), 1) for name in names] == [1.3, 3.1, 7.4]
assert len({figure(name, "surplus_total_t") for name in names}) == 1

# %% [markdown]
# ## Who is hit
#
# The farms that exceed, by name; in kg N a year.

# %%
farms = farm_results(comparison, law).filter(polars.col("verdict") == "exceeds")
farms.select(
    "scenario",
    "farm_id",
    polars.col("verdict_baseline").alias("under the law"),
    polars.col("held_kg").round(0).cast(polars.Int64).alias("mean balance"),
    polars.col("limit_kg").round(0).cast(polars.Int64).alias("limit"),
    polars.col("gap_kg").round(0).cast(polars.Int64).alias("excess"),
)

# %%
hit = {name: farms.filter(scenario=name)["farm_id"].to_list() for name in names}
assert hit["baseline"] == ["vechta_pigs"]
assert hit["flat_limit_of_150"] == ["vechta_pigs", "schwaebisch_hall_sows"]
assert set(hit["flat_limit_120"]) - set(hit["flat_limit_of_150"]) == {"emsland_dairy", "heidekreis_pigs_potatoes"}

# %% [markdown]
# ## Could they choose the other limit?
#
# A farm that is hit may turn to its own permitted balance. The same farms at 120, by both limits:

# %%
at_120 = balance(data, build(law, [limit_120]), year=year).filter(polars.col("farm_id").is_in(hit["flat_limit_120"]))
at_120.select(
    "farm_id",
    polars.col("stoffbilv_verdict_flat").alias("by the flat limit of 120"),
    polars.col("stoffbilv_verdict_farm_specific").alias("by its own permitted balance"),
)

# %% [markdown]
# One of the four could: the dairy farm in Emsland complies by its own permitted balance. While there is a choice, a
# lower flat limit binds only those who exceed by both.

# %%
saved = at_120.filter(stoffbilv_verdict_farm_specific="complies")
assert saved["farm_id"].to_list() == ["emsland_dairy"]

# %% [markdown]
# ## How many farms are above any limit
#
# The **exceedance curve**: for every value from 0 to 220 kg N/ha the share of assessed farms whose mean balance per
# hectare lies above it, whatever limit they chose. Left out are a farm without land and one with a missing amount; of
# one farm only two years are known, and their mean counts here.

# %%
assessed = comparison.of("baseline")("stoffbilv_assessed") != 0
per_ha = polars.Series(comparison.of("baseline")("stoffbilv_assessed_balance_per_ha")[assessed]).drop_nans()
curve = polars.DataFrame([{"norm": float(value), "share": (per_ha > value).mean()} for value in range(0, 225, 5)])
SVG(charts.exceedance(curve, "kg N/ha", [("175", 175), ("150", 150), ("120", 120)]))

# %% [markdown]
# Of 10 such farms, 3 lie above 175 kg N/ha, 4 above 150 and 6 above 120. More than the comparison found: some of them
# chose their own permitted balance, and keep to it.

# %%
assert len(per_ha) == 10
assert [int((per_ha > value).sum()) for value in (175, 150, 120)] == [3, 4, 6]

# %% [markdown]
# ## A sweep: the limit step by step
#
# A **sweep** moves one number of the law through a range and counts the outcome at every step, each farm by the limit
# it chose.

# %%
steps = sweep(data, [norm("de.stoffbilv.section_06_assessment.flat_limit", 80, 220, 5)], year, rule=None, system=law)
exceeding = steps.table.filter(statistic="farms_exceeding")
SVG(charts.sweep(exceeding.select("norm", "value"), "flat limit, kg N/ha", "farms that exceed"))

# %% [markdown]
# The other way round: which limit meets an **aim**? Say, at most a quarter of the assessed farms may exceed.

# %%
answer = find(steps, aim("share_exceeding <= 0.25"))
print(*answer.sentences, sep="\n")

# %% [markdown]
# At 125 kg N/ha three of 12 assessed farms exceed, at 120 it is four.

# %%
by_step = dict(exceeding.select("norm", "value").iter_rows())
assert answer.steps == ((125.0,),)
assert (by_step[125.0], by_step[120.0], by_step[175.0]) == (3, 4, 1)

# %% [markdown]
# ## What this does not say
#
# - 18 invented farms are no sample: shares and totals over them say nothing about German farming.
# - Farms do not react: no farm changes its feeding, its fertiliser or its choice of limit here.
# - A farm that can't be determined is not one that complies.
#
# The same on the command line, with a report as a page, on your own data:
#
#     stoffenbalans compare FOLDER --year 2020 --scenario flat_limit_150 --scenario flat_limit_120 --out out
