"""Section 4: seed that counts as supply, and farm manure received."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction, FarmManure
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import has, lines, on, total

SECTION = "de.stoffbilv.section_04_supply"
SEED = ("seed_getreide", "seed_mais", "seed_kartoffeln", "seed_koernerleguminosen")


def counts_as_seed(law, product):
    """1 for seed of cereals, maize, potatoes and grain legumes and for seed without a product, else 0."""
    return product == NONE or any(product in law.value(f"{SECTION}.{kind}") for kind in SEED)


class flow_counts(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether an amount counts: supplied seed only of cereals, maize, potatoes and grain legumes"
    reference = "StoffBilV § 4 Abs. 1 Satz 2"

    @on("flow")
    def formula(entry, period, parameters):
        counts = gather(entry, period, parameters, counts_as_seed, entry("flow_product", period)) > 0
        seed = entry("flow_category", period) == Category.seed
        return counts | ~seed | (entry("flow_direction", period) != Direction.supply)


class flow_is_farm_manure(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether an amount is farm manure: as declared, else animal manure is and nothing else"
    reference = ["DüngG § 2 Nr. 2", "StoffBilV § 1 Abs. 2 Nr. 2"]

    @on("flow")
    def formula(entry, period, parameters):
        declared = entry("flow_farm_manure", period)
        by_category = (declared == FarmManure.by_category) & (entry("flow_category", period) == Category.animal_manure)
        return by_category | (declared == FarmManure.farm_manure)


class flow_is_manure_received(Variable):
    value_type = bool
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Whether an amount is farm manure that the farm received from outside"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 2", "StoffBilV § 1 Abs. 3 Nr. 2", "StoffBilV § 3 Abs. 4 Satz 1"]

    @on("flow")
    def formula(entry, period, parameters):
        supplied = (entry("flow_direction", period) == Direction.supply) & (entry("flow_amount", period) > 0)
        return supplied & entry("flow_is_farm_manure", period)


class receives_manure(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Farm manure from outside is received in the balance year"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 2", "StoffBilV § 1 Abs. 3 Nr. 2"]

    def formula(farm, period, parameters):
        return has(farm, "flow", farm.members("flow_is_manure_received", period))


class manure_received_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in farm manure received in the balance year"
    reference = "StoffBilV § 3 Abs. 4 Satz 1"

    def formula(farm, period, parameters):
        flow = lines(farm, "flow")
        received = flow("flow_is_manure_received", period)
        return total(farm, "flow", numpy.where(received, flow("flow_nitrogen", period), 0))
