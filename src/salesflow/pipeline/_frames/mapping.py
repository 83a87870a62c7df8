"""What a caller says of a frame, as a value: read, edited, laid over another, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeAlias

from salesflow._arguments import Arguments, describe, mapping, zone
from salesflow._frozen import FrozenDict
from salesflow.errors import ArgumentError, JsonData, Problem
from salesflow.money import CURRENCIES
from salesflow.money._currencies import near_currency
from salesflow.pipeline._frames.mapping_file import (
    LABEL_HINT,
    MAPPING,
    NAMES,
    Scale,
    read_mapping,
    refused,
    toml_of,
    written,
)
from salesflow.pipeline._frames.value_maps import ValueMaps, number_in
from salesflow.playbook._read import FileFormat
from salesflow.rules import Verdict

_LEAST: Final = Decimal("1e-12")
_MOST: Final = Decimal("1e12")
_MESSAGE: Final = "This cannot be said of a frame."
_BY_VERDICT: Final = {Verdict.YES: True, Verdict.NO: False, Verdict.UNKNOWN: "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMapping:
    r"""What somebody says of a frame: which column holds what, and what its words stand for.

    The arguments of the same names of [`check_pipeline`][salesflow.pipeline.check_pipeline] say the
    same. What is not said is None, or empty. `mapping | other` lays one over another: what the
    other says wins, entry by entry, in `values` label by label.

    Of a log of stages, `key` is the column of the case, and `columns` name those of `at`, `order`
    and `previous`, as the arguments of [`check_history`][salesflow.pipeline.check_history] do.

    Attributes:
        key: The column that identifies a deal.
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds. The one close
            date of a CRM stands under both `expected_close_on` and `closed_on`: then it is the
            expected one of open deals, and of the others the day on which they were closed.
        stages: Label and stage, sub-stage or outcome.
        values: By fact, what labels of its column stand for.
        currency: In what amounts are of which nothing else says it: a code of ISO 4217.
        scale: By amount, how many units one of its column counts, unless it named its own.
        tz: Where calendar days begin: the name of a time zone.

    Raises:
        ArgumentError: `problems` lists everything that is of the wrong kind.

    Example:
        >>> mapping = FrameMapping(
        ...     key="Opportunity ID",
        ...     columns={"amount": "Amount", "account.tier": "Class"},
        ...     stages={"Closed Won": "won"},
        ...     values={"account.tier": {"A": "strategic"}},
        ... )
        >>> print(mapping.to_toml(), end="")
        key = "Opportunity ID"
        <BLANKLINE>
        [columns]
        amount = "Amount"
        "account.tier" = "Class"
        <BLANKLINE>
        [stages]
        "Closed Won" = "won"
        <BLANKLINE>
        [values."account.tier"]
        A = "strategic"
        >>> FrameMapping.from_toml(mapping.to_toml()) == mapping
        True
        >>> (mapping | FrameMapping(columns={"amount": "ACV"})).columns["amount"]
        'ACV'
    """

    key: str | None = None
    stage: str | None = None
    columns: Mapping[str, str] = field(default_factory=FrozenDict)
    stages: Mapping[str, str] = field(default_factory=FrozenDict)
    values: ValueMaps = field(default_factory=FrozenDict)
    currency: str | None = None
    scale: Scale = field(default_factory=FrozenDict)
    tz: str | None = None

    def __post_init__(self) -> None:
        given = Arguments()
        said = read_said(given, {name: getattr(self, name) for name in NAMES})
        given.problems += _unfit(said)
        given.refuse(_MESSAGE)
        for name, value in said.items():
            object.__setattr__(self, name, _frozen(name, value))

    def __or__(self, other: FrameMapping) -> FrameMapping:
        if not isinstance(other, FrameMapping):
            return NotImplemented
        return FrameMapping(**laid_over(said_in(self), said_in(other)))

    def to_dict(self) -> dict[str, JsonData]:
        """What is said, as JSON has it, and as the file does.

        Where labels of a fact are no texts, or stand for what is missing, its entry is a list of
        `{"label": …, "value": …}`, without `value` where it is missing.
        """
        return written(said_in(self))

    def to_json(self) -> str:
        """What is said, as JSON for `from_json`."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def to_toml(self) -> str:
        """What is said, as TOML for `from_toml`; characters that nobody sees are spelt out."""
        return toml_of(self.to_dict())

    @classmethod
    def from_toml(cls, text: str) -> FrameMapping:
        """Read a mapping in TOML.

        Raises:
            InvalidMapping: `problems` lists everything that is wrong, each with its line.
        """
        return cls._of(text, "toml")

    @classmethod
    def from_json(cls, text: str) -> FrameMapping:
        """Read a mapping in JSON, of the same shape as the TOML.

        Raises:
            InvalidMapping: `problems` lists everything that is wrong, each with its line.
        """
        return cls._of(text, "json")

    @classmethod
    def from_file(cls, path: str | Path) -> FrameMapping:
        """Read a `.toml` or `.json` file in UTF-8.

        Raises:
            InvalidMapping: The file cannot be read, or `problems` lists everything that is wrong.
        """
        return cls._of(*MAPPING.text(path))

    @classmethod
    def _of(cls, text: str, format: FileFormat) -> FrameMapping:  # noqa: A002 - the name for it
        said, problems = read_mapping(text, format)
        try:
            found: FrameMapping | None = cls(**said)
        except ArgumentError as error:
            found, problems = None, [*problems, *error.problems]
        if found is None or problems:
            raise refused(problems, text, format)
        return found


def said_in(mapping: FrameMapping) -> dict[str, Any]:
    """What a mapping says, by the names of its fields; without what it does not."""
    whole = ((name, getattr(mapping, name)) for name in NAMES)
    return {name: value for name, value in whole if value is not None and value != {}}


