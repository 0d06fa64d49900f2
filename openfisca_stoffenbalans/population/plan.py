"""What a population is made from: year, size, seed, published margins, assumptions, random numbers."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import polars as pl

# Farms that are made, written and computed together. Part of what a seed means: another size makes other farms.
BLOCK = 4096


@dataclass(frozen=True)
class Plan:
    """One population to be made.

    `year`: the year whose margins are met, the last of the three `years`; `farms`: how many are made; `targets`: the
    margins of the year (`margins.targets`); `assume`: name -> value of the country's and the common assumptions.
    """

    country: str
    year: int
    farms: int
    seed: int
    targets: pl.DataFrame
    assume: Mapping[str, Any]

    @property
    def years(self) -> tuple[int, int, int]:
        """The three balance years, the first one first."""
        return self.year - 2, self.year - 1, self.year

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """First and last farm (exclusive) of each block."""
        return [(start, min(start + BLOCK, self.farms)) for start in range(0, self.farms, BLOCK)]

    def random(self, step: str, block: int = 0) -> numpy.random.Generator:
        """The random numbers of one step and block: the same whatever else was drawn before, and in any process."""
        return numpy.random.default_rng([self.seed, zlib.crc32(f"{self.country} {step}".encode()), block])

    def target(self, statistic: str, category: str | None = None) -> float:
        """A margin's value; of a breakdown the one of that category. Raises KeyError where there is none."""
        found = self.by_category(statistic)
        return found["" if category is None else category]

    def by_category(self, statistic: str) -> dict[str, float]:
        """Category -> value of all margins of a statistic; the total stands under ""."""
        rows = self.targets.filter(pl.col("statistic") == statistic)
        return {
            "" if breakdown == "total" else category: value
            for breakdown, category, value in rows.select("breakdown", "category", "target").iter_rows()
        }
