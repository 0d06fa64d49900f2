"""Every number of MINAS, of the limits of manure and of the emission methods against an independent copy, both ways."""

from __future__ import annotations

from typing import Any

import yaml

from openfisca_stoffenbalans.lookup import value_on
from openfisca_stoffenbalans.tables import at, leaves, tables
from tests.parameters.dutch import COPIES, OPEN, Cells, compare, copy, number, put

MINAS = {f"{year}-01-01": f"{year}-12-31" for year in range(2002, 2006)}


def years(text: str) -> list[str]:
    """First days of the years of "2003" or "2002-2005"."""
    first, _, last = text.partition("-")
    return [f"{year}-01-01" for year in range(int(first), int(last or first) + 1)]


def minas(kind: str) -> list[dict[str, str]]:
    """The rows of a kind that were found."""
    return [row for row in copy("minas") if row["kind"].startswith(kind) and row["value"]]


def series(system: Any, path: str) -> dict[str, Any]:
    """Day -> value of a single parameter."""
    return {value.instant_str: value.value for value in at(system.parameters, path).values_list}


def test_loss_norms_of_minas_are_the_printed_ones_of_each_year(system: Any) -> None:
    land = {row["label"]: name for name, row in tables()["nl.minas.loss_norms"].rows.items()}
    expected: Cells = {}
    for row in minas("verliesnorm"):
        put(expected, land[row["land_or_case"]], row["nutrient"].lower(), f"{row['year']}-01-01", number(row["value"]))
    # Per year: phosphate of 3 kinds of land, nitrogen of 6.
    compare(system, "nl.minas.loss_norms", expected, MINAS, 4 * (3 + 6))


def test_levies_of_minas_are_the_printed_ones_with_the_first_bracket_of_2002(system: Any) -> None:
    named = {
        ("P2O5", "alle"): "p2o5",
        ("N", "alle"): "n",
        ("N", "above first bracket"): "n",
        ("N", "first 40 kg/ha of taxable surplus"): "n_first_bracket",
        ("P2O5", "intermediairs"): "intermediary_p2o5",
    }
    expected: Cells = {("levies", "first_bracket_size"): {"2002-01-01": 40}}
    for row in minas("heffing"):
        for first in years(row["year"]):
            put(expected, "levies", named[row["nutrient"], row["land_or_case"]], first, number(row["value"]))
    for (_, name), printed in expected.items():
        values = at(system.parameters, f"nl.minas.levies.{name}").values_list
        for first, last in MINAS.items():
            assert {value_on(values, first), value_on(values, last)} == {printed.get(first)}, name
        assert value_on(values, "2001-12-31") is value_on(values, "2006-01-01") is None
    assert set(at(system.parameters, "nl.minas.levies").children) == {name for _, name in expected}


def test_forfaits_of_minas_are_the_printed_ones(system: Any) -> None:
    cases = {"crop_uptake": "gewasopname", "nitrogen_fixation": "N-binding"}
    for table, kind in cases.items():
        named = {row["label"]: name for name, row in tables()[f"nl.minas.{table}"].rows.items()}
        expected: Cells = {}
        for row in minas(kind):
            assert row["year"] == "2002-2005"
            put(expected, named[row["land_or_case"]], row["nutrient"].lower(), "2002-01-01", number(row["value"]))
        compare(system, f"nl.minas.{table}", expected, {"2002-01-01": "2005-12-31"}, 4)


def test_production_of_animals_of_minas_is_that_of_annex_f(system: Any) -> None:
    expected: Cells = {}
    for row in copy("excretie_forfaits"):
        if row["jaar"] == "2005 (MINAS forfaitair)":
            put(expected, row["diercategorie"], "n", "2002-01-01", number(row["N_kg_dier_jr"]))
            put(expected, row["diercategorie"], "p2o5", "2002-01-01", number(row["P2O5_kg_dier_jr"]))
    compare(system, "nl.minas.animal_production", expected, {"2002-01-01": "2005-12-31"}, 2 * 15)


