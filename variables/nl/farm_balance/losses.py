"""Gaseous losses of nitrogen: housing and storage by herd, and the ammonia of the fields."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal, ManureSystem
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.slots import on, total
from openfisca_stoffenbalans.variables.balance.contents import declared_else, of_nothing
from openfisca_stoffenbalans.variables.balance.farm_gate import known
from openfisca_stoffenbalans.variables.nl.farm_balance.flows import BALANCE
from openfisca_stoffenbalans.variables.nl.forfaits.tables import is_cattle

FACTORS = "nl.manure_regulation.gaseous_losses"
BEX = "KringloopWijzer BEX"


def lost_from_net(net, pct):
    """Kg lost where `net` is left and `pct` percent of the gross amount is lost: gross = net / (1 - pct / 100)."""
    return net * pct / (100 - pct)


class nl_herd_housing_storage_loss(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = (
        "Gaseous nitrogen loss of a herd in housing and storage: column D, of cattle by the correction of net manure"
    )
    reference = [BEX, "Uitvoeringsregeling Meststoffenwet art. 96"]

    @on("herd")
    def formula(entry, period, parameters):
        law, system = Law(entry, period, parameters), entry("nl_herd_manure_system", period)
        pct = [law.value(f"{FACTORS}.{name}") for name in ("slurry", "solid")]
        share = numpy.select([system == ManureSystem.slurry, system == ManureSystem.solid], pct, numpy.nan)
        cattle = gather(entry, period, parameters, is_cattle, entry("herd_animal", period)) > 0
        net = entry("nl_herd_nitrogen_excretion", period)
        by_net = of_nothing(net, lost_from_net(net, numpy.where(cattle, share, numpy.nan)))
        printed = entry("nl_herd_nitrogen_correction", period)
        return numpy.where(entry("herd_animal", period) == Animal.none, 0, declared_else(printed, by_net))


class nl_housing_storage_loss(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stal- en opslagverliezen (gaseous nitrogen loss of housing and storage): declared, else of the herds"
    reference = BEX

    def formula(farm, period, parameters):
        of_herds = total(farm, "herd", farm.members("nl_herd_housing_storage_loss", period))
        return known(farm, period, declared_else(farm("housing_storage_n_loss_kg", period), of_herds))


class nl_farm_ammonia_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Ammonia of the fields: fertiliser spread and crop residues; 0 for a farm without land"
    reference = [BALANCE, "KringloopWijzer BEA"]

    def formula(farm, period, parameters):
        kg = farm("nl_soil_ammonia_kg", period)
        return known(farm, period, numpy.where(farm("utilised_area_ha", period) == 0, 0, kg))


class nl_gaseous_losses(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Gasvormige verliezen (gaseous nitrogen losses) of housing, storage and fields"
    reference = BALANCE

    def formula(farm, period, parameters):
        return farm("nl_housing_storage_loss", period) + farm("nl_farm_ammonia_nitrogen", period)
