"""Coverage of a law: which variables, parameters and tests stand for each of its provisions."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.system import VARIABLES, CountryTaxBenefitSystem
from openfisca_stoffenbalans.tables import leaves, load_yaml, tables

MARK = re.compile(r"mark\.law\(\s*((?:\"[^\"]+\"(?:,\s*)?)+)")


@dataclass
class Provision:
    """A provision of a law and what stands for it.

    `status`: implemented, parameter, input or not_computable (`why`: of the second and last); `variables`, `inputs`:
    names of variables with and without a formula; `parameters`: dotted paths, tables as a whole; `tests`: test files.
    """

    cite: str
    says: str
    status: str
    why: str = ""
    variables: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class CitedLaw:
    """A law whose provisions are listed."""

    law: str
    title: str
    href: str
    provisions: tuple[Provision, ...]


def laws() -> list[CitedLaw]:
    """The laws that list their provisions, without anything that stands for them yet."""
    found = []
    for path in sorted(VARIABLES.rglob("*provisions.yaml")):
        content = load_yaml(path)
        content["provisions"] = tuple(
            Provision(**{**provision, "cite": f"{content['law']} {provision['cite']}"})
            for provision in content["provisions"]
        )
        found.append(CitedLaw(**content))
    return found


def citations(references: Any) -> Iterator[str]:
    """The single citations of a reference: texts or a list of them, several in one text separated by semicolons."""
    for reference in [references] if isinstance(references, str) else references or []:
        for part in reference.split(";"):
            if not part.strip().startswith("http"):
                yield part.strip()


def stands_for(citation: str, provision: str) -> bool:
    """Whether a citation names a provision or something within it."""
    return citation == provision or citation.startswith((f"{provision} ", f"{provision},"))


def cited_by_variables() -> Iterator[tuple[str, str, bool]]:
    """(citation, variable, has a formula) of every variable."""
    for variable in CountryTaxBenefitSystem().variables.values():
        for citation in citations(variable.reference):
            yield citation, variable.name, bool(variable.formulas)


def cited_by_parameters() -> Iterator[tuple[str, str]]:
    """(citation, dotted path) of every parameter; a printed table counts as one."""
    for path, table in tables().items():
        for citation in citations(table.head["reference"]):
            yield citation, path
    for leaf in leaves(CountryTaxBenefitSystem().parameters):
        if not any(leaf.name.startswith(f"{path}.") for path in tables()):
            for citation in citations(leaf.metadata.get("reference")):
                yield citation, leaf.name


def cited_by_tests(tests: Path) -> Iterator[tuple[str, str]]:
    """(citation, test file) of the keywords of YAML tests and the law marks of Python tests."""
    for path in sorted(tests.rglob("*.yaml")):
        content: Any = load_yaml(path)
        for test in content if isinstance(content, list) else []:
            for citation in test.get("keywords", []):
                yield citation, path.relative_to(tests).as_posix()
    for path in sorted(tests.rglob("test_*.py")):
        for marked in MARK.findall(path.read_text(encoding="utf-8")):
            for citation in re.findall(r"\"([^\"]+)\"", marked):
                yield citation, path.relative_to(tests).as_posix()


def add(provisions: Iterable[Provision], citation: str, what: str, name: str) -> bool:
    """Note what stands for the provisions that a citation names; whether there are any."""
    named = [provision for provision in provisions if stands_for(citation, provision.cite)]
    for provision in named:
        getattr(provision, what).add(name)
    return bool(named)


def covered(tests: Path) -> tuple[list[CitedLaw], dict[str, set[str]]]:
    """The laws with all that stands for their provisions; and citations of these laws that name no provision.

    The second maps such a citation to where it stands. A citation of a whole section or paragraph is not among them.
    """
    listed = laws()
    known = [provision for law in listed for provision in law.provisions]
    astray: dict[str, set[str]] = {}
    cited: list[tuple[str, str, str]] = [
        *((citation, "variables" if formula else "inputs", name) for citation, name, formula in cited_by_variables()),
        *((citation, "parameters", name) for citation, name in cited_by_parameters()),
        *((citation, "tests", name) for citation, name in cited_by_tests(tests)),
    ]
    for citation, what, name in cited:
        of_listed_law = any(citation.startswith(f"{law.law} ") for law in listed)
        whole = any(provision.cite.startswith(f"{citation} ") for provision in known)
        if not add(known, citation, what, name) and of_listed_law and not whole:
            astray.setdefault(citation, set()).add(name)
    return listed, astray


def gaps(listed: Iterable[CitedLaw]) -> list[str]:
    """Provisions that do not have what their status says, in words."""
    found = []
    for provision in (provision for law in listed for provision in law.provisions):
        if provision.status == "implemented" and not (provision.variables or provision.parameters):
            found.append(f"{provision.cite} is implemented, but no variable or parameter refers to it")
        if provision.status == "parameter" and not provision.parameters:
            found.append(f"{provision.cite} is a parameter, but no parameter refers to it")
        if provision.status in ("implemented", "parameter") and not provision.tests:
            found.append(f"{provision.cite} is {STATUS[provision.status]}, but no test refers to it")
        if provision.status == "input" and not provision.inputs:
            found.append(f"{provision.cite} is an input, but no input variable refers to it")
        if provision.status in ("parameter", "not_computable") and not provision.why:
            found.append(f"{provision.cite} is {STATUS[provision.status]}, but nothing says why")
    return found


STATUS: Mapping[str, str] = {
    "implemented": "implemented",
    "parameter": "parameter only",
    "input": "input",
    "not_computable": "not computable",
}


def page(tests: Path) -> str:
    """The coverage page as Markdown."""
    lines = [
        "# Coverage of the law",
        "",
        "Every provision, what stands for it, and where it is tested. Written by `make docs` from the references of",
        "variables, parameters and tests; a test holds it to be up to date.",
    ]
    for law in covered(tests)[0]:
        by_status = functools.reduce(
            lambda counts, provision: {**counts, provision.status: counts.get(provision.status, 0) + 1},
            law.provisions,
            dict[str, int](),
        )
        counted = ", ".join(f"{by_status.get(status, 0)} {words}" for status, words in STATUS.items())
        lines += [
            "",
            f"## {law.title} ({law.law})",
            "",
            f"<{law.href}>",
            "",
            f"{len(law.provisions)} provisions: {counted}.",
        ]
        lines += ["", "| provision | says | status | variables and parameters | tests |", "|---|---|---|---|---|"]
        lines += [row(provision) for provision in law.provisions]
    return "\n".join(lines) + "\n"


def row(provision: Provision) -> str:
    """One line of the page's table."""
    names = sorted(provision.variables) + sorted(provision.inputs) + sorted(provision.parameters)
    shown = shortened([f"`{name}`" for name in names], 8)
    status = STATUS[provision.status] + (f": {provision.why}" if provision.why else "")
    tests = shortened([f"`{name}`" for name in sorted(provision.tests)], 6)
    return f"| {provision.cite} | {provision.says} | {status} | {shown} | {tests} |"


def shortened(names: list[str], most: int) -> str:
    """Names separated by spaces, the rest of a long list as a number."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
