"""Norms that follow from fields, and the German permitted balance: kg on the farm."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Rotation
from openfisca_stoffenbalans.entities import Farm, Field
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.slots import has, lines
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import with_tolerance
from openfisca_stoffenbalans.variables.nl.soil_balance.balance import GROUNDWATER
from openfisca_stoffenbalans.variables.nl.soil_balance.farm import field_kg
from openfisca_stoffenbalans.variables.nl.soil_balance.fields import LandUse, counted
from openfisca_stoffenbalans.variables.nl.soil_balance.supply import SOILS

KLW = "jureekelder/VKA, toevoegenKengetallenKLW.R"
SURPLUS = "nl.klw.max_soil_surplus"
CLASSES = "nl.klw.soil_classes"


def klw_class(law, soil, groundwater):
    """Row of the KringloopWijzer's table for a soil and, on sand, a groundwater class; None where there is none."""
    if soil == NONE:
        return None
    group = law.text(SOILS, soil, "leaching_group")
    if group == "sand":
        if groundwater == NONE:
            return None
        group = f"sand_{law.text(GROUNDWATER, groundwater, 'target_group')}"
    return law.text(CLASSES, group, "klw_class")


def highest(column):
    """The coefficient of soil and groundwater class for a column of crops; NaN without a class."""

    def coefficient(law, soil, groundwater):
        row = klw_class(law, soil, groundwater)
        return numpy.nan if row is None else law.number(SURPLUS, row, column)

    coefficient.__name__ = f"klw_{column}"
    return coefficient


GRASS, MAIZE, ARABLE = (highest(column) for column in ("grass", "maize", "arable"))


class nl_field_klw_max_surplus(Variable):
    value_type = float
    entity = Field
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Maximaal stikstofbodemoverschot (highest soil surplus): grass, maize where any is grown, else arable"
    reference = KLW

    def formula(field, period, parameters):
        codes = field("nl_field_soil_type", period), field("field_groundwater_class", period)
        grass, maize, arable = (gather(field, period, parameters, of, *codes) for of in (GRASS, MAIZE, ARABLE))
        use = field("nl_field_land_use", period)
        grown = has(field, "crop", lines(field, "crop")("nl_crop_rotation", period) == Rotation.maize)
        cases = [use == LandUse.unknown, use == LandUse.grassland, grown]
        return counted(field, period, numpy.select(cases, [numpy.nan, grass, maize], arable))


class nl_target_klw(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Highest soil surplus of the KringloopWijzer on all fields"
    reference = KLW

    def formula(farm, period, parameters):
        return field_kg(farm, period, "klw_max_surplus")


class nl_klw_max_soil_surplus(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Maximaal stikstofbodemoverschot (highest soil surplus), mean of the fields weighted by area"
    reference = KLW

    def formula(farm, period, parameters):
        area = farm("nl_soil_area_ha", period)
        return farm("nl_target_klw", period) / numpy.where(area > 0, area, numpy.nan)


class nl_target_stoffbilv_annex_4(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Permitted balance of the year by the German annex 4, with its tolerance; missing where its inputs are"
    reference = "StoffBilV § 6 Abs. 3 Nr. 2"

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        return with_tolerance(law, farm("stoffbilv_permitted_balance", period), "farm_specific_tolerance")
