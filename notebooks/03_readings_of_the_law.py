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
# # Readings of the law: whom does each one decide?
#
# A law has sentences that can be read in more than one way. Of each such point the program takes one reading, the
# **default**; the others can be run instead. All points, with the reason for the default, stand in `docs/readings.md`.
#
# Here every other reading is run over the 18 invented example farms, beside the default. Where a reading changes a duty
# or a verdict, it matters how the law is read; where it changes nothing for any farm, the dispute is about words.

# %%
import numpy
import polars

from openfisca_stoffenbalans import CountryTaxBenefitSystem, balance, read_dataset, readings, with_reforms
from openfisca_stoffenbalans.dataset.results import column
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.reform import reading_errors
from openfisca_stoffenbalans.scenario.definition import load_scenario
from openfisca_stoffenbalans.scenario.run import Plan, run

polars.Config.set_tbl_rows(60)
polars.Config.set_fmt_str_lengths(400)
polars.Config.set_tbl_hide_column_data_types(True)
polars.Config.set_tbl_hide_dataframe_shape(True)

law = CountryTaxBenefitSystem()
data = read_dataset(example("germany"))
farm_years = data.tables["farms"].select("farm_id", "year_start")
print(len(farm_years), "balance years of", farm_years["farm_id"].n_unique(), "farms")

# %% [markdown]
# ## The readings
#
# What each of them says, and the provision that it reads: a section (§) or annex (Anlage) of the
# Stoffstrombilanzverordnung (StoffBilV) or the Düngeverordnung (DüV), or the repeal (Aufhebung).

# %%
others = readings()
polars.DataFrame(
    [(name, reading.label, reading.reference) for name, reading in others.items()],
    schema=["reading", "what it says", "provision"],
    orient="row",
)

# %%
assert len(others) == 16

# %% [markdown]
# ## Each reading beside the default
#
# Counted are **farm-years**, one balance year of one farm each:
#
# - *duty*: those in which the farm has to draw up a balance under one reading and not under the other;
# - *verdict*: those whose verdict is another one. `complies` and `exceeds` are verdicts, and so are `undetermined`,
#   when something is missing, and `not_assessed`, when there is no duty or no assessment;
# - *headroom*: those in which the distance to one of the two limits is another one, be it by a gram: to the flat limit
#   of 175 kg N per hectare, or to the farm's own permitted balance by annex 4. It may be that nobody's verdict turns on
#   it.


# %%
DUTY, VERDICT = "stoffbilv_obliged", "stoffbilv_verdict"
HEADROOM = ("stoffbilv_headroom_flat", "stoffbilv_headroom_farm_specific")


def outcomes(start="law"):
    """What the law says of every farm-year: by the readings it starts from ("baseline") and by each other reading."""
    names = [name for name in others if start == "law" or not list(reading_errors("de.stoffbilv", [start, name]))]
    asked = {name: [load_scenario(name).spec()] for name in names}
    columns = (DUTY, VERDICT, *HEADROOM)
    plan = Plan("de.stoffbilv", start, asked, year=2018, one_year=False, columns=columns)
    found = run(data, plan, law, rows=numpy.arange(len(farm_years)))
    return {
        label: farm_years.with_columns(
            column(name, found.of(label, name), law.variables[name], None) for name in columns
        )
        for label in ("baseline", *names)
    }


def differs(before, after, name):
    """Whether each farm-year has another value; amounts to the gram, missing counting as a value."""
    values = [results[name].round(3) if name in HEADROOM else results[name] for results in (before, after)]
    return values[0].ne_missing(values[1])


def counts(results):
    """How many farm-years each reading changes against the start, and whose."""
    before, rows = results["baseline"], []
    for name, after in results.items():
        duty, verdict, *headroom = (differs(before, after, part) for part in (DUTY, VERDICT, *HEADROOM))
        farms = before.filter(duty | verdict)["farm_id"].unique().sort()
        rows.append(
            {
                "reading": name,
                "duty": duty.sum(),
                "verdict": verdict.sum(),
                "headroom": (headroom[0] | headroom[1]).sum(),
                "farms whose duty or verdict changes": ", ".join(farms),
            }
        )
    return polars.DataFrame(rows[1:])


results = outcomes()
table = counts(results)
table.sort(polars.col("duty") + polars.col("verdict"), descending=True, maintain_order=True)

# %% [markdown]
# Of each reading only what it can change was computed, everything else taken from the default. Computed in full, it is
# the same; here for one of them:

# %%
in_full = balance(data, with_reforms(law, [others["control_value_40"]]))
for name in (DUTY, VERDICT, *HEADROOM):
    assert not differs(in_full, results["control_value_40"], name).any()

# %% [markdown]
# Eleven of the 16 readings change a duty or a verdict of at least one example farm. Five change amounts at most:

