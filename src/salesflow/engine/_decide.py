"""Decide: from a deal and a command to events, or to every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from salesflow.domain import Opportunity, PlaybookStamp
from salesflow.domain._base import Record
from salesflow.engine import _evidence, _moving, commands
from salesflow.engine._case import Case, Ruling
from salesflow.engine._facts import aware
from salesflow.engine._fold import Fold
from salesflow.engine._gates import Compiled
from salesflow.engine.commands import Command
from salesflow.engine.events import SCHEMA_VERSION, Event
from salesflow.errors import (
    ClockError,
    CommandConflict,
    CommandError,
    MoveBlocked,
    PlaybookMismatch,
    VersionConflict,
)
from salesflow.money import Rates
from salesflow.rules import Blocker

__all__ = ["Decision", "check_deal", "decide", "stamp_of"]

_NAMESPACE: Final = UUID("8a0d6f0e-52c3-4b53-9b0c-3f5f2d0a7c11")

# Any: each handler takes its own type of command; the table is what pairs them.
_HANDLERS: Final[Mapping[type[Command], Callable[[Case, Any], Ruling]]] = {
    commands.Start: _moving.start,
    commands.Adopt: _moving.adopt,
    commands.Advance: _moving.advance,
    commands.Win: _moving.win,
    commands.Lose: _moving.lose,
    commands.Attest: _evidence.attest,
    commands.Answer: _evidence.answer,
    commands.Complete: _evidence.complete,
    commands.Judge: _evidence.judge,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a command.

    Attributes:
        command: The command that was decided.
        accepted: Whether it takes effect.
        duplicate: Its id was applied before, with the same content: nothing happens again.
        events: What happened, for the host to store; empty when refused or a duplicate.
        opportunity: The deal afterwards; the same object when nothing happened.
        blockers: Every reason for a refusal. Each has to be dealt with.
    """

    command: Command
    accepted: bool
    opportunity: Opportunity
    events: tuple[Event, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    duplicate: bool = False

    def require(self) -> Opportunity:
        """The deal afterwards; raises MoveBlocked when the command was refused."""
        if not self.accepted:
            raise MoveBlocked(self)
        return self.opportunity


def decide(
    compiled: Compiled,
    opportunity: Opportunity,
    command: Command,
    *,
    at: datetime,
    rates: Rates | None,
    tz: str,
) -> Decision:
    """See `StageEngine.decide`."""
    handler = _HANDLERS.get(type(command))
    if handler is None:
        raise CommandError(
            f"{type(command).__name__} is not a command.",
            hint=f"Use one of {', '.join(sorted(cls.kind for cls in _HANDLERS))}.",
        )
    check_deal(opportunity)
    at = _checked_time(opportunity, command, at)
    _check_playbook(compiled, opportunity)
    if _applied_before(opportunity, command):
        return Decision(command, accepted=True, opportunity=opportunity, duplicate=True)
    _check_version(opportunity, command)
    case = Case(
        compiled=compiled,
        opportunity=opportunity,
        at=at,
        today=at.astimezone(ZoneInfo(tz)).date(),
        rates=rates,
        tz=tz,
        by=command.by,
        role=command.role,
        note=command.note,
    )
    ruling = handler(case, command)
    if ruling.blockers:
        return Decision(command, accepted=False, opportunity=opportunity, blockers=ruling.blockers)
    happened = _events(compiled, opportunity, command, at, ruling.payloads)
    fold = Fold(opportunity.progress)
    for event in happened:
        fold.apply(event)
    after = opportunity.replaced(progress=fold.progress())
    return Decision(command, accepted=True, opportunity=after, events=happened)


def check_deal(opportunity: object) -> None:
    """Raise CommandError for something that is no Opportunity."""
    if not isinstance(opportunity, Opportunity):
        raise CommandError(
            f"A deal is an Opportunity, not {type(opportunity).__name__}.",
            hint="Make one: Opportunity.model_validate(…) takes a mapping.",
        )


def stamp_of(compiled: Compiled) -> PlaybookStamp:
    """The playbook as a deal and its events remember it."""
    playbook = compiled.playbook
    return PlaybookStamp(id=playbook.id, version=playbook.version, digest=playbook.digest)


def _checked_time(opportunity: Opportunity, command: Command, at: datetime) -> datetime:
    at = aware(at, "at")
    last = opportunity.progress.last_event_at
    if last is not None and at < last:
        raise ClockError(
            f"at, {at.isoformat()}, is earlier than the deal's last event, {last.isoformat()}.",
            hint="Give the present time; say occurred_at= for what happened before.",
        )
    if command.occurred_at is not None and command.occurred_at > at:
        raise ClockError(
            f"occurred_at, {command.occurred_at.isoformat()}, is later than at.",
            hint="A command records what has happened already.",
        )
    return at


def _check_playbook(compiled: Compiled, opportunity: Opportunity) -> None:
    stamp = opportunity.progress.playbook
    if stamp is None:
        return
    playbook = compiled.playbook
    if (stamp.id, stamp.digest) != (playbook.id, playbook.digest):
        raise PlaybookMismatch(
            f"Deal {opportunity.id!r} follows {stamp.id} {stamp.version} "
            f"(digest {stamp.digest[:12]}); this engine has {playbook.id} {playbook.version} "
            f"(digest {playbook.digest[:12]}).",
            hint="Decide with the playbook the deal was started under.",
        )


def _applied_before(opportunity: Opportunity, command: Command) -> bool:
    if command.command_id is None:
        return False
    for applied in opportunity.progress.commands:
        if applied.id == command.command_id:
            if applied.digest != command.digest:
                raise CommandConflict(
                    f"Command id {command.command_id!r} was used before, for something else.",
                    hint="Give every new command an id of its own.",
                )
            return True
    return False


def _check_version(opportunity: Opportunity, command: Command) -> None:
    expected, actual = command.expected_version, opportunity.progress.version
    if expected is not None and expected != actual:
        raise VersionConflict(
            f"Deal {opportunity.id!r} is at version {actual}, the command expected {expected}.",
            hint="Load the deal again, look at what happened, and decide anew.",
        )


def _events(
    compiled: Compiled,
    opportunity: Opportunity,
    command: Command,
    at: datetime,
    payloads: tuple[Record, ...],
) -> tuple[Event, ...]:
    stamp = opportunity.progress.playbook or stamp_of(compiled)
    digest = command.digest if command.command_id is not None else None
    version = opportunity.progress.version
    return tuple(
        [
            Event.trusted(
                {
                    "id": uuid5(
                        _NAMESPACE, f"{opportunity.id}/{sequence}/{command.command_id or ''}"
                    ),
                    "opportunity_id": opportunity.id,
                    "sequence": sequence,
                    "recorded_at": at,
                    "occurred_at": command.occurred_at or at,
                    "by": command.by,
                    "role": command.role,
                    "note": command.note,
                    "command_id": command.command_id,
                    "command_digest": digest,
                    "playbook": stamp,
                    "schema_version": SCHEMA_VERSION,
                    "payload": payload,
                }
            )
            for sequence, payload in enumerate(payloads, start=version + 1)
        ]
    )
