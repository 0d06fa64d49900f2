"""What a scenario is: a file that says how the law is changed, read and checked."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic
import yaml
from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform

from openfisca_stoffenbalans.reform import REFORMS, available, disagreements, exclude, reading_errors, readings
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.values import nearest, need_errors, parameter_errors, shown
from openfisca_stoffenbalans.tables import load_parameters, load_yaml

LAW = "law"
NOT_STATED = "not stated"
REGIME = "de.stoffbilv"
SUFFIXES = (".yaml", ".yml")
Status = Literal["law", "published", "inferred"]

CHANGE = {
    "anyOf": [
        {"type": ["number", "string", "boolean", "array", "null"]},
        {
            "type": "object",
            "properties": {"value": {}, "unit": {"type": "string"}},
            "required": ["value"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"scale": {"type": "number", "minimum": 0}},
            "required": ["scale"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"add": {"type": "number"}},
            "required": ["add"],
            "additionalProperties": False,
        },
    ]
}
PARAMETERS = {
    "type": "object",
    "default": {},
    "description": "Path -> day -> value, {value, unit}, {scale} or {add}; `*` stands for any one part of a path.",
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "patternProperties": {r"^\d{4}-\d{2}-\d{2}$": CHANGE},
        "additionalProperties": False,
    },
}


class ScenarioError(ValueError):
    """A scenario that can't be used; `messages` has one sentence for each thing that is wrong."""

    def __init__(self, messages: Sequence[str]) -> None:
        """Keep all messages."""
        self.messages = tuple(messages)
        super().__init__(self.messages)

    def __str__(self) -> str:
        """The messages, one per line."""
        return "\n".join(self.messages)


