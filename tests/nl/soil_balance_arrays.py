"""Checked tables of Dutch farms as the plain arrays of a balance year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from tests.nl.soil_balance_numbers import NAN

Floats = NDArray[numpy.float64]
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Coded:
    """A column of names as positions in a list of them; -1: missing."""

    at: NDArray[numpy.int64]
    names: Sequence[str]

    def look_up(self, values: Mapping[str, Any], missing: Any = NAN) -> NDArray[Any]:
        """The value of each row's name; `missing` where there is none."""
        table = numpy.array([*(values.get(name, missing) for name in self.names), missing])
        return table[self.at]

    def among(self, names: Sequence[str]) -> NDArray[numpy.bool_]:
        """Whether each row's name is one of these."""
        return self.look_up(dict.fromkeys(names, True), False)


def arrays(tables: Mapping[str, polars.DataFrame], year: int) -> dict[str, Table]:
    """The plain arrays of a balance year that is a calendar year, from checked tables."""
    of_year = {name: frame.filter(frame["year_start"].dt.year() == year) for name, frame in tables.items()}
    farms = of_year["farms"].with_row_index("farm")
    fields = of_year["fields"].join(farms.select("farm_id", "farm"), on="farm_id", how="left", maintain_order="left")
    fields = fields.with_row_index("field")
    farm = fields["farm"].to_numpy().astype(numpy.int64)
    farm_soil, soil = (coded(frame["soil_type"]) for frame in (farms, fields))
    at = numpy.where(soil.at < 0, farm_soil.at[farm], soil.at)
    result: dict[str, Table] = {
        "fields": {
            "farm": farm,
            "area_ha": fields["area_ha"].to_numpy(),
            "soil": Coded(at, soil.names),
            "groundwater": coded(fields["groundwater_class"]),
            "buffer_strip": fields["buffer_strip"].to_numpy(),
            "start": dates(fields["start"]),
            "end": dates(fields["end"]),
            "deposition": floats(fields["deposition_n_kg_per_ha"]),
            "farm_deposition": floats(farms["deposition_n_kg_per_ha"])[farm],
        },
        "farms": {"count": farms.height},
    }
    places = fields.select("farm_id", "field_id", "field")
    numbered = farms.select("farm_id", "farm")
    for name, columns in COLUMNS.items():
        frame = of_year[name].join(places, on=["farm_id", "field_id"], how="left", maintain_order="left")
        frame = frame.join(numbered, on="farm_id", how="left", maintain_order="left")
        result[name] = {ours: kind(frame[theirs]) for ours, (theirs, kind) in columns.items()}
        result[name]["farm"] = frame["farm"].cast(polars.Int64).to_numpy()
        result[name]["field"] = frame["field"].cast(polars.Int64).fill_null(-1).to_numpy()
    return result


def floats(cells: polars.Series) -> Floats:
    """Numbers; missing: NaN."""
    return cells.fill_null(NAN).to_numpy()


def dates(cells: polars.Series) -> NDArray[numpy.datetime64]:
    """Days; missing: NaT."""
    return cells.to_numpy().astype("datetime64[D]")


def coded(cells: polars.Series) -> Coded:
    """Names; missing: -1."""
    names = [name if name != "none" else "" for name in cells.dtype.categories]
    return Coded(cells.to_physical().cast(polars.Int64).fill_null(-1).to_numpy(), names)


def three_valued(cells: polars.Series) -> NDArray[numpy.int64]:
    """1: yes, 0: no, -1: missing."""
    return cells.cast(polars.Int64).fill_null(-1).to_numpy()


def flags(cells: polars.Series) -> NDArray[numpy.bool_]:
    """Yes or no."""
    return cells.to_numpy()


COLUMNS: dict[str, dict[str, tuple[str, Any]]] = {
    "crops": {
        "crop": ("crop", coded),
        "rotation": ("rotation", coded),
        "area": ("area_ha", floats),
        "sown": ("sown", dates),
        "end": ("end", dates),
        "cut": ("cut", floats),
        "harvested": ("harvested", three_valued),
        "yield": ("dm_yield_kg_per_ha", floats),
        "n": ("n_g_per_kg_dm", floats),
        "residue_left": ("residue_left", three_valued),
        "standard_yield": ("standard_dm_yield_kg_per_ha", floats),
        "standard_n": ("standard_n_g_per_kg_dm", floats),
        "harvest_index": ("harvest_index", floats),
        "residue_n": ("residue_n_g_per_kg_dm", floats),
        "fixation": ("n_fixation_kg_per_ha", floats),
    },
    "applications": {
        "product": ("product", coded),
        "amount": ("amount_kg", floats),
        "nitrogen": ("n_kg", floats),
        "material": ("material", coded),
        "date": ("date", dates),
        "technique": ("technique", coded),
        "type": ("fertiliser_type", coded),
        "n": ("n_g_per_kg", floats),
        "nh4": ("nh4_n_g_per_kg", floats),
        "no3": ("no3_n_g_per_kg", floats),
        "s": ("s_g_per_kg", floats),
        "factor": ("ammonia_factor", floats),
        "inhibitor": ("urease_inhibitor", flags),
    },
}
