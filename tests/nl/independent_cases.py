"""Soil nitrogen balances of other implementations against ours: `python tests/nl/independent_cases.py FILE...`.

A file holds `cases`, each with the whole input of a field and what the other implementation expects of it (kg N per ha;
removal and emission negative), or `fields` of such cases with their areas and what is expected of the farm. All cases
run as one data set, under the options that say where that implementation counts otherwise than its method. For each
output the number of cases that match within 1e-6 is printed; the exit code is 0 only when all do.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars

from openfisca_stoffenbalans.codes import CROPS
from openfisca_stoffenbalans.dataset.check import check
from openfisca_stoffenbalans.dataset.read import RawTable
from openfisca_stoffenbalans.dataset.simulation import simulate
from openfisca_stoffenbalans.reform import available, with_reforms
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

MARGIN = 1e-6
NEVER = "9990-12-31"
BUFFER_STRIP = ("buffer_strip", "bufferstrip", "b_bufferstrip")
# The other implementation's outputs: the end of our variables' names and their sign.
OUTPUTS = {
    "supply_mineral": ("supply_mineral", 1),
    "supply_manure": ("supply_manure", 1),
    "supply_compost": ("supply_compost", 1),
    "supply_other": ("supply_other", 1),
    "supply_fixation": ("supply_fixation", 1),
    "supply_deposition": ("supply_deposition", 1),
    "supply_mineralisation": ("supply_mineralisation", 1),
    "supply_total": ("supply", 1),
    "removal_harvests": ("removal_harvests", -1),
    "removal_residues": ("removal_residues", -1),
    "removal_total": ("removal", -1),
    "nh3_mineral": ("ammonia_mineral", -1),
    "nh3_manure": ("ammonia_manure", -1),
    "nh3_compost": ("ammonia_compost", -1),
    "nh3_other": ("ammonia_other", -1),
    "nh3_residues": ("ammonia_residues", -1),
    "nh3_total": ("ammonia", -1),
    "balance": ("balance", 1),
    "target": ("target", 1),
}
EXTRA = {"farms": {"nitrate": ("nitrate", -1)}, "fields": {"leaching": ("leaching_share", 1)}}
TYPES = ("mineral", "manure", "compost")
# Their names in a result that is nested as `supply.fertilizers.mineral`.
NESTED = {
    "supply.total": "supply_total",
    "supply.deposition": "supply_deposition",
    "supply.fixation": "supply_fixation",
    "supply.mineralisation": "supply_mineralisation",
    **{f"supply.fertilizers.{kind}": f"supply_{kind}" for kind in ("mineral", "manure", "compost", "other")},
    **{f"removal.{kind}": f"removal_{kind}" for kind in ("total", "harvests", "residues")},
    "supply.fertilizers.total": "supply_fertilisers",
    "emission.ammonia.fertilizers.total": "nh3_fertilisers",
    "emission.total": "emission_total",
    "emission.nitrate": "nitrate",
    "emission.ammonia.total": "nh3_total",
    "emission.ammonia.residues": "nh3_residues",
    **{f"emission.ammonia.fertilizers.{kind}": f"nh3_{kind}" for kind in ("mineral", "manure", "compost", "other")},
}

Case = Mapping[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """What is compared: a farm with these cases as fields, and what is expected, per ha of one field or of all."""

    name: str
    fields: Sequence[Case]
    expected: Mapping[str, Any]
    of_farm: bool


def day(text: str) -> datetime.date:
    """The day of an ISO date or moment."""
    return datetime.date.fromisoformat(text[:10])


def frame_of(case: Case) -> tuple[datetime.date, datetime.date]:
    """First and last day on which the field and the time asked for overlap; the last before the first: never."""
    field, time = case["input"]["field"], case["input"]["timeframe"]
    first = max(day(field.get("start") or "0001-01-01"), day(time["start"]))
    return first, min(day(field.get("end") or NEVER), day(time["end"]))


def years_of(case: Case) -> list[int]:
    """The calendar years that the time of a case touches; that of its start when it is none."""
    first, last = frame_of(case)
    return list(range(first.year, max(first, last).year + 1))


def tables_of(units: Sequence[Unit]) -> dict[str, list[Row]]:
    """The data set of the units: each a farm with its fields, in the calendar years that any of them touches."""
    tables: dict[str, list[Row]] = {name: [] for name in ("farms", "fields", "crops", "applications")}
    for number, unit in enumerate(units):
        for year in sorted({year for case in unit.fields for year in years_of(case)}):
            key = {"farm_id": str(number), "year_start": f"{year}-01-01"}
            area = sum(case["input"]["field"]["area_ha"] for case in unit.fields)
            tables["farms"].append({**key, "country": "NL", "utilised_area_ha": area})
            for place, case in enumerate(unit.fields):
                of = {**key, "field_id": str(place)}
                tables["fields"].append({**of, **field_row(case, year)})
                tables["crops"].extend({**of, **row} for row in crop_rows(case, year))
                tables["applications"].extend({**of, **row} for row in application_rows(case, year))
    return tables


def field_row(case: Case, year: int) -> Row:
    """The field; deposition is given for the whole time, here it is that of a whole year."""
    given, soil, (first, last) = case["input"], case["input"]["soil"], frame_of(case)
    ends = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    days, held = (last - first).days + 1, (min(last, ends[1]) - max(first, ends[0])).days + 1
    of_year = ((ends[1] - ends[0]).days + 1) / days if held > 0 else 0
    return {
        "area_ha": given["field"]["area_ha"],
        "soil_type": soil.get("type"),
        "groundwater_class": soil.get("gwl_class"),
        "buffer_strip": any(given["field"].get(name) for name in BUFFER_STRIP),
        # Without a day the field begins when the year is over.
        "start": first if held > 0 else datetime.date(year + 1, 1, 1),
        "end": last if held > 0 else None,
        "deposition_n_kg_per_ha": given["deposition_kgN_ha"] * of_year,
    }


def crop_rows(case: Case, year: int) -> Iterator[Row]:
    """A row per harvest, or one for a crop without; what happened once stands in the first year only."""
    details = {crop["b_lu_catalogue"]: crop for crop in case["input"]["crop_details"]}
    once = year == years_of(case)[0]
    for crop in case["input"]["cultivations"]:
        detail = details[crop["code"]]
        sown, end = crop["start"] or NEVER, crop["end"] or NEVER
        row = {
            "crop": crop["code"] if crop["code"] in CROPS else "other",
            "rotation": detail["b_lu_croprotation"],
            "area_ha": case["input"]["field"]["area_ha"],
            "sown": day(sown),
            "end": day(end),
            "residue_left": crop["crop_residue_left"] if once else None,
            "standard_dm_yield_kg_per_ha": detail["b_lu_yield"] or 0,
            "standard_n_g_per_kg_dm": detail["b_lu_n_harvestable"] or 0,
            "harvest_index": detail["b_lu_hi"] or 0,
            "residue_n_g_per_kg_dm": detail["b_lu_n_residue"] or 0,
            "n_fixation_kg_per_ha": (detail["b_n_fixation"] or 0) if once else 0,
        }
        cuts = [cut for cut in case["input"]["harvests"] if once and cut["cultivation"] == crop["id"]]
        if not cuts:
            yield {**row, "harvested": False}
        for number, cut in enumerate(cuts, 1):
            harvest = {"dm_yield_kg_per_ha": cut["yield_kgDM_ha"], "n_g_per_kg_dm": cut["n_g_kgDM"]}
            yield {**row, "cut": number, "harvested": True, **harvest}


def application_rows(case: Case, year: int) -> Iterator[Row]:
    """What was spread: in the year of its day, or in the first year when that lies outside the time."""
    details = {product["p_id_catalogue"]: product for product in case["input"]["fertilizer_details"]}
    years = years_of(case)
    for spread in case["input"]["applications"]:
        when = day(spread["date"])
        if (when.year if when.year in years else years[0]) != year:
            continue
        product = details[spread["fertilizer"]]
        yield {
            "amount_kg": (spread["kg_ha"] or 0) * case["input"]["field"]["area_ha"],
            "date": when,
            "technique": spread["method"].replace(" ", "_") if spread["method"] else None,
            "fertiliser_type": product["p_type"] if product["p_type"] in TYPES else "other",
            # In this format an empty content is none.
            "n_g_per_kg": product["p_n_rt"] or 0,
            "nh4_n_g_per_kg": product["p_nh4_rt"] or 0,
            "no3_n_g_per_kg": product["p_no3_rt"] or 0,
            "s_g_per_kg": product["p_s_rt"] or 0,
            "ammonia_factor": product["p_ef_nh3"],
        }


def cell(value: Any) -> str | None:
    """A value as it stands in a CSV file."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def raw_tables(tables: Mapping[str, list[Row]]) -> dict[str, RawTable]:
    """The tables as if read from CSV files."""
    raw = {}
    for name, rows in tables.items():
        if rows:
            columns = dict.fromkeys(column for row in rows for column in row)
            cells = {column: [cell(row.get(column)) for row in rows] for column in columns}
            raw[name] = RawTable(
                name, f"{name}.csv", polars.DataFrame(cells, dict.fromkeys(columns, polars.String)), True
            )
    return raw


