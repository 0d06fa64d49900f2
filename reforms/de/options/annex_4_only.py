"""Section 6(2) sentence 2 without the choice of 175 kg per hectare."""

import numpy
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import AssessmentMethod
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import SECTION, Verdict

TOLERANCE = f"{SECTION}.farm_specific_tolerance"


class stoffbilv_assessment_method(Variable):
    label = "The method that counts for the farm: its own permitted balance"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(AssessmentMethod.farm_specific.index)


class stoffbilv_limit_flat(Variable):
    label = "Flat limit: there is none"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(numpy.nan)


class stoffbilv_verdict_flat(Variable):
    label = "Verdict by the flat limit: not assessed"

    def formula_2018_01_01(farm, period, parameters):
        return farm.filled_array(Verdict.not_assessed.index)


class annex_4_only(LawReform):
    """Verdict, limit and headroom are those of the farm's own permitted balance, with its tolerance of 10 percent."""

    label = "Every farm is held against its own permitted balance; the choice of 175 kg N/ha is abolished"
    reference = "StoffBilV § 6 Abs. 2 Satz 2 Nr. 1"
    status = "inferred"
    source = (
        "Simplest reading of the demand to abolish 175 kg N/ha, which has no regulating effect (UBA 2021, "
        "Empfehlungen für Novellierung der Stoffstrombilanzverordnung); no text of such a rule was found"
    )

    def change(self):
        for variable in (stoffbilv_assessment_method, stoffbilv_limit_flat, stoffbilv_verdict_flat):
            self.update_variable(variable)

    def without_tolerance(self):
        """Let the farm's own permitted balance have no tolerance as long as it has one."""
        for value in self.parameter(TOLERANCE).values_list:
            if value.value is not None:
                value.value = 0
