"""The file of a mapping: what is said of a frame, in TOML and in JSON."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, TypeAlias, cast

from salesflow.errors import JsonData, Problem, SalesflowError
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._wording import near
from salesflow.playbook._beside import BesideFile
from salesflow.playbook._parts import step
from salesflow.playbook._read import DecodedTable, FileFormat
from salesflow.playbook._source import Source as Text
from salesflow.playbook._toml import toml_key, toml_value

Scale: TypeAlias = Mapping[str, float | Decimal]
"""By amount, how many units one of its column counts."""


class Said(NamedTuple):
    """What a call says of a frame, as it was given; None where it says nothing."""

    key: str | None = None
    stage: str | None = None
    columns: Mapping[str, str] | None = None
    stages: Mapping[str, str] | None = None
    values: ValueMaps | None = None
    currency: str | None = None
    scale: Scale | None = None
    tz: str | None = None


NAMES: Final = Said._fields
"""What can be said of a frame."""

LABEL_HINT: Final = "write it as the column holds it: a text, a number, true or false"

_BARE: Final = re.compile("[A-Za-z0-9_-]+")
_QUOTED: Final = re.compile(r"""\[('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]""")
_ENTRY: Final = frozenset({"label", "value"})


class InvalidMapping(SalesflowError, ValueError):
    """The file of a mapping cannot be used.

    `problems` lists everything that is wrong with it, with lines, paths and hints.
    """

    code = "mapping"
    status = 422


MAPPING: Final = BesideFile("mapping", InvalidMapping)
"""How a mapping is read of a file."""


def written(said: Mapping[str, Any]) -> dict[str, JsonData]:
    """What is said, as JSON has it."""
    found: dict[str, JsonData] = {}
    for name, value in said.items():
        if name == "values":
            found[name] = {fact: _written_labels(labels) for fact, labels in value.items()}
        elif name == "scale":
            found[name] = {fact: _written_factor(factor) for fact, factor in value.items()}
        else:
            found[name] = dict(value) if isinstance(value, Mapping) else value
    return found


def _written_labels(labels: Mapping[Any, Any]) -> JsonData:
    if all(isinstance(label, str) and labels[label] is not None for label in labels):
        return dict(labels)
    return [
        {"label": label} if value is None else {"label": label, "value": value}
        for label, value in labels.items()
    ]


def _written_factor(factor: float | Decimal) -> JsonData:
    """A number that is read as the same one; as a text, where JSON and TOML have none."""
    number = Decimal(factor)
    if number == number.to_integral_value():
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else str(number)


def toml_of(table: Mapping[str, JsonData]) -> str:
    """The same as TOML."""
    return "".join(f"{part}\n" for part in _toml_tables(table)).removeprefix("\n")


def _toml_tables(table: Mapping[str, JsonData]) -> Iterator[str]:
    """The parts of the file."""
    plain = [
        f"{name} = {toml_value(value)}" for name, value in table.items() if isinstance(value, str)
    ]
    if plain:
        yield "\n".join(plain)
    for name, inner in table.items():
        if isinstance(inner, dict) and name == "values":
            for fact, labels in inner.items():
                yield from _toml_labels(f"values.{toml_key(fact)}", labels)
        elif isinstance(inner, dict):
            yield _toml_table(f"[{name}]", inner)


def _toml_labels(name: str, labels: JsonData) -> Iterator[str]:
    if isinstance(labels, dict):
        yield _toml_table(f"[{name}]", labels)
    elif isinstance(labels, list):
        for entry in labels:
            yield _toml_table(f"[[{name}]]", cast("dict[str, JsonData]", entry))


def _toml_table(head: str, table: Mapping[str, JsonData]) -> str:
    lines = (f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items())
    return "\n".join(["", head, *lines])


def read_mapping(text: str, format: FileFormat) -> tuple[dict[str, Any], list[Problem]]:  # noqa: A002 - the name for it
    """What a text says, by the names of a mapping; and what is wrong with its form.

    Raises:
        InvalidMapping: It is no TOML, or no JSON, or too big.
    """
    return _from_file(MAPPING.tables(text, format)[0])


def refused(problems: Iterable[Problem], text: str, format: FileFormat) -> InvalidMapping:  # noqa: A002
    """The error with all problems, each with its line."""
    told = Text(text, format).located(map(_in_file, problems))
    told = tuple(sorted(told, key=lambda it: (it.line or 0, it.column or 0)))
    return InvalidMapping("The mapping cannot be used.", problems=told)


def _from_file(table: Mapping[str, object]) -> tuple[dict[str, Any], list[Problem]]:
    """What a file says, by the names of a mapping; and what is wrong with its form."""
    said = {name: value for name, value in table.items() if name in NAMES}
    problems = [
        Problem(step(name), "there is no such key", near(name, NAMES), "unknown_key")
        for name in table
        if name not in NAMES
    ]
    for name in ("columns", "stages", "scale"):
        if name != "stages" and isinstance(said.get(name), dict):
            # `account.name = "Company"` without quotes is a table in a table.
            said[name] = dict(_dotted(cast("DecodedTable", said[name])))
    scale, values = said.get("scale"), said.get("values")
    if isinstance(scale, dict):
        said["scale"] = {fact: _number(number) for fact, number in scale.items()}
    if isinstance(values, dict):
        found: dict[str, object] = {}
        said["values"] = found
        for fact, labels in _labelled(values):
            found[fact], more = _read_labels(f"values[{fact!r}]", labels)
            problems += more
    return said, problems


def _dotted(table: DecodedTable, head: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{head}{name}.")
        else:
            yield f"{head}{name}", value


def _labelled(table: DecodedTable, head: str = "") -> Iterator[tuple[str, object]]:
    """By fact its labels, where `[values.account.tier]` is a table in a table likewise."""
    for name, value in table.items():
        inner = list(value.values()) if isinstance(value, dict) else []
        if isinstance(value, dict) and inner and all(isinstance(it, dict | list) for it in inner):
            yield from _labelled(value, f"{head}{name}.")
        else:
            yield f"{head}{name}", value


def _read_labels(path: str, labels: object) -> tuple[object, list[Problem]]:
    """The labels of a fact: a table, or a list of what is written for others than texts."""
    if not isinstance(labels, list):
        return labels, []
    found, problems = {}, []
    for at, entry in enumerate(labels):
        if not isinstance(entry, dict) or "label" not in entry or not entry.keys() <= _ENTRY:
            message = "must be { label = …, value = … }"
            problems.append(Problem(f"{path}[{at}]", message, code="kind"))
        elif isinstance(entry["label"], dict | list):
            problems.append(Problem(f"{path}[{at}]", "this is no label", LABEL_HINT, "kind"))
        elif entry["label"] in found:
            message = f"the label {entry['label']!r} is there already"
            problems.append(Problem(f"{path}[{at}]", message, "keep one", "duplicate"))
        else:
            found[entry["label"]] = entry.get("value")
    return found, problems


def _number(number: object) -> object:
    try:
        return Decimal(number) if isinstance(number, str) else number
    except InvalidOperation:
        return number


def _in_file(problem: Problem) -> Problem:
    """The problem of an argument, with the path of a file."""
    path = _QUOTED.sub(lambda found: f".{step(literal_eval(found[1]))}", problem.path)
    return replace(problem, path=path)
