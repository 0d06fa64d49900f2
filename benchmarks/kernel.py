"""The result columns computed by hand in NumPy: whole arrays, one balance year at a time, no OpenFisca.

Written for calendar years 2018 to 2020 in default reading, straight from the tables; the reference for speed.
"""

from __future__ import annotations

import numpy

from benchmarks.coefficients import NAN, Numbers, names
from openfisca_stoffenbalans import codes

SUPPLY = [
    ("mineral_fertiliser", "animal_manure", "other_organic_fertiliser"),
    ("animal_manure",),
    ("other_organic_fertiliser",),
    ("soil_improver",),
    ("growing_medium",),
    ("plant_aid",),
    ("feed",),
    ("seed",),
    ("livestock",),
    (),
    ("other",),
]
REMOVAL = [("plant_product",), ("animal_product",), *SUPPLY[:9], ("other",)]
DAVON = {"supply": (2, 3), "removal": (4, 5)}
SUFFIX = {"nitrogen": "", "phosphorus": "_phosphorus", "phosphate": "_phosphate"}


def year_columns(tables_of_year, farms, numbers):
    """One year: inputs as dicts of arrays (with `farm`, the position of each line), results by column name."""
    f, h, c, a = (tables_of_year[name] for name in ("flows", "herds", "crops", "applications"))
    base, count = tables_of_year["farms"], farms
    out, work = {}, {}
    categories = names(codes.Category)
    width = len(categories)
    area = base["utilised_area_ha"]
    land = numpy.where(area > 0, area, NAN)

    dry = numpy.where(
        numbers.dry_given[f["product"]] & ~numpy.isnan(f["dry_matter_pct"]),
        f["dry_matter_pct"] / 100,
        numbers.dry[f["product"]],
    )
    table_amount = (
        f["amount"]
        * numbers.per_unit[f["product"], f["unit"]]
        * dry
        * numbers.live[f["product"], f["weight_basis"], f["animal_sex"]]
    )
    p = numpy.where(numpy.isnan(f["p_content"]), f["p2o5_content"] * 0.436, f["p_content"])
    p2o5 = numpy.where(numpy.isnan(f["p2o5_content"]), f["p_content"] / 0.436, f["p2o5_content"])
    counts = ~((f["direction"] == 1) & (f["category"] == categories.index("seed")) & ~numbers.seed[f["product"]])
    group = numpy.where(counts, f["direction"] * width + f["category"], 0) * count + f["farm"]
    sums, line_nitrogen = {}, None
    for nutrient, short, declared in (
        ("nitrogen", "n", f["n_content"]),
        ("phosphorus", "p", p),
        ("phosphate", "p2o5", p2o5),
    ):
        kg = numpy.where(
            numpy.isnan(declared), table_amount * numbers.content[short][f["product"]], f["amount"] * declared
        )
        sums[nutrient] = numpy.bincount(group, kg, 3 * width * count).reshape(3 * width, count)
        line_nitrogen = kg if nutrient == "nitrogen" else line_nitrogen
    by_yield = c["yield_dt_per_ha"] * numbers.per_dt[c["crop"]]
    fixed = c["area_ha"] * numpy.where(numpy.isnan(by_yield), numbers.per_ha[c["crop"]], by_yield)
    legumes = numpy.bincount(c["farm"], fixed, count)
    for nutrient, total in sums.items():
        supply = total[width : 2 * width].sum(axis=0) + (legumes if nutrient == "nitrogen" else 0)
        removal = total[2 * width :].sum(axis=0)
        out[f"{nutrient}_supply"], out[f"{nutrient}_removal"] = supply, removal
        out[f"{nutrient}_balance"] = supply - removal
        out[f"{nutrient}_supply_per_ha"], out[f"{nutrient}_removal_per_ha"] = supply / land, removal / land
        out[f"{nutrient}_balance_per_ha"] = (supply - removal) / land
        for side, lines, offset in (("supply", SUPPLY, width), ("removal", REMOVAL, 2 * width)):
            for number, parts in enumerate(lines, 1):
                value = total[[offset + categories.index(part) for part in parts]].sum(axis=0)
                if side == "supply" and number == 10 and nutrient == "nitrogen":
                    value = legumes
                out[f"stoffbilv_annex_2_{side}_line_{number}{SUFFIX[nutrient]}"] = value

    units = numpy.where(
        numpy.isnan(h["livestock_units"]), h["count"] * numbers.units[h["animal"]], h["livestock_units"]
    )
    out["livestock_units"] = lu = numpy.bincount(h["farm"], units, count)
    out["stocking_density"] = lu / land
    excretion = numpy.where(
        numpy.isnan(h["n_excretion_kg"]), h["count"] * numbers.excretion[h["animal"]], h["n_excretion_kg"]
    )
    work["excretion"] = numpy.bincount(h["farm"], excretion, count)
    grazing = h["grazing_days"] / 365
    housed = excretion * (1 - grazing)
    lost = housed * numbers.storage[h["animal"], h["manure_system"]]
    stored = housed - lost
    spread = stored * numbers.spreading[h["animal"], h["manure_system"]]
    line = {1: 50 * area, 2: numpy.bincount(h["farm"], lost, count)}
    plant = base["has_biogas_plant"]
    line[3] = numpy.where(plant, base["biogas_plant_substrate_n_kg"] * 5 / 100, 0)
    line[4] = numpy.where(plant, base["biogas_substrate_n_kg"] * 5 / 100, 0)
    applied = a["n_kg"] * numbers.applied[a["material"], a["form"]]
    own = a["origin"] == 1
    has_own = numpy.bincount(a["farm"], own, count) > 0
    has_received = numpy.bincount(a["farm"], a["origin"] == 2, count) > 0
    has_herd = numpy.bincount(h["farm"], h["animal"] > 0, count) > 0
    kept = numpy.bincount(h["farm"], stored, count)
    given = sums["nitrogen"][2 * width + categories.index("animal_manure")]
    share = numpy.maximum(0, 1 - given / numpy.where(kept == 0, NAN, kept))
    derived = numpy.where((kept == 0) & ~numpy.isnan(given), 0, numpy.bincount(h["farm"], spread, count) * share)
    from_excretion = has_herd & ~has_own
    line[5] = numpy.where(from_excretion, derived, numpy.bincount(a["farm"], applied * own, count))
    organic = (f["category"] == categories.index("animal_manure")) | (
        f["category"] == categories.index("other_organic_fertiliser")
    )
    supplied = (f["direction"] == 1) & (f["amount"] > 0)
    brought = numpy.bincount(f["farm"], organic & supplied, count) > 0
    line[6] = numpy.where(brought & ~has_received, NAN, numpy.bincount(a["farm"], applied * (a["origin"] == 2), count))
    traded = numbers.roughage[f["product"]] & numpy.isin(
        f["category"], [categories.index("feed"), categories.index("plant_product")]
    )
    roughage = numpy.where(traded, numpy.where(f["direction"] == 1, -1, 1) * line_nitrogen, 0)
    uptake = numpy.bincount(h["farm"], h["count"] * numbers.uptake[h["animal"]], count)
    line[7] = numpy.maximum(0, uptake + numpy.bincount(f["farm"], roughage, count)) * 10 / 100
    line[8] = numpy.bincount(h["farm"], excretion * grazing, count) * 75 / 100
    for number, value in line.items():
        out[f"stoffbilv_annex_4_line_{number}"] = value
    out["stoffbilv_permitted_balance"] = sum(line.values())

    received = f["farm_manure"] & supplied
    work["manure"] = numpy.bincount(f["farm"], numpy.where(received, line_nitrogen, 0), count)
    work["receives"] = numpy.bincount(f["farm"], received, count) > 0
    work["animals"] = numpy.bincount(h["farm"], h["count"] > 0, count) > 0
    takes = (numpy.isnan(f["n_content"]) | (numpy.isnan(p))) & (f["product"] > 0) & counts
    work["notes"] = [
        (
            "contents of manure from excretion, crediting coefficient and volume (section 5(2) no. 1)",
            numpy.bincount(f["farm"], takes & numbers.manure[f["product"]], count) > 0,
        ),
        (
            "phosphorus or phosphate by the factor 0.436 (section 3(3))",
            numpy.bincount(f["farm"], numpy.isnan(f["p_content"]) != numpy.isnan(f["p2o5_content"]), count) > 0,
        ),
        ("annex 4 line 5 from excretion, no own application declared", from_excretion),
        (
            "an empty cell of annex 4 table 2 or 3 counted as 0",
            (numpy.bincount(h["farm"], numbers.empty_herd[h["animal"], h["manure_system"]], count) > 0)
            | (numpy.bincount(a["farm"], numbers.empty_applied[a["material"], a["form"]], count) > 0),
        ),
    ]
    work.update(
        area=area,
        losses=base["unavoidable_losses_n_kg"],
        lines=line,
        biogas=plant & base["linked_to_livestock_farm"],
        method=base["assessment_method"],
    )
    return out, work


