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
# The farms here are synthetic: 2,000 of them, made from public statistics so that they stand for the 262,776 farms of
# Germany in 2020. None of them exists. What such a population is worth, notebook 05 shows: the answers below show how
# the question is asked, and are no findings about Germany.

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
data = read_dataset(example("germany_sample"))

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
# out. Farms that don't exist need no protection.

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
# `baseline` is the law as it was. Each farm counts with its **weight**, the number of farms it stands for, so that
# the figures are those of the country. Every farm has to be assessed under the same conditions in all three columns,
# and those that can't be determined stay the same: amounts are missing, whatever the limit. The lower the limit, the
# more farms exceed.

# %%
names = ("baseline", "flat_limit_of_150", "flat_limit_120")
assert abs(figure("baseline", "farms_total") - 262_776) < 2_628  # the published number of farms, within 1 percent
for same in ("farms_assessed", "farms_undetermined"):
    assert len({figure(name, same) for name in names}) == 1
exceeding = [figure(name, "farms_exceeding") for name in names]
assert exceeding[0] < exceeding[1] < exceeding[2]
assert round(figure("flat_limit_120", "newly_exceeding")) == round(exceeding[2] - exceeding[0])

# %% [markdown]
# With protection they stay empty: fewer than 10 of the 2,000 farms can't be determined, so that their number is left
# out, and with it those from which it could be worked out.

# %%
protected = compare(data, [limit_150, limit_120], year, combine=False, system=law).summary
left_out = protected.filter(polars.col("group_by") == "all").filter(
    polars.col("statistic").is_in(["farms_complying", "farms_exceeding", "farms_undetermined"])
)
assert left_out.filter(statistic="farms_undetermined")["value"].null_count() == 3
assert left_out.filter(statistic="farms_exceeding")["value"].null_count() == 3
left_out.select("scenario", "statistic", "value")

# %% [markdown]
# ## By how much
#
# **Excess** is what the farms that exceed are above their limit: what they would have to reduce to comply.

# %%
beside("excess_total_t", "excess_mean_kg_per_exceeding_farm", "excess_median_kg_per_ha").with_columns(
    polars.exclude("statistic", "unit").round(2)
)

# %% [markdown]
# The surplus itself is the same under all three: the program holds farms against another limit, it does not guess what
# they would do about it.

# %%
tonnes = [figure(name, "excess_total_t") for name in names]
assert 0 < tonnes[0] < tonnes[1] < tonnes[2]
assert len({figure(name, "surplus_total_t") for name in names}) == 1

# %% [markdown]
# ## Who is hit
#
# The farms that exceed, by farm type: how many of the country's farms they stand for, and how far they are above
# their limit in the middle, in kg N per hectare.

# %%
kept = data.tables["farms"].filter(polars.col("year_start").dt.year() == year)
farms = (
    farm_results(comparison, law)
    .filter(polars.col("verdict") == "exceeds")
    .join(kept.select("farm_id", "year_start", "farm_type", "weight", "utilised_area_ha"), on=["farm_id", "year_start"])
)
hit = farms.group_by("scenario", "farm_type").agg(
    polars.col("weight").sum().round(0).cast(polars.Int64).alias("farms"),
    (polars.col("gap_kg").abs() / polars.col("utilised_area_ha")).median().round(0).alias("above the limit, kg N/ha"),
)
hit.sort("scenario", "farms", descending=[False, True])

# %%
by_scenario = {name: set(farms.filter(scenario=name)["farm_id"]) for name in names}
assert by_scenario["baseline"] < by_scenario["flat_limit_of_150"] < by_scenario["flat_limit_120"]
assert round(farms.filter(scenario="baseline")["weight"].sum()) == round(exceeding[0])

# %% [markdown]
# ## Could they choose the other limit?
#
# A farm that is hit may turn to its own permitted balance. Those that exceed at 120, by both limits; in farms of the
# country:

# %%
weights = kept.select("farm_id", "year_start", "weight")
at_120 = balance(data, build(law, [limit_120]), year=year).filter(
    polars.col("farm_id").is_in(list(by_scenario["flat_limit_120"]))
)
both = at_120.select("farm_id", "year_start", "stoffbilv_verdict_flat", "stoffbilv_verdict_farm_specific").join(
    weights, on=["farm_id", "year_start"]
)
both.group_by(
    polars.col("stoffbilv_verdict_flat").alias("by the flat limit of 120"),
    polars.col("stoffbilv_verdict_farm_specific").alias("by its own permitted balance"),
).agg(polars.col("weight").sum().round(0).cast(polars.Int64).alias("farms")).sort("farms", descending=True)

# %% [markdown]
# Those that comply by one of the two could choose it. While there is a choice, a lower flat limit binds only those who
# exceed by both.

# %%
assert both["stoffbilv_verdict_flat"].is_in(["exceeds", "complies", "undetermined"]).all()
saved = both.filter(stoffbilv_verdict_flat="exceeds", stoffbilv_verdict_farm_specific="complies")
assert saved.height > 0

# %% [markdown]
# ## How many farms are above any limit
#
# The **exceedance curve**: for every value from 0 to 220 kg N/ha the share of assessed farms whose mean balance per
# hectare lies above it, whatever limit they chose, each with its weight.

# %%
assessed = comparison.of("baseline")("stoffbilv_assessed") != 0
table = polars.DataFrame(
    {
        "per_ha": comparison.of("baseline")("stoffbilv_assessed_balance_per_ha")[assessed],
        "weight": kept["weight"].to_numpy()[assessed],
    }
).filter(polars.col("per_ha").is_not_nan())
whole = table["weight"].sum()


def above(value):
    """The share of the assessed farms above a value."""
    return table.filter(polars.col("per_ha") > value)["weight"].sum() / whole


curve = polars.DataFrame([{"norm": float(value), "share": above(value)} for value in range(0, 225, 5)])
SVG(charts.exceedance(curve, "kg N/ha", [("175", 175), ("150", 150), ("120", 120)]))

# %%
assert above(175) < above(150) < above(120)

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

# %%
by_step = dict(exceeding.select("norm", "value").iter_rows())
assert list(by_step.values()) == sorted(by_step.values(), reverse=True)
assert round(by_step[150.0]) == round(figure("flat_limit_of_150", "farms_exceeding"))

# %% [markdown]
# ## What this does not say
#
# - Synthetic farms are as good as the statistics they were made from: notebook 05 says which figures they hit and miss.
# - Farms do not react: no farm changes its feeding, its fertiliser or its choice of limit here.
# - A farm that can't be determined is not one that complies.
#
# The same on the command line, with a report as a page, on your own data:
#
#     stoffenbalans compare FOLDER --year 2020 --scenario flat_limit_150 --scenario flat_limit_120 --out out
