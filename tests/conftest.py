"""Fixtures, and the law's YAML tests compared in float64."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy
import pytest
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.tools.test_runner import YamlFile, YamlItem

from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

LAW_TESTS = ("de", "nl", "balance", "quality")

# Sums of a few products in float64; anything larger is a difference.
NOISE = 1e-9

_system: list[CountryTaxBenefitSystem] = []


def loaded_system() -> CountryTaxBenefitSystem:
    """The system, loaded once per session: tests read it and never change it."""
    if not _system:
        _system.append(CountryTaxBenefitSystem())
    return _system[0]


@pytest.fixture(scope="session")
def system() -> CountryTaxBenefitSystem:
    return loaded_system()


def differs(actual: Any, expected: Any, margin: float) -> bool:
    """Whether a computed scalar is not what a test expects; numbers in float64, within `margin` or noise."""
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        allowed = max(margin, NOISE * max(1.0, abs(expected)))
        return not abs(float(actual) - float(expected)) <= allowed
    if isinstance(actual, numpy.datetime64):
        return actual.astype(datetime.date) != datetime.date.fromisoformat(str(expected))
    if isinstance(expected, bool):
        return bool(actual) is not expected
    return str(actual) != str(expected)


class Float64Item(YamlItem):
    """A test of OpenFisca's format, held to float64 instead of openfisca-core's float32."""

    def check_variable(self, variable_name: str, expected_value: Any, period: Any, entity_index: Any = None) -> None:
        if isinstance(expected_value, dict):
            for at, expected in expected_value.items():
                self.check_variable(variable_name, expected, at, entity_index)
            return
        actual = self.simulation.calculate(variable_name, period)
        if isinstance(actual, EnumArray):
            actual = actual.decode_to_str()
        found = [actual[entity_index]] if entity_index is not None else list(actual)
        expected = expected_value if isinstance(expected_value, list) else [expected_value]
        margin = self.test.absolute_error_margin[variable_name] or 0
        pairs = list(zip(found, expected, strict=True))
        if any(differs(one, other, margin) for one, other in pairs):
            raise AssertionError(f"{variable_name}@{period}: {found} instead of {expected}")


class Float64File(YamlFile):
    """A YAML file of law tests; each test is named by its sentence."""

    def collect(self) -> Any:
        for item in super().collect():
            yield Float64Item.from_parent(
                self,
                name=item.test.name,
                baseline_tax_benefit_system=self.tax_benefit_system,
                test={
                    name: value
                    for name, value in vars(item.test).items()
                    if name not in ("absolute_error_margin", "relative_error_margin")
                }
                | {"absolute_error_margin": item.test.absolute_error_margin["default"]},
                options=self.options,
            )


def pytest_collect_file(parent: Any, file_path: Path) -> Any:
    """Collect the YAML files of the law's test folders."""
    below = (
        file_path.parent.relative_to(Path(__file__).parent).parts if Path(__file__).parent in file_path.parents else ()
    )
    if file_path.suffix == ".yaml" and below and below[0] in LAW_TESTS:
        return Float64File.from_parent(parent, path=file_path, tax_benefit_system=loaded_system(), options={})
    return None