def grams(kg):
    return numpy.sign(kg) * numpy.floor(numpy.abs(kg) * 1000 + 0.5 + 1e-6)


def text(masks, words):
    """Each row's words, made once for every combination of bits."""
    bits = sum(mask.astype(numpy.int64) << position for position, mask in enumerate(masks))
    distinct, index = numpy.unique(bits, return_inverse=True)
    spoken = [
        ", ".join(word for position, word in enumerate(words) if code >> position & 1) for code in distinct.tolist()
    ]
    return numpy.array(spoken, dtype=object)[index]


def assess(year, computed):
    """Scope, duty, means and verdicts of one year from the years computed so far (oldest first)."""
    out, work = computed[-1]
    result = {}
    lu, area = out["livestock_units"], work["area"]
    above = ((grams(lu) > 50000) | (grams(area) > 30000)) & (grams(lu) > grams(2.5 * area))
    unknown = numpy.isnan(lu) & ~above
    manure = ~above & work["receives"] & work["animals"]
    biogas = work["biogas"] & work["receives"]
    result["stoffbilv_scope_livestock"], result["stoffbilv_scope_manure_intake"], result["stoffbilv_scope_biogas"] = (
        above,
        manure,
        biogas,
    )
    result["stoffbilv_scope"] = numpy.where(above, 1, numpy.where(manure, 2, numpy.where(biogas, 3, 0)))
    exempt = numpy.zeros(len(lu), bool)
    if len(computed) > 1:
        before = computed[-2][1]
        exempt = ~above & (grams(before["manure"]) <= 750000) | (manure & (grams(before["excretion"]) <= 750000))
    obliged = (above | manure | biogas) & ~exempt
    undecided = unknown & ~obliged
    result["stoffbilv_obliged"] = obliged
    result["balance_year_end"] = numpy.full(len(lu), numpy.datetime64(f"{year}-12-31"))
    result["stoffbilv_balance_due"] = numpy.full(len(lu), numpy.datetime64(f"{year + 1}-06-30"))
    result["stoffbilv_keep_records_until"] = numpy.full(len(lu), numpy.datetime64(f"{year + 7}-12-31"))
    known = len(computed)
    result["stoffbilv_known_years"] = numpy.full(len(lu), known)
    total = {name: sum(o[name] for o, _ in computed) for name in ("nitrogen_balance", "stoffbilv_permitted_balance")}
    hectares = sum(w["area"] for _, w in computed)
    losses = sum(w["losses"] for _, w in computed)
    for nutrient in SUFFIX:
        for what in ("supply", "removal", "balance"):
            if (nutrient, what) != ("nitrogen", "balance"):
                result[f"stoffbilv_mean_{nutrient}_{what}"] = sum(o[f"{nutrient}_{what}"] for o, _ in computed) / known
    result["stoffbilv_mean_livestock_units"] = sum(o["livestock_units"] for o, _ in computed) / known
    result["stoffbilv_mean_area"] = hectares / known
    per = numpy.where(hectares > 0, hectares, NAN)
    mean, permitted = total["nitrogen_balance"] / known, total["stoffbilv_permitted_balance"] / known
    mean_per_ha = total["nitrogen_balance"] / per
    result.update(
        stoffbilv_mean_balance=mean,
        stoffbilv_mean_permitted_balance=permitted,
        stoffbilv_mean_balance_per_ha=mean_per_ha,
    )
    flat_value, own_value, own_limit = mean_per_ha - losses / per, mean - losses / known, permitted * 1.1
    assessed = obliged | undecided
    verdicts = {}
    for name, value, limit in (("flat", flat_value, 175.0), ("farm_specific", own_value, own_limit)):
        open_ = numpy.isnan(value) | numpy.isnan(limit) | undecided | (known < 3)
        verdict = numpy.where(open_, 3, numpy.where(grams(value) > grams(limit), 2, 1))
        verdicts[name] = numpy.where(assessed, verdict, 0)
        result[f"stoffbilv_verdict_{name}"] = verdicts[name]
    result["stoffbilv_verdict"] = numpy.where(work["method"] == 0, verdicts["flat"], verdicts["farm_specific"])
    result["stoffbilv_headroom_flat"] = flat = (175 - flat_value) * hectares / known
    result["stoffbilv_headroom_farm_specific"] = own = own_limit - own_value
    flat, own = grams(flat), grams(own)
    result["stoffbilv_better_method"] = numpy.where(
        flat > own, 1, numpy.where(own > flat, 2, numpy.where(own == flat, 3, 0))
    )
    open_ = (verdicts["flat"] == 3) | (verdicts["farm_specific"] == 3)
    because = ["too few years", "livestock units", "no land"]
    reasons = [numpy.full(len(lu), known < 3), undecided, hectares == 0]
    for o, w in computed:
        for side, lines in (("supply", 11), ("removal", 12)):
            for number in range(1, lines + 1):
                if number not in DAVON[side]:
                    reasons.append(numpy.isnan(o[f"stoffbilv_annex_2_{side}_line_{number}"]))
                    because.append(f"{side} line {number}")
        for number in (3, 4, 6, 7):
            reasons.append(numpy.isnan(w["lines"][number]))
            because.append(f"annex 4 line {number}")
    # Three years of flags do not fit one integer: two halves, joined.
    half = len(reasons) // 2
    first, second = (
        text([r & open_ for r in reasons[:half]], because[:half]),
        text([r & open_ for r in reasons[half:]], because[half:]),
    )
    result["stoffbilv_undetermined_because"] = first + second
    result["derived"] = text([mask for _, mask in work["notes"]], [word for word, _ in work["notes"]])
    return result


