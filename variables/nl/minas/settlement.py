"""Art. 43: room of one year settles the taxable amounts of former years, what is left those of later years."""

from dataclasses import dataclass

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.variables.nl.minas.levy import NUTRIENTS, above, farm_amount, levy
from openfisca_stoffenbalans.variables.nl.minas.scope import LAW, counted, has_norms

SETTLEMENT = f"{LAW} art. 43"
YEARS_BACK = "nl.minas.settlement.years_back"
OLDEST_FIRST = "nl.minas.settlement_order.oldest_year_first"


@dataclass
class Account:
    """The running account of one nutrient at the end of a year.

    `open`: taxable amounts not settled yet, by year, the oldest first; `before`: those of former years as they were
    when the year began; `settled`: room of the year used on former years; `deducted`: room of former years used on
    the year; `carried`: room that is left for later years.
    """

    open: list
    before: list
    settled: object
    deducted: object
    carried: object


def used(room, amount):
    """How much of a room goes into an amount; 0 where either is, even when the other is missing."""
    return numpy.where((room == 0) | (amount == 0), 0, numpy.minimum(room, amount))


def settle(years, oldest_first=True):
    """The account after the last of some years, each its taxable amount and room, the oldest first.

    Room carried forward goes off the taxable amount of a year; room of a year goes off the open amounts of former
    years one after the other, and what is left is carried forward.
    """
    account = Account([], [], 0, 0, 0)
    for taxable, room in years:
        before, left = list(account.open), room
        deducted = used(account.carried, taxable)
        order = range(len(before)) if oldest_first else reversed(range(len(before)))
        for number in order:
            taken = used(left, account.open[number])
            account.open[number], left = account.open[number] - taken, left - taken
        carried = account.carried - deducted + left
        account = Account([*account.open, taxable - deducted], before, room - left, deducted, carried)
    return account


def window(farm, period, parameters):
    """This balance year and those before it that it settles with: of MINAS, and known of some farm."""
    if not has_norms(farm, period):
        return []
    reach = Law(farm, period, parameters).value(YEARS_BACK)
    before = [period.offset(-back) for back in range(reach, 0, -1)]
    return [year for year in before if has_norms(farm, year) and farm("farm_year_known", year).any()] + [period]


def taxable_and_room(farm, period, nutrient):
    """The taxable amount and the room of a year; neither in one that is not known."""
    known, permitted = farm("farm_year_known", period), farm(f"minas_permitted_{nutrient}", period)
    room = above(permitted, farm(f"minas_surplus_{nutrient}", period))
    return numpy.where(known, farm(f"minas_taxable_{nutrient}", period), 0), numpy.where(known, room, 0)


def account_of(farm, period, parameters, nutrient):
    """The account of a nutrient at the end of a balance year."""
    years = [taxable_and_room(farm, year, nutrient) for year in window(farm, period, parameters)]
    return settle(years, Law(farm, period, parameters).value(OLDEST_FIRST))


def refund(farm, period, parameters, nutrient):
    """Euro of levy on former years that room of this year takes off, by the levies of those years."""
    account, years = account_of(farm, period, parameters, nutrient), window(farm, period, parameters)[:-1]
    euro = [farm.filled_array(0.0)]
    for year, before, left in zip(years, account.before, account.open, strict=False):
        less = levy(farm, year, parameters, nutrient, before) - levy(farm, year, parameters, nutrient, left)
        # A year that is not known has no area, and no levy either.
        euro.append(numpy.where(farm("farm_year_known", year), less, 0))
    return counted(farm, period, numpy.where(account.settled == 0, 0, added(euro)))


def account_variable(result, nutrient, words):
    """One amount of the account of a nutrient."""
    unit, word = NUTRIENTS[nutrient]

    def formula(farm, period, parameters):
        return counted(farm, period, RESULTS[result][1](account_of(farm, period, parameters, nutrient)))

    return farm_amount(f"minas_{result}_{nutrient}", unit, f"Verrekening {word}: {words}", SETTLEMENT, formula)


def own(account):
    """What is open of the last year's taxable amount; missing without a year."""
    return account.open[-1] if account.open else numpy.nan


def former(account):
    """What is open of the former years after the last one has settled with them."""
    return added([numpy.zeros_like(own(account)), *account.open[:-1]])


RESULTS = {
    "room_of_former_years_used": (
        "room carried forward that goes off this year's taxable amount",
        lambda of: of.deducted,
    ),
    "open_taxable": ("what is left of this year's taxable amount after room carried forward", own),
    "settled_with_former_years": ("room of this year used on former years, eight at most", lambda of: of.settled),
    "open_former_years": ("taxable amounts of former years that are still open", former),
    "room_carried_forward": ("room left at the end of this year for later ones", lambda of: of.carried),
}

globals().update(
    {
        made.__name__: made
        for made in [
            account_variable(result, nutrient, words)
            for result, (words, _) in RESULTS.items()
            for nutrient in NUTRIENTS
        ]
    }
)


class minas_levy_due(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "EUR"
    label = "Mineralenheffing of the year after room carried forward from former years"
    reference = SETTLEMENT

    def formula(farm, period, parameters):
        open_ = {nutrient: farm(f"minas_open_taxable_{nutrient}", period) for nutrient in NUTRIENTS}
        return added([levy(farm, period, parameters, nutrient, kg) for nutrient, kg in open_.items()])


class minas_levy_refund(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "EUR"
    label = "Mineralenheffing of former years that room of this year takes off, by the levies of those years"
    reference = SETTLEMENT

    def formula(farm, period, parameters):
        return added([refund(farm, period, parameters, nutrient) for nutrient in NUTRIENTS])
