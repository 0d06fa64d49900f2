"""Animals and crops of German farms with what the law's tables and the assumptions say of each.

Goats, rabbits and game are left out: the law's key has no livestock units for them, and no farm's balance would be
determined. Boars, and pigs reared otherwise than the kinds below, are left out as few.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.population.de.choosing import Floats
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.tables import tables

EXCRETION = "de.duev.annex_1_excretion.table_1"
ROUGHAGE = "de.duev.annex_1_excretion.table_2"
CREDITING = "de.duev.annex_2_crediting"
VOLUME = "de.duev.annex_9_storage.table_1"
KEY = "de.duev.annex_9_storage.table_2"
CATEGORIES = "de.duev.herd_categories"
MANURE = "de.stoffbilv.section_05_removal"
PER_THOUSAND = "t/1 000 Tierplätze"
P_OF_P2O5 = 0.436
HALF_YEARS = 2

KINDS = (
    "dairy_cows", "calves", "young_stock", "bulls", "suckler_cows", "veal", "weaned_calves", "sows", "piglets", "gilts",
    "fattening_pigs", "laying_hens", "pullets", "broilers", "turkeys", "ducks_geese", "sheep", "horses",
)  # fmt: skip
PLACE = {kind: place for place, kind in enumerate(KINDS)}
CATTLE = ("dairy_cows", "calves", "young_stock", "bulls", "suckler_cows", "veal", "weaned_calves")
PIGS = ("sows", "piglets", "gilts", "fattening_pigs")
POULTRY = ("laying_hens", "pullets", "broilers", "turkeys", "ducks_geese")

_COW, _YOUNG = "milcherzeugung_schwere_rassen_", "jungrinderaufzucht_"
_GRASS, _ARABLE = "gruenland_", "ackerfutterbau_"
_GRAZED, _HOUSED = "mit_weidegang_", "ohne_weidegang_mit_heu_"
_BULLS, _SUCKLER = "bullenmast_bis_", "mutterkuhhaltung_"
_SOWS = "ferkelerzeugung_ferkelaufzucht_bis_8_kg_lm_"
_PIGLETS = "spezialisierte_ferkelaufzucht_"
_FATTENED = "schweinemast_mastschwein_von_28_bis_118_kg_lm_"
_HENS, _BROILERS, _TURKEYS = "eiererzeugung_", "haehnchenmast_mast_", "putenmast_"
_FEEDS = ("universal", "np_red", "stark_np_red")

# Kind -> (code of DüV annex 1 table 1, name of its weights in the assumptions), in the order of the variants.
VARIANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "dairy_cows": tuple(
        (f"{_COW}{land}{system}{level}_000_ecm", "dairy_cows")
        for land, system, levels in (
            (_GRASS, _GRAZED, (6, 8, 10)),
            (_GRASS, _HOUSED, (6, 8, 10)),
            (_ARABLE, _GRAZED, (6, 8, 10, 12)),
            (_ARABLE, _HOUSED, (6, 8, 10, 12)),
        )
        for level in levels
    )
    + tuple((f"milcherzeugung_leichte_rassen_{_ARABLE}{level}_000_ecm", "dairy_cows") for level in (5, 7, 9)),
    "calves": (("kaelberaufzucht_0_bis_16_wochen", "calves"),),
    "young_stock": tuple(
        (f"{_YOUNG}{name}", "young_stock")
        for name in (f"{_GRASS}konventionell", f"{_GRASS}extensiv", f"{_ARABLE}mit_weide", f"{_ARABLE}stallhaltung")
    ),
    "bulls": (
        (f"{_BULLS}675_kg_lm_ab_kalb_45_kg_lm", "bulls_45_675"), (f"{_BULLS}750_kg_lm_ab_kalb_45_kg_lm", "bulls_45"),
        (f"{_BULLS}750_kg_lm_ab_80_kg_lm", "bulls_80"), (f"{_BULLS}750_kg_lm_ab_210_kg_lm", "bulls_210"),
    ),
    "suckler_cows": (
        (f"{_SUCKLER}6_monate_saeugezeit_500_kg_lm", "suckler_500"),
        (f"{_SUCKLER}6_monate_saeugezeit_700_kg_lm", "suckler_700"),
        (f"{_SUCKLER}9_monate_saeugezeit_700_kg_lm", "suckler_9"),
    ),
    "veal": (
        ("jungrindermast_rosa_kalbfleisch_erzeugung_mast_von_50_bis_350_kg_lm", "veal_rosa"),
        ("jungrindermast_kaelbermast_50_bis_250_kg_lm_mat", "veal_mat"),
        ("jungrindermast_kaelbermast_50_bis_260_kg_lm_mat_und_kraftfutter", "veal_mat_kf"),
    ),
    "weaned_calves": tuple(
        (f"jungrindermast_fresseraufzucht_80_bis_210_kg_lm_{feed}", "weaned_calves") for feed in ("standard", "np_red")
    ),
    "sows": tuple(
        (f"{_SOWS}{born}_kg_je_platz_p_a_{feed}", f"sows_{born[:2]}")
        for born in ("22_ferkel_217", "25_ferkel_239", "28_ferkel_264")
        for feed in _FEEDS
    ),
    "piglets": tuple(
        (f"{_PIGLETS}{gain}_g_tageszunahme_{feed}", f"piglets_{gain}")
        for gain in (450, 500)
        for feed in ("8_bis_28_kg_lm_universal", "ab_8_bzw_15_kg_lm_np_red", "ab_8_bzw_15_kg_lm_stark_np_red")
    ),
    "gilts": tuple(
        (f"jungsauenhaltung_jungsauenaufzucht_28_bis_115_kg_lm_{feed}", "gilts") for feed in ("universal", "np_red")
    ),
    "fattening_pigs": tuple(
        (f"{_FATTENED}{gain}_g_tageszunahme_{feed}", f"fattening_{gain}")
        for gain in (700, 750, 850, 950)
        for feed in _FEEDS
    ),
    "laying_hens": tuple(
        (f"{_HENS}legehennenhaltung_17_6_kg_eimasse_tier_{feed}", "laying_hens") for feed in ("standard", "np_red")
    ),
    "pullets": tuple((f"{_HENS}junghennenaufzucht_3_5_kg_{feed}", "pullets") for feed in ("standard", "np_red")),
    "broilers": tuple(
        (f"{_BROILERS}{days}_tage_{feed}", f"broilers_{name}")
        for days, name in (("ueber_39", 39), ("34_bis_38", 34), ("30_bis_33", 30))
        for feed in ("standard", "np_red")
    ),
    "turkeys": tuple(
        (f"{_TURKEYS}{sex}_{feed}", weights)
        for sex, weights in (("haehne_22_1_kg", "turkeys_m"),
                             ("gemischt_geschlechtliche_mast_50_haehne_und_50_hennen", "turkeys_mixed"))
        for feed in ("standard", "np_red")
    ),
    "ducks_geese": (
        ("entenmast_pekingenten_19_5_kg_platz_p_a", "ducks"),
        ("entenmast_flugenten_15_4_kg_platz_p_a", "ducks_muscovy"),
        ("gaensemast_spaet_weidemast_7_8_kg_tier", "geese"),
    ),
    "sheep": (
        ("lammfleischerzeugung_mutterschaf_mit_nachzucht_1_5_laemmer_schaf_konventionell", "sheep_intensive"),
        ("lammfleischerzeugung_mutterschaf_mit_nachzucht_1_1_laemmer_schaf_extensiv", "sheep_extensive"),
    ),
    "horses": tuple(
        (f"pferdehaltung_{name}", "horses")
        for name in ("reitpferde_500_600_kg_lm_stall_weidehaltung", "zuchtstuten_grosspferd_600_kg_lm",
                     "reitponys_300_kg_lm_leichte_arbeit_stall_weidehaltung")
    ),
}  # fmt: skip

CODES = tuple(code for kind in KINDS for code, _ in VARIANTS[kind])
FIRST = {kind: sum(len(VARIANTS[one]) for one in KINDS[:place]) for place, kind in enumerate(KINDS)}
LIVE = {
    **dict.fromkeys(CATTLE, "rind_milchbetont"), "bulls": "rind_fleischbetont", "suckler_cows": "rind_fleischbetont",
    "veal": "rind_fleischbetont", "weaned_calves": "rind_fleischbetont", **dict.fromkeys(PIGS, "schweine"),
    "laying_hens": "legehennen", "pullets": "legehennen", "broilers": "masthaehnchen", "turkeys": "puten",
    "ducks_geese": "enten", "sheep": "schafe", "horses": "pferde_5_36_monate",
}  # fmt: skip
LIVE_PRODUCTS = tuple(dict.fromkeys(LIVE.values()))


@dataclass(frozen=True)
class Animals:
    """Arrays of shape (codes,) in the order of CODES, per animal or place and year.

    n, p, p2o5: kg excreted; roughage_n: kg N taken up from roughage; units: livestock units, of which `declared` says
    where they are not the law's key alone; slurry, solid, liquid: m3, t, m3 of manure by system; kept_slurry,
    kept_solid: share of N left after housing and storage; gain, bought: kg live weight; live: place of the product of
    annex 1 table 5; slurry_code, solid_code: product of the manure, "" where there is none; heads: as a census counts.
    """

    n: Floats
    p: Floats
    p2o5: Floats
    roughage_n: Floats
    units: Floats
    declared: Any
    slurry: Floats
    solid: Floats
    liquid: Floats
    kept_slurry: Floats
    kept_solid: Floats
    gain: Floats
    bought: Floats
    live: Any
    slurry_code: Any
    solid_code: Any
    heads: Floats


def content(product: str, column: str) -> float:
    """Kg N or P (column n, p) in a unit of a product's table of annex 1, of dry matter where the table counts it."""
    code = PRODUCTS[product]
    return float(tables()[code.table].rows[code.row][column]) / code.per


