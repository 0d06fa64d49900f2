"""Annex 3: the balance over this balance year and the two before it."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.variables.de.stoffbilv.section_01_scope import LAST_DAY

FIRST_DAY = "2018-01-01"
AVERAGING_YEARS = "de.stoffbilv.annex_3_three_years.averaging_years"
FORM = "StoffBilV Anlage 3 Tabelle 2"


def averaging_years(farm, period):
    """How many balance years the mean is over, as the law says it on the first day of this one."""
    return Law(farm, period, farm.simulation.tax_benefit_system.get_parameters_at_instant).value(AVERAGING_YEARS)


def window(farm, period):
    """This balance year and those before it that are averaged, of the same series, from the law's first day on."""
    years = [period.offset(-before) for before in range(averaging_years(farm, period))]
    return [year for year in years if str(year.start) >= FIRST_DAY]


def sum_known(farm, period, variable):
    """Sum of a variable over the known years; missing when it is missing in one of them."""
    years = window(farm, period)
    return added(numpy.where(farm("farm_year_known", year), farm(variable, year), 0) for year in years)


def mean_known(farm, period, variable):
    """Mean of a variable over the known years; missing without any."""
    years = farm("stoffbilv_known_years", period)
    return sum_known(farm, period, variable) / numpy.where(years > 0, years, numpy.nan)


class stoffbilv_known_years(Variable):
    value_type = int
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Balance years known among this and the two before (as many as are averaged), from 2018 on"
    reference = [FORM, "StoffBilV § 6 Abs. 1", "StoffBilV § 3 Abs. 2 Satz 6"]

    def formula_2018_01_01(farm, period, parameters):
        return added(farm("farm_year_known", year).astype(int) for year in window(farm, period))


class stoffbilv_mean_balance(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Mean nitrogen balance over the known years"
    reference = [f"{FORM} Zeile 4", "StoffBilV § 6 Abs. 3"]

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, "nitrogen_balance")


class stoffbilv_mean_area(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "ha"
    label = "Mean utilised area over the known years"
    reference = f"{FORM} Zeile 4"

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, "utilised_area_ha")


class stoffbilv_mean_balance_per_ha(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N/ha"
    label = "Nitrogen balance per hectare over the known years: sum of kg by sum of ha"
    reference = [f"{FORM} Zeile 4", "StoffBilV § 6 Abs. 3 Nr. 1"]

    def formula_2018_01_01(farm, period, parameters):
        area = sum_known(farm, period, "utilised_area_ha")
        return sum_known(farm, period, "nitrogen_balance") / numpy.where(area > 0, area, numpy.nan)


class stoffbilv_mean_permitted_balance(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Zulässiger dreijähriger Bilanzwert (mean permitted balance) over the known years"
    reference = [FORM, "StoffBilV § 6 Abs. 2 Satz 2 Nr. 2"]

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, "stoffbilv_permitted_balance")


class unavoidable_losses_n_kg(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Unavoidable losses and supplements as agreed with the authority"
    reference = "StoffBilV § 6 Abs. 2 Satz 3"


class stoffbilv_mean_agreed_losses(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    end = LAST_DAY
    unit = "kg N"
    label = "Mean of the losses and supplements agreed with the authority over the known years"
    reference = "StoffBilV § 6 Abs. 2 Satz 3"

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, "unavoidable_losses_n_kg")


MEANS = {
    "livestock_units": ("GV", "livestock units"),
    **{
        f"{nutrient}_{what}": (label, f"kg {sign}")
        for nutrient, sign in (("nitrogen", "N"), ("phosphorus", "P"), ("phosphate", "P2O5"))
        for what, label in (("supply", "Zufuhr"), ("removal", "Abgabe"), ("balance", "Differenz"))
        if (nutrient, what) != ("nitrogen", "balance")
    },
}


def mean_variable(name):
    """The mean of one column of the three-year form over the known years."""
    label, unit = MEANS[name]

    def formula_2018_01_01(farm, period, parameters):
        return mean_known(farm, period, name)

    return type(
        f"stoffbilv_mean_{name}",
        (Variable,),
        {
            "__module__": __name__,
            "value_type": float,
            "default_value": numpy.nan,
            "entity": Farm,
            "definition_period": DateUnit.YEAR,
            "end": LAST_DAY,
            "unit": unit,
            "label": f"Anlage 3 Betriebsdurchschnitt, {label} ({unit}), over the known years",
            "reference": [f"{FORM} Zeile 4", "StoffBilV § 6 Abs. 1"],
            "formula_2018_01_01": formula_2018_01_01,
        },
    )


globals().update({made.__name__: made for made in map(mean_variable, MEANS)})
