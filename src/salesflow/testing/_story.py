"""One case, told step by step under a playbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Final

from pydantic import ValidationError

from salesflow.domain import Opportunity
from salesflow.domain._base.invalid_input import InvalidInput
from salesflow.domain._base.record import replaced
from salesflow.engine import Answer, Command, Decision, StageEngine, facts_of
from salesflow.errors import Problem, SalesflowError
from salesflow.money import Rates
from salesflow.playbook import Playbook
from salesflow.playbook._parts import RawTable
from salesflow.rules import Verdict
from salesflow.testing._case_format import BLANK, OF_DEAL, command_of, record_of
from salesflow.testing._case_values import on_day
from salesflow.testing._course import FIRST_DAY, WEEKDAYS, Course, Sample
from salesflow.testing._errors import problems_of
from salesflow.testing._means import Means
from salesflow.text import Language, both

_BLOCKER: Final = both(en='"{key}" ({fix})', zh="“{key}”（{fix}）")
_BETWEEN: Final = both(en="; ", zh="；")


class _Differs(Exception):
    """Something came otherwise than the case says."""

    def __init__(self, path: str, message: str) -> None:
        self.problem = Problem(path, message, code="differs")
        super().__init__(message)


def tell(
    playbook: Playbook,
    case: RawTable,
    records: Mapping[str, Mapping[str, object]],
    satisfy_with: Iterable[str],
    lang: Language,
) -> tuple[Problem, ...]:
    """What comes otherwise than a case says; empty where all is as it says.

    Reasons of blockers are in a language; the sentences around them have a catalogue.
    """
    path = case.at("deal")
    try:
        course = _begun(playbook, case.table("deal") or RawTable({}, path), records)
        means = Means(frozenset(satisfy_with))
        for step in case.tables("steps"):
            path = step.path
            course = _after(course, step, means, lang)
        expected = case.table("expect")
        if expected is None:
            return ()
        path = expected.path
        return tuple(
            Problem(expected.at(key), message, code="differs")
            for key, message in _differences(course, expected)
        )
    except _Differs as error:
        return (error.problem,)
    except (SalesflowError, ValidationError) as error:
        told = InvalidInput.of(error) if isinstance(error, ValidationError) else error
        return tuple(
            Problem(f"{path}.{it.path}" if it.path else path, it.message, it.hint, it.code)
            for it in problems_of(told)
        )


def _begun(
    playbook: Playbook, said: RawTable, records: Mapping[str, Mapping[str, object]]
) -> Course:
    """The deal as it is at first."""
    rates = None
    if said.get("rates"):
        rates = Rates(base=playbook.currency, rates=said["rates"])  # type: ignore[arg-type]  # so it was read
    fields = {name: said[name] for name in OF_DEAL if said.get(name) is not None}
    if said.get("tier") is not None:
        fields["account"] = {**BLANK["account"], "tier": said["tier"]}
    deal = Opportunity.model_validate({**BLANK, **on_day(fields, FIRST_DAY)})
    course = Course(
        engine=StageEngine(playbook, rates=rates, calendar=WEEKDAYS),
        deal=replaced(deal, amount=said.get("amount")),
        rates=rates,
        samples=samples_of(records),
    )
    return course.with_records(said.names("records") if said else ())


def samples_of(records: Mapping[str, Mapping[str, object]]) -> dict[str, Sample]:
    """The records of a file, as a course can get them."""
    return {
        name: Sample(str(fields["record"]), partial(record_of, fields))
        for name, fields in records.items()
    }


def _after(course: Course, step: RawTable, means: Means, lang: Language) -> Course:
    """The course after a step of the case."""
    refused = step.get("refused")
    match step["do"]:
        case "record":
            return course.with_records(step.names("records"), without=step.names("instead_of"))
        case "wait":
            return course.waited(int(step["days"]))  # type: ignore[call-overload]  # so it was read
        case "satisfy":
            return _satisfied(course, means.keeping(course))
        case "answer_all":
            for command in _answers(course, step):
                course = _done(course, command, step, None, lang)
            return course
        case _:
            command = command_of(step, course.today, course.owner)
            course = _done(course, command, step, refused, lang)  # type: ignore[arg-type]  # so it was read
    if step["to"] is not None and step["to"] not in _places(course):
        here = " in ".join(f'"{it}"' for it in reversed(_places(course))) or "nowhere"
        raise _Differs(step.at("to"), f'"{step["to"]}" was to be reached; the deal is in {here}')
    return course


def _places(course: Course) -> tuple[str, ...]:
    progress = course.deal.progress
    ended = "ended" if progress.ended else None
    return tuple(it for it in (progress.stage, progress.sub_stage, ended) if it is not None)


def _done(
    course: Course,
    command: Command,
    step: RawTable,
    refused: tuple[str, ...] | None,
    lang: Language,
) -> Course:
    """A command; it is accepted, or refused for exactly what the case says."""
    decision = course.decide(command)
    keys = [blocker.key for blocker in decision.blockers]
    if refused is None and not decision.accepted:
        raise _Differs(step.path, f"{command.kind} was refused for {_why(decision, (), lang)}")
    if refused is not None and sorted(refused) != sorted(keys):
        what = "it was accepted" if decision.accepted else ""
        less = [f'"{key}"' for key in refused if key not in keys]
        if less and not what:
            what = f"it was not refused for {', '.join(less)}"
        more = _why(decision, refused, lang)
        what += f"{' and ' if what and more else ''}{f'it was refused for {more}' if more else ''}"
        if not refused:
            raise _Differs(step.at("refused"), f"{command.kind} was to be accepted; {what}")
        wanted = ", ".join(f'"{key}"' for key in refused)
        raise _Differs(step.at("refused"), f"{command.kind} was to be refused for {wanted}; {what}")
    return course.after(decision)


def _why(decision: Decision[Opportunity], but: tuple[str, ...], lang: Language) -> str:
    blockers = [it for it in decision.blockers if it.key not in but]
    template = _BLOCKER.get(lang)
    told = [template.format(key=it.key, fix=it.fix.get(lang)) for it in blockers]
    return _BETWEEN.get(lang).join(told)


def _answers(course: Course, step: RawTable) -> Iterator[Command]:
    checklist = course.playbook.checklists[str(step["checklist"])]
    given = {name: step[name] for name in ("mark", "value", "about") if step[name] is not None}
    for question in checklist.questions:
        asked = {"by": course.owner, "question": f"{checklist.key}.{question.key}"}
        yield Answer.model_validate({**asked, **on_day(given, course.today)})


def _satisfied(course: Course, means: Means) -> Course:
    """Everything that the gate ahead asks for is done, as far as it can be."""
    review = course.engine.review(course.deal, at=course.at)
    for item in review.criteria:
        if item.verdict is not Verdict.YES and not item.criterion.advisory:
            course = next(means.meet(course, item.criterion), course)
    return course


def _differences(course: Course, expected: RawTable) -> Iterator[tuple[str, str]]:
    """The keys of what is expected and is not so, each with what came instead."""
    progress = course.deal.progress
    review = course.engine.review(course.deal, at=course.at)
    found: dict[str, object] = {
        "stage": progress.stage,
        "sub_stage": progress.sub_stage,
        "outcome": progress.outcome,
        "ended": progress.ended,
        "on_hold": progress.hold is not None,
        "cycle": review.cycle,
        "instruments": tuple(
            it.instrument.key for it in review.instruments if it.required is Verdict.YES
        ),
        "due": tuple(sorted({duty.key for duty in review.due})),
    }
    for key, now in found.items():
        wanted = expected[key]
        if isinstance(wanted, tuple):
            wanted = tuple(sorted(wanted)) if key == "due" else wanted
        if wanted is not None and wanted != now:
            yield key, _differs(wanted, now)
    for card in expected.tables("score") or ():
        for key, wanted, now in _scored(course, card):
            if wanted is not None and wanted != now:
                yield f"score.{key}", f'"{card["card"]}": {_differs(wanted, now)}'
    facts = expected["facts"]
    if isinstance(facts, dict):
        known = facts_of(course.deal, course.playbook, at=course.at, rates=course.rates)
        for name, wanted in on_day(facts, course.today).items():
            now = known.get(name)
            shown = now.isoformat() if isinstance(now, date) else now
            if name not in course.playbook.facts:
                yield f"facts.{name}", "the playbook has no such fact"
            elif wanted not in (now, shown):
                yield f"facts.{name}", _differs(wanted, shown)


def _scored(course: Course, card: RawTable) -> Iterator[tuple[str, object, object]]:
    about = str(card["about"])
    score = course.engine.score(course.deal, str(card["card"]), at=course.at, about=about)
    next_ = score.ask_next[0].question if score.ask_next else None
    yield "verdict", card["verdict"], score.verdict
    yield "low", card["low"], score.low
    yield "high", card["high"], score.high
    yield "unknown", card["unknown"], len(score.unknown)
    yield "ask_next", card["ask_next"], next_


def _differs(wanted: object, now: object) -> str:
    return f"{_shown(wanted)} was expected; it is {_shown(now)}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "not known"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case tuple() | list():
            return f"[{', '.join(map(_shown, value))}]"
        case _:
            return f"{value:.15g}" if isinstance(value, float) else str(value)
