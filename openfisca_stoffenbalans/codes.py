"""The codes of data sets as Enums: fixed choices, and the rows of the law's tables."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openfisca_core.indexed_enums import Enum

from openfisca_stoffenbalans.tables import Table, tables

# What a day that is not said is in the engine, whose dates have no missing value.
NO_DAY = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class Code:
    """A code of a data set that stands for a row of a printed table.

    `table`: dotted path of its table; `row`: row id; `label`: the law's words; `unit`: the unit the table counts
    in (products); `per`: how many of that unit the printed content is for; `dry_matter`: the table counts dry
    matter; `form`: slurry or solid for manure, else empty.
    """

    code: str
    table: str
    row: str
    label: str
    unit: str = ""
    per: float = 1
    dry_matter: bool = False
    form: str = ""


def table_codes(table: Table) -> Iterator[Code]:
    """The codes that a table's `codes` head declares, in printed order."""
    head = table.head["codes"]
    for row, cells in table.rows.items():
        label = cells.get("label") or row
        if "forms" in head:
            source = tables()[head["labels"]].rows[row]["label"]
            named = (row, *head.get("synonyms", {}).get(row, ()))
            for name, form in itertools.product(named, (cells["forms"] or "").split()):
                code, counted = f"{head['prefix']}{name}_{form}", head["forms"][form]
                yield Code(code, table.path, row, f"{source} ({form})", counted, form=form)
        else:
            unit = head.get("rows", {}).get(row, head.get("unit", ""))
            yield Code(
                f"{head['prefix']}{row}", table.path, row, label, unit, head.get("per", 1),
                head.get("dry_matter", False),
            )  # fmt: skip


def codes_of(kind: str) -> dict[str, Code]:
    """Code -> what it stands for, of all tables whose codes are of this kind (product, animal, crop)."""
    return {
        code.code: code
        for table in tables().values()
        if table.head.get("codes", {}).get("kind") == kind
        for code in table_codes(table)
    }


def enum(name: str, members: Iterable[tuple[str, str]]) -> type[Enum]:
    """An OpenFisca Enum of (code, label) pairs."""
    made: type[Enum] = Enum(name, list(members))
    return made


def choices(name: str, *members: str) -> type[Enum]:
    """An Enum of fixed choices whose labels are their names."""
    return enum(name, [(member, member.replace("_", " ")) for member in members])


PRODUCTS = codes_of("product")
ANIMALS = codes_of("animal")
CROPS = codes_of("crop")


def _table_enum(name: str, codes: dict[str, Code], *before: str) -> type[Enum]:
    # Enum members with equal values would become aliases of one another; the code keeps them apart.
    return enum(
        name,
        [(member, member) for member in before]
        + [(code.code, f"{code.label} [{code.code}]") for code in codes.values()],
    )


Product = _table_enum("Product", PRODUCTS, "none")
Animal = _table_enum("Animal", ANIMALS, "none")
Crop = _table_enum("Crop", CROPS, "none", "other")

Country = choices("Country", "none", "DE", "NL")
Direction = choices("Direction", "none", "supply", "removal")
Category = choices(
    "Category", "none", "mineral_fertiliser", "animal_manure", "other_organic_fertiliser", "soil_improver",
    "growing_medium", "plant_aid", "feed", "seed", "livestock", "plant_product", "animal_product", "other",
)  # fmt: skip
Unit = enum(
    "Unit",
    [
        ("none", "none"),
        ("t", "t"),
        ("dt", "dt"),
        ("kg", "kg"),
        ("m3", "m3"),
        ("1000_pieces", "1000 pieces"),
        ("pieces", "pieces"),
    ],
)
ContentSource = choices("ContentSource", "none", "label", "measurement", "authority", "table")
WeightBasis = choices("WeightBasis", "live", "slaughter")
FarmManure = choices("FarmManure", "by_category", "farm_manure", "no_farm_manure")
AnimalSex = choices("AnimalSex", "all", "male", "female", "dairy_cow")
ManureSystem = choices("ManureSystem", "none", "slurry", "solid")
Material = choices("Material", "none", "cattle", "pigs", "poultry", "other_animals", "digestate", "other_organic")
Form = choices("Form", "none", "slurry", "solid")
Origin = choices("Origin", "none", "own", "received")
AssessmentMethod = choices("AssessmentMethod", "flat", "farm_specific")
Verdict = choices("Verdict", "not_assessed", "complies", "exceeds", "undetermined")

SoilType = choices(
    "SoilType", "none", "dekzand", "dalgrond", "duinzand", "loess", "veen", "moerige_klei", "rivierklei", "zeeklei",
    "maasklei",
)  # fmt: skip
GroundwaterClass = choices(
    "GroundwaterClass", "none", "I", "Ia", "Ic", "II", "IIa", "IIb", "IIc", "III", "IIIa", "IIIb", "IV", "IVu", "IVc",
    "V", "Va", "Vao", "Vad", "Vb", "Vbo", "Vbd", "sV", "sVb", "VI", "VIo", "VId", "VII", "VIIo", "VIId", "VIII",
    "VIIIo", "VIIId",
)  # fmt: skip
Rotation = choices(
    "Rotation", "none", "grass", "clover", "alfalfa", "cereal", "maize", "potato", "rapeseed", "starch", "sugarbeet",
    "catchcrop", "nature", "other", "bare",
)  # fmt: skip
Technique = choices(
    "Technique", "none", "slotted_coulter", "shallow_injection", "injection", "narrowband", "spoke_wheel",
    "incorporation", "incorporation_2_tracks", "broadcasting", "spraying", "pocket_placement",
)  # fmt: skip
FertiliserType = choices("FertiliserType", "none", "mineral", "manure", "compost", "other")
StockCategory = choices("StockCategory", "none", "feed", "fertiliser", "manure", "plant_product", "other")
MinasAssessment = choices("MinasAssessment", "refined", "forfaitary")


def three_valued(name: str, column: str) -> type[Enum]:
    """The Enum of a yes-or-no column whose empty cell is neither yes nor no."""
    return choices(name, "unknown", column, f"no_{column}")


Harvested = three_valued("Harvested", "harvested")
ResidueLeft = three_valued("ResidueLeft", "residue_left")
LeachingSensitive = three_valued("LeachingSensitive", "leaching_sensitive")
Natura2000Zone = three_valued("Natura2000Zone", "natura_2000_zone")
DerogationFreeZone = three_valued("DerogationFreeZone", "derogation_free_zone")
GroundwaterProtectionZone = three_valued("GroundwaterProtectionZone", "groundwater_protection_zone")
NutrientPollutedZone = three_valued("NutrientPollutedZone", "nutrient_polluted_zone")
