"""Section 5: contents of manure made from excretion, crediting coefficient and volume."""

from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import has, lines

ROWS = "de.stoffbilv.section_05_removal"
EXCRETION = "de.duev.annex_1_excretion.table_1"
CREDITING = "de.duev.annex_2_crediting"
VOLUME = "de.duev.annex_9_storage.table_1"
SPECIES = "de.duev.herd_categories"

COLUMN = {"slurry": "column_2", "solid": "column_3"}
PER_THOUSAND = "t/1 000 Tierplätze"
HALF_YEARS = 2
THOUSAND = 1000


def yearly_volume(law, code):
    """T or m3 of manure per place and year: twice the volume of six months."""
    volume = HALF_YEARS * law.number(VOLUME, code.row, code.form)
    per_thousand = code.form == "solid" and law.text(VOLUME, code.row, "solid_unit") == PER_THOUSAND
    return volume / THOUSAND if per_thousand else volume


def manure_nitrogen(law, code):
    """Kg N per t or m3: excretion less losses in housing and storage, over the yearly volume."""
    animal = law.cell(ROWS, code.row, "excretion_row")
    credited = law.number(CREDITING, law.cell(SPECIES, animal, "species"), COLUMN[code.form])
    return law.number(EXCRETION, animal, "n") * credited / 100 / yearly_volume(law, code)


def manure_phosphate(law, code):
    """Kg P2O5 per t or m3: excretion over the yearly volume."""
    animal = law.cell(ROWS, code.row, "excretion_row")
    return law.number(EXCRETION, animal, "p2o5") / yearly_volume(law, code)


def is_manure_by_table(law, product):
    """1 for a manure product of the tables, else 0."""
    return product != NONE and bool(PRODUCTS[product].form)


class uses_manure_by_table(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Contents of manure are derived from excretion, crediting coefficient and volume"
    reference = "StoffBilV § 5 Abs. 2 Satz 2 Nr. 1"

    def formula(farm, period, parameters):
        flow = lines(farm, "flow")
        by_table = gather(farm, period, parameters, is_manure_by_table, flow("flow_product", period))
        return has(farm, "flow", (by_table > 0) & flow("flow_takes_from_table", period))
