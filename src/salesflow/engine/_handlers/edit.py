"""Handlers that change a deal without moving it: amend, waive, hold, resume."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, cast

from salesflow.domain import Opportunity
from salesflow.domain._base.record import replaced
from salesflow.domain.deal.opportunity import AMENDABLE, Deal
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse
from salesflow.engine._facts.fact_plan import revised
from salesflow.engine._facts.readers import check_given, outside
from salesflow.engine._facts.said import values_now
from salesflow.engine._gates import fields_by_name
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Amend, Hold, Resume, Waive
from salesflow.rules import Blocker

if TYPE_CHECKING:
    from pydantic import JsonValue


def amend(context: CommandContext, command: Amend) -> HandlerResult:
    """New values for fields of the deal; pushed dates and cut amounts are counted."""
    deal = context.opportunity
    missing = context.not_running()
    what = "amend"
    if context.progress.ended and context.playbook.policy.amend_closed.allowed:
        missing, what = (), "amend_closed"
    if not missing and not isinstance(deal, Opportunity):
        missing = (blocked("kept_by_host", "facts"),)
    if missing or not isinstance(deal, Opportunity):
        return refuse(*missing)
    after = _changed(deal, command.changes)
    missing = context.not_permitted(getattr(context.playbook.policy, what), what)
    missing += _fixed_fields(context, deal, after)
    if context.held(after) - context.held(deal):
        missing += (blocked("role_for_oneself", "team"),)
    if missing:
        return refuse(*missing)
    check_given(after, context.playbook, entering=command.changes)
    if "facts" in command.changes:
        changed = {k: v for k, v in after.facts.items() if deal.facts.get(k) != v}
        missing = outside(context.given(replaced(after, facts=changed)), context.playbook)
        if missing:
            return refuse(*missing)
    # Compared with the last value known: emptying a field in between hides nothing.
    close_on = deal.expected_close_on or context.progress.last_close_on
    amount = deal.amount or context.progress.last_amount
    return accept(
        events.Amended(
            # The command keeps them as JSON does.
            changes=cast("Mapping[str, JsonValue]", command.changes),
            before=deal.model_dump(mode="json", include=set(command.changes)),
            pushed=_pushed(close_on, after.expected_close_on),
            cut=context.compared(amount, after.amount, after) == -1,
            close_on=after.expected_close_on or close_on,
            amount=after.amount or amount,
            revised=_revised(context, deal, after),
        )
    )


def _fixed_fields(
    context: CommandContext, deal: Opportunity, after: Opportunity
) -> tuple[Blocker, ...]:
    """Why fields that would change may not be changed by this person, or not now."""
    missing: tuple[Blocker, ...] = ()
    for condition, item in fields_by_name(context.playbook):
        is_fact = item.name not in AMENDABLE
        before, now = (
            it.facts.get(item.name) if is_fact else getattr(it, item.name) for it in (deal, after)
        )
        if before != now:
            missing += context.not_permitted(
                item, f"fields.{item.name}", condition=condition, after=after
            )
    return missing


def _revised(context: CommandContext, deal: Opportunity, after: Opportunity) -> tuple[str, ...]:
    """The facts that change of those on which a word rests or from which a duty counts."""
    names = revised(context.playbook)
    if not names:
        return ()
    said = context.said(names)  # which an amendment does not change
    before, now = (
        values_now(it, context.playbook, names, context.tz, said) for it in (deal, after)
    )
    return tuple(name for name in names if before[name] != now[name])


def amended(deal: Deal, payload: events.Amended) -> Deal:
    """The deal with the changes of an event."""
    return _changed(deal, payload.changes) if isinstance(deal, Opportunity) else deal


def _changed(deal: Opportunity, changes: Mapping[str, object]) -> Opportunity:
    # Validated alone: the other fields are the host's and were valid when it made the deal.
    values = Opportunity.model_validate({"id": deal.id, "name": deal.name, **changes})
    return replaced(deal, **{name: getattr(values, name) for name in changes})


def _pushed(old: date | None, new: date | None) -> bool:
    return old is not None and new is not None and new > old


def waive(context: CommandContext, command: Waive) -> HandlerResult:
    """A required criterion is waived, by a role that may, with a reason."""
    criterion = context.criterion(command.criterion)
    missing = context.not_running()
    if not missing and criterion.advisory:
        missing = (blocked("advisory", criterion.key),)
    missing = missing or context.not_permitted(
        criterion.waive, "waive", note=command.reason, condition=f"waive.{criterion.key}"
    )
    if missing:
        return refuse(*missing)
    return accept(events.CriterionWaived(criterion=criterion.key, reason=command.reason))


def hold(context: CommandContext, command: Hold) -> HandlerResult:
    """The deal rests."""
    missing = context.not_running() or context.resting() or context.looks_back(command.review_on)
    if missing:
        return refuse(*missing)
    return accept(events.Held(resume_when=command.resume_when, review_on=command.review_on))


def resume(context: CommandContext, _command: Resume) -> HandlerResult:
    """The deal goes on."""
    missing = context.not_running()
    if not missing and context.progress.hold is None:
        missing = (blocked("not_on_hold", "on_hold"),)
    return refuse(*missing) if missing else accept(events.Resumed())
