"""What the events of deals tell of their past, as plain rows: of their fields, of their stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from salesflow.domain._base.record import Label, Note, Ordinal, Record
from salesflow.domain._base.times import Instant
from salesflow.engine._fold import listed
from salesflow.engine.events import (
    Adopted,
    Amended,
    Disqualified,
    Ended,
    Event,
    Held,
    Lost,
    Migrated,
    Reopened,
    Resumed,
    Retracted,
    StageEntered,
    Started,
    Won,
)
from salesflow.money import Money

_FACTS: Final = "facts"
_HELD: Final = "held"
_MONEY: Final = Money.model_fields.keys()  # 5 and 5.0 are the same amount


class FieldChange(Record):
    """One field of a deal got another value.

    Attributes:
        opportunity_id: The deal.
        field: The field of the Opportunity; a declared fact is called `facts.<name>`.
        old: The value until then, as JSON keeps it; None: the field was empty, or see `old_known`.
        new: The value from then on; None: the field was emptied.
        old_known: Whether the events tell the value until then.
        by: The person who changed it.
        role: The role in which they did.
        at: When they did so.
        note: What they said about it.
        sequence: The number of the event.
    """

    opportunity_id: Label
    field: Label
    old: JsonValue = None
    new: JsonValue = None
    old_known: bool = True
    by: Label
    role: Label | None = None
    at: Instant
    note: Note | None = None
    sequence: Ordinal


def field_history(events: Iterable[Event]) -> tuple[FieldChange, ...]:
    """Every change of a field that the events of deals tell of, in their order.

    A value that was set again is no change. Facts that a playbook declares count one by one. Events
    of the first form do not tell what a field was before; the old value is then that of the
    amendment before it, or else not known.

    Args:
        events: Those of one deal or of several, each deal's in the order of their sequence.

    Raises:
        ArgumentError: `events` holds something else.

    Example:
        >>> import salesflow as sf
        >>> from datetime import UTC, datetime
        >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
        >>> deal = sf.Opportunity(id="D-1", name="Core banking", next_step="Call")
        >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        >>> deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
        >>> said = sf.Amend(by="li.wei", changes={"next_step": "Visit"}, note="They asked for it")
        >>> for row in field_history(engine.decide(deal, said, at=now).events):
        ...     print(row.field, row.old, row.new, row.by, row.at.date(), row.note)
        next_step Call Visit li.wei 2026-01-05 They asked for it
    """
    known: dict[str, dict[str, JsonValue]] = {}
    return tuple(
        change
        for event in listed(events)
        if isinstance(event.payload, Amended)
        for change in _changes(event, event.payload, known.setdefault(event.opportunity_id, {}))
    )


def _changes(event: Event, payload: Amended, known: dict[str, JsonValue]) -> Iterator[FieldChange]:
    """What one event changed; `known` has the values so far, and gets the new ones."""
    known.update(payload.before or {})
    for field, new in payload.changes.items():
        old, old_known = known.get(field), field in known
        rows = _of_facts(old, new) if field == _FACTS else [(field, old, new)]
        for name, before, after in rows:
            if old_known and _same(before, after):
                continue
            yield FieldChange(
                opportunity_id=event.opportunity_id,
                field=name,
                old=before,
                new=after,
                old_known=old_known,
                by=event.by,
                role=event.role,
                at=event.occurred_at,
                note=event.note,
                sequence=event.sequence,
            )
    known.update(payload.changes)


def _same(old: JsonValue, new: JsonValue) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys() == _MONEY:
        return Money.model_validate(old) == Money.model_validate(new)
    return old == new


def _of_facts(old: JsonValue, new: JsonValue) -> list[tuple[str, JsonValue, JsonValue]]:
    """Each fact of either, with both of its values; they are given as a whole."""
    before, after = (dict(facts) if isinstance(facts, Mapping) else {} for facts in (old, new))
    return [
        (f"{_FACTS}.{name}", before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
    ]


class StageStep(Record):
    """A deal came somewhere, or its outcome changed: one row of a log of stages.

    Attributes:
        opportunity_id: The deal.
        number: 1, 2, 3 … per deal: what happened at one moment has an order, too.
        label: Where it is from then on: the sub-stage, or the stage where it has none; or `won`,
            `lost`, `disqualified` or `ended`; or `retracted`, where an outcome was taken back; or
            `held`, where it is on hold from then on, and `resumed`.
        at: When that happened.
        by: The person who did it.
    """

    opportunity_id: Label
    number: Ordinal
    label: Label
    at: Instant
    by: Label


def stage_history(events: Iterable[Event]) -> tuple[StageStep, ...]:
    """The log of stages that the events of deals tell of, as `check_history` and `metrics` read it.

    A frame of its rows needs no other labels: give `order="number"`, since a win and the move that
    comes of it happen at one moment. Stages are called as they were at the time; say what the names
    of an earlier version stand for by `stages=`. Of a deal that came from another playbook,
    give the events of one of them, by their `playbook.id`.

    Args:
        events: Those of one deal or of several, each deal's in the order of their sequence.

    Raises:
        ArgumentError: `events` holds something else.

    Example:
        >>> import salesflow as sf
        >>> from datetime import UTC, datetime
        >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
        >>> deal = sf.Opportunity(id="D-1", name="Core banking")
        >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        >>> started = engine.decide(deal, sf.Start(by="li.wei"), at=now)
        >>> lose = sf.Lose(by="li.wei", reason="lost_on_price")
        >>> lost = engine.decide(started.opportunity, lose, at=now)
        >>> for row in stage_history([*started.events, *lost.events]):
        ...     print(row.number, row.label)
        1 territory_account_plan
        2 lost
    """
    found: list[StageStep] = []
    numbers: dict[str, int] = {}
    on_hold: set[str] = set()
    for event in listed(events):
        deal, labels = event.opportunity_id, _labels(event)
        if isinstance(event.payload, Migrated) and deal in on_hold:
            labels += (_HELD,)  # by other names it is on hold still
        elif labels:
            (on_hold.add if labels[-1] == _HELD else on_hold.discard)(deal)
        for label in labels:
            numbers[deal] = numbers.get(deal, 0) + 1
            at = event.payload.entered_at if event.payload.kind == "adopted" else event.occurred_at
            found.append(
                StageStep(
                    opportunity_id=deal, number=numbers[deal], label=label, at=at, by=event.by
                )
            )
    return tuple(found)


def _labels(event: Event) -> tuple[str, ...]:
    """Where an event says that the deal is, and how it turned out."""
    match event.payload:
        case Adopted(stage=stage, sub_stage=part, outcome=outcome):
            return (part or stage, *([] if outcome == "none" else [outcome]))
        case Retracted(stage=stage, sub_stage=part):
            return ("retracted", part or stage)
        case (
            Started(stage=stage, sub_stage=part)
            | StageEntered(stage=stage, sub_stage=part)
            | Migrated(stage=stage, sub_stage=part)
            | Reopened(stage=stage, sub_stage=part)
        ):
            return (part or stage,)
        case Won() | Lost() | Disqualified() | Ended() | Held() | Resumed():
            return (event.payload.kind,)
        case _:
            return ()
