"""What enters both declarations of MINAS: amounts by direction, compost, nitrogen fixed by legumes."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import CROPS, PRODUCTS, Direction
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.slots import lines, on, total
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.balance.contents import kg_per_unit
from openfisca_stoffenbalans.variables.nl.minas.scope import ARTICLES, LAW, counted
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG, in_catalogue
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import FERTILISERS, MANURES

FIXATION = [f"{LAW} art. 17a", f"{LAW} art. 25a"]
COMPOST = f"{LAW} bijlage D"

FORFAITS = "nl.minas.nitrogen_fixation"
FIXING_CROPS = "nl.minas.fixation_crops"
COMPOST_CODE = "111"


def fixation_per_ha(law, crop):
    """Kg N fixed per ha; 0 for a crop that the assignment does not list."""
    listed = in_catalogue(crop) and CROPS[crop].row in tables()[FIXING_CROPS].rows
    return law.number(FORFAITS, law.text(FIXING_CROPS, CROPS[crop].row, "forfait"), "n") if listed else 0


def is_compost(law, product):
    """1 for compost by the kind or mestcode of the fertiliser catalogue, or by the mestcode of the manures."""
    if product == NONE:
        return 0
    code = PRODUCTS[product]
    if code.table == FERTILISERS:
        kind, number = (law.text(FERTILISERS, code.row, column) for column in ("type", "mestcode"))
        return kind == "compost" or number == COMPOST_CODE
    return code.table == MANURES and code.row == COMPOST_CODE


def grams_per_kg(kg, dry_kg):
    """Grams of a nutrient per kg of dry matter; missing without dry matter."""
    return kg * GRAMS_PER_KG / numpy.where(dry_kg > 0, dry_kg, numpy.nan)


def sum_of(farm, period, nutrient, direction, among=True):
    """Kilograms of a nutrient in the flows of a direction, of those `among` that hold."""
    flow = lines(farm, "flow")
    chosen = (flow("flow_direction", period) == direction) & among
    return counted(farm, period, total(farm, "flow", numpy.where(chosen, flow(f"minas_flow_{nutrient}", period), 0)))


class minas_flow_is_poor_compost(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Compost with at most 16 g N per kg of dry matter; one without declared dry matter is not taken as such"
    reference = COMPOST

    @on("flow")
    def formula(entry, period, parameters):
        compost = gather(entry, period, parameters, is_compost, entry("flow_product", period)) > 0
        unit = gather(entry, period, parameters, kg_per_unit, entry("flow_unit", period))
        dry = entry("flow_amount", period) * unit * entry("flow_dry_matter_pct", period) / 100
        content = grams_per_kg(entry("flow_nitrogen", period), dry)
        threshold = Law(entry, period, parameters).value("nl.minas.compost.n_threshold")
        known = ~numpy.isnan(content) & ~numpy.isnan(threshold)
        return compost & known & ~exceeds(content, threshold)


class minas_flow_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen of an amount in a declaration: that of supplied compost poor in nitrogen does not count"
    reference = COMPOST

    @on("flow")
    def formula(entry, period, parameters):
        supplied = entry("flow_direction", period) == Direction.supply
        poor = supplied & entry("minas_flow_is_poor_compost", period)
        return numpy.where(poor, 0, entry("flow_nitrogen", period))


class minas_flow_phosphate(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate of an amount in a declaration, that of compost included"
    reference = ARTICLES

    @on("flow")
    def formula(entry, period, parameters):
        return entry("flow_phosphate", period)


class minas_nitrogen_fixation(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stikstofbinding (nitrogen fixed by legumes): hectares x forfait; each crop once, whatever its cuts"
    reference = FIXATION

    def formula(farm, period, parameters):
        crop = lines(farm, "crop")
        per_ha = gather(crop, period, parameters, fixation_per_ha, crop("crop_crop", period))
        first = crop("crop_cut", period) <= 1
        kg = numpy.where(first & ~(per_ha == 0), crop("crop_area_ha", period) * per_ha, 0)
        return counted(farm, period, total(farm, "crop", kg))
