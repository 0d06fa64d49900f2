"""Sections 1 and 3(4): only manure of animals is farm manure received."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.slots import on


class flow_is_manure_received(Variable):
    @on("flow")
    def formula(entry, period, parameters):
        supplied = (entry("flow_direction", period) == Direction.supply) & (entry("flow_amount", period) > 0)
        of_animals = entry("flow_category", period) == Category.animal_manure
        return supplied & of_animals & entry("flow_is_farm_manure", period)


class only_animal_manure_counts(LawReform):
    """Digestate and plant material of other farms do not bring a farm into scope."""

    label = "Only animal manure counts as farm manure received, not digestate or plant material of farms"
    reference = "StoffBilV § 1 Abs. 2 Nr. 2"

    def change(self):
        self.update_variable(flow_is_manure_received)
