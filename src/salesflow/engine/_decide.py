"""Decide: from a deal and a command to events, or to every reason why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha1
from typing import Any, Final, cast
from uuid import UUID

from salesflow._arguments import moment, zone
from salesflow._arguments import refuse as refuse_argument
from salesflow.domain import PlaybookStamp
from salesflow.domain._base.record import replaced, trusted
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine import commands
from salesflow.engine._context import CommandContext, HandlerResult, refuse
from salesflow.engine._facts.fact_plan import check_clock, check_deal
from salesflow.engine._facts.from_records import DealRecords
from salesflow.engine._facts.readers import check_given, misfits
from salesflow.engine._fold import COMMANDS_KEPT, Fold, listed
from salesflow.engine._following import check_playbook, takes_over
from salesflow.engine._gates import Compiled
from salesflow.engine._handlers import close, edit, evidence, migrate, move, people
from salesflow.engine.commands import Command
from salesflow.engine.decision import DealT, Decision
from salesflow.engine.events import (
    SCHEMA_VERSION,
    Adopted,
    Amended,
    Disqualified,
    Ended,
    Event,
    Lost,
    Migrated,
    Payload,
    Reopened,
    Retracted,
    StageEntered,
    Won,
)
from salesflow.engine.hooks import Hook, Proposal, ask
from salesflow.errors import (
    ClockError,
    CommandConflict,
    EventError,
    JsonData,
    Problem,
    VersionConflict,
)
from salesflow.money import Rates

_LEAVING: Final = (
    StageEntered,
    Won,
    Lost,
    Disqualified,
    Ended,
    Reopened,
    Retracted,
    Migrated,
    Adopted,
)
_NAMESPACE: Final = UUID("8a0d6f0e-52c3-4b53-9b0c-3f5f2d0a7c11")
_HASHED: Final = sha1(_NAMESPACE.bytes, usedforsecurity=False)

# Any: each handler takes its own type of command; the table is what pairs them.
HANDLERS: Final[Mapping[type[Command], Callable[[CommandContext, Any], HandlerResult]]] = {
    commands.Start: move.start,
    commands.Adopt: move.adopt,
    commands.Advance: move.advance,
    commands.MoveTo: move.move_to,
    commands.Win: move.win,
    commands.MoveTrack: move.move_track,
    commands.Lose: close.lose,
    commands.Disqualify: close.disqualify,
    commands.Reopen: close.reopen,
    commands.Retract: close.retract,
    commands.Attest: evidence.attest,
    commands.Answer: evidence.answer,
    commands.Complete: evidence.complete,
    commands.Judge: evidence.judge,
    commands.Withdraw: evidence.withdraw,
    commands.Request: people.request,
    commands.Delegate: people.delegate,
    commands.CallForecast: people.call_forecast,
    commands.Waive: edit.waive,
    commands.Hold: edit.hold,
    commands.Resume: edit.resume,
    commands.Amend: edit.amend,
    commands.Migrate: migrate.migrate,
}


# The permission of the policy that a command needs whatever it is about. Handlers ask for those of
# single ways, reasons, fields and criteria.
_PERMITS: Final[Mapping[type[Command], str]] = {
    commands.Start: "start",
    commands.Adopt: "adopt",
    commands.Advance: "advance",
    commands.Win: "win",
    commands.Lose: "lose",
    commands.Disqualify: "disqualify",
    commands.Retract: "retract",
    commands.Answer: "answer",
    commands.Complete: "complete",
    commands.Hold: "hold",
    commands.Resume: "resume",
    commands.Migrate: "migrate",
    commands.Request: "request",
    commands.Delegate: "delegate",
}


def decide(
    compiled: Compiled,
    opportunity: DealT,
    command: Command,
    *,
    at: datetime,
    rates: Rates | None,
    tz: str,
    hooks: tuple[Hook, ...] = (),
    events: Iterable[Event] | None = None,
    records: DealRecords | None = None,
) -> Decision[DealT]:
    """See `StageEngine.decide`."""
    if type(command) not in HANDLERS:
        kinds = ", ".join(sorted(cls.__name__ for cls in HANDLERS))
        hint = f"use one of {kinds}"
        if isinstance(command, type) and command in HANDLERS:
            hint = f'make one: {command.__name__}(by="…")'
        refuse_argument("command", "a command of salesflow", command, hint)
    check_deal(opportunity)
    at = moment(at, "at")
    # Before all else: a retry comes with its old time.
    if _applied_before(opportunity, command, events):
        return Decision(command=command, accepted=True, opportunity=opportunity, duplicate=True)
    _check_time(opportunity, command, at)
    amends, crosses = (
        isinstance(command, commands.Amend),
        takes_over(compiled, opportunity, command),
    )
    problems: tuple[Problem, ...] = ()
    if not crosses:
        check_playbook(compiled, opportunity)
        if not amends:  # which may be what mends it
            problems = check_given(opportunity, compiled.playbook)
    _check_version(opportunity, command)
    context = CommandContext(
        compiled=compiled,
        opportunity=opportunity,
        at=at,
        today=at.astimezone(zone(tz)).date(),
        rates=rates,
        tz=tz,
        by=command.by,
        role=command.role,
        note=command.note,
        records=records,
    )
    result, notes = handled(context, command, hooks)
    accepted = not result.blockers
    happened: tuple[Event, ...] = ()
    deal = opportunity
    if accepted:
        _check_order(opportunity, command, result.payloads)
        happened = _events(context, command, result.payloads, notes)
        deal = after(opportunity, happened)
    if amends or (crosses and accepted):
        problems = misfits(deal, compiled.playbook)
    if records is not None and opportunity.facts:
        problems += records.overruled()
    return Decision(
        command=command,
        accepted=accepted,
        opportunity=deal,
        events=happened,
        blockers=result.blockers,
        problems=problems,
    )


def handled(
    context: CommandContext, command: Command, hooks: tuple[Hook, ...]
) -> tuple[HandlerResult, tuple[str, ...]]:
    """What the playbook says to a command, then the host's hooks, and what those had to add."""
    # pyright looks through the type of the table into what stands in it.
    result = HANDLERS[type(command)](context, command)  # pyright: ignore[reportArgumentType]
    what = _PERMITS.get(type(command), "")
    permission = context.compiled.permits.get(what)
    missing = context.not_permitted(permission, what) if permission is not None else ()
    if command.role is not None and not isinstance(command, commands.Delegate):  # which gives it
        missing = (*context.not_of_team(command.role), *missing)
    if missing:
        result = refuse(*result.blockers, *missing)
    if result.blockers or not hooks:
        return result, ()
    proposal = Proposal(context.opportunity, command, result.payloads, context.at)
    vetoes, notes = ask(hooks, proposal)
    return (refuse(*vetoes), ()) if vetoes else (result, notes)