def results_of(units: Sequence[Unit]) -> list[dict[str, float]]:
    """Output -> our value over the whole time for each unit, in one vectorised run."""
    report = check(raw_tables(tables_of(units)), "cases")
    if report.data is None:
        raise SystemExit("\n".join(report.messages()))
    options = [reform for name, reform in available("nl.options").items() if name.startswith("fdm_")]
    system = with_reforms(CountryTaxBenefitSystem(), options)
    found: list[dict[str, float]] = [{} for _ in units]
    for table, prefix in (("farms", "nl_soil_"), ("fields", "nl_field_")):
        ids = report.data.tables[table]["farm_id"].cast(polars.Int64).to_list()
        for part in simulate(report.data, system):
            at = part.rows if table == "farms" else part.fields
            for period, (rows, index) in at.items():
                for output, (name, sign) in {**OUTPUTS, **EXTRA[table]}.items():
                    with numpy.errstate(all="ignore"):
                        values = numpy.asarray(part.simulation.calculate(prefix + name, period))[index]
                    for row, value in zip(rows, values, strict=True):
                        if units[ids[row]].of_farm == (table == "farms"):
                            sums = found[ids[row]]
                            sums[output] = sums.get(output, 0.0) + sign * float(value)
                            sums["years"] = sums.get("years", 0) + (output == "balance")
    for sums, unit in zip(found, units, strict=True):
        if not unit.of_farm:
            # The surplus of the whole time leaches, not that of each year.
            surplus, leaching = max(0.0, sums["balance"]), sums.pop("leaching") / sums["years"]
            sums["nitrate"] = -surplus * leaching if surplus else 0.0
        sums["emission_total"] = sums["nh3_total"] + sums["nitrate"]
        for total in ("supply", "nh3"):
            sums[f"{total}_fertilisers"] = math.fsum(sums[f"{total}_{kind}"] for kind in (*TYPES, "other"))
    return found


