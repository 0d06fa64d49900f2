"""Tables of Dutch farms through the check and the simulations, as the columns of the soil balance."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.check import check
from openfisca_stoffenbalans.dataset.simulation import FARMS_PER_PART, simulate
from openfisca_stoffenbalans.reform import available, with_reforms
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from tests.nl.independent_cases import raw_tables
from tests.nl.random_fields import Tables
from tests.nl.soil_balance_by_hand import PER_HA

Columns = dict[str, NDArray[numpy.float64]]

FIELD_COLUMNS = (*PER_HA, "time_share", "leaching_share")
FARM_COLUMNS = (*PER_HA, "area_ha", "surplus", "ammonia_kg", "nitrate_kg", "headroom")
# Column of a table -> the beginning and the rest of our variables' names.
VARIABLES = {"fields": ("nl_field_", FIELD_COLUMNS), "farms": ("nl_soil_", FARM_COLUMNS)}


@functools.cache
def system(like_fdm: bool = False) -> Any:
    """The system, as it stands or with all options that count as nmi-agro/fdm does."""
    options = [reform for name, reform in available("nl.options").items() if name.startswith("fdm_")]
    return with_reforms(CountryTaxBenefitSystem(), options) if like_fdm else CountryTaxBenefitSystem()


def checked(tables: Tables) -> DataSet:
    """The data set of these rows."""
    report = check(raw_tables(tables), "random")
    assert report.data is not None, [str(message) for message in report.messages() if message.severity == "error"][:9]
    return report.data


def computed(data: DataSet, like_fdm: bool = False, farms_per_part: int = FARMS_PER_PART) -> Mapping[str, Columns]:
    """Table -> column -> values in the order of the table's rows, all years."""
    found: dict[str, Columns] = {
        table: {name: numpy.full(data.tables[table].height, numpy.inf) for name in names}
        for table, (_, names) in VARIABLES.items()
    }
    for part in simulate(data, system(like_fdm), farms_per_part):
        for table, (prefix, names) in VARIABLES.items():
            for period, (rows, index) in (part.fields if table == "fields" else part.rows).items():
                for name in names:
                    with numpy.errstate(divide="ignore", invalid="ignore"):
                        found[table][name][rows] = part.simulation.calculate(prefix + name, period)[index]
    return found
