"""The coefficients of one balance year as NumPy vectors by code, straight from the tables."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.tables import tables

NAN = numpy.nan


def names(enum):
    return [member.name for member in enum]


def column(path, row, name, year):
    cell = tables()[path].rows[row][name]
    if isinstance(cell, dict):
        cell = cell[max(day for day in cell if day <= f"{year}-01-01")]
    return NAN if cell is None else cell


class Numbers:
    """The coefficients of one year as vectors by code."""

    def __init__(self, year):
        self.products(year)
        self.animals(year)
        self.losses(year)

    def products(self, year):
        all_names = names(codes.Product)
        size, units = len(all_names), names(codes.Unit)
        self.content = {nutrient: numpy.full(size, NAN) for nutrient in ("n", "p", "p2o5")}
        self.per_unit = numpy.full((size, len(units)), NAN)
        self.dry_given, self.dry = numpy.zeros(size, bool), numpy.ones(size)
        self.live = numpy.ones((size, 2, 4))
        self.seed, self.roughage = numpy.zeros(size, bool), numpy.zeros(size, bool)
        self.manure = numpy.zeros(size, bool)
        mass = {"kg": 1, "dt": 100, "t": 1000}
        for index, name in enumerate(all_names):
            self.seed[index] = self.is_seed(name)
            if name not in codes.PRODUCTS or not codes.PRODUCTS[name].table.startswith("de."):
                continue
            code = codes.PRODUCTS[name]
            for position, unit in enumerate(units):
                if unit == code.unit:
                    self.per_unit[index, position] = 1
                elif unit in mass and code.unit in mass:
                    self.per_unit[index, position] = mass[unit] / mass[code.unit]
            if code.form:
                self.manure[index] = True
                self.manure_contents(index, code, year)
                continue
            for nutrient, vector in self.content.items():
                vector[index] = column(code.table, code.row, nutrient, year) / code.per
            self.roughage[index] = self.is_roughage(code)
            row = tables()[code.table].rows[code.row]
            if code.dry_matter:
                self.dry_given[index] = True
                self.dry[index] = row.get("dry_matter_pct", 100) / 100
            if row.get("basis") == "live_weight":
                for sex, animal in enumerate(("all", "male", "female", "dairy_cow")):
                    pct = row[f"slaughter_pct_{animal}"] or row["slaughter_pct_all"]
                    self.live[index, 1, sex] = 100 / pct if pct else NAN

    @staticmethod
    def is_seed(name):
        starts = ("de_t1_koernermais", "de_t1_silomais", "de_t1_kartoffel_")
        group = tables()["de.stoffbilv.annex_1_contents.table_1"].rows.get(name.removeprefix("de_t1_"), {}).get("group")
        return (
            name == "none"
            or name.startswith(starts)
            or group in ("Getreide, Körnermais", "Einjährige Körnerleguminosen")
        )

    @staticmethod
    def is_roughage(code):
        fodder = code.row.startswith(("gehaltsruebe", "massenruebe", "zuckerruebe_blatt", "silomais")) or (
            code.row.endswith("_ganzpflanze") and not code.row.startswith(("flachs", "hanf", "miscanthus"))
        )
        table = code.table.rsplit("_", 1)[1]
        return (
            table == "3" or (table == "1" and fodder) or code.code in ("de_t4_getreide_gps", "de_t4_sonnenblumen_gps")
        )

    def manure_contents(self, index, code, year):
        rows = tables()["de.duev.annex_9_storage.table_1"].rows
        animal = tables()["de.stoffbilv.section_05_removal"].rows[code.row]["excretion_row"]
        species = tables()["de.duev.herd_categories"].rows[animal]["species"]
        volume = 2 * column("de.duev.annex_9_storage.table_1", code.row, code.form, year)
        if code.form == "solid" and rows[code.row]["solid_unit"] == "t/1 000 Tierplätze":
            volume /= 1000
        excretion = tables()["de.duev.annex_1_excretion.table_1"].rows[animal]
        credited = tables()["de.duev.annex_2_crediting"].rows[species][
            "column_2" if code.form == "slurry" else "column_3"
        ]
        self.content["n"][index] = excretion["n"] * credited / 100 / volume
        self.content["p2o5"][index] = excretion["p2o5"] / volume
        self.content["p"][index] = excretion["p2o5"] / volume * 0.436

    def animals(self, year):
        rows = tables()["de.duev.herd_categories"].rows
        size = len(codes.Animal)
        self.excretion, self.units, self.uptake = numpy.zeros(size), numpy.zeros(size), numpy.zeros(size)
        self.storage, self.spreading = numpy.zeros((size, 3)), numpy.zeros((size, 3))
        self.empty_herd = numpy.zeros((size, 3), bool)
        for index, animal in enumerate(names(codes.Animal)):
            if animal not in rows:
                continue
            row = rows[animal]
            self.excretion[index] = tables()["de.duev.annex_1_excretion.table_1"].rows[animal]["n"]
            key = row["livestock_unit_row"]
            self.units[index] = tables()["de.duev.annex_9_storage.table_2"].rows[key]["livestock_units"] if key else NAN
            uptake = row["roughage_row"]
            if uptake:
                self.uptake[index] = tables()["de.duev.annex_1_excretion.table_2"].rows[uptake]["n"]
            elif row["species"] == "rinder":
                self.uptake[index] = NAN
            for position, system in ((1, "slurry"), (2, "solid")):
                cells = [
                    column(f"de.stoffbilv.annex_4_permitted_balance.table_{t}", row["species"], system, year)
                    for t in (2, 3)
                ]
                self.empty_herd[index, position] = numpy.isnan(cells).any()
                self.storage[index, position], self.spreading[index, position] = numpy.nan_to_num(cells) / 100

    def losses(self, year):
        rows = {
            "cattle": "rinder",
            "pigs": "schweine",
            "poultry": "gefluegel",
            "other_animals": "andere_tierarten",
            "digestate": "betrieb_einer_biogasanlage",
            "other_organic": "sonstige_organische_duengemittel",
        }
        materials = names(codes.Material)
        self.applied, self.empty_applied = numpy.zeros((len(materials), 3)), numpy.zeros((len(materials), 3), bool)
        for index, material in enumerate(materials[1:], 1):
            for position, form in ((1, "slurry"), (2, "solid")):
                cell = column("de.stoffbilv.annex_4_permitted_balance.table_3", rows[material], form, year)
                self.empty_applied[index, position] = numpy.isnan(cell)
                self.applied[index, position] = numpy.nan_to_num(cell) / 100
        crops = names(codes.Crop)
        rows = tables()["de.stoffbilv.annex_1_contents.table_6"].rows
        fixed = [rows.get(crop.removeprefix("de_t6_")) for crop in crops]
        self.per_ha = numpy.array([row["n_per_ha"] if row else 0.0 for row in fixed])
        self.per_dt = numpy.array([row["n_per_dt"] if row else 0.0 for row in fixed])
