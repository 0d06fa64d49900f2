"""Annex 4: the farm's own permitted balance, line by line."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction, Material, Origin
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import has, lines, on, total
from openfisca_stoffenbalans.variables.balance.farm_gate import by_group, group
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import foreign
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY

ANNEX = "de.stoffbilv.annex_4_permitted_balance"
SPECIES = "de.duev.herd_categories"
TABLE = "StoffBilV Anlage 4 Tabelle 1"
DAYS = 365

ROW_OF_MATERIAL = {
    "cattle": "rinder",
    "pigs": "schweine",
    "poultry": "gefluegel",
    "other_animals": "andere_tierarten",
    "digestate": "betrieb_einer_biogasanlage",
    "other_organic": "sonstige_organische_duengemittel",
}


def share(law, table, row, column):
    """A percentage of a table of annex 4 as a share; an empty cell counts as 0."""
    pct = law.cell(f"{ANNEX}.{table}", row, column)
    return 0 if pct is None else pct / 100


def storage_losses(law, animal, system):
    """Share of excretion lost in housing and storage (table 2); NaN for animals without a manure system."""
    if NONE in (animal, system) or foreign(animal):
        return 0 if animal == NONE else numpy.nan
    return share(law, "table_2", law.cell(SPECIES, animal, "species"), system)


def spreading_losses_of_herd(law, animal, system):
    """Share of nitrogen lost when a herd's manure is brought out (table 3); NaN without a manure system."""
    if NONE in (animal, system) or foreign(animal):
        return 0 if animal == NONE else numpy.nan
    return share(law, "table_3", law.cell(SPECIES, animal, "species"), system)


def spreading_losses(law, material, form):
    """Share of nitrogen lost when an organic fertiliser is brought out (table 3); NaN without a form."""
    if NONE in (material, form):
        return 0 if material == NONE else numpy.nan
    return share(law, "table_3", ROW_OF_MATERIAL[material], form)


def is_roughage(law, product):
    """1 for a product that counts as roughage when sold or bought, else 0."""
    return product in law.value(f"{ANNEX}.lines.line_7_roughage_products")


def empty_cell(law, table, row, column):
    """Whether a cell of a table of annex 4 is empty in the law."""
    return law.cell(f"{ANNEX}.{table}", row, column) is None


class biogas_plant_substrate_n_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in substrates of plant origin fed to the biogas plant"
    reference = f"{TABLE} Zeile 3"


class biogas_substrate_n_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in all substrates fed to the biogas plant except manure of the own farm"
    reference = [f"{TABLE} Zeile 4", f"{TABLE} Fußnote 3"]


class roughage_n_removal_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Declared: nitrogen removed from roughage areas"
    reference = [f"{TABLE} Zeile 7", "DüV § 8 Abs. 3 Satz 1 (Fassung bis 30.4.2020)"]


