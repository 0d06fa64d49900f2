"""Contents of what lies on a line, and the amounts that tables count: the same for flows and stocks."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Country, Product
from openfisca_stoffenbalans.entities import Entry
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.slots import farm_of_lines, on

MASS = "balance.units"
MASSES = ("kg", "dt", "t")
P_PER_P2O5 = "balance.phosphorus.p_per_p2o5"
P2O5_PER_P = "nl.products.p2o5_per_p"
PROTEIN_PER_N = "nl.products.{}_protein_per_n"
PROTEIN = ["Data contract, table flows", "KringloopWijzer eiwit"]
DUTCH_CONTENTS = [
    "Meststoffenwet art. 1 lid 1 k",
    "Uitvoeringsbesluit Meststoffenwet art. 67 lid 1",
    "Uitvoeringsbesluit Meststoffenwet art. 67 lid 3",
    "Uitvoeringsbesluit Meststoffenwet art. 67 lid 4",
    "Uitvoeringsbesluit Meststoffenwet art. 68 lid 1",
    "Uitvoeringsregeling Meststoffenwet art. 101 lid 3",
]


def kg_per_unit(law, unit):
    """Kg that one unit of an amount weighs; NaN for a unit that is none of mass."""
    return law.value(f"{MASS}.{unit}") if unit in MASSES else numpy.nan


def declared_else(declared, listed):
    """What is declared, and where nothing is, what is listed."""
    return numpy.where(numpy.isnan(declared), listed, declared)


def of_nothing(amount, kg):
    """Kg in an amount; nothing holds no nutrient, whatever its content."""
    return numpy.where(amount == 0, 0, kg)


def phosphate_of_phosphorus(entry, period, parameters, p):
    """Kg P2O5 of kg P, by the factor of the law of the farm's country."""
    law = Law(entry, period, parameters)
    dutch = farm_of_lines(entry, "country", period) == Country.NL
    return numpy.where(dutch, p * law.value(P2O5_PER_P), p / law.value(P_PER_P2O5))


def declared_phosphate(entry, period, parameters, role):
    """Kg P2O5 per unit of the lines of a role, declared as P2O5 or as P; NaN without either."""
    p, p2o5 = entry(f"{role}_p_content", period), entry(f"{role}_p2o5_content", period)
    return declared_else(p2o5, phosphate_of_phosphorus(entry, period, parameters, p))


class flow_protein_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen in the crude protein of an amount; of milk without declared protein by that of the farm's milk"
    reference = PROTEIN

    @on("flow")
    def formula(entry, period, parameters):
        law, milk = Law(entry, period, parameters), entry("flow_product", period) == Product.nl_milk
        share, of_farm = entry("flow_crude_protein_pct", period) / 100, farm_of_lines(entry, "milk_protein_pct", period)
        per_n = [law.value(PROTEIN_PER_N.format(kind)) for kind in ("milk", "feed")]
        kg = numpy.full(len(share), numpy.nan)
        # Few amounts name their protein; only those and milk are worked on.
        told = numpy.flatnonzero(milk | ~numpy.isnan(share))
        share = declared_else(share[told], numpy.where(milk[told], of_farm[told] / 100, numpy.nan))
        mass = gather(entry, period, parameters, kg_per_unit, entry("flow_unit", period)[told])
        kg[told] = entry("flow_amount", period)[told] * mass * share / numpy.where(milk[told], *per_n)
        return kg
