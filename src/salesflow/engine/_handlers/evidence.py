"""Handlers for what people put on record: attest, answer, complete, judge, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from salesflow.domain import Opportunity
from salesflow.domain.deal.stays import current_visit
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse
from salesflow.engine._facts.readers import ReadValue
from salesflow.engine._handlers.people import (
    barred,
    conflicts,
    not_here,
    plan_of,
    seen,
    unshown,
)
from salesflow.engine._tracks import standing
from salesflow.engine._wording import blocked, wrong_answer, wrong_role
from salesflow.engine.commands import Answer, Attest, Complete, Judge, Withdraw
from salesflow.errors import UnknownName
from salesflow.playbook import Criterion, Instrument, Question
from salesflow.qualify import US, answers_of, tally
from salesflow.qualify._applying import conditional
from salesflow.rules import Blocker
from salesflow.schedule._decision_points import DecisionPoint, decision_points


def attest(context: CommandContext, command: Attest) -> HandlerResult:
    """Only an attested criterion, and only in the role that answers for it."""
    criterion = context.criterion(command.criterion)
    missing = context.not_running()
    if not missing and criterion.kind != "attested":
        missing = (blocked(criterion.kind, criterion.key),)
    missing = missing or (
        *context.lacks_role(criterion.by),
        *barred(context, criterion),
        *(unshown(criterion, criterion.key, command.evidence) if command.met else ()),
    )
    if missing:
        return refuse(*missing)
    return accept(
        events.CriterionAttested(
            criterion=criterion.key,
            met=command.met,
            seen=seen(context, criterion),
            evidence=command.evidence,
        )
    )


def answer(context: CommandContext, command: Answer) -> HandlerResult:
    """Any question of any checklist, also ahead of the stage that asks for it."""
    question = _question(context, command.question)
    deal = context.opportunity
    listed = deal.competitors if isinstance(deal, Opportunity) else None
    if listed is not None and command.about not in (US, *listed):
        raise UnknownName("competitor", command.about, listed)
    mark, value = command.mark, command.value
    missing = stopped = context.not_running()
    if not missing and mark == "n/a":
        if not question.may_not_apply:
            missing = (wrong_answer(question, command.question, mark),)
    elif not missing and mark != "?" and (mark is None or question.type != "yes_no"):
        read = question.read(value)
        if read is None:
            missing = (wrong_answer(question, command.question, mark or value),)
        elif isinstance(read, date):  # another way to write it, such as 20260131
            value = read.isoformat()
    if not stopped and mark not in ("?", "n/a"):
        missing += unshown(question, command.question, command.evidence)
    if missing:
        return refuse(*missing)
    return accept(
        events.QuestionAnswered(
            question=command.question,
            mark=mark,
            value=value,
            about=command.about,
            evidence=command.evidence,
        )
    )


def complete(context: CommandContext, command: Complete) -> HandlerResult:
    """An instrument, one with a checklist only when every question was asked; or a duty.

    What follows from a rule is nobody's to complete.
    """
    instrument, missing = _completing(context, command.instrument)
    if instrument is not None and not context.not_running():
        if instrument.check_rule is not None:
            return refuse(_by_hand(context, instrument))
        if not missing:
            missing = _incomplete(context, instrument)
        missing += unshown(instrument, instrument.key, command.evidence)
    if missing:
        return refuse(*missing)
    return accept(
        events.InstrumentCompleted(instrument=command.instrument, evidence=command.evidence)
    )


def _incomplete(context: CommandContext, instrument: Instrument) -> tuple[Blocker, ...]:
    """What keeps an instrument from being completed: questions of its checklist."""
    asked = frozenset({f"{instrument.checklist}.asked"})
    facts: dict[str, ReadValue] = {}
    if conditional(context.playbook, asked):
        facts = context.facts(plan_of(context.playbook, asked))
    questions = unasked(context, instrument, facts)
    if not questions:
        return ()
    explain = context.compiled.explainer.instrument
    return (explain(instrument, facts, context.today, context.tz, questions),)


def unasked(
    context: CommandContext, instrument: Instrument, facts: Mapping[str, object]
) -> list[Question]:
    """The questions of an instrument's checklist that apply and that nobody asked yet."""
    if instrument.checklist is None:
        return []
    checklist = context.playbook.checklists[instrument.checklist]
    left = tally(checklist, answers_of(context.progress.answers), facts).unasked
    return [item for item in checklist.questions if item.key in left]


def _by_hand(context: CommandContext, instrument: Instrument) -> Blocker:
    """Why nobody completes an instrument that follows from a rule, with what it misses."""
    facts = context.facts(plan_of(context.playbook, frozenset({f"done.{instrument.key}"})))
    explain = context.compiled.explainer.completed_by_hand
    return explain(instrument, facts, context.today, context.tz)