def test_livestock_units_and_gaseous_losses_are_the_copied_ones(system: Any) -> None:
    copied = {row["parameter"]: row for row in copy("excretie_correcties")}
    cow, young, old = (copied[f"GVE {animal}"] for animal in ("melkkoe", "jongvee <1 jr", "jongvee >=1 jr"))
    printed = [cow["waarde"], *(row["source"].split("MINAS Bijlage A: ")[1].rstrip(")") for row in (young, old))]
    expected: Cells = {
        (name, "livestock_units"): {"2002-01-01": float(text)}
        for name, text in zip(("100", "101", "102"), printed, strict=True)
    }
    assert printed == ["1.0", "0.220", "0.439"]
    compare(system, "nl.minas.livestock_units", expected, {"2002-01-01": "2005-12-31"}, 3)
    losses = "stikstofcorrectiefactor"
    before, after, solid = (
        next(row for name, row in copied.items() if name.startswith(losses) and name.endswith(ending))
        for ending in (" oud", " nieuw", "vaste mest")
    )
    assert before["geldig_vanaf"] == "until 2024-12-31"
    assert series(system, "nl.manure_regulation.gaseous_losses.slurry") == {
        "2024-01-01": float(before["waarde"]),
        after["geldig_vanaf"]: float(after["waarde"]),
    }
    assert series(system, "nl.manure_regulation.gaseous_losses.solid") == {
        solid["geldig_vanaf"]: float(solid["waarde"])
    }


def test_settlement_vegetables_and_compost_of_minas_are_the_printed_ones(system: Any) -> None:
    cases = {
        "settlement.years_back": "verrekening",
        "vegetables.n": "gewasafvoer",
        "compost.n_threshold": "compost drempel",
    }
    for path, kind in cases.items():
        (row,) = minas(kind)
        first = years(row["year"])[0]
        assert series(system, f"nl.minas.{path}") == {first: float(row["value"]), "2006-01-01": None}, path


def test_the_limits_of_animal_manure_are_the_copied_ones_year_by_year(system: Any) -> None:
    zones = {
        ("geen derogatie", "alle"): "standard",
        ("(geen derogatie meer)", "alle"): "standard",
        ("derogatie", "overig (>=80% grasland)"): "derogation",
        ("derogatie", "buiten NV-gebied"): "derogation",
        ("derogatie", "NV-gebied"): "derogation_polluted_area",
        ("derogatie", "Natura 2000 / grondwaterbeschermingsgebied"): "natura_2000_or_groundwater_area",
        ("derogatie", "derogatievrije zone rond Natura 2000"): "derogation_free_zone",
        ("Renure (extra ruimte bovenop 170)", "alle"): "renure",
        ("bufferstrook", "alle"): "buffer_strip",
    }
    expected: dict[str, dict[int, float]] = {}
    for row in copy("dierlijke_mest_norm"):
        sandy = row["zone"].startswith("zand/loess")
        name = "derogation_sand_loess" if sandy else zones[row["regime"], row["zone"]]
        # "<=2022" was read for 2022.
        first, _, last = row["jaar"].replace("<=", "").partition("-")
        for year in range(int(first), int(last or first) + 1):
            expected.setdefault(name, {})[year] = float(row["norm"])
    # Texts of the regulation of 2011-03-04 to 2015-07-03: 250, on sand and loess 230 since 2014-05-01.
    seen = {row["regel"]: float(row["waarde"]) for row in copy("regels_parameters") if not row["geldig_vanaf"]}
    assert seen["gebruiksnorm dierlijke mest"] == expected["standard"][2015] == 170
    for year in range(2012, 2016):
        expected["derogation"][year] = seen["derogatie, algemeen"]
    expected["derogation_sand_loess"][2015] = 230
    limits = at(system.parameters, "nl.manure_act.animal_manure_limit").children
    assert set(limits) == set(expected)
    for name, printed in expected.items():
        for year in range(2003, 2031):
            assert value_on(limits[name].values_list, f"{year}-01-01") == printed.get(year), (name, year)
    known = {"2011-03-03": None, "2011-03-04": 250, "2015-07-03": 250, "2015-07-04": None, "2025-12-31": 200}
    assert {at_day: value_on(limits["derogation"].values_list, at_day) for at_day in known} == known
    known = {"2014-04-30": None, "2014-05-01": 230, "2015-07-03": 230, "2015-07-04": None, "2022-12-31": 230}
    assert {at_day: value_on(limits["derogation_sand_loess"].values_list, at_day) for at_day in known} == known


