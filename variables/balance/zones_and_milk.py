"""Soil, milk, zones and rights of a farm."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import (
    DerogationFreeZone,
    GroundwaterProtectionZone,
    MinasAssessment,
    Natura2000Zone,
    NutrientPollutedZone,
    SoilType,
)
from openfisca_stoffenbalans.entities import Farm

CONTRACT = "Data contract, table farms"


class region(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "NUTS code of the region in which the farm lies"
    reference = CONTRACT


class soil_type(Variable):
    value_type = Enum
    possible_values = SoilType
    default_value = SoilType.none
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Agricultural soil type of the farm, for fields that name none"
    reference = CONTRACT


class deposition_n_kg_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Deposition of nitrogen from the air in a year, for fields that name none"
    reference = CONTRACT


class milk_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg"
    label = "Koemelk (milk of cows) delivered in the year"
    reference = CONTRACT


class milk_fat_pct(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Fat in the milk"
    reference = CONTRACT


class milk_protein_pct(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Protein in the milk"
    reference = CONTRACT


class milk_urea_mg_per_100g(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "mg per 100 g"
    label = "Tankmelkureum (urea in bulk milk)"
    reference = CONTRACT


class derogation(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm holds a derogation permit in this year"
    reference = [CONTRACT, "Uitvoeringsregeling Meststoffenwet art. 25 lid 1"]


class natura_2000_zone(Variable):
    value_type = Enum
    possible_values = Natura2000Zone
    default_value = Natura2000Zone.unknown
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm lies in a Natura 2000 site"
    reference = CONTRACT


class derogation_free_zone(Variable):
    value_type = Enum
    possible_values = DerogationFreeZone
    default_value = DerogationFreeZone.unknown
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm lies in the derogation-free zone around a Natura 2000 site"
    reference = CONTRACT


class groundwater_protection_zone(Variable):
    value_type = Enum
    possible_values = GroundwaterProtectionZone
    default_value = GroundwaterProtectionZone.unknown
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm lies in a grondwaterbeschermingsgebied (groundwater protection zone)"
    reference = CONTRACT


class nutrient_polluted_zone(Variable):
    value_type = Enum
    possible_values = NutrientPollutedZone
    default_value = NutrientPollutedZone.unknown
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm lies in a met nutriënten verontreinigd gebied (nutrient-polluted area)"
    reference = CONTRACT


class phosphate_rights_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Fosfaatrechten (phosphate rights) of the farm"
    reference = CONTRACT


class housing_storage_n_loss_kg(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen lost to the air in housing and storage, measured or reckoned elsewhere"
    reference = CONTRACT


class minas_assessment(Variable):
    value_type = Enum
    possible_values = MinasAssessment
    default_value = MinasAssessment.refined
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The declaration that the farm chose under MINAS: refined (verfijnd) or forfaitary"
    reference = CONTRACT