def read_said(given: Arguments, said: Mapping[str, object]) -> dict[str, object]:
    """What is said of a frame, by the names of a mapping; what is wrong is noted and left out.

    The column of the stage may be named by `stage` or by `columns={"stage": …}`. Whether there are
    such facts, columns and stages shows where the frame and the playbook are known.
    """
    found: dict[str, object] = {}
    for name in ("tz", "key", "stage", "columns", "stages", "values", "currency", "scale"):
        value = said.get(name)
        if value is not None:
            read = _READERS.get(name)
            value = value if read is None else read(given, value, name)
        if value is not None:
            found[name] = value
    columns = found.get("columns")
    if isinstance(columns, dict) and "stage" in columns:
        if "stage" not in found:
            found["stage"] = columns.pop("stage")
        elif found["stage"]:
            message = "the column of the stage is named by stage, too"
            given.problems.append(Problem("columns['stage']", message, "name it once"))
    return found


def laid_over(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, Any]:
    """One saying over another: the upper one wins, entry by entry, in tables inside as well."""
    found = dict(under)
    for name, value in over.items():
        below = found.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            found[name] = laid_over(below, value)
        else:
            found[name] = value
    return found


_Reader: TypeAlias = Callable[[Arguments, Any, str], object]


def _table(given: Arguments, value: Any, name: str) -> dict[Any, Any] | None:  # noqa: ANN401
    found = given.read(mapping, value, name)
    return None if found is None else dict(found)


def _each(read: _Reader) -> _Reader:
    """A table of what `read` reads."""

    def table(given: Arguments, value: Any, name: str) -> object:  # noqa: ANN401
        inner = (_table(given, value, name) or {}).items()
        read_ones = ((key, read(given, value, f"{name}[{key!r}]")) for key, value in inner)
        return {key: value for key, value in read_ones if value is not None}

    return table


def _zone(given: Arguments, tz: object, _name: str) -> object:
    return None if given.read(zone, tz) is None else tz


def _currency(code: object) -> str:
    if isinstance(code, str) and code in CURRENCIES:
        return code
    near_one = near_currency(code) if isinstance(code, str) else None
    shown = repr(code[:20]) if isinstance(code, str) else describe(code)
    hint = f'did you mean "{near_one}"?' if near_one else 'write its code, for instance "USD"'
    raise ArgumentError.of(
        Problem("currency", f"must be a currency of ISO 4217, not {shown}", hint)
    )


def _factor(number: object, name: str) -> Decimal:
    """How many units one of a column counts: a finite number above 0."""
    if isinstance(number, int | float | Decimal) and not isinstance(number, bool):
        found = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
        if found.is_finite() and _LEAST <= found <= _MOST:
            return found
    shown = describe(number) if not isinstance(number, int | float | Decimal) else f"{number!r:.40}"
    hint = "for instance 1_000 for a column in thousands, 10_000 for one in 万"
    raise ArgumentError.of(Problem(name, f"must be a finite number above 0, not {shown}", hint))


_READERS: Final[Mapping[str, _Reader]] = {
    "tz": _zone,
    "columns": _table,
    "stages": _table,
    "values": _each(_table),
    "currency": lambda given, code, _name: given.read(_currency, code),
    "scale": _each(lambda given, number, name: given.read(_factor, number, name)),
}


def _unfit(said: Mapping[str, Any]) -> Iterator[Problem]:
    """What no frame and no playbook can have: names that are none, words that stand for none."""
    names = {name: said[name] for name in ("key", "stage") if name in said}
    for table in ("columns", "stages"):
        for name, value in said.get(table, {}).items():
            names[f"{table}[{name!r}]"] = value
            if table == "columns" or type(name) is not int:  # as labels of a column of numbers
                yield from _unnamed(f"{table}[{name!r}]", name, "is no name")
    for path, value in names.items():
        yield from _unnamed(path, value, "names nothing")
    for table in ("values", "scale"):
        for fact in said.get(table, {}):
            yield from _unnamed(f"{table}[{fact!r}]", fact, "names no fact")
    for fact, labels in said.get("values", {}).items():
        for label, value in labels.items():
            path = f"values[{fact!r}][{label!r}]"
            if not isinstance(label, str | int | float) or label != label:  # noqa: PLR0124 - NaN
                yield Problem(path, f"{describe(label)} is no label", LABEL_HINT, "kind")
            elif isinstance(label, float) and not isfinite(label):
                yield Problem(path, f"{label} is no label", LABEL_HINT, "kind")
            if not (value is None or isinstance(value, str | bool) or number_in(value) is not None):
                hint = "write a text, a number, true, false, or None for what is missing"
                yield Problem(path, f"{describe(value)} is no value of a label", hint, "kind")


def _unnamed(path: str, name: object, message: str) -> Iterator[Problem]:
    if not isinstance(name, str):
        yield Problem(path, f"{describe(name)} {message}", "write a text", "kind")
    elif any("\ud800" <= sign <= "\udfff" for sign in name):
        yield Problem(path, "it has half of a character", "write it anew", "kind")


def _frozen(name: str, value: Any) -> object:  # noqa: ANN401
    """The value of a field, as it never changes."""
    if name == "values":
        return FrozenDict(
            {
                fact: FrozenDict({label: _plain(target) for label, target in labels.items()})
                for fact, labels in value.items()
            }
        )
    if name == "stages":
        return FrozenDict({str(label): stage for label, stage in value.items()})
    return FrozenDict(value) if isinstance(value, Mapping) else value


def _plain(target: object) -> object:
    if isinstance(target, Verdict):
        return _BY_VERDICT[target]
    return float(target) if isinstance(target, Decimal) else target
