"""Which farms there are: Land, size, and what a farm of the sample stands for."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.choosing import (
    HALVINGS,
    Floats,
    Ints,
    pick,
    rounded_table,
)
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.shares import whole_numbers

REGIONS = tuple(f"DE{last}" for last in "123456789ABCDEFG")
CLASSES = ("0-5", "5-20", "20-50", "50-100", "100-200", "200-500", "500-1000", "1000+")
# A farm of the type's number; the order of `farm_types`.
SPECIAL = ("none", "permanent_crops", "horticulture")


def bounds(plan: Plan) -> tuple[Floats, Floats]:
    """Least and most ha of each size class."""
    edges = [float(name.rstrip("+").split("-")[0]) for name in CLASSES]
    edges[0] = plan.assume["class_least_area"]
    return numpy.array(edges), numpy.array([*edges[1:], plan.assume["class_most_area"]])


def of_regions(plan: Plan, statistic: str) -> Floats:
    """A margin of the Länder in the order of REGIONS; NaN where there is none."""
    found = plan.by_category(statistic)
    return numpy.array([found.get(region, numpy.nan) for region in REGIONS])


def assumed(plan: Plan, name: str, classes: tuple[str, ...] = REGIONS) -> Floats:
    """The values of an assumption in the order of its classes."""
    return numpy.array([plan.assume[name][one] for one in classes], dtype=float)


def margin(plan: Plan, statistic: str, otherwise: float) -> float:
    """A national margin, or what stands for it in a year without one."""
    return float(plan.by_category(statistic).get("", otherwise))


def class_counts(plan: Plan) -> Floats:
    """Farms of each size class: as published, else by assumed shares; whole numbers."""
    found = plan.by_category("farms_total")
    counts = numpy.array([found.get(one, numpy.nan) for one in CLASSES])
    if numpy.isnan(counts).any():
        counts = assumed(plan, "class_share", CLASSES)
    return whole_numbers(counts, round(found[""])).astype(float)


def class_means(plan: Plan, counts: Floats) -> Floats:
    """Mean ha of each class; that of the largest one is what the other classes leave of the whole area."""
    means = numpy.array([plan.assume["class_mean_area"][one] for one in CLASSES[:-1]])
    largest = (of_regions(plan, "uaa_total").sum() - (means * counts[:-1]).sum()) / counts[-1]
    least, most = bounds(plan)
    middle = (least[-1] * most[-1]) ** 0.5
    return numpy.array([*means, numpy.clip(largest, (least[-1] + middle) / 2, middle)])


def joint(regions: Floats, classes: Floats, area: Floats, means: Floats, rounds: int = 200) -> Floats:
    """Farms by Land and size class: the most even table with the Länder's farms and area and the classes' farms.

    Maximum entropy: the cells are a x b x exp(c x mean area) of Land (a, c) and class (b); `area` in ha per Land.
    """
    size, wanted = means / means.max(), area / regions / means.max()
    width = classes / classes.sum()
    table = numpy.outer(regions, width)
    for _ in range(rounds):
        least, most = numpy.full(len(regions), -500.0), numpy.full(len(regions), 500.0)
        for _ in range(HALVINGS):
            tilt = (least + most) / 2
            powers = tilt[:, None] * size[None, :]
            cells = width * numpy.exp(powers - powers.max(axis=1, keepdims=True))
            cells /= cells.sum(axis=1, keepdims=True)
            short = cells @ size < wanted
            least, most = numpy.where(short, tilt, least), numpy.where(short, most, tilt)
        table = cells * regions[:, None]
        width = width * classes / table.sum(axis=0)
    return table


def sampled(plan: Plan, cells: Ints, means: Floats) -> Ints:
    """How many farms of each Land and size class are made; all of them in a population of full size."""
    if plan.farms == cells.sum():
        return cells
    wish = cells * means ** plan.assume["sample_power"]
    share = plan.farms / cells.sum()
    least = min(plan.assume["least_farms_per_region"], plan.farms // (2 * len(cells)))
    rows = numpy.maximum(numpy.rint(wish.sum(axis=1) / wish.sum() * plan.farms), least)
    most = cells.sum(axis=1) if share < 1 else numpy.inf
    rows = whole_numbers(numpy.minimum(rows, most), plan.farms)
    made = [_in_row(row, wished, number) for row, wished, number in zip(cells, wish, rows, strict=True)]
    return numpy.array(made)


def _in_row(cells: Ints, wish: Floats, number: int) -> Ints:
    # Every class that a Land has is in the sample, as far as it is large enough: none of its farms goes unseen.
    held = cells > 0
    base = held.astype(numpy.int64) if number >= held.sum() else numpy.zeros(len(cells), dtype=numpy.int64)
    return base + (whole_numbers(wish, number - int(base.sum())) if number > base.sum() else 0)


def areas(plan: Plan, region: Ints, size: Ints, weight: Floats, means: Floats) -> Floats:
    """Ha per farm: within its class a smooth law that falls with size, and the Land's area in all.

    The farms of a cell stand at even places of the law, so that small cells keep its shape. A Land's area is met by a
    power of the places that all its farms share.
    """
    random = plan.random("areas")
    cell = region * len(CLASSES) + size
    order = numpy.lexsort((random.random(len(cell)), cell))
    number = numpy.bincount(cell, minlength=len(REGIONS) * len(CLASSES))
    place = numpy.empty(len(cell))
    place[order] = numpy.arange(len(cell)) - (numpy.cumsum(number) - number)[cell[order]]
    place = (place + random.random(len(cell))) / number[cell]
    least, most = bounds(plan)
    ratio = numpy.log(most / least)
    place = place ** _powers(least, most, means)[size]
    total = of_regions(plan, "uaa_total")
    low, high = numpy.full(len(REGIONS), -2.0), numpy.full(len(REGIONS), 2.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        area = least[size] * numpy.exp(ratio[size] * place ** numpy.exp(-middle)[region])
        short = numpy.bincount(region, weight * area, len(REGIONS)) < total
        low, high = numpy.where(short, middle, low), numpy.where(short, high, middle)
    rounded: Floats = numpy.clip(area.round(2), least[size], numpy.nextafter(most[size], 0))
    return rounded


def _powers(least: Floats, most: Floats, means: Floats) -> Floats:
    """The power of an even place in a class that gives the class's mean area."""
    places = (numpy.arange(1000) + 0.5) / 1000
    low, high = numpy.full(len(means), -4.0), numpy.full(len(means), 4.0)
    for _ in range(HALVINGS):
        power = numpy.exp((low + high) / 2)
        law = least[:, None] * numpy.exp(numpy.log(most / least)[:, None] * places ** power[:, None])
        too_large = law.mean(axis=1) > means
        low, high = numpy.where(too_large, (low + high) / 2, low), numpy.where(too_large, high, (low + high) / 2)
    powers: Floats = numpy.exp((low + high) / 2)
    return powers


