"""Who speaks: handlers for requests, delegations and calls, and why somebody may not speak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse
from salesflow.engine._facts.fact_plan import FactPlan
from salesflow.engine._facts.said import standing_words, values_now
from salesflow.engine._wording import blocked, out_of_turn
from salesflow.engine.commands import CallForecast, Delegate, Judge, Request
from salesflow.errors import UnknownName
from salesflow.playbook import ApprovalRow, Criterion, Instrument, Playbook, Question
from salesflow.playbook._kept import kept_with_playbook
from salesflow.qualify import score
from salesflow.qualify._points import facts_read
from salesflow.rules import Blocker, Verdict
from salesflow.schedule._decision_points import DecisionPoint, decision_points


def request(context: CommandContext, command: Request) -> HandlerResult:
    """A decision, a judgement or an approval that the playbook asks for, where it can be given."""
    asked = decision_points(context.playbook)
    point = asked.get(context.criterion(command.point).key)
    if point is None:
        raise UnknownName("decision point", command.point, asked)
    missing = context.not_running() or not_here(context, point) or _not_asked(context, point)
    return refuse(*missing) if missing else accept(events.Requested(point=command.point))


def delegate(context: CommandContext, command: Delegate) -> HandlerResult:
    """A role that the person has in the deal's own team, until a day that is not over."""
    roles = context.playbook.roles
    if roles and command.role not in roles:
        raise UnknownName("role", command.role, roles)
    missing = context.not_running()
    if not missing and command.role not in context.held(context.opportunity):
        missing = (blocked("not_ones_own", command.role),)
    if command.until < context.today:
        missing += (blocked("over_already", "until"),)
    if missing:
        return refuse(*missing)
    return accept(events.Delegated(role=command.role, to=command.to, until=command.until))


def call_forecast(context: CommandContext, command: CallForecast) -> HandlerResult:
    """The owner's word on the forecast, or that of somebody whom the policy lets give one."""
    stage = context.progress.stage
    caller: Literal["owner", "manager"] = "owner" if _is_owner(context) else "manager"
    missing = context.not_running()
    if not missing and context.progress.outcome != "none":
        missing = (blocked("already_closed", "outcome"),)
    if not missing and caller == "manager":
        missing = _no_manager(context, command)
    if missing or stage is None:
        return refuse(*missing)
    said = (caller, command.category, command.reason, command.by, command.role, stage)
    for call in context.progress.forecast_calls:
        if said == (call.caller, call.category, call.reason, call.by, call.role, call.stage):
            return refuse(blocked("already_called", caller))
    return accept(
        events.ForecastCalled(
            caller=caller, category=command.category, reason=command.reason, stage=stage
        )
    )


def _no_manager(context: CommandContext, command: CallForecast) -> tuple[Blocker, ...]:
    """Why somebody who is not the deal's owner does not call its forecast."""
    permission = context.playbook.policy.call_forecast
    if not permission.allowed:
        return (blocked("not_owner", "call_forecast"),)
    return context.not_permitted(permission, "call_forecast", note=command.reason)


def _is_owner(context: CommandContext) -> bool:
    """Whether the person is the deal's owner, or stands in for the owner as such."""
    owner, role = context.opportunity.owner, context.playbook.owner_role
    if not context.by or context.by == owner:  # it may be whoever that is, if nobody in particular
        return True
    stands_in = any(item.by == owner and item.role == role for item in context.delegations())
    if stands_in and role is not None:
        context.asked += (role,)
    return stands_in


def not_here(context: CommandContext, point: DecisionPoint) -> tuple[Blocker, ...]:
    """Why a point is not decided where the deal or its track stands; an approval is anywhere."""
    anywhere = point.criterion.kind == "approval"
    elsewhere = not anywhere and not point.counts_now(context.progress)
    return (blocked("not_here", point.criterion.key),) if elsewhere else ()


def barred(context: CommandContext, criterion: Criterion) -> tuple[Blocker, ...]:
    """Why a person does not vouch for this: it is their own deal, or their own request.

    A substitute of somebody is that person here.
    """
    missing: tuple[Blocker, ...] = ()
    if not criterion.not_by:
        return missing
    themselves = {context.by, *(item.by for item in context.delegations())}
    if "owner" in criterion.not_by and context.opportunity.owner in themselves:
        missing += (blocked("own_deal", criterion.key),)
    if "requester" in criterion.not_by and not themselves.isdisjoint(_makers(context, criterion)):
        missing += (blocked("own_request", criterion.key),)
    return missing


def unshown(
    asked: Criterion | Instrument | Question, key: str, evidence: str | None
) -> tuple[Blocker, ...]:
    """Why a yes alone is not enough: the playbook asks what shows it, and nothing is named."""
    if asked.evidence is None or evidence is not None:
        return ()
    return (blocked("evidence_missing", key),)