def phosphorus(product: str) -> float:
    """Kg P in a unit of a product: the smaller of the table's P and P2O5, which are rounded each by itself."""
    return min(content(product, "p"), content(product, "p2o5") * P_OF_P2O5)


def _number(cell: Any, default: float = 0.0) -> float:
    if isinstance(cell, dict):
        cell = next((value for value in reversed(list(cell.values())) if value is not None), None)
    return default if cell is None else float(cell)


def _manure_rows() -> dict[str, str]:
    # Of two rows for an animal the later one is that of its annex 1 row; the other is older.
    return {cells["excretion_row"]: row for row, cells in tables()[MANURE].rows.items()}


def _manure(code: str, row: str | None, species: str) -> dict[str, Any]:
    credited = tables()[CREDITING].rows[species]
    cells = tables()[VOLUME].rows[row] if row else {}
    per = 1000 if cells.get("solid_unit") == PER_THOUSAND else 1
    names = {form: f"de_manure_{row}_{form}" for form in ("slurry", "solid")}
    return {
        "slurry": HALF_YEARS * _number(cells.get("slurry")),
        "solid": HALF_YEARS * _number(cells.get("solid")) / per,
        "liquid": HALF_YEARS * _number(cells.get("liquid")),
        "kept_slurry": _number(credited["column_2"]) / 100,
        "kept_solid": _number(credited["column_3"]) / 100,
        **{f"{form}_code": name if name in PRODUCTS else "" for form, name in names.items()},
    }