# %%
quiet = table.filter((polars.col("duty") == 0) & (polars.col("verdict") == 0))
quiet.select("reading", "headroom")

# %% [markdown]
# That nobody is decided by these five is a fact about 18 farms, not about the law: a farm closer to its limit would be.

# %%
assert len(table) - len(quiet) == 11
assert quiet["headroom"].min() > 0

# %% [markdown]
# ## From which verdict to which
#
# Farm-years by their verdict before and after.

# %%
moves = polars.concat(
    results["baseline"]
    .select(
        polars.lit(name).alias("reading"),
        "farm_id",
        polars.col(VERDICT).alias("verdict by default"),
        after[VERDICT].alias("verdict by the reading"),
    )
    .filter(polars.col("verdict by default") != polars.col("verdict by the reading"))
    for name, after in results.items()
)
moves.group_by("reading", "verdict by default", "verdict by the reading", maintain_order=True).len("farm-years")

# %% [markdown]
# Three things stand out.
#
# - `assess_known_years` has the longest reach. The law has no rule for a farm of which one or two years are known; the
#   default waits for the third, this reading does not. 20 farm-years get a verdict by it, and none changes from one
#   verdict to the other.
# - `control_value_40` is the only reading by which a farm turns from `complies` to `exceeds`: `steinfurt_pigs`, which
#   the tolerance of 10 percent just saves, when annex 4 counts 40 instead of 50 kg N per hectare.
# - The readings of the scope decide on one or two farms each, but on those in most of their years, on two in all:
#   `celle_mixed`, whose only farm manure from outside is no animal manure; `nordfriesland_bulls`, whose bulls count
#   less by `fattening_cattle_as_young_stock`.

# %%
known_years = moves.filter(reading="assess_known_years")
assert len(known_years) == table["verdict"].max() == 20
assert set(known_years["verdict by default"]) == {"undetermined"}
turned = moves.filter(**{"verdict by default": "complies", "verdict by the reading": "exceeds"})
assert set(turned["reading"]) == {"control_value_40"}
assert set(turned["farm_id"]) == {"steinfurt_pigs"}
for name, farm in (
    ("only_animal_manure_counts", "celle_mixed"),
    ("fattening_cattle_as_young_stock", "nordfriesland_bulls"),
):
    row = table.filter(reading=name).row(0, named=True)
    assert row["farms whose duty or verdict changes"] == farm
    assert row["duty"] == len(farm_years.filter(farm_id=farm))

# %% [markdown]
# ## Starting from another baseline
#
# Two readings are of use as a **baseline**, the law that others are held against. By default no balance year after 2022
# is assessed (section 6(6)), and no duty falls due after the repeal of 8.7.2025. Whoever asks what the law might have
# said in later years starts from:
#
# - `assessment_continues`: the assessment did not end with 2022;
# - `repeal_did_not_happen`: the law was not repealed.
#
# The other readings against each of them, as far as the two do not read the same point; without those that change
# nothing against any start:

# %%
continues, no_repeal = (counts(outcomes(start)) for start in ("assessment_continues", "repeal_did_not_happen"))
numbers = ["reading", "duty", "verdict"]
beside = table.select(numbers)
for rows, start in ((continues, "assessment continues"), (no_repeal, "no repeal")):
    beside = beside.join(rows.select(numbers), on="reading", how="left", suffix=f", {start}", maintain_order="left")
beside = beside.filter(polars.max_horizontal(polars.exclude("reading")) > 0)
beside

# %% [markdown]
# `null` stands where the two read the same point.
#
# With the assessment going on, the readings of scope and exemption decide on more verdicts, because the years from 2023
# on count as well: `exemption_same_year` on 5 instead of 2, `exemption_needs_nutrient_comparison` on 4 instead of 1,
# `stocking_density_only_for_area` on 7 instead of 5. Without the repeal alone hardly anything is different: the last
# assessed year stays 2022.

# %%
by_default, continued, unrepealed = (
    dict(rows.select("reading", "verdict").iter_rows()) for rows in (table, continues, no_repeal)
)
assert len(beside) == 11
for name, count, before in (
    ("exemption_same_year", 5, 2),
    ("exemption_needs_nutrient_comparison", 4, 1),
    ("stocking_density_only_for_area", 7, 5),
):
    assert (continued[name], by_default[name]) == (count, before)
assert {name for name in unrepealed if unrepealed[name] != by_default[name]} == {"assessment_continues"}

# %% [markdown]
# ## What this does not say
#
# 18 invented farms were chosen to show what rules do; how many farms a reading decides in Germany can't be told from
# them. On your own data the same is one line for each reading:
#
#     stoffenbalans balance FOLDER --out out --reading control_value_40
