"""The texts of a file as the numbers, days and moments that the facts of a playbook are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from salesflow._arguments import Arguments, zone
from salesflow._frozen import FrozenDict
from salesflow.errors import Problem
from salesflow.facts import Fact, FactKind
from salesflow.pipeline._files.currencies import Currencies
from salesflow.pipeline._frames.engines import engine_errors, here
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline._frames.value_maps import WORDS
from salesflow.pipeline._wording import near
from salesflow.pipeline.exports._dates import DatesSaid, dated
from salesflow.pipeline.exports._numbers import numbered
from salesflow.pipeline.exports._texts import Where, bare
from salesflow.playbook import Playbook
from salesflow.qualify._hygiene_facts import UNREAD, hygiene_facts
from salesflow.rules.columns import Frame, is_text, schema_of

_NUMBERS: Final = frozenset({FactKind.NUMBER, FactKind.MONEY})
_NOTHING: Final[Mapping[str, str]] = FrozenDict()
_MESSAGE: Final = "The file cannot be read like this."


def read_texts(
    frame: Frame,
    playbook: Playbook,
    mapping: FrameMapping,
    *,
    facts: Iterable[Fact] = (),
    dates: Mapping[str, str] = _NOTHING,
    decimal: Mapping[str, str] = _NOTHING,
    percent: Sequence[str] = (),
    missing: Sequence[str] = (),
    where: Where | None = None,
    aside: bool = False,
) -> object:
    """The frame with those columns read that hold numbers, days or moments as texts.

    Which columns these are is what the mapping and the names of the columns say; nothing else of
    the frame is changed, but that what stands for nothing is missing, and that the currencies which
    amounts name come into a column of their own.

    Args:
        frame: The frame.
        playbook: The process.
        mapping: What is said of the frame.
        facts: What is read beside the facts of the playbook.
        dates: The form of dates, by column; under an empty name, that of all that are not clear.
        decimal: The decimal mark of numbers, in the same way.
        percent: The columns of shares whose numbers count percents, without saying so.
        missing: Texts that stand for nothing, in any column.
        where: Says where texts of a column stand first.
        aside: What is no number and no day goes into a column `<fact>.unread`, and the rest is
            read; otherwise such columns are refused.

    Returns:
        The frame, of its engine's own kind.

    Raises:
        FrameError: `problems` lists every column that cannot be read, or could be read in two ways.
        ArgumentError: Something is said of a column that is not read.
    """
    with engine_errors(frame):
        schema, given, problems = schema_of(frame), Arguments(), list[Problem]()
        held = _held(schema, mapping, (*hygiene_facts(playbook).values(), *facts))
        kinds = {name: fact.kind for name, fact in held.items()}
        texts = [name for name, dtype in schema.items() if is_text(dtype)]
        if missing:
            known = (bare(here(frame, name), missing).alias(name) for name in texts)
            frame = frame.with_columns(*known)
        numbers = [name for name, kind in kinds.items() if kind in _NUMBERS and name in texts]
        numbers = [name for name in numbers if not mapping.values.get(held[name].name)]
        days = [name for name, kind in kinds.items() if kind is FactKind.DAY]
        days = [name for name in days if name in texts or schema[name].is_numeric()]
        moments = [
            name for name, kind in kinds.items() if kind is FactKind.INSTANT and name in texts
        ]
        problems += _unknown(dates, decimal, percent, schema)
        unread = {}
        if aside:
            unread = {it: f"{held[it].name}{UNREAD}" for it in (*numbers, *days, *moments)}
            problems += _taken(unread, schema)
        amounts = Currencies(playbook, mapping, schema, numbers, (*playbook.facts.values(), *facts))
        numbers_of = partial(
            numbered,
            *(given, frame, schema, numbers),
            missing=(),
            currencies=amounts.columns,
            unread={it: unread[it] for it in numbers if it in unread},
            where=where,
        )
        found = numbers_of(decimal=_said(decimal, schema))
        if unclear := _unclear(found.problems, numbers, decimal):
            found = numbers_of(decimal={**_said(decimal, schema), **unclear})
        data = amounts.told(found, problems)
        said = DatesSaid(
            _said(dates, schema),
            zones=True,
            unread={it: unread[it] for it in (*days, *moments) if it in unread},
            where=where,
            tz=None if mapping.tz is None else zone(mapping.tz),
        )
        days_of = partial(dated, given, data, schema, days=days, moments=moments)
        data, more = days_of(said)
        if unclear := _unclear(more, [*days, *moments], dates):
            data, more = days_of(replace(said, format={**_said(dates, schema), **unclear}))
        problems += [*(_of_words(it, held) for it in found.problems), *more]
        numeric = {name for name, kind in kinds.items() if kind in _NUMBERS}
        problems += _no_shares(percent, schema, numeric, found.percent)
        if given.problems or problems:
            raise refusal(given, _MESSAGE, problems)
        if percent:
            shares = ((here(data, name) / 100).alias(name) for name in dict.fromkeys(percent))
            data = data.with_columns(*shares)
        native: object = data.to_native()
        return native


def _held(schema: Iterable[str], mapping: FrameMapping, facts: Iterable[Fact]) -> dict[str, Fact]:
    """By column, the fact that it holds; not of the key, whose texts are what it is."""
    there = set(schema)
    columns = ((mapping.columns.get(fact.name, fact.name), fact) for fact in facts)
    own = {mapping.key, mapping.stage}
    return {name: fact for name, fact in columns if name in there and name not in own}


def _of_words(problem: Problem, held: Mapping[str, Fact]) -> Problem:
    """What is no number may be a word for one, such as High: of which the map says what it is."""
    named = (it for name, it in held.items() if Problem(name, "").path == problem.path)
    fact = next(named, None)
    if problem.code != "no_number" or fact is None or fact.kind is not FactKind.NUMBER:
        return problem
    return replace(problem, hint=f"{problem.hint}; or {WORDS}")


def _taken(unread: Mapping[str, str], schema: Iterable[str]) -> Iterator[Problem]:
    """Columns that are to take what cannot be read, and are there already."""
    there = {name.casefold() for name in schema}
    for column, name in unread.items():
        if name.casefold() in there:
            message = f"what cannot be read of it would go into {name!r}, and that is there already"
            yield Problem(column, message, "rename that column", "duplicate_column")


def _no_shares(
    percent: Iterable[str],
    schema: Iterable[str],
    numeric: Collection[str],
    shares: Collection[str],
) -> Iterator[Problem]:
    """What is said to count percents, and does not."""
    for name in dict.fromkeys(percent):
        message = ""
        if name in shares:
            message = "its texts say already that they are percents"
        elif name in schema and name not in numeric:
            message = "no number is read of this column, so that it counts no percents"
        if message:
            yield Problem(f"percent[{name!r}]", message, "leave it out", "percent")


def _unknown(
    dates: Mapping[str, str],
    decimal: Mapping[str, str],
    percent: Iterable[str],
    schema: Mapping[str, object],
) -> list[Problem]:
    """What is said of columns that are not there."""
    said = {"format": dates, "decimal": decimal, "percent": dict.fromkeys(percent)}
    return [
        Problem(f"{what}[{name!r}]", "there is no such column", near(name, schema), "no_column")
        for what, columns in said.items()
        for name in columns
        if name and name not in schema
    ]


def _said(said: Mapping[str, str], schema: Mapping[str, object]) -> dict[str, str]:
    """What is said of columns that are there."""
    return {name: it for name, it in said.items() if name in schema}


def _unclear(
    problems: Iterable[Problem], read: Iterable[str], said: Mapping[str, str]
) -> dict[str, str]:
    """What is said of all columns that could be read in several ways, for those that could."""
    unclear = {it.path for it in problems if it.code in {"ambiguous_number", "ambiguous_date"}}
    names = (name for name in read if Problem(name, "").path in unclear)
    return dict.fromkeys(names, said[""]) if "" in said else {}
