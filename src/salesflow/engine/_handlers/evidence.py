"""Handlers for what people put on record: attest, answer, complete, judge."""

from __future__ import annotations

from datetime import date

from salesflow.domain import Opportunity
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse
from salesflow.engine._decision_points import DecisionPoint, decision_points
from salesflow.engine._facts.fact_plan import standing_words
from salesflow.engine._tracks import standing
from salesflow.engine._visits import current_visit
from salesflow.engine._wording import blocked, instrument_blocker, wrong_answer, wrong_role
from salesflow.engine.commands import Answer, Attest, Complete, Judge
from salesflow.errors import UnknownName
from salesflow.playbook import Criterion
from salesflow.qualify import US, answers_of, tally
from salesflow.rules import Blocker


def attest(context: CommandContext, command: Attest) -> HandlerResult:
    """Only an attested criterion, and only in the role that answers for it."""
    criterion = context.criterion(command.criterion)
    missing = context.not_running()
    if not missing and criterion.kind != "attested":
        missing = (blocked("computed", criterion.key),)
    missing = missing or context.lacks_role(criterion.by) + _own_deal(context, criterion)
    if missing:
        return refuse(*missing)
    return accept(events.CriterionAttested(criterion=criterion.key, met=command.met))


def answer(context: CommandContext, command: Answer) -> HandlerResult:
    """Any question of any checklist, also ahead of the stage that asks for it."""
    known = context.playbook.questions
    question = known.get(command.question)
    if question is None:
        checklist, _, _ = command.question.partition(".")
        near = [name for name in sorted(known) if name.startswith(f"{checklist}.")]
        raise UnknownName("question", command.question, near or sorted(known))
    deal = context.opportunity
    listed = deal.competitors if isinstance(deal, Opportunity) else None
    if listed is not None and command.about not in (US, *listed):
        raise UnknownName("competitor", command.about, listed)
    mark, value = command.mark, command.value
    missing = context.not_running()
    if not missing and mark != "?" and (mark is None or question.type != "yes_no"):
        read = question.read(value)
        if read is None:
            missing = (wrong_answer(question, command.question, mark or value),)
        elif isinstance(read, date):  # another way to write it, such as 20260131
            value = read.isoformat()
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
    """An instrument, one with a checklist only when every question was asked; or a duty."""
    instruments = context.playbook.instruments
    cadences = {cadence.key for cadence in context.playbook.cadences}
    instrument = instruments.get(command.instrument)
    if instrument is None and command.instrument not in cadences:
        raise UnknownName("instrument", command.instrument, [*instruments, *sorted(cadences)])
    missing = () if instrument is None and context.progress.ended else context.not_running()
    if not missing and instrument is not None:
        missing = context.lacks_role(instrument.by)
    if not missing and instrument is not None and instrument.checklist is not None:
        checklist = context.playbook.checklists[instrument.checklist]
        count = tally(checklist, answers_of(context.progress.answers))
        if not count.complete:
            unasked = [item for item in checklist.questions if item.key in count.unasked]
            missing = (instrument_blocker(instrument, unasked),)
    if missing:
        return refuse(*missing)
    return accept(events.InstrumentCompleted(instrument=command.instrument))


def judge(context: CommandContext, command: Judge) -> HandlerResult:
    """A judgement of this visit, or of one point of it by a role that the playbook names there."""
    point, missing = _point(context, command)
    missing = context.not_running() or (
        *missing,
        *_conflicts(context, command.role, point),
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
        )
    )


def _stay_of_track(context: CommandContext, point: str | None) -> int | None:
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
    if not _asked_here(context, asked[point.key]):
        missing = (*missing, blocked("not_here", point.key))
    return point.key, missing


def _asked_here(context: CommandContext, point: DecisionPoint) -> bool:
    """Whether what is asked counts where the deal stands, or where the track does that asks."""
    if point.track is None:
        return context.progress.stage in point.stages
    stay = context.progress.track(point.track)
    return stay is not None and stay.state in point.states


def _only_point(context: CommandContext, role: str) -> tuple[str | None, tuple[Blocker, ...]]:
    """What a role means that names no point: the visit where that counts, or the only open point.

    A word that nothing asks for would be accepted and decide nothing.
    """
    points = [
        point
        for point in decision_points(context.playbook).values()
        if _asked_here(context, point)
        and role in (*point.criterion.roles, *point.criterion.consulted)
    ]
    here = [point.criterion for point in points]
    read = f"approval.{role}" in context.compiled.facts_read
    of_the_visit = (it.criterion.kind == "judgement" and it.track is None for it in points)
    if read or any(of_the_visit):
        return None, ()
    facts = context.facts(context.gate().plan)
    undecided = [item.key for item in here if facts.get(f"done.{item.key}") is None]
    keys = undecided or [item.key for item in here]
    if len(keys) == 1:
        return keys[0], ()
    return None, (blocked("which_point", keys[0]) if keys else blocked("nothing_to_judge", role),)


def _own_deal(context: CommandContext, criterion: Criterion) -> tuple[Blocker, ...]:
    """Why the owner of a deal does not vouch for it."""
    owner = context.opportunity.owner
    barred = "owner" in criterion.not_by and owner is not None and context.by == owner
    return (blocked("own_deal", criterion.key),) if barred else ()


def _conflicts(context: CommandContext, role: str, key: str | None) -> tuple[Blocker, ...]:
    """Why this person cannot speak for a role: it is their own deal, or they spoke for another."""
    missing: tuple[Blocker, ...] = ()
    progress = context.progress
    for point in decision_points(context.playbook).values():
        criterion = point.criterion
        if key is None:
            of_the_visit = criterion.kind == "judgement" and point.track is None
            is_meant = of_the_visit and progress.stage in point.stages
        else:
            is_meant = criterion.key == key
        if not is_meant or role not in criterion.roles:
            continue
        missing += _own_deal(context, criterion)
        words = standing_words(progress, point) if criterion.distinct else ()
        if any(word.by == context.by and word.role != role for word in words):
            missing += (blocked("same_person", criterion.key),)
    return missing