def after(opportunity: DealT, happened: Iterable[Event]) -> DealT:
    """The deal after some events."""
    fold = Fold(opportunity.progress)
    for event in happened:
        fold.apply(event)
        if isinstance(event.payload, Amended):
            opportunity = cast("DealT", edit.amended(opportunity, event.payload))
    return replaced(opportunity, progress=fold.progress())


def stamp_of(compiled: Compiled) -> PlaybookStamp:
    """The playbook as a deal and its events remember it."""
    playbook = compiled.playbook
    return PlaybookStamp(id=playbook.id, version=playbook.version, digest=playbook.digest)


def _check_time(opportunity: Deal, command: Command, at: datetime) -> None:
    check_clock(opportunity, at)
    if command.occurred_at is not None and command.occurred_at > at:
        raise ClockError(
            f"occurred_at, {command.occurred_at.isoformat()}, is later than at.",
            hint="A command records what has happened already.",
        )


def _check_order(opportunity: Deal, command: Command, payloads: tuple[Payload, ...]) -> None:
    """A deal does not leave a stage before it entered it, nor a track its state."""
    visits = opportunity.progress.visits
    moves = any(isinstance(payload, _LEAVING) for payload in payloads)
    if isinstance(command, commands.MoveTrack) and command.occurred_at is not None and payloads:
        stay = opportunity.progress.track(command.track)
        if stay is not None and command.occurred_at < stay.entered_at:
            raise ClockError(
                f"occurred_at, {command.occurred_at.isoformat()}, is before "
                f"{stay.entered_at.isoformat()}, when {command.track} came to {stay.state}.",
                hint="Say when it really moved.",
            )
    if command.occurred_at is None or not visits or not moves:
        return
    since = visits[-1].left_at or visits[-1].entered_at
    closed_at = opportunity.progress.closed_at
    if closed_at is not None and any(isinstance(payload, Retracted) for payload in payloads):
        since = max(since, closed_at)
    if command.occurred_at < since:
        raise ClockError(
            f"occurred_at, {command.occurred_at.isoformat()}, is before {since.isoformat()}, when "
            "the deal came to where it is.",
            hint="Say when it really left.",
        )


