"""Rows of the Uitvoeringsregeling's Bijlage D for herds: animal number, housing, and the classes of dairy cows."""

import numpy

from openfisca_stoffenbalans.codes import ANIMALS, ManureSystem, enum
from openfisca_stoffenbalans.lookup import NONE
from openfisca_stoffenbalans.tables import tables

ANIMALS_TABLE = "nl.manure_regulation.annex_d_table_1_excretion"
DAIRY_TABLE = "nl.manure_regulation.annex_d_table_2_dairy_excretion"
LIVESTOCK_UNITS = "nl.minas.livestock_units"

DAIRY_COW = "100"
# Mw art. 1 lid 1 kk: dairy and calf cows, young stock under a year, young stock over a year.
DAIRY_CATTLE = (DAIRY_COW, "101", "102")
CATTLE = "Bos Taurus"
UREA = "urea_"


def names(title, members):
    """An Enum with `none` first, whose labels are the names."""
    return enum(title, [(member, member) for member in (NONE, *members)])


DairyClass = names("DairyClass", tables()[DAIRY_TABLE].rows)
UreaClass = names("UreaClass", [column for column in tables()[DAIRY_TABLE].columns if column.startswith(UREA)])

# Table IIA (slurry) and IIB (solid manure) have the same classes of milk; a test holds them to it.
CLASSES = len(tables()[DAIRY_TABLE].rows) // len((ManureSystem.slurry, ManureSystem.solid))
BELOW, ABOVE = "urea_below_", "urea_above_"
LEAST, MOST = (
    int(column.removeprefix(end))
    for end in (BELOW, ABOVE)
    for column in UreaClass.__members__
    if column.startswith(end)
)


def row_of(animal):
    """The row of table I behind an animal code; empty for another country's animal and for none."""
    code = ANIMALS.get(animal)
    return code.row if code and code.table == ANIMALS_TABLE else ""


def number_of(animal):
    """The number (diernummer) of an animal code; empty for another country's animal and for none."""
    return row_of(animal).partition("_")[0]


def of_animal(column):
    """The coefficient of an animal in a column of table I: 0 for none, NaN for an animal that the table lacks."""

    def coefficient(law, animal):
        if animal == NONE:
            return 0
        return law.number(ANIMALS_TABLE, row_of(animal), column) if row_of(animal) else numpy.nan

    coefficient.__name__ = column
    return coefficient


NITROGEN, PHOSPHATE, CORRECTION = (of_animal(column) for column in ("n", "p2o5", "n_correction"))


def is_dairy_cow(law, animal):
    """1 for melk- en kalfkoeien."""
    return number_of(animal) == DAIRY_COW


def is_dairy_cattle(law, animal):
    """1 for melkvee, which phosphate rights are for."""
    return number_of(animal) in DAIRY_CATTLE


def is_cattle(law, animal):
    """1 for cattle of table I."""
    return bool(row_of(animal)) and law.text(ANIMALS_TABLE, row_of(animal), "species").startswith(CATTLE)


def manure_system(law, animal):
    """Position of the manure system that an animal's row names; that of none where it names neither."""
    housing = row_of(animal).partition("_")[2]
    return next((system.index for system in ManureSystem if housing.startswith(system.name)), ManureSystem.none.index)


def dairy_phosphate(law, milk):
    """Kg P2O5 per dairy cow and year by manure system and milk; NaN where the class is not known."""
    return numpy.nan if milk == NONE else law.number(DAIRY_TABLE, milk, "p2o5")


def dairy_nitrogen(law, milk, urea):
    """Kg N per dairy cow and year, net of gaseous loss, by manure system, milk and urea; NaN for an unknown class."""
    return numpy.nan if NONE in (milk, urea) else law.number(DAIRY_TABLE, milk, urea)


def class_starts(law):
    """The least milk of each class in kg, in printed order."""
    rows = list(DairyClass.__members__)[1 : CLASSES + 1]
    return numpy.array([law.number(DAIRY_TABLE, row, "milk_from") for row in rows])


def livestock_units(law, animal):
    """Livestock units of an animal by the last text of the MINAS; 0 for none, NaN for an animal that it lacks."""
    if animal == NONE:
        return 0
    row = law.table(LIVESTOCK_UNITS).children.get(number_of(animal))
    if row is None:
        return numpy.nan
    return next(value.value for value in row.children["livestock_units"].values_list if value.value is not None)
