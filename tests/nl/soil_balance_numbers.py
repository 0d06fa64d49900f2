"""The numbers of the Dutch soil nitrogen balance, written down from their sources a second time.

Nothing here comes from `parameters/`. Techniques: NEMA table B18.3, column 2019-2022 (Van Bruggen et al. 2024,
WOt-technical report 264), and what nmi-agro/fdm@9bf23bb (MIT, (c) Nutriënten Management Instituut) assumes beside it;
leaching, mineralisation, formulas and the two catalogues beside the cases: the same; targets: Ros et al. 2023.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

NAN = float("nan")
GRASS, CROP, BARE = "grass", "crop", "bare"

SAND, LOESS, CLAY, PEAT = "sand", "loess", "clay", "peat"
SOIL_GROUPS = {
    "dekzand": SAND,
    "dalgrond": SAND,
    "duinzand": SAND,
    "loess": LOESS,
    "veen": PEAT,
    "moerige_klei": CLAY,
    "rivierklei": CLAY,
    "zeeklei": CLAY,
    "maasklei": CLAY,
}

# Steps of the groundwater class as leaching on sand tells them apart.
GROUNDWATER_STEPS = {
    "I": ("I", "Ia", "Ic", "II", "IIa", "IIb", "IIc"),
    "III": ("III", "IIIa"),
    "IIIb": ("IIIb",),
    "IV": ("IV", "IVu", "IVc"),
    "V": ("V", "Va", "Vao", "Vad", "Vb", "Vbo", "Vbd", "sV", "sVb"),
    "VI": ("VI", "VIo", "VId"),
    "VII": ("VII", "VIIo", "VIId"),
    "VIII": ("VIII", "VIIIo", "VIIId"),
}
STEP_OF_CLASS = {name: step for step, names in GROUNDWATER_STEPS.items() for name in names}
DRY, AVERAGE = ("VII", "VIII"), ("V", "VI")

# Share of the surplus that leaches: on grassland, on arable land and bare soil.
LEACHING = {PEAT: (0.06, 0.17), CLAY: (0.11, 0.33), LOESS: (0.14, 0.74)}
LEACHING_ON_SAND = {
    "I": (0.02, 0.04),
    "III": (0.03, 0.07),
    "IIIb": (0.10, 0.28),
    "IV": (0.14, 0.38),
    "V": (0.16, 0.44),
    "VI": (0.21, 0.58),
    "VII": (0.27, 0.74),
    "VIII": (0.32, 0.89),
}

# kg N per ha and year.
MINERALISED_DALGROND = 20.0
MINERALISED_PEAT_GRASS, MINERALISED_PEAT = 160.0, 20.0
GRASS_FROM, GRASS_TO = "05-15", "07-15"


def target(grass: bool, group: str, step: str) -> float:
    """The surplus that Ros et al. 2023 advise, kg N per ha and year."""
    light = group in (SAND, LOESS)
    if grass:
        return 80.0 if light and step in DRY else 125.0
    if light:
        return 50.0 if step in DRY else 70.0 if step in AVERAGE else 125.0
    return 115.0 if step in DRY else 125.0


# kg NH3-N per kg NH4-N spread: on grassland, on a growing crop, on bare soil.
AMMONIA_OF_TECHNIQUE = {
    "slotted_coulter": (0.17, 0.24, 0.24),
    "shallow_injection": (0.17, 0.24, 0.24),
    "injection": (0.17, 0.24, 0.02),
    "narrowband": (0.17, 0.36, 0.36),
    "spoke_wheel": (0.17, 0.24, 0.24),
    "incorporation": (0.17, 0.22, 0.46),
    "incorporation_2_tracks": (0.17, 0.46, 0.46),
    "broadcasting": (0.68, 0.69, 0.69),
    "spraying": (0.68, 0.69, 0.69),
    "pocket_placement": (0.68, 0.69, 0.69),
}

# Percent of the nitrogen of a mineral fertiliser, of its contents in g per kg.
ORGANIC_SQUARED, ORGANIC_SQUARED_INHIBITED = 7.021e-5, 3.166e-5
NITRATE_TIMES_SULPHUR, AMMONIUM_SQUARED = -4.308e-5, 2.498e-4

# Percent of the nitrogen in residues, of their content in g per kg dry matter.
RESIDUE_SLOPE, RESIDUE_OFFSET = 0.41, -5.42

GRASSLAND_ROTATIONS = ("grass", "clover")
BARE_CODES = ("nl_6794", "nl_662", "nl_6798", "nl_2300", "nl_3802", "nl_3801")

HERE = Path(__file__).parent / "soil_balance"


def catalogue(name: str, key: str, prefix: str) -> Mapping[str, Mapping[str, str]]:
    """The rows of a catalogue by our code."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {f"{prefix}{row[key].lower()}": row for row in csv.DictReader(file)}


CROPS = catalogue("crop_catalogue", "b_lu_catalogue", "")
FERTILISERS = catalogue("fertiliser_catalogue", "p_id_catalogue", "nl_f_")


def column(rows: Mapping[str, Mapping[str, str]], name: str) -> dict[str, float]:
    """The numbers of a catalogue's column; an empty cell is missing."""
    return {code: float(row[name]) if row[name] else NAN for code, row in rows.items()}