def _applied_before(opportunity: Deal, command: Command, events: Iterable[Event] | None) -> bool:
    if command.command_id is None:
        return False
    applied = opportunity.progress.commands
    digest = next((item.digest for item in applied if item.id == command.command_id), None)
    if digest is None and events is not None and len(applied) >= COMMANDS_KEPT:
        digest = _digest_in(events, opportunity, command.command_id)
    if digest is not None and digest != command.digest:
        raise CommandConflict(
            f"Command id {command.command_id!r} was used before, for something else.",
            hint="Give every new command an id of its own.",
            data={"command_id": command.command_id},
        )
    return digest is not None


def _digest_in(events: Iterable[Event], opportunity: Deal, command_id: str) -> str | None:
    """The digest of a command in the history of its deal, which remembers the newest only."""
    for event in listed(events):
        check_own(event, opportunity)
        if event.command_id == command_id:
            return event.command_digest
    return None


def check_own(event: Event, opportunity: Deal) -> None:
    """Raise EventError for an event of another deal."""
    if event.opportunity_id != opportunity.id:
        raise EventError(
            f"The event belongs to deal {event.opportunity_id!r}, not to {opportunity.id!r}.",
            hint="Apply each event to its own deal.",
        )


def _check_version(opportunity: Deal, command: Command) -> None:
    expected, actual = command.expected_version, opportunity.progress.version
    if expected is not None and expected != actual:
        raise _conflict(opportunity, expected)


def _conflict(opportunity: Deal, expected: int) -> VersionConflict:
    progress = opportunity.progress
    message = (
        f"Deal {opportunity.id!r} is at version {progress.version}, the command expected "
        f"{expected}."
    )
    versions: dict[str, JsonData] = {"expected": expected, "current": progress.version}
    if expected > progress.version:
        return VersionConflict(
            message,
            hint="This copy of the deal is older than the command; load it again.",
            data=versions,
        )
    steps = [step for step in progress.recent if step.version > expected]
    problems = [
        Problem(f"event {step.version}", f"{step.kind} by {step.by}, {step.at}", code="event")
        for step in steps
    ]
    before = progress.version - expected - len(steps)
    if before:
        problems.insert(0, Problem("", f"{before} events before these", code="event"))
    return VersionConflict(
        message,
        hint="Load the deal again, look at what happened meanwhile, and decide anew.",
        problems=problems,
        data={
            **versions,
            "happened": [
                {
                    "version": step.version,
                    "kind": step.kind,
                    "by": step.by,
                    "at": step.at.isoformat(),
                }
                for step in steps
            ],
        },
    )


def _id_of(*parts: str | int | None) -> UUID:
    """A `uuid5` of these parts; the namespace, the same for all events, is hashed once."""
    hashed = _HASHED.copy()
    # As JSON, for a deal may be called "A/1".
    hashed.update(json.dumps(parts).encode())
    return UUID(bytes=hashed.digest()[:16], version=5)


def _events(
    context: CommandContext, command: Command, payloads: tuple[Payload, ...], notes: tuple[str, ...]
) -> tuple[Event, ...]:
    progress, deal = context.progress, context.opportunity.id
    stamp = progress.playbook
    if stamp is None or isinstance(command, commands.Migrate | commands.Adopt):
        stamp = stamp_of(context.compiled)
    digest = command.digest
    # Two commands have the same ids only if they are one, sent again: one without an id is told
    # apart by what it says and when.
    named = command.command_id is not None
    said = (command.command_id if named else context.at.isoformat(), digest)
    role_from, on_behalf_of = context.acting(command.role)
    return tuple(
        [
            trusted(
                Event,
                {
                    "id": _id_of(deal, sequence, named, *said),
                    "opportunity_id": deal,
                    "sequence": sequence,
                    "recorded_at": context.at,
                    "occurred_at": command.occurred_at or context.at,
                    "by": command.by,
                    "role": command.role,
                    "role_from": role_from,
                    "on_behalf_of": on_behalf_of,
                    "note": command.note,
                    "annotations": notes,
                    "command_id": command.command_id,
                    "command_digest": digest if named else None,
                    "playbook": stamp,
                    "schema_version": SCHEMA_VERSION,
                    "payload": payload,
                },
            )
            for sequence, payload in enumerate(payloads, start=progress.version + 1)
        ]
    )
