"""Section 6(6): the deadline, not the balance year's end, has to lie before 2023."""

from openfisca_core.variables import Variable

from openfisca_stoffenbalans.calendar import deadline
from openfisca_stoffenbalans.reform import LawReform


class stoffbilv_assessment_period(Variable):
    label = "The duty to assess holds: the deadline of the balance year lies by 31.12.2022"

    def formula_2018_01_01(farm, period, parameters):
        law = parameters(period).de.stoffbilv.section_06_assessment
        return farm.filled_array(str(deadline(period, law.balance_deadline)) <= law.assessment_last_day)


class assessment_duty_by_deadline(LawReform):
    """A balance that was due only in 2023 needed no assessment any more."""

    label = "The duty to assess holds for balance years whose six-month deadline lies by 31.12.2022"
    reference = "StoffBilV § 6 Abs. 6"

    def change(self):
        self.update_variable(stoffbilv_assessment_period)