def flat(expected: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    """Output and number of a result, also of a nested one; what is no number is left out."""
    for name, value in expected.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield NESTED.get(path, path), float(value)


def units_of(path: Path, known: Mapping[str, Case]) -> Iterator[Unit]:
    """What a file compares: its cases, or the farm that its fields make up, of the cases known."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for case in content.get("cases", ()):
        yield Unit(case["id"], [case], case["expected"], False)
    if "fields" in content:
        fields = []
        for field in content["fields"]:
            case = field if "input" in field else case_of(field["case"], known)
            area = field.get("area_ha", case["input"]["field"]["area_ha"])
            fields.append({"input": {**case["input"], "field": {**case["input"]["field"], "area_ha": area}}})
        yield Unit(path.stem, fields, content["expected"], True)


def case_of(name: str, known: Mapping[str, Case]) -> Case:
    """The case of that name; else one that differs by soil and groundwater class only, `<crop>_<soil>_<class>`."""
    if name in known:
        return known[name]
    crop, _, rest = name.partition("_")
    soil, _, groundwater = rest.rpartition("_")
    for other in known.values():
        if other["id"].startswith(f"{crop}_{soil}_") and other["input"]["soil"]["type"] == soil:
            print(f"{name}: no file holds it; taken from {other['id']} with groundwater class {groundwater}")
            of = other["input"]
            return {"id": name, "input": {**of, "soil": {**of["soil"], "gwl_class": groundwater}}}
    raise SystemExit(f"{name}: no file holds this case, and none that differs by soil only")


def cases_beside(paths: Sequence[Path]) -> dict[str, Case]:
    """The cases of these files, and of the files beside them, by name."""
    beside = [file for folder in {path.parent for path in paths} for file in sorted(folder.glob("*.json"))]
    found: dict[str, Case] = {}
    for path in (*beside, *paths):
        content = json.loads(path.read_text(encoding="utf-8"))
        cases = content.get("cases", ()) if isinstance(content, dict) else ()
        found.update({case["id"]: case for case in cases if "deposition_kgN_ha" in case.get("input", ())})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the files and print what matches; 0 when all does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    paths = parser.parse_args(arguments).files
    known = cases_beside(paths)
    units = [unit for path in paths for unit in units_of(path, known)]
    matched: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for unit, ours in zip(units, results_of(units), strict=True):
        if "error" in unit.expected:
            (matched if numpy.isnan(ours["balance"] + ours["target"]) else missed)["error"] += 1
        for output, expected in flat(unit.expected):
            value = ours.get(output, numpy.nan)
            fits = abs(value - expected) <= MARGIN
            (matched if fits else missed)[output] += 1
            if not fits:
                print(f"{unit.name}: {output} is {value:.9f}, expected {expected:.9f}")
    for output in sorted(matched.keys() | missed.keys()):
        print(f"{output:24} {matched[output]:6} matched {missed[output]:6} not matched")
    print(f"{len(units)} cases: {matched.total()} values matched, {missed.total()} not matched")
    return int(missed.total() > 0 or not units)


if __name__ == "__main__":
    sys.exit(main())