class herd_grazing_share(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Share of the year that a herd grazes"
    reference = [f"{TABLE} Zeile 8", f"{TABLE} Fußnote 2", "DüV Anlage 2 Fußnote 2"]

    @on("herd")
    def formula(entry, period, parameters):
        return entry("herd_grazing_days", period) / DAYS


class herd_housing_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen a herd excretes in housing"
    reference = [f"{TABLE} Zeile 2", f"{TABLE} Fußnote 2"]

    @on("herd")
    def formula(entry, period, parameters):
        return entry("herd_excretion_nitrogen", period) * (1 - entry("herd_grazing_share", period))


class herd_storage_loss(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen a herd's manure loses in housing and storage"
    reference = "StoffBilV Anlage 4 Tabelle 2"

    @on("herd")
    def formula(entry, period, parameters):
        animal, system = entry("herd_animal", period), entry("herd_manure_system", period)
        losses = gather(entry, period, parameters, storage_losses, animal, system)
        return entry("herd_housing_nitrogen", period) * losses


class herd_stored_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in a herd's manure after losses in housing and storage"
    reference = [f"{TABLE} Zeile 5", "StoffBilV Anlage 4 Tabelle 2"]

    @on("herd")
    def formula(entry, period, parameters):
        return entry("herd_housing_nitrogen", period) - entry("herd_storage_loss", period)


class herd_spreading_base(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen of a herd to which table 3 applies when no own application is declared"
    reference = [f"{TABLE} Zeile 5", "StoffBilV Anlage 4 Tabelle 3"]

    @on("herd")
    def formula(entry, period, parameters):
        return entry("herd_stored_nitrogen", period)


class herd_spreading_loss(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen a herd's manure would lose if all of it was brought out on the farm"
    reference = "StoffBilV Anlage 4 Tabelle 3"

    @on("herd")
    def formula(entry, period, parameters):
        animal, system = entry("herd_animal", period), entry("herd_manure_system", period)
        losses = gather(entry, period, parameters, spreading_losses_of_herd, animal, system)
        return entry("herd_spreading_base", period) * losses


class application_loss(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen lost when an organic fertiliser is brought out"
    reference = ["StoffBilV Anlage 4 Tabelle 3", f"{TABLE} Fußnote 4"]

    @on("application")
    def formula(entry, period, parameters):
        material, form = entry("application_material", period), entry("application_form", period)
        losses = gather(entry, period, parameters, spreading_losses, material, form)
        return numpy.where(material == Material.none, 0, entry("application_n_kg", period) * losses)


class flow_roughage_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in roughage: positive when sold, negative when bought, 0 for all else"
    reference = [f"{TABLE} Zeile 7", "DüV § 8 Abs. 3 Satz 1 (Fassung bis 30.4.2020)"]

    @on("flow")
    def formula(entry, period, parameters):
        product, category = entry("flow_product", period), entry("flow_category", period)
        # Few amounts are roughage; only those are worked on.
        roughage = numpy.flatnonzero(gather(entry, period, parameters, is_roughage, product) > 0)
        traded = (category[roughage] == Category.feed) | (category[roughage] == Category.plant_product)
        sign = numpy.where(entry("flow_direction", period)[roughage] == Direction.supply, -1, 1)
        nitrogen = numpy.zeros(len(product))
        nitrogen[roughage] = numpy.where(traded, sign * entry("flow_nitrogen", period)[roughage], 0)
        return nitrogen


class stoffbilv_has_own_application(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Some own organic fertiliser is declared as brought out"
    reference = f"{TABLE} Zeile 5"

    def formula(farm, period, parameters):
        return has(farm, "application", lines(farm, "application")("application_origin", period) == Origin.own)


class stoffbilv_annex_4_line_5_derived(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    label = "Line 5 is derived from excretion: herds, but no own application declared"
    reference = f"{TABLE} Zeile 5"

    def formula_2018_01_01(farm, period, parameters):
        return farm("has_herd", period) & ~farm("stoffbilv_has_own_application", period)


class stoffbilv_annex_4_line_1(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 1: permitted surplus per hectare x area"
    reference = [f"{TABLE} Zeile 1", f"{TABLE} Fußnote 5"]

    def formula_2018_01_01(farm, period, parameters):
        per_ha = parameters(period).de.stoffbilv.annex_4_permitted_balance.lines.line_1_surplus
        return per_ha * farm("utilised_area_ha", period)


class stoffbilv_annex_4_line_2(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 2: losses of manure in housing and storage"
    reference = [f"{TABLE} Zeile 2", f"{TABLE} Fußnote 2"]

    def formula_2018_01_01(farm, period, parameters):
        return total(farm, "herd", farm.members("herd_storage_loss", period))


class stoffbilv_annex_4_line_3(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 3: losses of plant substrates in storage, biogas only"
    reference = [f"{TABLE} Zeile 3", f"{TABLE} Fußnote 3"]

    def formula_2018_01_01(farm, period, parameters):
        pct = parameters(period).de.stoffbilv.annex_4_permitted_balance.lines.line_3_substrate_losses
        losses = farm("biogas_plant_substrate_n_kg", period) * pct / 100
        return numpy.where(farm("has_biogas_plant", period), losses, 0)


class stoffbilv_annex_4_line_4(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 4: losses of digestate in storage, biogas only"
    reference = [f"{TABLE} Zeile 4", f"{TABLE} Fußnote 3", "StoffBilV Anlage 4 Tabelle 2"]

    def formula_2018_01_01(farm, period, parameters):
        annex = parameters(period).de.stoffbilv.annex_4_permitted_balance
        losses = farm("biogas_substrate_n_kg", period) * annex.table_2.betrieb_einer_biogasanlage.slurry / 100
        return numpy.where(farm("has_biogas_plant", period), losses, 0)


class stoffbilv_annex_4_line_5(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 5: losses when own organic fertiliser is brought out"
    reference = [f"{TABLE} Zeile 5", f"{TABLE} Fußnote 4"]

    def formula_2018_01_01(farm, period, parameters):
        spread = lines(farm, "application")
        own = spread("application_origin", period) == Origin.own
        declared = total(farm, "application", numpy.where(own, spread("application_loss", period), 0))
        derived = farm("stoffbilv_annex_4_line_5_derived", period)
        return numpy.where(derived, farm("stoffbilv_annex_4_line_5_from_excretion", period), declared)


class stoffbilv_annex_4_line_5_from_excretion(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Losses when manure is brought out, from excretion less storage losses and manure given away"
    reference = [f"{TABLE} Zeile 5", "StoffBilV Anlage 4 Tabelle 3"]

    def formula_2018_01_01(farm, period, parameters):
        stored = total(farm, "herd", farm.members("herd_stored_nitrogen", period))
        given_away = by_group(farm, period, "nitrogen")[group(Direction.removal, Category.animal_manure)]
        kept = numpy.maximum(0, 1 - given_away / numpy.where(stored == 0, numpy.nan, stored))
        losses = total(farm, "herd", farm.members("herd_spreading_loss", period)) * kept
        return numpy.where((stored == 0) & ~numpy.isnan(given_away), 0, losses)


class stoffbilv_annex_4_line_6(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 6: losses when received organic fertiliser is brought out"
    reference = [f"{TABLE} Zeile 6", f"{TABLE} Fußnote 4"]

    def formula_2018_01_01(farm, period, parameters):
        spread = lines(farm, "application")
        received = spread("application_origin", period) == Origin.received
        losses = total(farm, "application", numpy.where(received, spread("application_loss", period), 0))
        undeclared = farm("receives_organic_fertiliser", period) & ~has(farm, "application", received)
        return numpy.where(undeclared, numpy.nan, losses)


class receives_organic_fertiliser(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Animal manure or other organic fertiliser is supplied in the balance year"
    reference = f"{TABLE} Zeile 6"

    def formula(farm, period, parameters):
        flow = lines(farm, "flow")
        category = flow("flow_category", period)
        organic = (category == Category.animal_manure) | (category == Category.other_organic_fertiliser)
        supplied = flow("flow_direction", period) == Direction.supply
        return has(farm, "flow", organic & supplied & (flow("flow_amount", period) > 0))


class stoffbilv_roughage_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Nitrogen removed from roughage areas: declared, else uptake + roughage sold - roughage bought"
    reference = [f"{TABLE} Zeile 7", "DüV § 8 Abs. 3 Satz 1 (Fassung bis 30.4.2020)"]

    def formula_2018_01_01(farm, period, parameters):
        uptake = farm("roughage_nitrogen_uptake", period)
        traded = total(farm, "flow", farm.members("flow_roughage_nitrogen", period))
        declared = farm("roughage_n_removal_kg", period)
        return numpy.where(numpy.isnan(declared), numpy.maximum(0, uptake + traded), declared)


class stoffbilv_annex_4_line_7(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 7: losses of roughage in storage"
    reference = f"{TABLE} Zeile 7"

    def formula_2018_01_01(farm, period, parameters):
        pct = parameters(period).de.stoffbilv.annex_4_permitted_balance.lines.line_7_roughage_losses
        return farm("stoffbilv_roughage_nitrogen", period) * pct / 100


class stoffbilv_annex_4_line_8(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 8: losses of grazing"
    reference = [f"{TABLE} Zeile 8", f"{TABLE} Fußnote 2"]

    def formula_2018_01_01(farm, period, parameters):
        pct = parameters(period).de.stoffbilv.annex_4_permitted_balance.lines.line_8_grazing_losses
        excretion, grazing = (
            lines(farm, "herd")(f"herd_{part}", period) for part in ("excretion_nitrogen", "grazing_share")
        )
        return total(farm, "herd", excretion * grazing) * pct / 100


class stoffbilv_permitted_balance(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Anlage 4 Zeile 9: zulässiger Bilanzwert (permitted balance) of the farm"
    reference = f"{TABLE} Zeile 9"

    def formula_2018_01_01(farm, period, parameters):
        return added(farm(f"stoffbilv_annex_4_line_{line}", period) for line in LINES)


LINES = range(1, 9)