class Scenario(pydantic.BaseModel):
    """How the law is changed.

    Readings are applied first, then reforms, then parameters, all of them after what the scenario builds on. Nothing
    is checked against the law before `load_scenario`, `from_spec` or `build`.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    name: str = pydantic.Field(pattern=r"^[A-Za-z0-9_]+$", description="Letters, digits and _.")
    title: str = pydantic.Field(default="", description="One line; the name when there is none.")
    description: str = ""
    builds_on: str = pydantic.Field(
        default=LAW, description="law, a reading, a shipped scenario, or the path of another file."
    )
    reforms: tuple[str, ...] = pydantic.Field(default=(), description="Reforms, as de.options.annex_4_only.")
    readings: tuple[str, ...] = pydantic.Field(default=(), description="Readings of the regime's law.")
    parameters: Annotated[dict[str, Any], pydantic.WithJsonSchema(PARAMETERS)] = pydantic.Field(default_factory=dict)
    needs: tuple[str, ...] = pydantic.Field(
        default=(),
        description="Parameters without a value, of which a scenario that builds on this one has to give one.",
    )
    status: Status = pydantic.Field(default="inferred", description="Where its formula comes from.")
    source: str = pydantic.Field(default=NOT_STATED, description="Who proposed it, when.")

    _regime: str = pydantic.PrivateAttr(default=REGIME)
    _origin: str = pydantic.PrivateAttr(default="")
    _base: Scenario | None = pydantic.PrivateAttr(default=None)

    @pydantic.model_validator(mode="before")
    @classmethod
    def title_is_name(cls, content: Any) -> Any:
        """Take the name for a missing title."""
        if isinstance(content, Mapping) and isinstance(content.get("name"), str):
            return {"title": content["name"], **content}
        return content

    @property
    def regime(self) -> str:
        """The regime whose readings and shipped scenarios it names."""
        return self._regime

    @property
    def origin(self) -> str:
        """What messages call it: its file, else its name."""
        return self._origin or self.name

    @property
    def base(self) -> Scenario | None:
        """The scenario it builds on, None for the law; ScenarioError when there is none of that name."""
        if self._base is None and self.builds_on != LAW:
            return load_scenario(self.builds_on, self.regime)
        return self._base

    def layers(self) -> list[Scenario]:
        """What it builds on, from the law upwards, and itself at the end."""
        base = self.base
        return [*(base.layers() if base else ()), self]

    def classes(self) -> list[type[Reform]]:
        """Its own readings and reforms in the order in which they are applied; ScenarioError for unknown ones."""
        wrong = list(name_errors(self.model_dump(), self.regime))
        if wrong:
            raise ScenarioError([f"{self.origin}: {message}" for message in wrong])
        return [
            *(readings(self.regime)[name] for name in self.readings),
            *(reform_named(name) for name in self.reforms),
        ]

    def spec(self) -> dict[str, Any]:
        """All that makes it, what it builds on included, as plain data that JSON can hold."""
        base = self.base
        return {
            **self.model_dump(mode="json"),
            "regime": self.regime,
            "reforms": [reform_path(name) for name in self.reforms],
            "builds_on": base.spec() if base else LAW,
        }

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any]) -> Scenario:
        """The scenario that a spec describes; ScenarioError when it is not in order."""
        content, below = dated(spec), spec.get("builds_on", LAW)
        regime = content.pop("regime", REGIME)
        base = None
        if isinstance(below, Mapping):
            base = cls.from_spec(below)
            content["builds_on"] = base.name
        return checked(content, str(spec.get("name", "scenario")), regime, base)

    def warnings(self, system: Any) -> list[str]:
        """What may be a mistake, against the law of `system`: far values, no source, no change at all."""
        from openfisca_stoffenbalans.scenario.warn import warnings

        return warnings(self, system)


def dated(content: Mapping[str, Any]) -> dict[str, Any]:
    """A content whose days are texts; YAML readers make dates of them."""
    found = dict(content)
    if isinstance(found.get("parameters"), Mapping):
        found["parameters"] = {
            path: {day.isoformat() if type(day) is datetime.date else day: value for day, value in days.items()}
            if isinstance(days, Mapping)
            else days
            for path, days in found["parameters"].items()
        }
    return found


def load_scenario(place: str | Path, regime: str = REGIME) -> Scenario:
    """The scenario of a YAML file, or of that name: a shipped one, a reading, or a reform.

    ScenarioError has all that is wrong with it.
    """
    if is_path(place):
        return from_file(Path(place), regime, ())
    return named(str(place), regime, ())


def is_path(place: str | Path) -> bool:
    """Whether a text names a file and no scenario."""
    return isinstance(place, Path) or place.endswith(SUFFIXES) or "/" in place or "\\" in place


def shipped(regime: str = REGIME) -> dict[str, Path]:
    """Name -> file of the scenarios that come with a regime."""
    folder = REFORMS / Path(*regimes()[regime].readings.split(".")[:-1]) / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def named(name: str, regime: str, chain: tuple[Path, ...]) -> Scenario:
    """The scenario of that name; `chain`: the files that lead here by building on one another."""
    if name in shipped(regime):
        found = from_file(shipped(regime)[name], regime, chain)
        found._origin = name
        return found
    if name in readings(regime):
        return of_class(readings(regime)[name], {"readings": (name,)}, regime)
    if reform_paths(name):
        return of_class(reform_named(name), {"reforms": (reform_path(name),)}, regime)
    others = [other for other in regimes() if other != regime and name in {**shipped(other), **readings(other)}]
    if others:
        raise ScenarioError([f"{name} is no scenario or reading of {regime}; it is one of {', '.join(others)}"])
    there = [*shipped(regime), *readings(regime), *(path.rpartition(".")[2] for path in all_reforms())]
    raise ScenarioError([f"{name} is no scenario, reading or reform{nearest(name, list(dict.fromkeys(there)))}"])


def of_class(reform: Any, content: Mapping[str, Any], regime: str) -> Scenario:
    """The scenario that is one reform or reading."""
    source = getattr(reform, "source", "") or getattr(reform, "reference", "") or NOT_STATED
    about = {
        "name": reform.__name__,
        "title": getattr(reform, "label", "") or reform.__name__,
        "status": getattr(reform, "status", "inferred"),
        "source": source,
    }
    return checked({**about, **content}, reform.__name__, regime, None)


def from_file(path: Path, regime: str, chain: tuple[Path, ...]) -> Scenario:
    """The scenario of a YAML file."""
    if path.resolve() in chain:
        circle = [*chain[chain.index(path.resolve()) :], path]
        raise ScenarioError([f"{chain[-1]}: builds_on: goes in a circle: {' -> '.join(file.name for file in circle)}"])
    try:
        content = load_yaml(path)
    except OSError as error:
        raise ScenarioError([f"{path}: can't be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError([f"{path}: is no YAML: {' '.join(str(error).split())}"]) from error
    base, wrong = None, []
    try:
        base = base_of(content, path, regime, (*chain, path.resolve()))
    except ScenarioError as error:
        wrong = list(error.messages)
    return checked(content, str(path), regime, base, wrong)


def base_of(content: Any, path: Path, regime: str, chain: tuple[Path, ...]) -> Scenario | None:
    """What a file's content builds on; None for the law."""
    below = content.get("builds_on", LAW) if isinstance(content, Mapping) else LAW
    if below == LAW or not isinstance(below, str):
        return None
    if is_path(below):
        return from_file(path.parent / below, regime, chain)
    try:
        return named(below, regime, chain)
    except ScenarioError as error:
        raise ScenarioError([f"{path}: builds_on: {message}" for message in error.messages]) from error


