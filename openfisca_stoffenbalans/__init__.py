"""Rules for farm nutrient balances: the law as dated data and short formulas, run over farms.

from openfisca_stoffenbalans import CountryTaxBenefitSystem, balance, read_dataset
data = read_dataset("farms/")
results = balance(data, CountryTaxBenefitSystem())
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

__version__ = importlib.metadata.version("openfisca-stoffenbalans")

# Looked up when used: OpenFisca and polars take longer to import than the command's help may take.
_HOMES = {
    "CountryTaxBenefitSystem": "openfisca_stoffenbalans.system",
    "DataError": "openfisca_stoffenbalans.dataset",
    "DataSet": "openfisca_stoffenbalans.dataset",
    "balance": "openfisca_stoffenbalans.dataset.results",
    "read_dataset": "openfisca_stoffenbalans.dataset",
    "readings": "openfisca_stoffenbalans.reform",
    "simulate": "openfisca_stoffenbalans.dataset.simulation",
    "with_reforms": "openfisca_stoffenbalans.reform",
}

__all__ = [
    "CountryTaxBenefitSystem",
    "DataError",
    "DataSet",
    "__version__",
    "balance",
    "read_dataset",
    "readings",
    "simulate",
    "with_reforms",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
