"""The tax and benefit system: the law folders put together."""

from __future__ import annotations

import ast
import importlib
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_stoffenbalans import variables
from openfisca_stoffenbalans.entities import entities
from openfisca_stoffenbalans.tables import load_parameters

VARIABLES = Path(variables.__path__[0])


def as_float64(variable: Any) -> Any:
    """Let a float variable compute in float64; openfisca-core's float32 moves farms across limits."""
    if variable.value_type is float:
        variable.dtype = numpy.float64
    return variable


def law_modules() -> Iterator[tuple[Path, ModuleType]]:
    """The files of the law's formulas, in the order of their paths."""
    for path in sorted(VARIABLES.rglob("*.py")):
        if path.name != "__init__.py":
            relative = path.relative_to(VARIABLES)
            name = ".".join(relative.with_suffix("").parts)
            yield relative, importlib.import_module(f"{variables.__name__}.{name}")


def variable_classes(relative: Path, module: ModuleType) -> Iterator[Any]:
    """The variables that a file defines, each with its place in the repository for source links."""
    lines = linecache.getlines(str(module.__file__))
    definitions = {node.name: node for node in ast.parse("".join(lines)).body if isinstance(node, ast.ClassDef)}
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Variable) and value.__module__ == module.__name__:
            node = definitions.get(value.__name__)
            first, last = (node.lineno, node.end_lineno) if node else (1, len(lines))
            made: Any = value
            made.introspection_data = (f"/variables/{relative}", "".join(lines[first - 1 : last]), first - 1)
            yield made


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The rules for farm nutrient balances, ready for simulations, reforms and OpenFisca's own tools."""

    def __init__(self) -> None:
        """Load entities, parameters and variables."""
        super().__init__(entities)
        self.parameters = load_parameters(self.get_package_metadata()["location"])
        for relative, module in law_modules():
            for variable in variable_classes(relative, module):
                self.add_variable(variable)
        self.open_api_config = api_example()
        if "openfisca_web_api.app" in sys.modules:
            from openfisca_stoffenbalans.web.json import missing_as_null

            missing_as_null()

    def load_variable(self, variable_class: type[Variable], update: bool = False) -> Any:
        """Add a variable; floats compute in float64."""
        return as_float64(super().load_variable(variable_class, update=update))


def api_example() -> dict[str, Any]:
    """The examples of the API's specification: a farm that feeds bought wheat and has to balance."""
    year = "2020"
    return {
        "variable_example": "nitrogen_balance",
        "parameter_example": "de.stoffbilv.section_06_assessment.flat_limit",
        "simulation_example": {
            "entries": {
                "feed_wheat": {
                    "flow_direction": {year: "supply"},
                    "flow_category": {year: "feed"},
                    "flow_product": {year: "de_t1_weizen_rp12_korn"},
                    "flow_amount": {year: 400},
                    "flow_unit": {year: "dt"},
                },
                "dairy_cows": {
                    "herd_animal": {
                        year: "milcherzeugung_schwere_rassen_ackerfutterbau_ohne_weidegang_mit_heu_10_000_ecm"
                    },
                    "herd_count": {year: 90},
                    "herd_manure_system": {year: "slurry"},
                },
            },
            "farms": {
                "farm": {
                    "flows": ["feed_wheat"],
                    "herds": ["dairy_cows"],
                    "farm_year_known": {year: True},
                    "country": {year: "DE"},
                    "utilised_area_ha": {year: 30},
                    "nitrogen_balance": {year: None},
                    "stoffbilv_scope": {year: None},
                }
            },
        },
    }
