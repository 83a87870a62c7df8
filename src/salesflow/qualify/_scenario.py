"""What if: the facts of a deal, had some questions been answered otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from salesflow._arguments import mapping, refuse_answers
from salesflow.domain import Mark
from salesflow.errors import FactError, Problem, UnknownName
from salesflow.facts import NOT_APPLICABLE, FactKind
from salesflow.playbook import Checklist, Playbook, Scorecard
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.qualify._answers import questions_of, tally
from salesflow.qualify._applying import conditional, note_applying, note_tracks, supposed
from salesflow.qualify._points import facts_read, is_missing, sources_of, worked_out
from salesflow.rules import canonical


def with_answers(
    playbook: Playbook,
    card: Scorecard,
    facts: Mapping[str, object],
    answers: Mapping[str, object],
    *,
    as_of: date | None,
    tz: str,
) -> dict[str, object]:
    """The facts with other answers, and with what follows from them for the card.

    Raises:
        UnknownName: There is no such fact, and nothing else is wrong.
        FactError: Answers are of the wrong kind, follow from others, or more than one name is
            unknown; `problems` lists all of them.
    """
    mapping(answers, "answers", 'write {"bant.need": "+"}', required=True)
    following = count_facts(playbook)
    following |= {f"score.{key}.{end}" for key in playbook.scorecards for end in ("low", "high")}
    ruled = (key for key, item in playbook.instruments.items() if item.check_rule is not None)
    following |= {f"done.{key}" for key in ruled}
    read: dict[str, object] = {}
    problems: list[Problem] = []
    unknown: UnknownName | None = None
    for name, given in answers.items():
        if name not in playbook.facts:
            unknown = UnknownName("fact", name, [*playbook.questions, *playbook.facts])
            problems.append(
                Problem(str(name)[:80], "there is no such fact", unknown.hint, "unknown_name")
            )
        elif name in following:
            hint = "give the answers themselves"
            problems.append(Problem(name, "this follows from the answers", hint, "derived"))
        else:
            try:
                read[name] = _read(playbook, name, given, tz)
                if (flag := f"{NOT_APPLICABLE}{name}") in playbook.facts:
                    read[flag] = _is_mark(given, "n/a")
            except FactError as error:
                problems.append(Problem(name, error.message, error.hint, "kind"))
    refuse_answers(problems, unknown)
    found = supposed(facts, read)
    return with_derived(playbook, card, found, facts, as_of=as_of, tz=tz)


def count_facts(playbook: Playbook) -> set[str]:
    """The facts that are counted from the answers to checklists."""
    return {f"{key}.{count}" for key in playbook.checklists for count in (*COUNTS, *MARKED)}


def _is_asked(facts: Mapping[str, object], question: str) -> bool:
    return question in facts or facts.get(f"{NOT_APPLICABLE}{question}") is True


def _marked(checklist: Checklist, facts: Mapping[str, object]) -> dict[str, float | None]:
    """What is counted of the answers to the questions of yes or no."""
    marks: dict[str, Mark | float | str] = {}
    for name, question in questions_of(checklist).items():
        flag = canonical(FactKind.FLAG, facts.get(name)) if question.type == "yes_no" else None
        if flag is not None:
            marks[name] = "+" if flag else "-"
        elif facts.get(f"{NOT_APPLICABLE}{name}") is True:
            marks[name] = "n/a"
    count = tally(checklist, marks)
    return {f"{checklist.key}.{name}": getattr(count, name) for name in MARKED}


def _is_mark(given: object, mark: Mark) -> bool:
    """Whether it is this mark; what pandas has for a missing value is equal to nothing."""
    return isinstance(given, str) and given == mark


def _read(playbook: Playbook, name: str, given: object, tz: str) -> object:
    if given is None or _is_mark(given, "?"):
        return None
    question = playbook.questions.get(name)
    if question is not None and question.may_not_apply and _is_mark(given, "n/a"):
        return None
    if question is None or question.type == "yes_no":
        fact = playbook.facts[name]
        value = canonical(fact.kind, given, tz, fact.choices)
        if fact.enforced and not fact.admits(value):
            raise FactError("the fact cannot have this value", hint=fact.advice(value).get("en"))
        return value
    found = question.read(given)
    if found is None:
        raise FactError("this does not answer the question", hint=f"give {question.allowed.en}")
    return found


def with_derived(
    playbook: Playbook,
    card: Scorecard,
    facts: dict[str, object],
    before: Mapping[str, object],
    *,
    as_of: date | None,
    tz: str,
) -> dict[str, object]:
    """The facts with what applies, counts, and what follows from rules brought up to date.

    Only what the card reads is, and only from the facts here: nothing else is known.
    """
    own = facts_read(card)
    inner = sources_of(playbook, own)
    names = own.union(*map(facts_read, inner))
    note_tracks(facts, playbook, as_of, tz)
    note_applying(facts, conditional(playbook, names), as_of, tz)
    note_tracks(facts, playbook, as_of, tz)  # some wait for what applies now
    for checklist in playbook.checklists.values():
        asked, unknown = f"{checklist.key}.asked", f"{checklist.key}.unknown"
        questions = questions_of(checklist)
        if asked in names and isinstance(was := before.get(asked, 0), int | float):
            facts[asked] = was + sum(
                _is_asked(facts, name) - _is_asked(before, name) for name in questions
            )
        if unknown in names:
            facts[unknown] = sum(
                is_missing(playbook.facts[name], facts)
                for name in questions
                if facts.get(f"{NOT_APPLICABLE}{name}") is not True
            )
        if not names.isdisjoint(f"{checklist.key}.{count}" for count in MARKED):
            facts.update(_marked(checklist, facts))
    facts.update(worked_out(inner, facts, as_of, tz))
    return facts