def withdraw(context: CommandContext, command: Withdraw) -> HandlerResult:
    """What somebody said does not stand any more; for whoever may say it."""
    progress, policy = context.progress, context.playbook.policy
    if command.question is not None:
        _question(context, command.question)
        name, key = command.question, (command.question, command.about)
        missing = context.not_running() or context.not_permitted(policy.answer, "answer")
        stands = any((item.question, item.about) == key for item in progress.answers)
    elif command.instrument is not None:
        name = command.instrument
        _, missing = _completing(context, name)
        missing = missing or context.not_permitted(policy.complete, "complete")
        stands = any(item.instrument == name for item in progress.completions)
    else:
        criterion = context.criterion(command.waiver or "")
        name = criterion.key
        missing = context.not_running() or context.not_permitted(
            criterion.waive, "waive", condition=f"waive.{name}"
        )
        stands = any(item.criterion == name for item in progress.waivers)
    if not stands and progress.stage is not None:
        missing += (blocked("not_on_record", name),)
    if missing:
        return refuse(*missing)
    return accept(
        events.Withdrawn(
            question=command.question,
            about=command.about,
            instrument=command.instrument,
            waiver=command.waiver,
        )
    )


def _question(context: CommandContext, name: str) -> Question:
    """The question called so; raises UnknownName with those of its checklist."""
    known = context.playbook.questions
    if name not in known:
        checklist, _, _ = name.partition(".")
        near = [other for other in sorted(known) if other.startswith(f"{checklist}.")]
        raise UnknownName("question", name, near or sorted(known))
    return known[name]


def _completing(
    context: CommandContext, name: str
) -> tuple[Instrument | None, tuple[Blocker, ...]]:
    """The instrument, None for a duty, and why this person has no say in whether it is done.

    Raises:
        UnknownName: The playbook has no such instrument or cadence.
    """
    instruments = context.playbook.instruments
    cadences = {cadence.key for cadence in context.playbook.cadences}
    instrument = instruments.get(name)
    if instrument is None and name not in cadences:
        raise UnknownName("instrument", name, [*instruments, *sorted(cadences)])
    missing = () if instrument is None and context.progress.ended else context.not_running()
    if not missing and instrument is not None:
        missing = context.lacks_role(instrument.by)
    return instrument, missing


def judge(context: CommandContext, command: Judge) -> HandlerResult:
    """A judgement of this visit, or of one point of it by a role that the playbook names there."""
    point, missing = _point(context, command)
    meant = _meant(context, point)
    missing = context.not_running() or (
        *missing,
        *conflicts(context, command, meant),
        *context.looks_back(command.review_on),
    )
    if missing:
        return refuse(*missing)
    return accept(
        events.Judged(
            visit=current_visit(context.progress)[-1],
            stage=context.position().stage.key,
            role=command.role,
            verdict=command.verdict,
            point=point,
            follow_up=command.follow_up,
            resume_when=command.resume_when,
            review_on=command.review_on,
            track_visit=_stay_of_track(context, point),
            seen=seen(context, *(item.criterion for item in meant)),
            evidence=command.evidence,
        )
    )


def _meant(context: CommandContext, key: str | None) -> tuple[DecisionPoint, ...]:
    """What a judgement is about: its point, or each judgement that the present stage asks for."""
    points = decision_points(context.playbook)
    if key is not None:
        return (points[key],)
    stage = context.progress.stage
    return tuple(it for it in points.values() if it.of_the_visit and stage in it.stages)


def _stay_of_track(context: CommandContext, point: str | None) -> int | None:
    """Of a point that a track asks for, the stay of the track."""
    asked = decision_points(context.playbook).get(point or "")
    if asked is None or asked.track is None:
        return None
    return standing(context.progress.tracks, asked.track)


def _point(context: CommandContext, command: Judge) -> tuple[str | None, tuple[Blocker, ...]]:
    """What is judged, None for the visit as a whole; or why that cannot be."""
    asked, roles = decision_points(context.playbook), context.playbook.roles
    if command.point is None:
        if roles and command.role not in roles:
            raise UnknownName("role", command.role, roles)
        return (None, ()) if context.progress.stage is None else _only_point(context, command.role)
    point = context.criterion(command.point)
    if point.key not in asked:
        raise UnknownName("decision point", point.key, asked)
    missing: tuple[Blocker, ...] = ()
    heard = (*point.roles, *point.consulted)
    if command.role not in heard:
        missing = (wrong_role(context.playbook, heard, (command.role,)),)
    return point.key, missing + not_here(context, asked[point.key])


def _only_point(context: CommandContext, role: str) -> tuple[str | None, tuple[Blocker, ...]]:
    """What a role means that names no point: the visit where that counts, or the only open point.

    A word that nothing asks for would be accepted and decide nothing.
    """
    points = [
        point
        for point in decision_points(context.playbook).values()
        if point.counts_now(context.progress)
        and role in (*point.criterion.roles, *point.criterion.consulted)
    ]
    here = [point.criterion for point in points]
    read = f"approval.{role}" in context.compiled.facts_read
    if read or any(point.of_the_visit for point in points):
        return None, ()
    settling = frozenset(_settles(item, role) for item in here)
    facts = context.facts(plan_of(context.playbook, settling))
    undecided = [item.key for item in here if facts.get(_settles(item, role)) is None]
    keys = undecided or [item.key for item in here]
    if len(keys) == 1:
        return keys[0], ()
    return None, (blocked("which_point", keys[0]) if keys else blocked("nothing_to_judge", role),)


def _settles(criterion: Criterion, role: str) -> str:
    """The flag that is known once this role's word is no longer waited for."""
    approves = criterion.kind == "approval"
    return f"approval.{criterion.key}.{role}" if approves else f"done.{criterion.key}"