def test_production_ceilings_are_the_copied_ones(system: Any) -> None:
    words = {"fosfaat": "p2o5", "stikstof": "n", "nationaal": "national", "melkvee": "dairy"}
    expected = {}
    for row in copy("productieplafonds"):
        nutrient, whose = row["plafond"].split()
        expected[f"{words[whose]}_{words[nutrient]}"] = [float(row["waarde"])]
    ceilings = at(system.parameters, "nl.manure_act.production_ceilings").children
    assert {name: [value.value for value in leaf.values_list] for name, leaf in ceilings.items()} == expected


def test_the_highest_soil_surplus_of_the_kringloopwijzer_is_the_copied_one(system: Any) -> None:
    copied = yaml.safe_load((COPIES / "klw_max_soil_surplus.yaml").read_text(encoding="utf-8"))["table_kg_n_ha"]
    expected: Cells = {
        (soil, crop): {"2021-01-01": float(kg)} for crop, soils in copied.items() for soil, kg in soils.items()
    }
    compare(system, "nl.klw.max_soil_surplus", expected, {"2021-01-01": OPEN}, 15)


def emissions(**of: str) -> list[dict[str, str]]:
    """The rows of the copy with these words in these columns."""
    found = [row for row in copy("emissions") if all(row[column] == text for column, text in of.items())]
    assert found
    return found


def test_ammonia_of_application_is_the_copied_one_and_what_is_assumed_is_marked(system: Any) -> None:
    expected: Cells = {}
    assumed: dict[str, set[str]] = {}
    for row in emissions(stage="application", category="organic fertiliser", method="NEMA"):
        land, technique = row["condition"].split("; ")
        name = technique.split("/")[0].replace(" ", "_")
        put(expected, name, land.replace(" ", "_"), "2019-01-01", number(row["value"]))
        assumed.setdefault(name, set()).update([land.replace(" ", "_")] if row["note"] else [])
    compare(system, "nl.emissions.application_ammonia", expected, {"2019-01-01": OPEN}, 30)
    rows = tables()["nl.emissions.application_ammonia"].rows
    assert {name: set((row["assumed"] or "").split(", ")) - {""} for name, row in rows.items()} == assumed


def test_coefficients_of_ammonia_of_fertiliser_and_residues_are_the_copied_ones(system: Any) -> None:
    fertiliser = "nl.emissions.mineral_fertiliser_ammonia"
    (formula,) = emissions(category="mineral fertiliser", parameter="EF% formula")
    (inhibited,) = emissions(category="mineral fertiliser", parameter="Norg^2 coefficient")
    terms = [term.split("*")[0] for term in formula["value"].replace(" - ", " + -").split(" + ")]
    columns = ("organic_n_squared", "nitrate_times_sulphur", "ammonium_squared")
    expected: Cells = {}
    for column, text in zip(columns, terms, strict=True):
        put(expected, "without_inhibitor", column, "2000-01-01", float(text))
        kept = inhibited["value"] if column == "organic_n_squared" else text
        put(expected, "with_inhibitor", column, "2000-01-01", float(kept))
    compare(system, fertiliser, expected, {"2000-01-01": OPEN}, 6)
    (residues,) = emissions(stage="crop residues")
    assert residues["value"] == "(0.41*Nres - 5.42)/100"
    assert series(system, "nl.emissions.crop_residue_ammonia.slope") == {"2000-01-01": 0.41}
    assert series(system, "nl.emissions.crop_residue_ammonia.intercept") == {"2000-01-01": -5.42}