def checked(content: Any, origin: str, regime: str, base: Scenario | None, wrong: Sequence[str] = ()) -> Scenario:
    """The scenario of a content; ScenarioError with all that is wrong with it and what is `wrong` already."""
    messages = [*(f"{origin}: {message}" for message in errors(content, regime)), *wrong]
    if messages:
        raise ScenarioError(messages)
    scenario = Scenario.model_validate(content)
    scenario._regime, scenario._origin, scenario._base = regime, origin, base
    messages = [f"{origin}: {message}" for message in against_base(scenario)]
    if messages:
        raise ScenarioError(messages)
    return scenario


def against_base(scenario: Scenario) -> Iterator[str]:
    """Which of a scenario's reforms exclude one that it builds on."""
    base = scenario.base
    below = [reform for layer in (base.layers() if base else ()) for reform in layer.classes()]
    for reform in scenario.classes():
        yield from disagreements([*(one for one in below if exclude(one, reform)), reform])


def errors(content: Any, regime: str) -> Iterator[str]:
    """What is wrong with a content, whatever it builds on: `place: what was found; what is allowed`."""
    if not isinstance(content, Mapping):
        yield f"found {shown(content)}; allowed: keys and values, of them at least name"
        return
    try:
        Scenario.model_validate(content)
    except pydantic.ValidationError as error:
        # `parameter_errors` says more about the form of parameters.
        yield from (form_error(details) for details in error.errors() if details["loc"][:1] != ("parameters",))
    if content.get("name") == LAW:
        yield f"name: {LAW} is the name of the law itself; allowed: any other"
    yield from name_errors(content, regime)
    yield from need_errors(law_tree(), content.get("needs"))
    yield from parameter_errors(law_tree(), content.get("parameters", {}))


@functools.cache
def law_tree() -> ParameterNode:
    """The law's parameters without any reform; not to be changed."""
    return load_parameters()


def form_error(details: Any) -> str:
    """One of pydantic's errors in this project's words."""
    place, found = ".".join(str(part) for part in details["loc"]), shown(details["input"])
    match details["type"]:
        case "missing":
            return f"{place} is missing"
        case "extra_forbidden":
            return f"{place} is no key of a scenario{nearest(place, list(Scenario.model_fields))}"
        case "literal_error":
            return f"{place}: found {found}; allowed: {', '.join(get_args(Status))}"
        case "string_pattern_mismatch":
            return f"{place}: found {found}; allowed: letters, digits and _"
        case "string_type":
            return f"{place}: found {found}; allowed: text"
        case "tuple_type":
            return f"{place}: found {found}; allowed: a list of names"
    return f"{place}: found {found}; allowed: {details['msg']}"


def names_in(content: Mapping[str, Any], key: str) -> list[str]:
    """The names of a list; none when it has another form."""
    found = content.get(key, ())
    return [name for name in found if isinstance(name, str)] if isinstance(found, list | tuple) else []


def name_errors(content: Mapping[str, Any], regime: str) -> Iterator[str]:
    """What is wrong with the names of readings and reforms."""
    wrong = list(reading_errors(regime, names_in(content, "readings")))
    yield from (f"readings: {message}" for message in wrong)
    chosen: list[type[Reform]] = [
        readings(regime)[name] for name in names_in(content, "readings") if name in readings(regime)
    ]
    for name in names_in(content, "reforms"):
        paths = reform_paths(name)
        if len(paths) == 1:
            chosen.append(reform_named(name))
        elif paths:
            yield f"reforms: {name} is not the only one of its name; allowed: {', '.join(paths)}"
        else:
            there = list(dict.fromkeys([*all_reforms(), *(path.rpartition(".")[2] for path in all_reforms())]))
            yield f"reforms: {name} is no reform{nearest(name, there)}"
    yield from (f"reforms: {message}" for message in disagreements(chosen) if message not in wrong)


@functools.cache
def all_reforms() -> dict[str, type[Reform]]:
    """Dotted path below `reforms` -> reform, of every folder."""
    folders = sorted({path.parent.relative_to(REFORMS) for path in REFORMS.rglob("*.py")} - {Path()})
    return {
        f"{'.'.join(folder.parts)}.{name}": reform
        for folder in folders
        for name, reform in available(".".join(folder.parts)).items()
    }


def reform_paths(name: str) -> list[str]:
    """The dotted paths that a dotted or short name of a reform stands for."""
    return [path for path in all_reforms() if name in (path, path.rpartition(".")[2])]


def reform_path(name: str) -> str:
    """The dotted path of a reform that is the only one of its name."""
    (path,) = reform_paths(name)
    return path


def reform_named(name: str) -> type[Reform]:
    """The reform that is the only one of its name."""
    return all_reforms()[reform_path(name)]


def json_schema() -> dict[str, Any]:
    """The JSON schema of a scenario's file."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "description": "A scenario's file."}
