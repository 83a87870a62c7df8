"""Evolve and replay: one accumulator that every event goes through.

The parts that an event touches are held mutable until the end; copying a frozen record per event
would make a long replay quadratic. No rule is evaluated here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol, cast

from salesflow._arguments import refuse
from salesflow._frozen import FrozenDict
from salesflow.domain import (
    AnswerRecord,
    AppliedCommand,
    Attestation,
    Completion,
    Delegation,
    ForecastCall,
    HoldPeriod,
    OnHold,
    PlaybookStamp,
    Progress,
    RequestRecord,
    Revision,
    Step,
    TrackVisit,
    Visit,
    Waiver,
    Withdrawal,
)
from salesflow.domain._base.record import Record, replaced, trusted
from salesflow.engine._apply import apply
from salesflow.engine._tracks import standing
from salesflow.engine.events import SCHEMA_VERSION, Adopted, Event, Started, Withdrawn
from salesflow.errors import EventError

A_LIST_OF_EVENTS: Final = "pass decision.events, or read them: read_events(…)"
_RECENT: Final = 20
COMMANDS_KEPT: Final = 256
"""So many commands a deal remembers; a bot may send thousands, and a row has to stay small."""

# The latest entry per key replaces an earlier one; these parts are keyed, the others are lists.
_KEYS: Final[dict[str, Callable[[object], Hashable]]] = {
    "attestations": lambda item: cast("Attestation", item).criterion,
    "answers": lambda item: (cast("AnswerRecord", item).question, cast("AnswerRecord", item).about),
    "completions": lambda item: cast("Completion", item).instrument,
    "waivers": lambda item: cast("Waiver", item).criterion,
    "withdrawals": lambda item: withdrawn_key(cast("Withdrawal", item)),
    "requests": lambda item: cast("RequestRecord", item).point,
    "revisions": lambda item: cast("Revision", item).fact,
    "delegations": lambda item: _parties(cast("Delegation", item)),
    "forecast_calls": lambda item: cast("ForecastCall", item).caller,
}


def withdrawn_key(item: Withdrawal | Withdrawn) -> tuple[str, Hashable]:
    """The part of the progress, and what of it by its key, that is withdrawn."""
    if item.question is not None:
        return "answers", (item.question, item.about)
    if item.instrument is not None:
        return "completions", item.instrument
    return "waivers", item.waiver


def _parties(item: Delegation) -> tuple[str, str, str]:
    return item.role, item.by, item.to


NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "attestations": ("criterion",),
    "waivers": ("criterion",),
    "completions": ("instrument",),
    "answers": ("question",),
    "judgements": ("point",),
    "withdrawals": ("question", "instrument", "waiver"),
    "requests": ("point",),
}
"""What is on record by a name that a migration may change, and the fields that hold it."""


class _Dated(Protocol):
    @property
    def at(self) -> datetime: ...


class Fold:
    """A progress under construction."""

    __slots__ = ("_base", "_changed", "_keyed", "_lists", "_recent")

    def __init__(self, base: Progress) -> None:
        self._base = base
        self._changed: dict[str, object] = {
            "version": base.version,
            "last_event_at": base.last_event_at,
        }
        self._lists: dict[str, list[object]] = {}
        self._keyed: dict[str, dict[Hashable, object]] = {}
        self._recent: deque[Event] = deque(maxlen=_RECENT)

    def apply(self, event: Event) -> None:
        """Fold one event in.

        Raises:
            EventError: The event is not the next one of this deal's sequence, is of a later
                schema, or does not fit what went before.
        """
        self._refuse_misfit(event)
        apply(event.payload, self, event)
        self._recent.append(event)
        self._changed["version"] = event.sequence
        self._changed["last_event_at"] = event.recorded_at
        if event.command_id is not None and event.command_digest is not None:
            applied = self._list("commands")
            # The events of one command stand together; it is remembered once.
            last = applied[-1] if applied else None
            if not (isinstance(last, AppliedCommand) and last.id == event.command_id):
                applied.append(
                    trusted(
                        AppliedCommand, {"id": event.command_id, "digest": event.command_digest}
                    )
                )

    def progress(self) -> Progress:
        """The frozen result."""
        changed = dict(self._changed)
        changed.update({name: tuple(items) for name, items in self._lists.items()})
        changed.update({name: tuple(items.values()) for name, items in self._keyed.items()})
        if self._recent:
            changed["recent"] = (*self._base.recent, *map(_step, self._recent))[-_RECENT:]
        applied = cast("tuple[object, ...]", changed.get("commands", ()))
        if len(applied) > COMMANDS_KEPT:
            changed["commands"] = applied[-COMMANDS_KEPT:]
        return replaced(self._base, **changed)

    def get(self, field: str) -> object:
        """The present value of a plain field."""
        return self._changed[field] if field in self._changed else getattr(self._base, field)

    def set(self, **fields: object) -> None:
        """Give plain fields new values."""
        self._changed.update(fields)

    def standing(self, part: str, key: Hashable) -> object:
        """The record of a key that stands; None where there is none."""
        return self._keyed_part(part).get(key)

    def append(self, part: str, item: object) -> None:
        """Add to a list of records."""
        self._list(part).append(item)

    def put(self, part: str, item: _Dated) -> None:
        """Add to records of which the latest of each key stands.

        The latest is the one that happened last; of two at one moment, the one recorded last. What
        is recorded late does not undo what happened since, and does not stand where it was
        withdrawn since.
        """
        items = self._keyed_part(part)
        key = _KEYS[part](item)
        if self._base.withdrawals or "withdrawals" in self._keyed:
            withdrawals = self._keyed_part("withdrawals")
            gone = withdrawals.get((part, key))
            if gone is not None:
                if cast("_Dated", gone).at > item.at:
                    return
                del withdrawals[part, key]
        stands = items.get(key)
        if stands is None or cast("_Dated", stands).at <= item.at:
            items[key] = item

    def withdraw(self, item: Withdrawal) -> None:
        """Take away what was said until then; what is recorded late of that time stays away."""
        part, key = withdrawn_key(item)
        items = self._keyed_part(part)
        stands = items.get(key)
        if stands is not None and cast("_Dated", stands).at > item.at:
            return
        items.pop(key, None)
        self.put("withdrawals", item)

    def clear(self, part: str) -> None:
        """Nothing of a keyed part stands any more."""
        self._keyed[part] = {}

    def rewrite(self, part: str, change: Callable[[Any], object]) -> None:
        """Replace every record of a part; one that changes into None goes."""
        old = self._keyed_part(part).values() if part in _KEYS else self._list(part)
        items = [new for item in old if (new := change(item)) is not None]
        if part in _KEYS:
            self._keyed[part] = {_KEYS[part](item): item for item in items}
        else:
            self._lists[part] = items

    def rename(self, names: Mapping[str, str], *, only: bool = False) -> None:
        """What is on record goes by its new names; what has none keeps its own, or is dropped."""
        for part, fields in NAMED.items():
            self.rewrite(part, partial(_renamed, fields, names, only=only))

    def begin_afresh(self, event: Event, carried: Mapping[str, str] = FrozenDict()) -> None:
        """The deal comes from another playbook: only what is carried over counts, by its new name.

        Its visits and the stays of its tracks stay as they were called, and are over.
        """
        self.rename(carried, only=True)
        # Nothing names roles, or facts that are given: who stood in for whom, and who changed what
        # an approval rests on, belongs to the other process; so does what its stages counted as.
        for part in ("delegations", "revisions", "forecast_calls"):
            self.clear(part)
        self.leave_visit(event)
        for track in {stay.track for stay in self.tracks()}:
            self.leave_state(track, event.occurred_at)
        self.set(
            first_visit=len(self.visits()),
            outcome="none",
            reason=None,
            ended=False,
            closed_at=None,
            adopted=False,
            close_date_pushes=0,
            amount_cuts=0,
        )

    def visits(self) -> list[Visit]:
        """The visits so far, oldest first."""
        return cast("list[Visit]", self._list("visits"))

    def tracks(self) -> list[TrackVisit]:
        """The stays of tracks so far, oldest first."""
        return cast("list[TrackVisit]", self._list("tracks"))

    def enter_state(self, track: str, state: str, at: datetime) -> None:
        """A track comes to a state, and leaves the one where it stood."""
        self.leave_state(track, at)
        self.append(
            "tracks",
            trusted(
                TrackVisit, {"track": track, "state": state, "entered_at": at, "left_at": None}
            ),
        )

    def leave_state(self, track: str, at: datetime) -> None:
        """A track leaves the state where it stands, if anywhere."""
        stays = self.tracks()
        number = standing(stays, track)
        if number is not None:
            stays[number] = replaced(stays[number], left_at=at)

    def leave_visit(self, event: Event) -> None:
        """The present visit ends, if it has not."""
        visits = self.visits()
        if visits and visits[-1].left_at is None:
            visits[-1] = replaced(visits[-1], left_at=event.occurred_at)

    def end_hold(self, event: Event) -> None:
        """The deal does not rest any more, if it did."""
        hold = cast("OnHold | None", self.get("hold"))
        if hold is not None:
            period: dict[str, object] = {
                "began_at": hold.at,
                "ended_at": max(hold.at, event.occurred_at),
            }
            self.append("holds", trusted(HoldPeriod, period))
            self.set(hold=None)

    def enter(
        self,
        stage: str,
        sub_stage: str | None,
        at: datetime,
        left_at: datetime | None = None,
        *,
        reopened: bool = False,
    ) -> None:
        """A new visit begins."""
        self.set(stage=stage, sub_stage=sub_stage)
        self.append(
            "visits",
            trusted(
                Visit,
                {
                    "stage": stage,
                    "sub_stage": sub_stage,
                    "entered_at": at,
                    "left_at": left_at,
                    "reopened": reopened,
                },
            ),
        )

    def _keyed_part(self, part: str) -> dict[Hashable, object]:
        items = self._keyed.get(part)
        if items is None:
            key_of = _KEYS[part]
            items = {key_of(old): old for old in getattr(self._base, part)}
            self._keyed[part] = items
        return items

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
        if first != (expected == 1) and not self._comes_from_another_playbook(event):
            raise EventError(
                f"Event {event.sequence} is {event.payload.kind!r}.",
                hint="A deal's first event, and only that, is 'started' or 'adopted'; a later one "
                "is 'adopted' only from another playbook.",
            )

    def _comes_from_another_playbook(self, event: Event) -> bool:
        before = self.get("playbook")
        is_adopted = type(event.payload) is Adopted
        return is_adopted and isinstance(before, PlaybookStamp) and before.id != event.playbook.id


def _renamed(
    fields: tuple[str, ...], names: Mapping[str, str], item: Record, *, only: bool
) -> Record | None:
    """A record by its new names; None where it has none and `only` such stay."""
    old = {field: name for field in fields if (name := getattr(item, field)) is not None}
    if only and not (old and names.keys() >= set(old.values())):
        return None
    return replaced(item, **{field: names.get(name, name) for field, name in old.items()})


def _step(event: Event) -> Step:
    return trusted(
        Step,
        {
            "version": event.sequence,
            "kind": event.payload.kind,
            "by": event.by,
            "at": event.occurred_at,
        },
    )


def listed(events: Iterable[Event]) -> Iterator[Event]:
    """Events one by one, as they come; raises ArgumentError at the first thing that is not one."""
    if not isinstance(events, Iterable):
        refuse("events", "a list of Event", events, A_LIST_OF_EVENTS)
    for at, event in enumerate(events):
        if not isinstance(event, Event):
            refuse(f"events[{at}]", "an Event", event, A_LIST_OF_EVENTS)
        yield event


def replay(events: Iterable[Event]) -> Progress:
    """The progress that the events of one deal add up to; an untouched one for no events.

    Raises:
        ArgumentError: `events` holds something else.
        EventError: The events are not those of one deal, in order and without a gap.
    """
    fold = Fold(Progress())
    deal: str | None = None
    for event in listed(events):
        deal = deal or event.opportunity_id
        if event.opportunity_id != deal:
            raise EventError(
                f"Event {event.sequence} belongs to deal {event.opportunity_id!r}, the others to "
                f"{deal!r}.",
                hint="Replay the events of one deal at a time.",
            )
        fold.apply(event)
    return fold.progress()
