"""The arithmetic of article 43, by hand."""

from __future__ import annotations

import math

import numpy
import pytest

from openfisca_stoffenbalans.variables.nl.minas.settlement import settle

NAN = math.nan


def years(*balances: float) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """Taxable amount and room of years with these surpluses over the permitted loss."""
    taxable = [numpy.array([numpy.maximum(balance, 0)]) for balance in balances]
    room = [numpy.array([numpy.maximum(-balance, 0)]) for balance in balances]
    return list(zip(taxable, room, strict=True))


@pytest.mark.law("Meststoffenwet (2005-07-01) art. 43")
@pytest.mark.parametrize(
    ("balances", "oldest_first", "opened", "settled", "deducted", "carried"),
    [
        # one year: nothing to settle with
        ((100,), True, [100], 0, 0, 0),
        ((-100,), True, [0], 0, 0, 100),
        ((0,), True, [0], 0, 0, 0),
        # 70 of room into 100 of the former year
        ((100, -70), True, [30, 0], 70, 0, 0),
        # 130 of room: 100 settled, 30 carried
        ((100, -130), True, [0, 0], 100, 0, 30),
        # 130 of room, 100 + 50 open: the oldest first leaves 20 of the second year, the newest first 20 of the first
        ((100, 50, -130), True, [0, 20, 0], 130, 0, 0),
        ((100, 50, -130), False, [20, 0, 0], 130, 0, 0),
        # room that covers all: the order does not matter
        ((100, 50, -200), True, [0, 0, 0], 150, 0, 50),
        ((100, 50, -200), False, [0, 0, 0], 150, 0, 50),
        # carried forward: 40 into 100, then nothing is left
        ((-40, 100), True, [0, 60], 0, 40, 0),
        # 140 carried: 100 used, 40 stay for the next year
        ((-140, 100), True, [0, 0], 0, 100, 40),
        ((-140, 100, 30), True, [0, 0, 0], 0, 30, 10),
        # room that was used is gone: 50 open, 30 of room, then 20 of room
        ((50, -30, -20), True, [0, 0, 0], 20, 0, 0),
        # the other way round and again: 40 carried, 60 open, 100 of room: 60 settled, 40 carried
        ((-40, 100, -100), True, [0, 0, 0], 60, 0, 40),
        # a year that is missing may have had room for the former year or not; nothing was carried to deduct
        ((100, NAN), True, [NAN, NAN], NAN, 0, NAN),
        # a former year that is missing: all room may have gone there, none is used where there is none
        ((NAN, -50), True, [NAN, 0], NAN, 0, NAN),
        ((NAN, 0), True, [NAN, 0], 0, 0, NAN),
        ((NAN, 80), True, [NAN, NAN], 0, NAN, NAN),
    ],
)
def test_room_settles_former_years_and_what_is_left_is_carried_forward(
    balances: tuple[float, ...],
    oldest_first: bool,
    opened: list[float],
    settled: float,
    deducted: float,
    carried: float,
) -> None:
    account = settle(years(*balances), oldest_first)
    assert [float(amount[0]) for amount in account.open] == pytest.approx(opened, nan_ok=True)
    ends = (account.settled, account.deducted, account.carried)
    assert [float(numpy.ravel(end)[0]) for end in ends] == pytest.approx([settled, deducted, carried], nan_ok=True)


def test_what_was_open_before_is_kept_beside_what_is_open_after() -> None:
    account = settle(years(100, 50, -130))
    assert [float(amount[0]) for amount in account.before] == [100, 50]
    assert [float(amount[0]) for amount in account.open] == [0, 20, 0]


def test_farms_settle_each_by_itself() -> None:
    taxable = [numpy.array([100.0, 0]), numpy.array([0.0, 70])]
    room = [numpy.array([0.0, 30]), numpy.array([60.0, 0])]
    account = settle(list(zip(taxable, room, strict=True)))
    assert account.open[0].tolist() == [40, 0]
    assert account.open[1].tolist() == [0, 40]
    assert numpy.asarray(account.deducted).tolist() == [0, 30]
    assert numpy.asarray(account.settled).tolist() == [60, 0]
