"""Rulings on what people put on record: attest, answer, complete, judge."""

from __future__ import annotations

from datetime import date

from salesflow.domain import Opportunity
from salesflow.engine import events
from salesflow.engine._context import Case, Ruling, accept, refuse
from salesflow.engine._decision_points import asked_in
from salesflow.engine._visits import current_visit
from salesflow.engine._wording import blocked, instrument_blocker, wrong_answer, wrong_role
from salesflow.engine.commands import Answer, Attest, Complete, Judge
from salesflow.errors import UnknownName
from salesflow.qualify import US, answers_of, tally


def attest(case: Case, command: Attest) -> Ruling:
    """Only an attested criterion, and only in the role that answers for it."""
    criterion = case.criterion(command.criterion)
    missing = case.not_running()
    if not missing and criterion.kind != "attested":
        missing = (blocked("computed", criterion.key),)
    missing = missing or case.lacks_role(criterion.by)
    if missing:
        return refuse(*missing)
    return accept(events.CriterionAttested(criterion=criterion.key, met=command.met))


def answer(case: Case, command: Answer) -> Ruling:
    """Any question of any checklist, also ahead of the stage that asks for it."""
    known = case.playbook.questions
    question = known.get(command.question)
    if question is None:
        checklist, _, _ = command.question.partition(".")
        near = [name for name in sorted(known) if name.startswith(f"{checklist}.")]
        raise UnknownName("question", command.question, near or sorted(known))
    deal = case.opportunity
    listed = deal.competitors if isinstance(deal, Opportunity) else None
    if listed is not None and command.about not in (US, *listed):
        raise UnknownName("competitor", command.about, listed)
    mark, value = command.mark, command.value
    missing = case.not_running()
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


def complete(case: Case, command: Complete) -> Ruling:
    """An instrument, one with a checklist only when every question was asked; or a duty."""
    instruments = case.playbook.instruments
    cadences = {cadence.key for cadence in case.playbook.cadences}
    instrument = instruments.get(command.instrument)
    if instrument is None and command.instrument not in cadences:
        raise UnknownName("instrument", command.instrument, [*instruments, *sorted(cadences)])
    missing = () if instrument is None and case.progress.ended else case.not_running()
    if not missing and instrument is not None and instrument.checklist is not None:
        checklist = case.playbook.checklists[instrument.checklist]
        count = tally(checklist, answers_of(case.progress.answers))
        if not count.complete:
            unasked = [item for item in checklist.questions if item.key in count.unasked]
            missing = (instrument_blocker(instrument, unasked),)
    if missing:
        return refuse(*missing)
    return accept(events.InstrumentCompleted(instrument=command.instrument))


def judge(case: Case, command: Judge) -> Ruling:
    """A judgement of this visit, or of one point of it by a role that the playbook names there."""
    point = None if command.point is None else case.criterion(command.point)
    asked = asked_in(case.playbook)
    if point is not None and point.key not in asked:
        raise UnknownName("decision point", point.key, asked)
    if point is None and case.playbook.roles and command.role not in case.playbook.roles:
        raise UnknownName("role", command.role, case.playbook.roles)
    missing = case.not_running()
    if not missing and point is not None:
        heard = (*point.roles, *point.consulted)
        if command.role not in heard:
            missing = (wrong_role(case.playbook, heard, (command.role,)),)
        if case.progress.stage not in asked[point.key].stages:
            missing = (*missing, blocked("not_here", point.key))
    if not case.not_running():
        missing = (*missing, *case.looks_back(command.review_on))
    if missing:
        return refuse(*missing)
    return accept(
        events.Judged(
            visit=current_visit(case.progress)[-1],
            stage=case.position().stage.key,
            role=command.role,
            verdict=command.verdict,
            point=command.point,
            follow_up=command.follow_up,
            resume_when=command.resume_when,
            review_on=command.review_on,
        )
    )
