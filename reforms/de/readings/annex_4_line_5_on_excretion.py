"""Annex 4 line 5: table 3 as percentage points of the housed excretion."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.slots import on


class herd_spreading_base(Variable):
    label = "Nitrogen of a herd to which table 3 applies: all that it excretes in housing"

    @on("herd")
    def formula(entry, period, parameters):
        return entry("herd_housing_nitrogen", period)


class annex_4_line_5_on_excretion(LawReform):
    """Only where line 5 is derived from excretion; declared applications stay as they are."""

    label = "Derived line 5 applies table 3 to the housed excretion instead of what storage leaves of it"
    reference = "StoffBilV Anlage 4 Tabelle 3"

    def change(self):
        self.update_variable(herd_spreading_base)
