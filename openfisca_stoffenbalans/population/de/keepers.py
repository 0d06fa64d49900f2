"""Which farms keep what: livestock, cattle, dairy cows, pigs, poultry, sheep, horses; and which are organic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de.catalogue import KEY
from openfisca_stoffenbalans.population.de.choosing import (
    HALVINGS,
    Bools,
    Floats,
    Ints,
    drawn,
    pick,
    pick_evenly,
    spread,
)
from openfisca_stoffenbalans.population.de.structure import CLASSES, REGIONS, assumed, margin, of_regions
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.shares import whole_numbers
from openfisca_stoffenbalans.tables import tables

THOUSAND = 1000
BIRD = "schlacht_und_masthaehne_und_huehner"


@dataclass(frozen=True)
class Keepers:
    """Arrays of shape (farms,): what a farm keeps, and the kind of its cattle, pigs and poultry."""

    livestock: Bools
    cattle: Bools
    dairy: Bools
    pigs: Bools
    poultry: Bools
    small_hens: Bools
    horses: Bools
    sheep: Bools
    cattle_kind: Ints
    pig_kind: Ints
    poultry_kind: Ints
    organic: Bools


def chances(plan: Plan, name: str) -> Floats:
    """The values of an assumption in its own order."""
    return numpy.array(list(plan.assume[name].values()), dtype=float)


def keepers(plan: Plan, farms: dict[str, numpy.ndarray]) -> Keepers:
    """Draw what each farm keeps; farms with livestock by Land and cattle, dairy and pig farms in all as published."""
    land, weight, size = farms["land"], farms["start_weight"], farms["size_class"]
    random, number = plan.random("keepers"), len(land)

    def by_class(name: str) -> Floats:
        values: Floats = assumed(plan, name, CLASSES)[size]
        return values

    def chosen(wanted: Floats, propensity: Floats) -> Bools:
        return pick(random, land, wanted, weight, propensity)

    special = numpy.where(farms["special"] > 0, plan.assume["livestock_special"], 1.0)
    with_livestock = of_regions(plan, "farms_with_livestock")
    livestock = chosen(with_livestock, by_class("livestock_class") * special)
    most = plan.assume["most_livestock_farms_with"]
    cattle_farms = _farms(plan, "cattle", with_livestock * most["cattle"])
    cattle = chosen(cattle_farms, by_class("cattle_class") * livestock * special)
    dairy_farms = _farms(plan, "dairy", cattle_farms * most["dairy"])
    dairy = chosen(dairy_farms, by_class("dairy_class") * cattle * special)
    beside = plan.assume["pigs_beside_cattle"]
    among = numpy.where(dairy, beside["dairy"], numpy.where(cattle, beside["cattle"], 1.0))
    pigs = chosen(
        _farms(plan, "pigs", with_livestock * most["pigs"]), by_class("pigs_class") * livestock * among * special
    )
    free = livestock & ~cattle & ~pigs
    per_bird = float(tables()[KEY].rows[BIRD]["livestock_units"])
    flocks = assumed(plan, "other_units_prior") * THOUSAND / (plan.assume["mean_herd"]["poultry"] * per_bird)
    rest = numpy.bincount(land, weight * free, len(REGIONS))
    with_flock = numpy.minimum(flocks, rest * plan.assume["flocks_at_most"]).astype(numpy.float64)
    poultry = chosen(with_flock, free.astype(numpy.float64))
    other = drawn(random, chances(plan, "other_animals"), number)
    side = plan.assume["beside_cattle"]
    draws = {name: random.random(number) < share for name, share in side.items()}
    alone, main = free & ~poultry, livestock & (cattle | pigs)
    kinds = {name: drawn(random, chances(plan, f"{name}_kinds"), number) for name in ("cattle", "pig", "poultry")}
    held = {name: (alone & (other == place)) | (main & draws[name]) for place, name in enumerate(side)}
    organic = _organic(plan, farms, _organic_chances(plan, farms, dairy, cattle, pigs, poultry))
    return Keepers(livestock, cattle, dairy, pigs, poultry, held["small_hens"], held["horses"], held["sheep"],
                   kinds["cattle"], kinds["pig"], kinds["poultry"], organic)  # fmt: skip


def _farms(plan: Plan, branch: str, most: Floats) -> Floats:
    """Farms of a branch by Land: the published number, in proportion to herds by prior over heads per farm."""
    priors = {
        "dairy": ("dairy_cows_prior",),
        "cattle": ("dairy_cows_prior", "other_cattle_prior"),
        "pigs": ("pigs_prior",),
    }
    per_farm = {"dairy": "dairy_cows_per_farm", "cattle": "cattle_per_farm", "pigs": "pigs_per_farm"}[branch]
    heads = sum((assumed(plan, name) for name in priors[branch]), start=numpy.zeros(len(REGIONS)))
    statistic = {"dairy": "dairy_farms", "cattle": "cattle_farms", "pigs": "pig_farms"}[branch]
    total = margin(plan, statistic, plan.assume["animals_without_margin"][statistic])
    one = numpy.zeros(len(REGIONS), dtype=numpy.int64)
    raw = heads / assumed(plan, per_farm)
    found = spread(numpy.array([total]), one, numpy.ones(len(one)), raw, 0 * raw, most)
    return whole_numbers(found, round(min(total, found.sum()))).astype(float)


def _organic_chances(
    plan: Plan, farms: dict[str, numpy.ndarray], dairy: Bools, cattle: Bools, pigs: Bools, poultry: Bools
) -> Floats:
    by_type = plan.assume["organic_type"]
    conditions = [farms["special"] > 0, pigs, poultry, dairy, cattle]
    values = [by_type[name] for name in ("special", "pigs", "poultry", "dairy", "cattle")]
    return numpy.select(conditions, values, by_type["arable"])


def _organic(plan: Plan, farms: dict[str, numpy.ndarray], propensity: Floats) -> Bools:
    """Organic farms: as many in a Land as published, larger or smaller than others as their published area says."""
    land, weight, area = farms["land"], farms["start_weight"], farms["area"]
    number = of_regions(plan, "farms_organic")
    number = numpy.where(numpy.isnan(number), plan.assume["organic_share"] * of_regions(plan, "farms_total"), number)
    mean = _organic_means(plan, number)
    low, high = numpy.full(len(REGIONS), -2.0), numpy.full(len(REGIONS), 2.0)
    for _ in range(HALVINGS):
        power = (low + high) / 2
        chance = weight * propensity * area ** power[land]
        short = numpy.bincount(land, chance * area, len(REGIONS)) < mean * numpy.bincount(land, chance, len(REGIONS))
        low, high = numpy.where(short, power, low), numpy.where(short, high, power)
    tilted = propensity * area ** ((low + high) / 2)[land]
    return pick_evenly(plan.random("organic"), land, numpy.rint(number), weight, tilted, area)


def _organic_means(plan: Plan, number: Floats) -> Floats:
    """Ha per organic farm by Land; in a Land without a figure what the others leave of Germany's, by farm size."""
    known = of_regions(plan, "uaa_organic")
    overall = of_regions(plan, "uaa_total") / of_regions(plan, "farms_total")
    open_ = numpy.isnan(known)
    left = margin(plan, "uaa_organic", numpy.nan) - numpy.nansum(known)
    like_others = (number * overall)[open_].sum()
    factor = left / like_others if open_.any() and left > 0 else 1.0
    means: Floats = numpy.where(open_, overall * factor, known / number)
    return means
