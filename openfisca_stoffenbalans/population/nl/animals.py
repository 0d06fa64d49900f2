"""Herds of each farm, their milk and what they excrete, summing to the published excretion by species.

A farm keeps animals of one kind. Published excretion is gross: what is declared in the data is net of the losses of
housing and storage, and both together make the published figure.
"""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.nl.contents import EXCRETION, dairy_excretion, printed
from openfisca_stoffenbalans.population.nl.land_use import FIELDS, GRAZED, capped, grass_share
from openfisca_stoffenbalans.population.nl.structure import (
    PROVINCES,
    TINY,
    TYPES,
    Bools,
    Farms,
    Floats,
    Ints,
    by_name,
    normal,
    of_type,
    pick,
    table_of,
)  # fmt: skip
from openfisca_stoffenbalans.population.plan import Plan

KINDS = ("none", "dairy", "veal", "beef", "sheep", "goats", "horses", "fatteners", "sows", "hens", "broilers")
# Herds by their code without its housing; how many for each animal of a farm's first herd is an assumption.
HERDS = (
    "nl_100", "nl_101", "nl_102", "nl_117", "nl_120", "nl_122", "nl_550", "nl_600", "nl_943", "nl_411", "nl_401",
    "nl_301", "nl_312",
)  # fmt: skip
HERDS_OF_KIND = {
    "dairy": ("nl_100", "nl_101", "nl_102"), "veal": ("nl_117",), "beef": ("nl_120", "nl_122"), "sheep": ("nl_550",),
    "goats": ("nl_600",), "horses": ("nl_943",), "fatteners": ("nl_411",), "sows": ("nl_401",), "hens": ("nl_301",),
    "broilers": ("nl_312",),
}  # fmt: skip
# Rows of the table of excretion by housing: slurry or solid, low in emissions or not.
HOUSING = {
    "nl_100": ("100_slurry", "100_solid"), "nl_101": ("101_slurry", "101_solid"), "nl_102": ("102_slurry", "102_solid"),
    "nl_117": ("117_all",), "nl_120": ("120_slurry", "120_solid"), "nl_122": ("122_slurry", "122_solid"),
    "nl_550": ("550_all",), "nl_600": ("600_all",), "nl_943": ("943_all",),
    "nl_411": ("411_slurry_low_emission", "411_slurry_other"),
    "nl_401": ("401_slurry_low_emission", "401_slurry_other"),
    "nl_301": ("301_aviary", "301_all_manure_belts"), "nl_312": ("312_low_emission", "312_other"),
}  # fmt: skip
SOLID_KINDS = ("sheep", "goats", "horses", "hens", "broilers")
SPECIES = {
    "dairy": ("dairy",), "beef": ("veal", "beef"), "pigs": ("fatteners", "sows"), "poultry": ("hens", "broilers"),
    "other": ("sheep", "goats", "horses"),
}  # fmt: skip


def of_kind(*names: str) -> Ints:
    """Places of kinds of livestock."""
    return numpy.array([KINDS.index(one) for one in names])


def herds(plan: Plan, farms: Farms) -> Farms:
    """`kind`, `solid`, `housing` (place in HOUSING), `count` (farms, herds), milk and excretion of the plan's year."""
    found: Farms = kinds(plan, farms)
    found |= milk(plan, farms, found["kind"])
    per_animal = excretion_per_animal(plan, farms | found)
    counts = counted(plan, farms | found, per_animal)
    found["count"] = counts
    found |= scaled(plan, farms | found, per_animal)
    return found


def published(plan: Plan, nutrient: str, species: str) -> float:
    """Published excretion in kg (n, p2o5); of beef and veal what that of cattle leaves after dairy cattle."""
    if species == "beef":
        return plan.target(f"{nutrient}_excretion_cattle") - plan.target(f"{nutrient}_excretion_dairy")
    return plan.target(f"{nutrient}_excretion_{species}")


