"""Handlers for the end of a deal, and for its second life: lose, disqualify, reopen."""

from __future__ import annotations

from typing import Literal

from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse, sub_stage_key
from salesflow.engine._handlers.move import position_called
from salesflow.engine._visits import reached
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Disqualify, Lose, Reopen
from salesflow.errors import UnknownName
from salesflow.rules import Blocker


def lose(context: CommandContext, command: Lose) -> HandlerResult:
    """Lost, for one of the playbook's reasons."""
    missing = _missing(context, "lost", command.reason)
    return refuse(*missing) if missing else accept(events.Lost(reason=command.reason))


def disqualify(context: CommandContext, command: Disqualify) -> HandlerResult:
    """Disqualified, for one of the playbook's reasons."""
    missing = _missing(context, "disqualified", command.reason)
    return refuse(*missing) if missing else accept(events.Disqualified(reason=command.reason))


def reopen(context: CommandContext, command: Reopen) -> HandlerResult:
    """A deal that ended goes on where it really was before."""
    position = position_called(context, command.stage)
    progress = context.progress
    if progress.stage is None:
        return refuse(*context.not_running())
    if not progress.ended:
        return refuse(blocked("not_ended", "ended"))
    missing = context.not_permitted(context.playbook.policy.reopen, "reopen")
    if reached(progress, context.playbook, position.key) is not True:
        missing += (blocked("not_reached", position.key),)
    if missing:
        return refuse(*missing)
    return accept(
        events.Reopened(
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
        )
    )


def _missing(
    context: CommandContext, outcome: Literal["lost", "disqualified"], name: str
) -> tuple[Blocker, ...]:
    """Why the deal cannot end so.

    Raises:
        UnknownName: The playbook lists reasons for this outcome, and this is not one of them.
    """
    reasons = {
        key: item for key, item in context.playbook.reasons.items() if item.outcome == outcome
    }
    reason = reasons.get(name)
    if reason is None and reasons:
        raise UnknownName(f"reason for a {outcome} deal", name, reasons)
    if missing := context.not_running():
        return missing
    if context.progress.outcome != "none":
        return (blocked("already_closed", "outcome"),)
    if reason is None:
        return ()
    missing = context.not_permitted(reason, f"reasons.{reason.key}")
    if reason.notes and context.note is None:
        missing += (blocked("note_missing", reason.key),)
    return missing
