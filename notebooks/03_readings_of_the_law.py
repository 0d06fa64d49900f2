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
import polars

from openfisca_stoffenbalans import CountryTaxBenefitSystem, balance, read_dataset, readings, with_reforms
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.reform import reading_errors

polars.Config.set_tbl_rows(60)
polars.Config.set_fmt_str_lengths(400)
polars.Config.set_tbl_hide_column_data_types(True)
polars.Config.set_tbl_hide_dataframe_shape(True)

law = CountryTaxBenefitSystem()
data = read_dataset(example("germany"))
default = balance(data, law)
print(len(default), "balance years of", default["farm_id"].n_unique(), "farms")

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
def differs(column, before, after):
    """Whether each farm-year has another value; amounts to the gram, missing counting as a value."""
    values = [results[column] for results in (before, after)]
    if values[0].dtype == polars.Float64:
        values = [amounts.round(3) for amounts in values]
    return values[0].ne_missing(values[1])


def decided(name, before, start=()):
    """What a reading changes against results of the readings `start`."""
    after = balance(data, with_reforms(law, [others[one] for one in (*start, name)]))
    duty, verdict = (differs(column, before, after) for column in ("stoffbilv_obliged", "stoffbilv_verdict"))
    headroom = [differs(f"stoffbilv_headroom_{method}", before, after) for method in ("flat", "farm_specific")]
    return {
        "reading": name,
        "duty": duty.sum(),
        "verdict": verdict.sum(),
        "headroom": (headroom[0] | headroom[1]).sum(),
        "farms whose duty or verdict changes": before.filter(duty | verdict)["farm_id"].unique().sort().to_list(),
        "verdicts": before.select("farm_id", "year_start", default="stoffbilv_verdict")
        .with_columns(reading=after["stoffbilv_verdict"])
        .filter(verdict),
    }


found = {name: decided(name, default) for name in others}
table = polars.DataFrame([{key: value for key, value in row.items() if key != "verdicts"} for row in found.values()])
table.with_columns(polars.col("farms whose duty or verdict changes").list.join(", ")).sort(
    polars.col("duty") + polars.col("verdict"), descending=True, maintain_order=True
)

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
    [row["verdicts"].select("default", "reading").with_columns(name=polars.lit(name)) for name, row in found.items()]
)
moves.group_by("name", "default", "reading", maintain_order=True).len().select(
    polars.col("name").alias("reading"),
    polars.col("default").alias("verdict by default"),
    polars.col("reading").alias("verdict by the reading"),
    polars.col("len").alias("farm-years"),
)

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
known_years = found["assess_known_years"]["verdicts"]
assert len(known_years) == table["verdict"].max() == 20
assert set(known_years["default"]) == {"undetermined"}
turned = moves.filter(default="complies", reading="exceeds")
assert set(turned["name"]) == {"control_value_40"}
assert set(found["control_value_40"]["verdicts"]["farm_id"]) == {"steinfurt_pigs"}
for name, farm in (
    ("only_animal_manure_counts", "celle_mixed"),
    ("fattening_cattle_as_young_stock", "nordfriesland_bulls"),
):
    assert found[name]["farms whose duty or verdict changes"] == [farm]
    assert found[name]["duty"] == len(default.filter(farm_id=farm))

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
# The readings that decide on somebody, against each of them, as far as the two do not read the same point:


# %%
def against(start):
    """Duties and verdicts that each other reading changes, starting from a reading."""
    before = balance(data, with_reforms(law, [others[start]]))
    names = [name for name in loud["reading"] if not list(reading_errors("de.stoffbilv", [start, name]))]
    rows = [decided(name, before, (start,)) for name in names]
    return polars.DataFrame([{key: row[key] for key in ("reading", "duty", "verdict")} for row in rows])


loud = table.join(quiet, on="reading", how="anti", maintain_order="left").select("reading", "duty", "verdict")
continues, no_repeal = against("assessment_continues"), against("repeal_did_not_happen")
loud.join(continues, on="reading", how="left", suffix=", assessment continues", maintain_order="left").join(
    no_repeal, on="reading", how="left", suffix=", no repeal", maintain_order="left"
)

# %% [markdown]
# `null` stands where the two read the same point.
#
# With the assessment going on, the readings of scope and exemption decide on more verdicts, because the years from 2023
# on count as well: `exemption_same_year` on 5 instead of 2, `exemption_needs_nutrient_comparison` on 4 instead of 1,
# `stocking_density_only_for_area` on 7 instead of 5. Without the repeal alone hardly anything is different: the last
# assessed year stays 2022.

# %%
by_default, continued, unrepealed = (
    dict(rows.select("reading", "verdict").iter_rows()) for rows in (loud, continues, no_repeal)
)
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
