"""Exchange rates in a file: a table of currencies, or what `Rates` takes in TOML or JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from salesflow._labels import normal
from salesflow.errors import Problem, SalesflowError
from salesflow.money import Rates
from salesflow.pipeline._wording import near
from salesflow.playbook._beside import BesideFile
from salesflow.playbook._parts import step

_MESSAGE: Final = "The rates cannot be used."
_FILE: Final = BesideFile("rates", SalesflowError)
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "currency": ("currency", "code", "币种", "货币"),
    "rate": ("rate", "exchange rate", "汇率"),
    "day": ("day", "date", "since", "日期"),
}
_HEADER: Final = "its first line names the columns: currency, rate, and day where rates change"
_MOST: Final = 4 << 20
_LARGE: Final = "a table of rates has a line for each currency, or for each and a day"


def read_rates(path: Path, base: str) -> Rates:
    """The rates of a file, in `.toml`, in `.json`, or else in separated values.

    Args:
        path: The file.
        base: The currency in which the rates are given, where the file does not say it.

    Raises:
        SalesflowError: It cannot be read; `problems` lists everything that is wrong, with lines.
    """
    told: Sequence[Problem]
    found: Rates | None = None
    if path.suffix.lower() in {".toml", ".json"}:
        text, form = _FILE.text(path)
        table, source = _FILE.tables(text, form)
        known_fields = Rates.model_fields
        known = {name: it for name, it in table.items() if name in known_fields}
        found, problems = _made({"base": base, **known})
        problems += [
            Problem(
                step(name), "there is no such key", near(name, Rates.model_fields), "unknown_key"
            )
            for name in table
            if name not in known
        ]
        told = source.located(problems)
    else:
        said, told = _table(_text(path), base)
        if not told:
            found, problems = _made({"base": base, **said})
            told = problems
    if told or found is None:
        raise SalesflowError(_MESSAGE, problems=told)
    return found


def _made(said: Mapping[str, Any]) -> tuple[Rates | None, list[Problem]]:
    try:
        return Rates.model_validate(said), []
    except ValidationError as error:
        return None, [
            _problem(".".join(step(str(part)) for part in it["loc"] if part != "[key]"), it["msg"])
            for it in error.errors(include_url=False, include_context=False, include_input=False)
        ]


def _problem(path: str, said: str) -> Problem:
    message, _, hint = said.partition("; ")
    return Problem(path, message, hint, "rate")


def _text(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises:
        SalesflowError: There is none.
    """
    try:
        if path.stat().st_size > _MOST:
            problem = Problem(str(path), f"it is larger than {_MOST >> 20} MB", _LARGE, "size")
            raise SalesflowError(_MESSAGE, problems=[problem])
        return _FILE.decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        said = ((isinstance(error, OSError) and error.strerror) or str(error)).lower()
        problem = Problem("", f"{str(path)!r} cannot be read: {said}", "name a file", "file")
        raise SalesflowError(_MESSAGE, problems=[problem]) from error


def _table(text: str, base: str) -> tuple[dict[str, Any], list[Problem]]:
    """What a table says, as `Rates` takes it; and what is wrong with its lines."""
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        rows = list(_rows(csv.reader(text.splitlines(), delimiter=separator, strict=True)))
    except csv.Error:
        hint = "close each value in double quotes"
        return {}, [Problem("", "a value in double quotes does not end", hint, "quotes")]
    if not rows:
        return {}, [Problem("", "it is empty", _HEADER, "no_table")]
    (line, header), *rest = rows
    names = [normal(name) for name in header]
    columns = {
        what: next((names.index(name) for name in map(normal, called) if name in names), None)
        for what, called in _NAMES.items()
    }
    twice = [at for at in columns.values() if at is not None and names.count(names[at]) > 1]
    if twice:
        told = (f"{names.count(names[at])} columns are called {header[at]!r}" for at in twice)
        hint = "rename all but one"
        return {}, [Problem("", it, hint, "duplicate_column", line=line) for it in told]
    lacking = [what for what in ("currency", "rate") if columns[what] is None]
    if lacking:
        said = f"there is no column {' and no column '.join(lacking)}"
        hint = _HEADER
        return {}, [Problem("", said, hint, "no_column", line=line)]
    return _said(rest, columns, len(header), base)


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - the type has no name
    for row in reader:
        if any(value.strip() for value in row):
            yield reader.line_num, [value.strip() for value in row]


def _said(
    rows: Iterable[tuple[int, list[str]]],
    columns: Mapping[str, int | None],
    width: int,
    base: str,
) -> tuple[dict[str, Any], list[Problem]]:
    rates: dict[str, str] = {}
    since: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for line, row in rows:
        if len(row) != width:
            message = f"the row has {len(row)} values, the header {width}"
            hint = "write decimals with a point, as 1.08"
            problems.append(Problem("", message, hint, "row", line=line))
            continue
        code, rate, day = (
            "" if (at := columns[what]) is None else row[at] for what in ("currency", "rate", "day")
        )
        alone = {"since": {code: {day: rate}}} if day else {"rates": {code: rate}}
        _, wrong = _made({"base": base, **alone})
        problems += (replace(it, path="", line=line) for it in wrong)
        first = lines.setdefault((code, day), line)
        if first != line:
            message = f"{f'{code} on {day}' if day else code} has a rate on line {first} already"
            problems.append(Problem("", message, "keep one of them", "duplicate", line=line))
        if day:
            since.setdefault(code, {})[day] = rate
        else:
            rates[code] = rate
    if not (rates or since or problems):
        problems.append(Problem("", "there are no rates below its header", _LARGE, "no_rows"))
    return {"rates": rates, "since": since}, problems