def _animal(plan: Plan, kind: str, code: str, weights: str, row: str | None) -> dict[str, Any]:
    excreted, category = tables()[EXCRETION].rows[code], tables()[CATEGORIES].rows[code]
    uptake = category["roughage_row"]
    gain, bought = plan.assume["weight_gain"], plan.assume["weight_bought"]
    declared = plan.assume["livestock_unit_age"].get(kind)
    roughage = float(tables()[ROUGHAGE].rows[uptake]["n"]) if uptake else 0.0
    if kind == "horses":
        roughage = plan.assume["roughage_of_horses"] * excreted["n"]
    heads = [value for start, value in plan.assume["heads_per_place"].items() if code.startswith(start)]
    return {
        "n": float(excreted["n"]),
        "p": float(excreted["p2o5"]) * P_OF_P2O5,
        "p2o5": float(excreted["p2o5"]),
        "roughage_n": roughage,
        "units": declared or float(tables()[KEY].rows[category["livestock_unit_row"]]["livestock_units"]),
        "declared": declared is not None,
        "gain": float(gain[weights]),
        "bought": float(bought.get(weights, 0)),
        "live": LIVE_PRODUCTS.index(LIVE[kind]),
        "heads": float(heads[0]) if heads else 1.0,
        **_manure(code, row, category["species"]),
    }


