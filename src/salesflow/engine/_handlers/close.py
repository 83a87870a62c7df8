"""Handlers for the end of a deal, and for its second life: lose, disqualify, reopen, retract."""

from __future__ import annotations

from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse, sub_stage_key
from salesflow.engine._handlers.move import position_called
from salesflow.engine._visits import reached
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Disqualify, Lose, Reopen, Retract
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


def _missing(context: CommandContext, outcome: str, name: str) -> tuple[Blocker, ...]:
    """Why the deal cannot end so."""
    reason = context.reason(outcome, name)  # a name that is a mistake is told before all
    if missing := context.not_running():
        return missing
    if context.progress.outcome != "none":
        return (blocked("already_closed", "outcome"),)
    return context.unreasoned(outcome, reason)


def retract(context: CommandContext, command: Retract) -> HandlerResult:
    """An outcome is taken back; the deal goes on where it stands, or where it really was before."""
    playbook, progress = context.playbook, context.progress
    position = None if command.stage is None else position_called(context, command.stage)
    if progress.stage is None:
        return refuse(*context.not_running())
    if progress.outcome == "none":
        return refuse(blocked("not_closed", "outcome"))
    if missing := context.resting():
        return refuse(*missing)
    if position is None:
        position = context.position()
    if reached(progress, playbook, position.key) is not True:
        missing += (blocked("not_reached", position.key),)
    # No deal comes there unless it was won, and none could be won there any more.
    left = (place.stage for place in playbook.must_have_left(position.key))
    if any(stage.wins and stage.key != position.stage.key for stage in left):
        missing += (blocked("past_winning", position.key),)
    if missing:
        return refuse(*missing)
    return accept(
        events.Retracted(
            outcome=progress.outcome,
            closed_at=progress.closed_at,
            reason=progress.reason,
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
        )
    )
