"""What is missing for the farm balance, in words."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.nl.farm_balance.flows import BALANCE
from openfisca_stoffenbalans.words import bits, phrases, sentences

INPUTS = {
    "utilised_area_ha": "utilised agricultural area",
    "nl_farm_flow_supply_nitrogen": "nitrogen content of what is supplied",
    "nl_farm_removal_nitrogen": "nitrogen content of what is removed",
    "nl_farm_stock_increase_nitrogen": "nitrogen content of a stock",
    "nl_farm_fixation_nitrogen": "nitrogen fixation of a crop",
    "nl_farm_deposition_nitrogen": "deposition on the fields",
    "nl_farm_mineralisation_nitrogen": "soil type of a field, for mineralisation",
    "nl_housing_storage_loss": "losses of housing and storage: neither declared nor a factor of the year for a herd",
    "nl_farm_ammonia_nitrogen": "ammonia of the fields",
    "nl_farm_soil_surplus_nitrogen": "soil surplus of nitrogen",
    "nl_farm_supply_phosphate": "phosphate content of what is supplied",
    "nl_farm_removal_phosphate": "phosphate content of what is removed",
    "nl_farm_stock_increase_phosphate": "phosphate content of a stock",
    "nl_soil_surplus_phosphate": "amount or phosphate content of a spreading or harvest",
}


class nl_farm_undetermined_because(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "What is missing when the farm balance, its losses or its closure is"
    reference = BALANCE

    def formula(farm, period, parameters):
        missing = bits([numpy.isnan(farm(name, period)) for name in INPUTS])
        return sentences(farm("nl_obliged", period), (missing, phrases(list(INPUTS.values()), between="; ")))
