"""How many animals each farm keeps: herds that sum to the published heads and livestock units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de.catalogue import CATTLE, FIRST, KINDS, PLACE, VARIANTS, Animals, animals
from openfisca_stoffenbalans.population.de.choosing import (
    Floats,
    Ints,
    lognormal,
    spread,
)
from openfisca_stoffenbalans.population.de.keepers import Keepers, keepers
from openfisca_stoffenbalans.population.de.structure import REGIONS, assumed, margin, of_regions
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.shares import fitted

THOUSAND = 1000


@dataclass(frozen=True)
class Herding:
    """What the steps of this module hand on: the farms' Land, weight and area, who keeps what, and the heads so far."""

    plan: Plan
    land: Ints
    weight: Floats
    area: Floats
    keeps: Keepers
    units: Floats
    heads: Floats
    counts: Floats


def mean_of(values: Floats) -> Floats:
    """Livestock units or heads of each kind: of the variants in the middle, which hardly differ."""
    return numpy.array([values[FIRST[kind] + len(VARIANTS[kind]) // 2] for kind in KINDS])


def herds(plan: Plan, farms: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """`herd` (farms, kinds): mean animals or places in the last year; `kept` and `organic` beside it."""
    keeps = keepers(plan, farms)
    facts: Animals = animals(plan)
    of = Herding(plan, farms["land"], farms["start_weight"], farms["area"], keeps, mean_of(facts.units),
                 mean_of(facts.heads), numpy.zeros((len(farms["area"]), len(KINDS))))  # fmt: skip
    relative = _relative(of)
    wanted = _wanted(of, relative)
    _dairy(of, relative, wanted)
    _other_cattle(of, relative, wanted[:, 1])
    _pigs(of, relative, wanted[:, 2])
    _others(of, wanted)
    counts = numpy.where(of.counts < 1, of.counts, numpy.maximum(of.counts.round(), 1)).round(2)
    return {
        "herd": counts, "dairy": keeps.dairy, "cattle": keeps.cattle, "pigs": keeps.pigs, "poultry": keeps.poultry,
        "livestock": keeps.livestock, "organic": keeps.organic,
    }  # fmt: skip


def _relative(of: Herding) -> dict[str, Floats]:
    """Herds beside each other before they are scaled, by branch; 0 on farms without the branch."""
    exponent, sd = of.plan.assume["herd_size_area_exponent"], of.plan.assume["herd_size_sd"]
    random = of.plan.random("herd sizes")
    branches = {"dairy": of.keeps.dairy, "cattle": of.keeps.cattle & ~of.keeps.dairy, "pigs": of.keeps.pigs,
                "sheep": of.keeps.sheep, "horses": of.keeps.horses, "poultry": of.keeps.poultry}  # fmt: skip
    found = {}
    for branch, there in branches.items():
        size = of.area ** exponent[branch] * lognormal(random, sd[branch], len(of.area))
        found[branch] = numpy.where(there, size, 0.0)
    for branch, kinds, sizes in (
        ("cattle", of.keeps.cattle_kind, "cattle_kind_size"),
        ("pigs", of.keeps.pig_kind, "pig_kind_size"),
        ("poultry", of.keeps.poultry_kind, "poultry_kind_size"),
    ):
        found[branch] *= numpy.array(list(of.plan.assume[sizes].values()))[kinds]
    return found


def _wanted(of: Herding, relative: dict[str, Floats]) -> Floats:
    """Heads of dairy cows, other cattle and pigs, and other livestock units, by Land (rows)."""
    plan = of.plan
    prior = numpy.stack(
        [assumed(plan, name) for name in ("dairy_cows_prior", "other_cattle_prior", "pigs_prior", "other_units_prior")],
        axis=1,
    )
    otherwise = plan.assume["animals_without_margin"]
    national = {name: margin(plan, name, otherwise[name]) for name in ("dairy_cows", "cattle", "pigs")}
    heads = numpy.array([national["dairy_cows"], national["cattle"] - national["dairy_cows"], national["pigs"]])
    units = of_regions(plan, "livestock_units")
    if numpy.isnan(units).any():
        return numpy.column_stack([prior[:, :3] * (heads / prior[:, :3].sum(axis=0)), prior[:, 3] * THOUSAND])
    per_head = _units_per_head(of, relative)
    other = max(units.sum() - (heads * per_head).sum(), units.sum() / THOUSAND)
    columns = numpy.array([*(heads * per_head), other])
    columns *= units.sum() / columns.sum()
    table = fitted(prior * numpy.array([*per_head, 1.0]), units, columns)
    table[:, :3] *= heads / table[:, :3].sum(axis=0)
    return table


def _units_per_head(of: Herding, relative: dict[str, Floats]) -> Floats:
    """Livestock units per census head of dairy cows, other cattle and pigs, as the kinds are drawn."""
    plan, units = of.plan, dict(zip(KINDS, of.units, strict=True))
    followers = plan.assume["followers"]
    behind = sum(followers[kind] * units[kind] for kind in followers) / sum(followers.values())
    kinds = [_cattle_kind(plan, kind) for kind in plan.assume["cattle_kinds"]]
    per = [sum(parts[one] * units[one] for one in parts) for parts in kinds]
    cattle = (of.weight * relative["cattle"] * numpy.array(per)[of.keeps.cattle_kind]).sum()
    cattle /= (of.weight * relative["cattle"]).sum()
    per = [sum(parts[one] * units[one] for one in parts) for parts in _pig_kinds(of)]
    pigs = (of.weight * relative["pigs"] * numpy.array(per)[of.keeps.pig_kind]).sum()
    return numpy.array([units["dairy_cows"], (behind + cattle) / 2, pigs / (of.weight * relative["pigs"]).sum()])


def _cattle_kind(plan: Plan, kind: str) -> dict[str, float]:
    """Animals per census head on a farm of that kind."""
    if kind != "suckler_cows":
        return {kind: 1.0}
    young, per_cow = plan.assume["suckler_young_stock"], plan.assume["heads_per_place"]["mutterkuhhaltung"]
    return {"suckler_cows": 1 / (per_cow + young), "young_stock": young / (per_cow + young)}


def _pig_kinds(of: Herding) -> list[dict[str, float]]:
    """Animals or places per census head, by kind of pig farm."""
    heads = dict(zip(KINDS, of.heads, strict=True))
    parts = [
        {"fattening_pigs": 1.0},
        of.plan.assume["pigs_of_breeding"],
        of.plan.assume["pigs_of_both"],
        {"piglets": 1.0},
    ]
    return [{one: share / sum(heads[k] * v for k, v in kind.items()) for one, share in kind.items()} for kind in parts]


def _bounds(of: Herding, branch: str, per_head: float) -> tuple[Floats, Floats]:
    """Least and most heads of a branch on each farm: by its land."""
    plan = of.plan
    densest = plan.assume["densest"]["cattle" if branch == "dairy" else branch]
    most = densest * of.area / per_head
    if branch == "pigs":
        most = numpy.maximum(most, plan.assume["densest_outright"] * numpy.minimum(of.area, 1) / per_head)
    least = numpy.minimum(plan.assume["herd_least"][branch], most)
    return least, numpy.minimum(most, plan.assume["herd_most"][branch])


def _scaled(of: Herding, branch: str, relative: Floats, total: Floats, per_head: float) -> Floats:
    there = relative > 0
    least, most = _bounds(of, branch, per_head)
    heads = numpy.zeros(len(there))
    heads[there] = spread(total, of.land[there], of.weight[there], relative[there], least[there], most[there])
    return heads


def _dairy(of: Herding, relative: dict[str, Floats], wanted: Floats) -> None:
    """Dairy cows and the calves, young stock and bulls behind them."""
    plan, random = of.plan, of.plan.random("followers")
    followers = plan.assume["followers"]
    with_cows = 1 + sum(followers[kind] * of.units[PLACE[kind]] for kind in followers)
    cows = _scaled(of, "dairy", relative["dairy"], wanted[:, 0], with_cows)
    of.counts[:, PLACE["dairy_cows"]] = cows
    share = numpy.full(len(cows), 1.0)
    fattens = random.random(len(cows)) < followers["bulls"]
    for kind, per_cow in followers.items():
        share = (
            fattens / followers["bulls"]
            if kind == "bulls"
            else lognormal(random, plan.assume["followers_sd"], len(cows))
        )
        of.counts[:, PLACE[kind]] += cows * per_cow * share


def _other_cattle(of: Herding, relative: dict[str, Floats], wanted: Floats) -> None:
    """Cattle of farms without dairy cows: what the followers of the dairy cows leave of the Land's other cattle."""
    behind = of.weight * of.counts[:, [PLACE[kind] for kind in CATTLE[1:]]].sum(axis=1)
    sums = numpy.bincount(of.land, behind, len(REGIONS))
    # Dairy farms rear what they need, but never all of the Land's cattle.
    factor = numpy.minimum(1, of.plan.assume["followers_at_most"] * wanted / numpy.maximum(sums, 1))
    of.counts[:, [PLACE[kind] for kind in CATTLE[1:]]] *= factor[of.land][:, None]
    heads = _scaled(of, "cattle", relative["cattle"], wanted - sums * factor, of.units[PLACE["young_stock"]])
    for number, kind in enumerate(of.plan.assume["cattle_kinds"]):
        for one, per_head in _cattle_kind(of.plan, kind).items():
            of.counts[:, PLACE[one]] += heads * per_head * (of.keeps.cattle_kind == number)


def _pigs(of: Herding, relative: dict[str, Floats], wanted: Floats) -> None:
    heads = _scaled(of, "pigs", relative["pigs"], wanted, of.units[PLACE["fattening_pigs"]])
    for number, kind in enumerate(_pig_kinds(of)):
        for one, per_head in kind.items():
            of.counts[:, PLACE[one]] += heads * per_head * (of.keeps.pig_kind == number)


def _others(of: Herding, wanted: Floats) -> None:
    """Small flocks, horses and sheep; then flocks for sale that bring the Land's livestock units near the margin."""
    plan, random = of.plan, of.plan.random("other animals")
    flock = plan.assume["small_hens"]
    sizes = flock["least"] * (flock["most"] / flock["least"]) ** random.random(len(of.area))
    of.counts[:, PLACE["laying_hens"]] += numpy.where(of.keeps.small_hens, sizes, 0)
    relative = _relative(of)
    for kind in ("horses", "sheep"):
        raw = relative[kind]
        number = numpy.bincount(of.land, of.weight * (raw > 0), len(REGIONS))
        of.counts[:, PLACE[kind]] += _scaled(
            of, kind, raw, number * plan.assume["mean_herd"][kind], of.units[PLACE[kind]]
        )
    there = relative["poultry"] > 0
    units = of_regions(plan, "livestock_units")
    so_far = numpy.bincount(of.land, of.weight * (of.counts @ of.units), len(REGIONS))
    prior = assumed(plan, "other_units_prior") * THOUSAND
    rest = prior if numpy.isnan(units).any() else units - so_far
    rest = numpy.clip(rest, plan.assume["least_other_units"] * prior, plan.assume["most_other_units"] * prior)
    of_kind = [PLACE[kind] for kind in plan.assume["poultry_kinds"]]
    per_head = of.units[PLACE["broilers"]]
    ends = [numpy.full(there.sum(), float(plan.assume[f"herd_{end}"]["poultry"])) for end in ("least", "most")]
    heads = spread(rest / per_head, of.land[there], of.weight[there], relative["poultry"][there], *ends)
    of.counts[numpy.flatnonzero(there), numpy.array(of_kind)[of.keeps.poultry_kind[there]]] += heads