def _makers(context: CommandContext, criterion: Criterion) -> Iterator[str]:
    """Who asked for it last, and who gave the facts on which it rests their present values."""
    progress, rests_on = context.progress, criterion.lapses_on
    # Who answered a question last did not give it its value where that was recorded late, or
    # withdrawn since: the answer that stands says whose it is.
    amended = {*rests_on} - context.playbook.questions.keys()
    yield from (item.by for item in progress.requests if item.point == criterion.key)
    yield from (item.by for item in progress.revisions if item.fact in amended)
    yield from (
        item.by for item in progress.answers if item.about == "us" and item.question in rests_on
    )


def conflicts(
    context: CommandContext, command: Judge, points: tuple[DecisionPoint, ...]
) -> tuple[Blocker, ...]:
    """Why this person cannot speak so for a role on these points."""
    missing: tuple[Blocker, ...] = ()
    if context.records is not None:
        context.need(_read_for(context.playbook, point.criterion) for point in points)
    for point in points:
        criterion = point.criterion
        heard = command.role in (*criterion.roles, *criterion.consulted)
        if criterion.follow_up and heard and command.follow_up is None:
            missing += (blocked("follow_up_missing", criterion.key),)
        if command.role not in criterion.roles:
            continue
        missing += barred(context, criterion)
        if criterion.distinct and _spoke_for_another(context, command.role, point):
            missing += (blocked("same_person", criterion.key),)
        missing += _not_asked(context, point, command.role) or _turn(context, command, point)
        if criterion.note_against_score and command.verdict == "go" and context.note is None:
            missing += _against_the_score(context, criterion)
        if command.verdict == "go":
            missing += unshown(criterion, criterion.key, command.evidence)
    return missing


def _read_for(playbook: Playbook, criterion: Criterion) -> FactPlan:
    """What a word on a criterion rests on, and the card that a go must not contradict."""
    names = frozenset(criterion.lapses_on)
    if criterion.note_against_score:
        names |= facts_read(playbook.scorecards[criterion.scorecard or ""])
    return plan_of(playbook, names)


def _spoke_for_another(context: CommandContext, role: str, point: DecisionPoint) -> bool:
    themselves = {context.by, *(it.by for it in context.delegations() if it.role == role)}
    words = standing_words(context.progress, point, seen(context, point.criterion))
    return any(
        word.role != role and not themselves.isdisjoint((word.by, word.on_behalf_of))
        for word in words
    )


def seen(context: CommandContext, *criteria: Criterion) -> dict[str, float | str | bool | None]:
    """What the facts are on which these criteria rest."""
    names = dict.fromkeys(name for criterion in criteria for name in criterion.lapses_on)
    if not names:
        return {}
    records = context.said(names)
    return values_now(context.opportunity, context.playbook, names, context.tz, records)


@kept_with_playbook
def plan_of(playbook: Playbook, names: frozenset[str]) -> FactPlan:
    """The plan that reads these facts."""
    return FactPlan.of(playbook, names)


def _not_asked(
    context: CommandContext, point: DecisionPoint, role: str | None = None
) -> tuple[Blocker, ...]:
    """Why an approval is not asked for, of anybody or of this role."""
    criterion = point.criterion
    if criterion.kind != "approval":
        return ()
    asking = [row.roles for row in _rows(context, criterion)]
    if any(roles and (role is None or role in roles) for roles in asking):
        return ()
    return (blocked("nothing_to_judge", role or criterion.key),)


def _rows(context: CommandContext, criterion: Criterion) -> list[ApprovalRow]:
    """The rows that may be the first to hold; one where that is certain."""
    policy, when = criterion.approval, criterion.when
    if policy is None or when is None:
        raise AssertionError(criterion)
    names = frozenset(name for row in policy.rows for name in row.when.facts)
    facts = context.facts(plan_of(context.playbook, names | when.facts))
    if when.verdict(facts, context.today, tz=context.tz) is Verdict.NO:
        return []
    found = []
    for row in policy.rows:
        verdict = row.when.verdict(facts, context.today, tz=context.tz)
        if verdict is not Verdict.NO:
            found.append(row)
        if verdict is Verdict.YES:
            break
    return found


def _turn(context: CommandContext, command: Judge, point: DecisionPoint) -> tuple[Blocker, ...]:
    """Why a go comes too early: somebody has to say so before."""
    criterion = point.criterion
    if criterion.kind != "approval" or command.verdict != "go":
        return ()
    words = standing_words(context.progress, point, seen(context, criterion))
    approved = {word.role for word in words if word.verdict == "go"}
    for row in _rows(context, criterion):
        if row.in_order and command.role in row.roles:
            before = row.roles[: row.roles.index(command.role)]
            if waiting := tuple(role for role in before if role not in approved):
                return (out_of_turn(context.playbook, criterion.key, waiting),)
    return ()


def _against_the_score(context: CommandContext, criterion: Criterion) -> tuple[Blocker, ...]:
    """A go that its card is certain to advise against."""
    playbook, card = context.playbook, context.playbook.scorecards[criterion.scorecard or ""]
    facts = context.facts(plan_of(playbook, facts_read(card)))
    said = score(playbook, card, facts, context.today, tz=context.tz).verdict
    against = len(card.bands) > 1 and said == card.bands[0].key
    return (blocked("note_against_score", criterion.key),) if against else ()
