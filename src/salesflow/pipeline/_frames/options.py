"""What a caller says of a frame: read once, the same way for every function that takes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Any, Final

from salesflow._arguments import A_PLAYBOOK, Arguments, day, instance, zone
from salesflow.errors import ArgumentError, FrameError, Problem, SalesflowError
from salesflow.money import Rates
from salesflow.pipeline._frames.engines import engine_errors, here, opened, rows_of
from salesflow.pipeline._frames.mapping import laid_over, read_said, said_in
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.source import Source
from salesflow.playbook import Playbook
from salesflow.rules.columns import schema_of

SOME_DAY: Final = date(1970, 1, 1)
"""The day of what does not depend on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameOptions:
    """What a caller says of a frame, in the form that the library works with.

    Attributes:
        frame: The caller's frame.
        key: The column that identifies a deal; None where nobody said which.
        stage: The column of the stage.
        names_stage: The caller said which column that is.
        columns: Fact and column, without that of the stage.
        stages: Label and stage, sub-stage or outcome.
        values: By fact, what values of its column stand for.
        rates: To convert amounts, if the caller has any.
        currency: In what amounts are of which nothing else says it, if the caller says so.
        scale: By amount, how many units one of its column counts.
        tz: Where calendar days begin, by its name.
        zone: The same as a time zone.
        day: The day that is asked on; SOME_DAY where the caller gave none.
        dated: The caller gave one.
    """

    frame: object = None
    key: str | None = None
    stage: str = "stage"
    names_stage: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[object, object]] = field(default_factory=dict)
    rates: Rates | None = None
    currency: str | None = None
    scale: Mapping[str, Decimal] = field(default_factory=dict)
    tz: str = "UTC"
    zone: tzinfo = UTC
    day: date = SOME_DAY
    dated: bool = False


def read_options(
    given: Arguments,
    frame: object,
    said: Said,
    *,
    as_of: date | None = None,
    rates: Rates | None = None,
    needs_day: bool = False,
    reads: Callable[[str], bool] | None = None,
) -> FrameOptions:
    """What a call and its source say of a frame; what is wrong is noted, and left out.

    The call wins, entry by entry. Of facts that the function does not read the source may speak
    all the same. Where `needs_day`, or where rates are those of the day that is asked on, nothing
    can be told without a day.
    """
    source = frame if isinstance(frame, Source) else Source(frame)
    below = said_in(source.mapping)
    for name in ("columns", "values", "scale"):
        if reads is not None and name in below:
            below[name] = {fact: it for fact, it in below[name].items() if reads(fact)}
    found = laid_over(below, read_said(given, said._asdict()))
    found_zone = zone(found.get("tz", "UTC"))
    if isinstance(rates, Rates) and rates.since and "today" in rates.on:
        needs_day = True
    found_day = None
    if as_of is not None or needs_day:
        found_day = given.read(day, as_of, "as_of", found_zone)
    if rates is not None:
        found["rates"] = given.read(instance, rates, Rates, "rates", "pass Rates(…)")
    return FrameOptions(
        **found,
        frame=source.frame,
        names_stage="stage" in found,
        zone=found_zone,
        day=found_day or SOME_DAY,
        dated=found_day is not None,
    )


def rows_read(options: FrameOptions, facts: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a frame, with no other columns than those of these facts.

    Raises:
        FrameError: It is no frame, or its engine cannot read it.
    """
    frame = opened(options.frame)
    with engine_errors(frame):
        there = schema_of(frame)
        wanted = dict.fromkeys(column_of(options, fact) for fact in facts)
        return rows_of(frame.select(*(here(frame, name) for name in wanted if name in there)))


def column_of(options: FrameOptions, fact: str) -> str:
    """What the column of a fact is called; the key counts as the fact `id`."""
    own = {"id": options.key, "stage": options.stage}
    return options.columns.get(fact) or own.get(fact) or fact


def refusal(given: Arguments, message: str, problems: Iterable[Problem]) -> SalesflowError:
    """The error for everything that is wrong: with the arguments, or with the frame alone."""
    kind = ArgumentError if given.problems else FrameError
    return kind(message, problems=list(dict.fromkeys([*given.problems, *problems])))


def read_playbook(given: Arguments, playbook: object, message: str) -> Playbook:
    """The playbook, without which nothing else can be told.

    Raises:
        ArgumentError: It is something else; with every mistake so far.
    """
    found = given.read(instance, playbook, Playbook, "playbook", A_PLAYBOOK)
    if found is None:
        given.refuse(message)
        raise AssertionError(message)  # pragma: no cover - refused above
    return found