def run(prepared, farms):
    """All result columns of 2018 to 2020: year -> name -> array."""
    computed, results = [], {}
    for year, inputs in prepared.items():
        out, work = year_columns(inputs, farms, Numbers(year))
        computed.append((out, work))
        results[year] = {**out, **assess(year, computed)}
    return results


def prepare(data, years):
    """Arrays of a data set whose farms all have the same calendar years, by year and table."""
    farm_rows = data.tables["farms"]
    farms = len(farm_rows) // len(years)
    prepared = {}
    number = {row: index for index, row in enumerate(farm_rows["farm_id"].unique(maintain_order=True).to_list())}
    for year in years:
        prepared[year] = {}
        for name, frame in data.tables.items():
            of_year = frame.filter(frame["year_start"].dt.year() == year)
            arrays = {"farm": of_year["farm_id"].replace_strict(number).to_numpy()}
            for series in of_year:
                if series.name in ("farm_id", "year_start", "farm_type", "region", "country"):
                    continue
                if str(series.dtype).startswith("Enum"):
                    arrays[series.name] = series.to_physical().fill_null(0).to_numpy().astype(numpy.intp)
                elif str(series.dtype) == "Boolean":
                    arrays[series.name] = series.fill_null(False).to_numpy()
                else:
                    arrays[series.name] = series.cast(float).fill_null(NAN).to_numpy()
            prepared[year][name] = arrays
    return prepared, farms
