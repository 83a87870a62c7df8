"""What a caller says of a frame: read once, the same way for every function that takes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from decimal import Decimal
from typing import Final, TypeAlias

from salesflow._arguments import Arguments, day, describe, instance, mapping, zone
from salesflow.errors import ArgumentError, FrameError, Problem, SalesflowError
from salesflow.money import CURRENCIES, Rates
from salesflow.money._currencies import near_currency
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.playbook import Playbook

Scale: TypeAlias = Mapping[str, float | Decimal]
"""By amount, how many units one of its column counts."""

_LEAST: Final = Decimal("1e-12")
_MOST: Final = Decimal("1e12")

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
        currency: In what amounts are of which nothing else says it, if the caller says so.
        scale: By amount, how many units one of its column counts.
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
    currency: str | None = None
    scale: Mapping[str, Decimal] = field(default_factory=dict)
    zone: tzinfo = UTC
    day: date = SOME_DAY
    dated: bool = False


def read_options(  # noqa: PLR0913 - options, each with its name
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
    currency: str | None = None,
    scale: Scale | None = None,
) -> FrameOptions:
    """The options of a call as the caller gave them; those that are wrong are noted, and left out.

    Where `needs_day`, or where rates are those of the day that is asked on, nothing can be told
    without a day. The column of the stage may be named by `stage` or by `columns={"stage": …}`.
    """
    found_zone = given.read(zone, tz) or UTC
    found_day = None
    if isinstance(rates, Rates) and rates.since and "today" in rates.on:
        needs_day = True
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
        currency=None if currency is None else given.read(_currency, currency),
        scale={
            name: factor
            for name, number in (given.read(mapping, scale, "scale") or {}).items()
            if (factor := given.read(_factor, number, f"scale[{name!r}]")) is not None
        },
        zone=found_zone,
        day=found_day or SOME_DAY,
        dated=found_day is not None,
    )


def _currency(code: object) -> str:
    if isinstance(code, str) and code in CURRENCIES:
        return code
    near = near_currency(code) if isinstance(code, str) else None
    shown = repr(code[:20]) if isinstance(code, str) else describe(code)
    hint = f'did you mean "{near}"?' if near else 'write its code, for instance "USD"'
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