def animals(plan: Plan) -> Animals:
    """The animals with what the law's tables and the plan's assumptions say of each."""
    rows = _manure_rows()
    found = [_animal(plan, kind, code, weights, rows.get(code)) for kind in KINDS for code, weights in VARIANTS[kind]]
    columns = {name: [one[name] for one in found] for name in found[0]}
    text = ("slurry_code", "solid_code")
    return Animals(**{
        name: numpy.array(cells, dtype=object if name in text else None) for name, cells in columns.items()
    })  # fmt: skip


@dataclass(frozen=True)
class Crop:
    """A crop: its name in the table crops, the product of its harvest ("" for none in the law's tables), its yields."""

    name: str
    product: str
    yields: str = ""
    roughage: bool = False
    seed: str = ""


CROPS = (
    Crop("permanent_grassland", "de_t3_gruenland_3_nutzungen", "", True),
    Crop("silage_maize", "de_t1_silomais_ganzpflanze_tm35", "silage_maize", True, "maize"),
    Crop("arable_grass", "de_t1_weidelgras_ganzpflanze", "arable_grass", True),
    Crop("de_t6_klee_gras_50_50_ganzpflanze", "de_t1_kleegras_ganzpflanze", "clover_grass", True),
    Crop("winter_wheat", "de_t1_weizen_rp12_korn", "winter_wheat", seed="cereals"),
    Crop("winter_barley", "de_t1_wintergerste_rp12_korn", "winter_barley", seed="cereals"),
    Crop("winter_rye", "de_t1_roggen_rp11_korn", "winter_rye", seed="cereals"),
    Crop("winter_triticale", "de_t1_wintertriticale_rp12_korn", "winter_triticale", seed="cereals"),
    Crop("grain_maize", "de_t1_koernermais_rp10_korn", "grain_maize", seed="maize"),
    Crop("winter_oilseed_rape", "de_t1_raps_rp23_korn", "winter_oilseed_rape"),
    Crop("sugar_beet", "de_t1_zuckerruebe_ruebe", "sugar_beet"),
    Crop("potatoes", "de_t1_kartoffel_knolle", "potatoes", seed="potatoes"),
    Crop("de_t6_erbse_korn", "de_t1_erbse_rp26_korn", "peas", seed="peas"),
    Crop("fallow", ""),
    Crop("wine", "", "wine"),
    Crop("apples", "", "apples"),
    Crop("carrots", "de_t2_moehre_wasch", "vegetables"),
)
OF = {crop.name: place for place, crop in enumerate(CROPS)}
GRASS, MAIZE, ARABLE_GRASS, CLOVER = FORAGE = 0, 1, 2, 3
GRAIN = tuple(OF[name] for name in ("winter_barley", "winter_triticale", "winter_wheat", "winter_rye", "grain_maize"))
CASH = {
    "winter_wheat": "winter_wheat", "winter_barley": "winter_barley", "winter_rye": "winter_rye",
    "winter_triticale": "winter_triticale", "grain_maize": "grain_maize", "winter_oilseed_rape": "winter_oilseed_rape",
    "sugar_beet": "sugar_beet", "potatoes": "potatoes", "peas": "de_t6_erbse_korn",
    "clover_grass": "de_t6_klee_gras_50_50_ganzpflanze", "fallow": "fallow",
}  # fmt: skip


@functools.cache
def _contents(column: str) -> tuple[float, ...]:
    of = phosphorus if column == "p" else functools.partial(content, column=column)
    return tuple(of(crop.product) if crop.product else 0.0 for crop in CROPS)


def harvest_content(plan: Plan, nutrient: str) -> Floats:
    """Kg N or P (nutrient n, p) in a dt of each crop's harvest, of grassland in a dt of dry matter."""
    found = numpy.array(_contents(nutrient))
    for name in ("wine", "apples"):
        found[OF[name]] = plan.assume["contents_without_table"][name if nutrient == "n" else f"{name}_p"]
    return found