def kinds(plan: Plan, farms: Farms) -> Farms:
    """What kind of livestock a farm keeps, and in what housing."""
    random, kind = plan.random("kinds"), farms["type"]
    shares = table_of(plan.assume["livestock_kinds"], TYPES, KINDS)[kind]
    shares[:, KINDS.index("none")] = numpy.maximum(1 - shares[:, 1:].sum(axis=1), 0)
    grassless = ~farms["has_grass"]
    for name in ("dairy", "beef", "sheep", "horses"):
        shares[grassless, KINDS.index(name)] = 0
    shares[grassless & (kind == TYPES.index("grazing_livestock")), KINDS.index("veal")] = 1
    shares[shares.sum(axis=1) == 0, KINDS.index("none")] = 1
    found = pick(shares, random.random(len(kind)))
    found[kind == TYPES.index("dairy")] = KINDS.index("dairy")
    solid = random.random(len(kind)) < by_name(plan.assume["solid_manure_share"], KINDS)[found]
    other_housing = random.random(len(kind)) < by_name(plan.assume["second_housing_share"], KINDS)[found]
    grazes = random.random(len(kind)) < by_name(plan.assume["grazing_farms"], KINDS)[found]
    return {
        "kind": found,
        "solid": solid | numpy.isin(found, of_kind(*SOLID_KINDS)),
        "housing": numpy.where(numpy.isin(found, of_kind("dairy", "beef")), solid, other_housing).astype(numpy.int64),
        "grazes": grazes & (farms["area"][:, [FIELDS.index(one) for one in GRAZED]].sum(axis=1) > 0),
    }


def milk(plan: Plan, farms: Farms, kind: Ints) -> Farms:
    """Milk per cow, fat, protein and urea of dairy farms; intensity (the more, the more milk) of all farms."""
    random, number = plan.random("milk"), len(kind)
    law = plan.assume["milk"]
    intensity = normal(plan, random, number)
    common = law["with_intensity"]
    own = common * intensity + numpy.sqrt(1 - common**2) * normal(plan, random, number)
    per_cow = plan.target("milk_per_cow") + law["milk_sd_kg"] * own
    less = -own * law["less_content_per_sd"]
    fat = law["fat_pct"] + law["fat_sd"] * normal(plan, random, number) + less
    protein = law["protein_pct"] + law["protein_sd"] * normal(plan, random, number) + less * law["protein_by_fat"]
    urea = law["urea_mg"] + law["urea_sd"] * normal(plan, random, number)
    return {
        "intensity": intensity,
        "milk_per_cow": per_cow,
        "fat": fat.round(2),
        "protein": protein.round(2),
        "urea": urea.round(1),
    }


def excretion_per_animal(plan: Plan, farms: Farms) -> tuple[Floats, Floats]:
    """Kg N (gross) and kg P2O5 per animal and year (farms, herds), before they are scaled to the published."""
    number = len(farms["kind"])
    nitrogen, phosphate = numpy.zeros((number, len(HERDS))), numpy.zeros((number, len(HERDS)))
    loss = by_name(plan.assume["housing_loss_share"], KINDS)
    ratio = by_name(plan.assume["p2o5_per_n_excreted"], KINDS)
    factor = by_name(plan.assume["excretion_factor"], KINDS)
    for kind, names in HERDS_OF_KIND.items():
        for name in names:
            place = HERDS.index(name)
            net = numpy.array([printed(EXCRETION, row, "n") for row in HOUSING[name]])
            gross = net / (1 - loss[KINDS.index(kind)]) * factor[KINDS.index(kind)]
            nitrogen[:, place] = gross[numpy.minimum(farms["housing"], len(net) - 1)]
            listed = printed(EXCRETION, HOUSING[name][0], "p2o5")
            phosphate[:, place] = (
                nitrogen[:, place] * ratio[KINDS.index(kind)]
                if numpy.isnan(listed)
                else listed * factor[KINDS.index(kind)]
            )
    net, p2o5 = dairy_excretion(farms["milk_per_cow"], farms["urea"])
    nitrogen[:, 0], phosphate[:, 0] = net / (1 - loss[KINDS.index("dairy")]), p2o5
    spread = plan.assume["excretion_spread"]
    random = plan.random("excretion")
    own = [numpy.exp(spread[of] * normal(plan, random, number))[:, None] for of in ("n", "p2o5")]
    return nitrogen * own[0], phosphate * own[1]


def counted(plan: Plan, farms: Farms, per_animal: tuple[Floats, Floats]) -> Floats:
    """Animals (farms, herds): cows by the published cows per farm, others by the published excretion of nitrogen."""
    kind = farms["kind"]
    counts = numpy.zeros((len(kind), len(HERDS)))
    leading = cows(plan, farms, kind, farms["intensity"]) + others(plan, farms, kind)
    per_first = plan.assume["animals_per_first"]
    random = plan.random("young stock")
    for name, codes in HERDS_OF_KIND.items():
        for code in codes:
            share = numpy.ones(len(kind))
            if code in per_first:
                share = per_first[code] * numpy.exp(per_first["spread"] * normal(plan, random, len(kind)))
            counts[:, HERDS.index(code)] = (leading * share * (kind == KINDS.index(name))).round()
    for species, names in SPECIES.items():
        if species == "dairy":
            continue
        here = numpy.isin(kind, of_kind(*names))
        total = (counts[here] * per_animal[0][here]).sum()
        counts[here] = numpy.maximum((counts[here] * published(plan, "n", species) / total).round(), counts[here] > 0)
    return counts


