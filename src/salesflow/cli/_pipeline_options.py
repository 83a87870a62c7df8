"""The words of `salesflow pipeline` as values, and everything that is wrong with them."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

from salesflow._unseen import quoted, shown
from salesflow.cli._pipeline_words import phrase
from salesflow.cli._sources import STDIN
from salesflow.text import Language

Limits: TypeAlias = dict[str, int | float | Mapping[str, int | float]]

_LIMIT: Final = re.compile(
    r"(?P<name>[^=]+)=(?P<more>\+?)(?P<number>[0-9]{1,18}(?P<point>\.[0-9]{1,18})?)(?P<share>%?)",
    re.ASCII,
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WRITTEN: Final = ("json", "html", "junit", "findings", "suggest")
_READ: Final = ("file", "playbook", "map", "checks", "rates", "before")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, where it is more than a text.

    Attributes:
        as_of: The day; None only where nothing is checked.
        fail_if: How many findings are too many; None where nobody says it.
        warn_if: The same for warnings.
        dates: The form of dates, by column; under an empty name, that of all that are not clear.
        decimal: The decimal mark, in the same way.
    """

    as_of: date | None
    fail_if: Limits | None
    warn_if: Limits | None
    dates: Mapping[str, str]
    decimal: Mapping[str, str]


def asked(options: Namespace, lang: Language) -> tuple[Asked, list[str]]:
    """What is asked for; and what is wrong with it, in sentences."""
    mistakes = [*_together(options, lang), *_overwritten(options, lang)]
    as_of = None
    if options.as_of:
        with suppress(ValueError):  # such as the 31st of a shorter month
            as_of = date.fromisoformat(options.as_of) if _DAY.fullmatch(options.as_of) else None
        if as_of is None:
            mistakes.append(phrase("no_day", lang).format(said=repr(options.as_of)))
    limits = {}
    for name in ("fail_if", "warn_if"):
        limits[name], wrong = _limits(getattr(options, name))
        option = f"--{name.replace('_', '-')}"
        mistakes += [phrase("no_limit", lang).format(option=option, said=repr(it)) for it in wrong]
        if not (options.before or options.suggest):
            mistakes += [
                phrase("no_before", lang).format(option=option, said=repr(it))
                for it in getattr(options, name)
                if it not in wrong and "=+" in it
            ]
    for name in ("dates", "decimal"):
        mistakes += said_twice(f"--{name}", getattr(options, name), lang)
    found = Asked(
        as_of,
        limits["fail_if"] or None,
        limits["warn_if"] or None,
        by_column(options.dates),
        by_column(options.decimal),
    )
    return found, mistakes


def by_column(said: Iterable[str]) -> dict[str, str]:
    """What is said of columns, or of all that are not named, under an empty name.

    Example:
        >>> by_column(["DD/MM/YYYY", "a=b=M/D/YY"])
        {'': 'DD/MM/YYYY', 'a=b': 'M/D/YY'}
    """
    parts = (it.rpartition("=") for it in said)
    return {column: value for column, _, value in parts}


def said_twice(option: str, said: Iterable[str], lang: Language) -> Iterator[str]:
    """Columns of which an option says several things, of which only one could count."""
    values: dict[str, dict[str, None]] = {}
    for column, _, value in (it.rpartition("=") for it in said):
        values.setdefault(column, {})[value] = None
    for column, several in values.items():
        if len(several) > 1:
            name = "twice_of_one" if column else "twice_of_all"
            listed = phrase("and", lang).join(map(shown, several))
            words = {"option": option, "column": quoted(column), "said": listed}
            yield phrase(name, lang).format(**words)


def _limits(said: Iterable[str]) -> tuple[Limits, list[str]]:
    """How many findings there may be, and how many more than before; and what is no limit."""
    parts: dict[str, dict[str, int | float]] = {}
    wrong = []
    for it in said:
        found = _LIMIT.fullmatch(it)
        part = "max" if found is None or not found["more"] else "max_increase"
        if found is None or part in parts.get(found["name"], {}):
            wrong.append(it)
            continue
        number: int | float = int(found["number"]) if not found["point"] else float(found["number"])
        number = number / 100 if found["share"] else number
        parts.setdefault(found["name"], {})[part] = number
    return {name: it["max"] if it.keys() == {"max"} else it for name, it in parts.items()}, wrong


def _together(options: Namespace, lang: Language) -> Iterator[str]:
    """What is missing, and what cannot be asked for at once."""
    if options.suggest:
        more = [name for name in _WRITTEN[:-1] if getattr(options, name)]
        if more:
            option = ", ".join(f"--{name}" for name in more)
            yield phrase("only_suggests", lang).format(option=option)
        if Path(options.suggest).exists():
            yield phrase("taken", lang).format(path=options.suggest)
    elif not options.as_of:
        yield phrase("no_as_of", lang)
    if [options.file, options.playbook].count(STDIN) > 1:
        yield phrase("stdin_twice", lang)


def _overwritten(options: Namespace, lang: Language) -> Iterator[str]:
    """Files that would be written over one that is read, or over each other.

    The report of the last run is read before it is written anew.
    """
    seen: dict[Path, str] = {}
    for name in _READ:
        if getattr(options, name) not in {"", STDIN}:
            seen.setdefault(_place(getattr(options, name)), name)
    for name in _WRITTEN:
        file = getattr(options, name)
        if not file:
            continue
        other = seen.setdefault(_place(file), name)
        if other != name and (name, other) != ("json", "before"):
            named = getattr(options, other)
            called = named if other == "file" else f"--{other} {named}"
            yield phrase("overwritten", lang).format(option=f"--{name}", other=called)


def _place(file: str) -> Path:
    try:
        return Path(file).resolve()
    except (OSError, ValueError):  # it is told where it is opened
        return Path(file)
