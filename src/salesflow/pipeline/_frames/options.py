"""What a caller says of a frame: read once, the same way for every function that takes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import Final

from salesflow._arguments import Arguments, day, instance, mapping, zone
from salesflow.errors import ArgumentError, FrameError, Problem, SalesflowError
from salesflow.money import Rates
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.playbook import Playbook

SOME_DAY: Final = date(1970, 1, 1)
"""The day of what does not depend on one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameOptions:
    """What a caller says of a frame, in the form that the library works with.

    Attributes:
        key: The column that identifies a deal.
        stage: The column of the stage.
        names_stage: The caller said which column that is.
        columns: Fact and column, without that of the stage.
        stages: Label and stage, sub-stage or outcome.
        values: By fact, what values of its column stand for.
        rates: To convert amounts, if the caller has any.
        zone: Where calendar days begin.
        day: The day that is asked on; SOME_DAY where the caller gave none.
        dated: The caller gave one.
    """

    key: str = ""
    stage: str = "stage"
    names_stage: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[object, object]] = field(default_factory=dict)
    rates: Rates | None = None
    zone: tzinfo = UTC
    day: date = SOME_DAY
    dated: bool = False


def read_options(
    given: Arguments,
    *,
    as_of: date | None,
    tz: str,
    needs_day: bool = False,
    key: str = "",
    stage: str = "stage",
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
) -> FrameOptions:
    """The options of a call as the caller gave them; those that are wrong are noted, and left out.

    Where `needs_day`, nothing can be told without a day. The column of the stage may be named by
    `stage` or by `columns={"stage": …}`.
    """
    found_zone = given.read(zone, tz) or UTC
    found_day = None
    if as_of is not None or needs_day:
        found_day = given.read(day, as_of, "as_of", found_zone)
    held = dict(given.read(mapping, columns, "columns") or {})
    names_stage = stage != "stage" or "stage" in held
    read_stages = given.read(mapping, stages, "stages") or {}
    read_values = {
        name: inner
        for name, mapped in (given.read(mapping, values, "values") or {}).items()
        if (inner := given.read(mapping, mapped, f"values[{name!r}]")) is not None
    }
    return FrameOptions(
        key=key,
        stage=held.pop("stage", stage) if stage == "stage" else stage,
        names_stage=names_stage,
        columns=held,
        stages=read_stages,
        values=read_values,
        rates=None
        if rates is None
        else given.read(instance, rates, Rates, "rates", "pass Rates(…)"),
        zone=found_zone,
        day=found_day or SOME_DAY,
        dated=found_day is not None,
    )


def refusal(given: Arguments, message: str, problems: Iterable[Problem]) -> SalesflowError:
    """The error for everything that is wrong: with the arguments, or with the frame alone."""
    kind = ArgumentError if given.problems else FrameError
    return kind(message, problems=list(dict.fromkeys([*given.problems, *problems])))


def read_playbook(given: Arguments, playbook: object, message: str) -> Playbook:
    """The playbook, without which nothing else can be told.

    Raises:
        ArgumentError: It is something else; with every mistake so far.
    """
    hint = 'pass load_playbook("…") or Playbook.from_file("…")'
    found = given.read(instance, playbook, Playbook, "playbook", hint)
    if found is None:
        given.refuse(message)
        raise AssertionError(message)  # pragma: no cover - refused above
    return found