def structure(plan: Plan) -> dict[str, numpy.ndarray]:
    """Number, Land, size class, ha, start weight and special crops of each farm, Land by Land."""
    classes = class_counts(plan)
    regions = whole_numbers(of_regions(plan, "farms_total"), round(classes.sum())).astype(float)
    means = class_means(plan, classes)
    cells = rounded_table(fit_rows(joint(regions, classes, of_regions(plan, "uaa_total"), means), regions, classes))
    made = sampled(plan, cells, means)
    cell = numpy.repeat(numpy.arange(made.size), made.ravel())
    region, size = cell // len(CLASSES), cell % len(CLASSES)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        weight = (_seen(cells, made) / made).ravel()[cell]
    random = plan.random("structure")
    special = numpy.zeros(len(cell), dtype=numpy.int64)
    for number, kind in enumerate(("permanent_crop_farms", "horticulture_farms"), 1):
        wanted = numpy.rint(assumed(plan, kind) * regions)
        propensity = assumed(plan, "special_crop_class", CLASSES)[size] * (special == 0)
        special[pick(random, region, wanted, weight, propensity)] = number
    return {
        "number": numpy.arange(1, len(cell) + 1),
        "land": region,
        "region": numpy.array(REGIONS, dtype=object)[region],
        "size_class": size,
        "start_weight": weight,
        "area": areas(plan, region, size, weight, means),
        "special": special,
    }


def fit_rows(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """The table with exactly these sums, of which the last rounds may have left a trace."""
    for _ in range(50):
        table = table * (columns / table.sum(axis=0))[None, :]
        table = table * (rows / table.sum(axis=1))[:, None]
    return table


def _seen(cells: Ints, made: Ints) -> Floats:
    """Farms that each cell of the sample stands for: those of cells left out go to the Land's others."""
    seen = numpy.where(made > 0, cells, 0)
    whole: Floats = seen * (cells.sum(axis=1) / seen.sum(axis=1))[:, None]
    return whole
