"""Evolve and replay: one accumulator that every event goes through.

The parts that an event touches are held mutable until the end; copying a frozen record per event
would make a long replay quadratic. No rule is evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import singledispatch
from typing import Final, cast

from salesflow.domain import (
    Answered,
    AppliedCommand,
    Attestation,
    Completion,
    Judgement,
    Progress,
    Visit,
)
from salesflow.engine.events import (
    SCHEMA_VERSION,
    Adopted,
    CriterionAttested,
    Ended,
    Event,
    InstrumentCompleted,
    Judged,
    Lost,
    QuestionAnswered,
    StageEntered,
    Started,
    Won,
)
from salesflow.errors import EventError

__all__ = ["Fold", "replay"]

# The latest entry per key replaces an earlier one; these parts are keyed, the others are lists.
_KEYS: Final[dict[str, Callable[[object], Hashable]]] = {
    "attestations": lambda item: cast("Attestation", item).criterion,
    "answers": lambda item: (cast("Answered", item).question, cast("Answered", item).about),
    "completions": lambda item: cast("Completion", item).instrument,
}


class Fold:
    """A progress under construction."""

    __slots__ = ("_base", "_changed", "_keyed", "_lists")

    def __init__(self, base: Progress) -> None:
        self._base = base
        self._changed: dict[str, object] = {
            "version": base.version,
            "last_event_at": base.last_event_at,
        }
        self._lists: dict[str, list[object]] = {}
        self._keyed: dict[str, dict[Hashable, object]] = {}

    def apply(self, event: Event) -> None:
        """Fold one event in.

        Raises:
            EventError: The event is not the next one of this deal's sequence, is of a later
                schema, or does not fit what went before.
        """
        self._refuse_misfit(event)
        _apply(event.payload, self, event)
        self._changed["version"] = event.sequence
        self._changed["last_event_at"] = event.recorded_at
        if event.command_id is not None and event.command_digest is not None:
            applied = self._list("commands")
            # The events of one command stand together; it is remembered once.
            last = applied[-1] if applied else None
            if not (isinstance(last, AppliedCommand) and last.id == event.command_id):
                applied.append(
                    AppliedCommand.trusted({"id": event.command_id, "digest": event.command_digest})
                )

    def progress(self) -> Progress:
        """The frozen result."""
        changed = dict(self._changed)
        changed.update({name: tuple(items) for name, items in self._lists.items()})
        changed.update({name: tuple(items.values()) for name, items in self._keyed.items()})
        return self._base.replaced(**changed)

    def set(self, **fields: object) -> None:
        self._changed.update(fields)

    def append(self, part: str, item: object) -> None:
        self._list(part).append(item)

    def put(self, part: str, item: object) -> None:
        key_of = _KEYS[part]
        items = self._keyed.get(part)
        if items is None:
            items = {key_of(old): old for old in getattr(self._base, part)}
            self._keyed[part] = items
        items[key_of(item)] = item

    def leave_visit(self, event: Event) -> None:
        visits = self._list("visits")
        if visits:
            visits[-1] = cast("Visit", visits[-1]).replaced(left_at=event.occurred_at)

    def enter(self, stage: str, sub_stage: str | None, event: Event) -> None:
        self.set(stage=stage, sub_stage=sub_stage)
        self.append(
            "visits",
            Visit.trusted(
                {
                    "stage": stage,
                    "sub_stage": sub_stage,
                    "entered_at": event.occurred_at,
                    "left_at": None,
                }
            ),
        )

    def _list(self, part: str) -> list[object]:
        items = self._lists.get(part)
        if items is None:
            items = self._lists[part] = list(getattr(self._base, part))
        return items

    def _refuse_misfit(self, event: Event) -> None:
        expected = cast("int", self._changed["version"]) + 1
        if event.sequence != expected:
            raise EventError(
                f"Event {event.sequence} came where event {expected} was due.",
                hint="Replay every event of one deal once, in the order of their sequence.",
            )
        if event.schema_version > SCHEMA_VERSION:
            raise EventError(
                f"Event {event.sequence} has schema version {event.schema_version}; this release "
                f"reads up to {SCHEMA_VERSION}.",
                hint="Upgrade salesflow.",
            )
        first = type(event.payload) in (Started, Adopted)
        if first != (expected == 1):
            raise EventError(
                f"Event {event.sequence} is {event.payload.kind!r}.",
                hint="A deal's first event, and only that, is 'started' or 'adopted'.",
            )


@singledispatch
def _apply(payload: object, fold: Fold, event: Event) -> None:  # noqa: ARG001 - the shape of all
    raise AssertionError(payload)  # a payload without its function: the tests name each


@_apply.register
def _started(payload: Started, fold: Fold, event: Event) -> None:
    fold.set(playbook=event.playbook)
    fold.enter(payload.stage, payload.sub_stage, event)


@_apply.register
def _adopted(payload: Adopted, fold: Fold, event: Event) -> None:
    fold.set(
        playbook=event.playbook,
        stage=payload.stage,
        sub_stage=payload.sub_stage,
        outcome=payload.outcome,
        adopted=True,
        ended=payload.outcome in ("lost", "disqualified"),
        closed_at=None if payload.outcome == "none" else payload.entered_at,
    )
    fold.append(
        "visits",
        Visit.trusted(
            {
                "stage": payload.stage,
                "sub_stage": payload.sub_stage,
                "entered_at": payload.entered_at,
                "left_at": None,
            }
        ),
    )


@_apply.register
def _entered(payload: StageEntered, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.enter(payload.stage, payload.sub_stage, event)


@_apply.register
def _attested(payload: CriterionAttested, fold: Fold, event: Event) -> None:
    fold.put(
        "attestations",
        Attestation.trusted(
            {
                "criterion": payload.criterion,
                "met": payload.met,
                "by": event.by,
                "at": event.occurred_at,
                "note": event.note,
            }
        ),
    )


@_apply.register
def _answered(payload: QuestionAnswered, fold: Fold, event: Event) -> None:
    fold.put(
        "answers",
        Answered.trusted(
            {
                "question": payload.question,
                "mark": payload.mark,
                "about": payload.about,
                "by": event.by,
                "at": event.occurred_at,
                "note": event.note,
            }
        ),
    )


@_apply.register
def _completed(payload: InstrumentCompleted, fold: Fold, event: Event) -> None:
    fold.put(
        "completions",
        Completion.trusted(
            {"instrument": payload.instrument, "by": event.by, "at": event.occurred_at}
        ),
    )


@_apply.register
def _judged(payload: Judged, fold: Fold, event: Event) -> None:
    fold.append(
        "judgements",
        Judgement.trusted(
            {
                "visit": payload.visit,
                "stage": payload.stage,
                "point": payload.point,
                "role": payload.role,
                "verdict": payload.verdict,
                "by": event.by,
                "at": event.occurred_at,
                "follow_up": payload.follow_up,
                "resume_when": payload.resume_when,
                "review_on": payload.review_on,
                "note": event.note,
            }
        ),
    )


@_apply.register
def _won(_payload: Won, fold: Fold, event: Event) -> None:
    fold.set(outcome="won", closed_at=event.occurred_at)


@_apply.register
def _lost(payload: Lost, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.set(outcome="lost", reason=payload.reason, closed_at=event.occurred_at, ended=True)


@_apply.register
def _ended(_payload: Ended, fold: Fold, event: Event) -> None:
    fold.leave_visit(event)
    fold.set(ended=True)


def replay(events: Iterable[Event]) -> Progress:
    """The progress that the events of one deal add up to; an untouched one for no events.

    Raises:
        EventError: The events are not those of one deal, in order and without a gap.
    """
    fold = Fold(Progress())
    deal: str | None = None
    for event in events:
        deal = deal or event.opportunity_id
        if event.opportunity_id != deal:
            raise EventError(
                f"Event {event.sequence} belongs to deal {event.opportunity_id!r}, the others to "
                f"{deal!r}.",
                hint="Replay the events of one deal at a time.",
            )
        fold.apply(event)
    return fold.progress()