def test_leaching_mineralisation_and_targets_are_the_copied_ones(system: Any) -> None:
    first = "2000-01-01"
    leached, released, aimed = Cells(), Cells(), Cells()
    for row in emissions(gas="NO3-N", method="LMM-type uitspoelfractie"):
        soil, _, level = row["condition"].partition(" GWL ")
        group = soil if not level else f"{soil}_{level.split(',')[0].replace('-', '_').lower()}"
        put(leached, group, row["category"].replace("/bare", "_or_bare"), first, number(row["value"]))
    compare(system, "nl.emissions.nitrate_leaching", leached, {first: OPEN}, 22)
    # Dalgrond and all other soils release the same on grassland as on arable land.
    soils = {"dalgrond": "dalgrond", "peat": "peat", "all other soils": "other"}
    for row in emissions(stage="soil mineralisation"):
        soil, _, land = row["condition"].partition(", ")
        columns = {"grassland": ["grassland"], "arable/fallow": ["arable_or_bare"]}
        for column in columns.get(land, ["grassland", "arable_or_bare"]):
            put(released, soils[soil], column, first, number(row["value"]))
    compare(system, "nl.soil.mineralisation", released, {first: OPEN}, 6)
    words = {"sand/loess": "sand", "clay/peat": "clay", "GWL VII-VIII": "dry", "GWL V-VI": "average", "GWL I-IV": "wet"}
    for row in emissions(stage="N surplus target"):
        name = "_".join(words.get(part, part) for part in row["condition"].split(", "))
        put(aimed, name, "n", first, number(row["value"]))
    compare(system, "nl.targets.ros_2023", aimed, {first: OPEN}, 7)


def test_conversions_of_products_are_the_copied_ones(system: Any) -> None:
    copied = {(row["product"], row["omrekening"]): row["formule_of_factor"] for row in copy("product_omrekening")}
    fpcm = copied["melk", "FPCM"]
    assert fpcm == "FPCM kg = melk kg x (0.337 + 0.116 x vet% + 0.06 x eiwit%)"
    expected = {
        "milk_protein_per_n": copied["melk", "eiwit -> N"].removeprefix("N = eiwit% / "),
        "feed_protein_per_n": copied["eiwit (voer, gewas)", "ruw eiwit -> N"].removeprefix("N = RE / "),
        "fpcm_base": "0.337",
        "fpcm_per_fat_pct": "0.116",
        "fpcm_per_protein_pct": "0.06",
        "p2o5_per_p": copied["fosfaat", "P -> P2O5"],
        "ammonia_mass": copied["NH3", "N -> NH3"].split("/")[0],
        "ammonia_nitrogen_mass": copied["NH3", "N -> NH3"].split("/")[1],
        "nitrous_oxide_mass": copied["N2O", "N -> N2O"].split("/")[0],
        "nitrous_oxide_nitrogen_mass": copied["N2O", "N -> N2O"].split("/")[1],
        "nitrate_limit": "50",
        "nitrate_nitrogen_limit": copied["NO3", "50 mg NO3/l"],
    }
    assert {
        leaf.name.rpartition(".")[2]: series(system, leaf.name) for leaf in leaves(at(system.parameters, "nl.products"))
    } == {name: {"2000-01-01": float(text)} for name, text in expected.items()}


# By the agricultural soil type and groundwater class of the method's source: fraction, target, release on grassland.
FIELDS = [
    ("dekzand", "IIIb", 0.1, 125, 0),
    ("dalgrond", "IVu", 0.14, 125, 20),
    ("duinzand", "VIIId", 0.32, 80, 0),
    ("loess", "VIIo", 0.14, 80, 0),
    ("veen", "II", 0.06, 125, 160),
    ("moerige_klei", "sVb", 0.11, 125, 0),
    ("maasklei", "VIII", 0.11, 125, 0),
]


def test_soils_and_groundwater_classes_lead_to_the_rows_of_the_methods() -> None:
    soils, classes = tables()["nl.soil.soil_types"].rows, tables()["nl.soil.groundwater_classes"].rows
    assert (len(soils), len(classes)) == (9, 31)
    leaching, targets = tables()["nl.emissions.nitrate_leaching"].rows, tables()["nl.targets.ros_2023"].rows
    for soil, level, fraction, target, released in FIELDS:
        group = soils[soil]["leaching_group"]
        row = f"sand_{classes[level]['leaching_group']}" if group == "sand" else group
        assert leaching[row]["grassland"] == fraction, (soil, level)
        dry_sand = (soils[soil]["target_group"], classes[level]["target_group"]) == ("sand", "dry")
        assert targets["grassland_sand_dry" if dry_sand else "grassland_other"]["n"] == target, (soil, level)
        assert tables()["nl.soil.mineralisation"].rows[soils[soil]["mineral_group"]]["grassland"] == released
    assert {f"sand_{row['leaching_group']}" for row in classes.values()} == {
        r for r in leaching if r.startswith("sand")
    }
    assert {row["target_group"] for row in classes.values()} == {"dry", "average", "wet"}