def cows(plan: Plan, farms: Farms, kind: Ints, intensity: Floats) -> Floats:
    """Dairy cows of each farm: by grass and fodder and a density of its own, to the cows per farm of its province."""
    dairy = kind == KINDS.index("dairy")
    land = farms["area"][:, [FIELDS.index(one) for one in ("grass_1", "grass_2", "fodder", "strip")]].sum(axis=1)
    density = numpy.exp(plan.assume["density_spread"] * intensity)
    weights = (
        dairy * numpy.maximum(land, plan.assume["least_dairy_land_ha"]) ** plan.assume["density_by_land"] * density
    )
    farms_of = numpy.bincount(farms["province"], dairy, len(PROVINCES))
    listed = plan.by_category("dairy_cows_per_farm")
    per_farm = numpy.array([listed.get(one, numpy.nan) for one in PROVINCES])
    assumed = by_name(plan.assume["cows_per_farm"], PROVINCES)
    total = plan.target("dairy_cows") - numpy.nansum(per_farm * farms_of)
    open_ = numpy.isnan(per_farm)
    per_farm[open_] = assumed[open_] * total / (assumed * farms_of)[open_].sum()
    found: Floats = numpy.zeros_like(weights)
    room = plan.assume["most_cows_per_ha"] * land * dairy
    for province, wanted in enumerate(per_farm * farms_of):
        here = farms["province"] == province
        found[here] = capped(weights[here], room[here], wanted)
    return found


def others(plan: Plan, farms: Farms, kind: Ints) -> Floats:
    """Animals of the first herd on farms without cows: by grassland where they graze, else by a mean of the kind."""
    random = plan.random("herd size")
    grass = farms["area"][:, [FIELDS.index(one) for one in ("grass_1", "grass_2", "natural", "fodder")]].sum(axis=1)
    per_ha = by_name(plan.assume["animals_per_ha"], KINDS)[kind]
    mean = by_name(plan.assume["animals_per_farm"], KINDS)[kind]
    law = numpy.exp(plan.assume["herd_spread"] * normal(plan, random, len(kind)))
    small = numpy.where(numpy.isin(farms["type"], of_type("mixed")), plan.assume["mixed_herd_share"], 1)
    found: Floats = numpy.where(per_ha > 0, per_ha * grass * numpy.sqrt(law), mean * law * small)
    return found


def scaled(plan: Plan, farms: Farms, per_animal: tuple[Floats, Floats]) -> Farms:
    """Excretion per animal that sums to the published, of the farm in all, and the share lost in housing and store."""
    nitrogen, phosphate = per_animal
    for nutrient, values in (("n", nitrogen), ("p2o5", phosphate)):
        for species, names in SPECIES.items():
            here = numpy.isin(farms["kind"], of_kind(*names))
            values[here] *= published(plan, nutrient, species) / (farms["count"][here] * values[here]).sum()
    gross = farms["count"] * nitrogen
    loss = by_name(plan.assume["housing_loss_share"], KINDS)[farms["kind"]]
    cows_of = farms["count"][:, 0]
    mean = (farms["milk_per_cow"] * cows_of).sum() / max(cows_of.sum(), 1)
    return {
        "n_per_animal": nitrogen,
        "p_per_animal": phosphate,
        "n_gross": gross.sum(axis=1),
        "loss_share": loss,
        "milk_per_cow": farms["milk_per_cow"] * plan.target("milk_per_cow") / mean,
        "derogation": derogation(plan, farms, gross.sum(axis=1) * (1 - loss)),
    }


def derogation(plan: Plan, farms: Farms, net: Floats) -> Bools:
    """Farms with a derogation: enough grassland, manure of grazing animals, and mostly more than the standard."""
    rule = plan.assume["derogation"]
    random = plan.random("derogation").random(len(net))
    per_ha = net / numpy.maximum(farms["uaa"], TINY)
    grazing = numpy.isin(farms["kind"], of_kind("dairy", "beef"))
    enough = grass_share(farms) >= rule["grass_share"]
    able = enough & grazing & (farms["uaa"] > rule["from_ha"]) & farms["aims_at_derogation"]
    found: Bools = able & (
        random < numpy.where(per_ha > rule["above_n_per_ha"], rule["share_above"], rule["share_below"])
    )
    return found
