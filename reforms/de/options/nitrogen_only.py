"""A balance of nitrogen alone."""

import numpy

from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.reform import LawReform

UNITS = ("kg P", "kg P2O5", "kg P/ha", "kg P2O5/ha")
NOT_NEEDED = (
    "flow_p_content_needed",
    "flow_p2o5_content_needed",
    "herd_p2o5_excretion_kg_needed",
    "converts_phosphorus",
)


def missing(before, population, period, parameters):
    """No amount at all."""
    return population.filled_array(numpy.nan)


def no(before, population, period, parameters):
    """Nowhere."""
    return population.filled_array(False)


class nitrogen_only(LawReform):
    """Every computed amount of phosphorus and phosphate is missing; the verdict rests on nitrogen as before."""

    label = "No phosphorus: its amounts and balances are missing and its contents need not be declared"
    reference = "StoffBilV § 3 Abs. 3"
    status = "inferred"
    source = "simplification asked for by the Dutch Actieagenda Stoffenbalans, action 12; its form here is inferred"

    def change(self):
        amounts = [name for name, known in self.variables.items() if known.unit in UNITS and known.formulas]
        for name in amounts:
            layer(self, name, missing)
        for name in NOT_NEEDED:
            layer(self, name, no)
