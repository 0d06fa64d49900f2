"""The proposal 120/120 of the Umweltbundesamt in place of annex 4."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Category, Direction, Origin
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.reforms.de.options.annex_4_only import annex_4_only
from openfisca_stoffenbalans.slots import has, lines, total
from openfisca_stoffenbalans.variables.balance.farm_gate import by_group, group
from openfisca_stoffenbalans.variables.de.stoffbilv.missing import INPUTS
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY
from openfisca_stoffenbalans.words import bits

PROPOSAL = "de.uba.permitted_surplus"
SOURCE = "UBA 2021, Empfehlungen für Novellierung der Stoffstrombilanzverordnung (Bach, Taube; FKZ 3718 722)"

# What stands here for a line of annex 4; the other lines are needed no more.
IN_PLACE = {
    "stoffbilv_annex_4_line_5": "own_organic_nitrogen",
    "stoffbilv_annex_4_line_6": "received_organic_nitrogen",
}


def is_missing(farm, period, name):
    """Whether something is missing among the inputs that the law's balance and limits need."""
    if name.startswith("stoffbilv_annex_4_") and name not in IN_PLACE:
        return numpy.zeros(farm.count, dtype=bool)
    return numpy.isnan(farm(IN_PLACE.get(name, name), period))


class own_organic_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Own organic fertiliser brought out: declared, else what storage leaves less manure given away"
    reference = [SOURCE, "StoffBilV Anlage 4 Tabelle 1 Zeile 5"]

    def formula_2018_01_01(farm, period, parameters):
        spread = lines(farm, "application")
        own = spread("application_origin", period) == Origin.own
        declared = total(farm, "application", numpy.where(own, spread("application_n_kg", period), 0))
        stored = total(farm, "herd", farm.members("herd_stored_nitrogen", period))
        given_away = by_group(farm, period, "nitrogen")[group(Direction.removal, Category.animal_manure)]
        derived = farm("stoffbilv_annex_4_line_5_derived", period)
        return numpy.where(derived, numpy.maximum(0, stored - given_away), declared)


class received_organic_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Received organic fertiliser brought out; missing when some is supplied and none declared"
    reference = [SOURCE, "StoffBilV Anlage 4 Tabelle 1 Zeile 6"]

    def formula_2018_01_01(farm, period, parameters):
        spread = lines(farm, "application")
        received = spread("application_origin", period) == Origin.received
        declared = total(farm, "application", numpy.where(received, spread("application_n_kg", period), 0))
        undeclared = farm("receives_organic_fertiliser", period) & ~has(farm, "application", received)
        return numpy.where(undeclared, numpy.nan, declared)


class stoffbilv_permitted_balance(Variable):
    label = "Permitted balance by the proposal 120/120: floor to cap, as much as organic nitrogen is brought out"
    reference = SOURCE

    def formula_2018_01_01(farm, period, parameters):
        law, area = Law(farm, period, parameters), farm("utilised_area_ha", period)
        floor, cap, most = (law.value(f"{PROPOSAL}.{name}") for name in ("floor", "cap_by_year", "creditable_manure"))
        organic = farm("own_organic_nitrogen", period) + farm("received_organic_nitrogen", period)
        return floor * area + (cap - floor) * numpy.minimum(organic, most * area) / most


class stoffbilv_missing_inputs(Variable):
    label = "Which amounts of the balance year are missing, one bit each; annex 4 is not needed"

    def formula_2018_01_01(farm, period, parameters):
        return bits([is_missing(farm, period, name) for name in INPUTS]) * farm("farm_year_known", period)


class uba_120_120(annex_4_only):
    """Without the choice of 175 kg N/ha and without tolerance.

    Published are floor, cap, creditable manure and the cap of 2030. Inferred are the line between floor and cap, the
    yearly steps of the cap, its value before 2021 (that of 2021), and what counts as manure brought out.
    """

    label = "Permitted surplus of 50 to 120 kg N/ha that rises with the organic fertiliser brought out"
    reference = "StoffBilV § 6 Abs. 2 Satz 2"
    status = "inferred"
    excludes = ("net_balance",)
    source = (
        f"{SOURCE}, https://umweltbundesamt.api.proxy.bund.dev/themen/uba-empfehlungen-fuer-novellierung-der: "
        "floor 50, cap 120, 120 kg manure N/ha creditable, cap 90 by 2030"
    )

    def change(self):
        super().change()
        self.without_tolerance()
        for variable in (own_organic_nitrogen, received_organic_nitrogen):
            self.add_variable(variable)
        for variable in (stoffbilv_permitted_balance, stoffbilv_missing_inputs):
            self.update_variable(variable)
