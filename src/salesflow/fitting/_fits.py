"""Every built-in playbook, and whether it fits what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from salesflow._arguments import mapping, refuse_answers
from salesflow._result import Result
from salesflow.errors import FactError, Problem, UnknownName
from salesflow.facts import Fact, Facts
from salesflow.fitting._catalogue import Catalogue, Described, catalogue
from salesflow.rules import Blocker, Verdict, canonical
from salesflow.text import Text

_ORDER: Final = (Verdict.YES, Verdict.UNKNOWN, Verdict.NO)


class PlaybookFit(Result):
    """Whether a built-in playbook fits what was answered, and why.

    Attributes:
        id: What `load_playbook` takes.
        title: The playbook's title.
        difference: What sets it apart from the others.
        verdict: YES: it fits; UNKNOWN: it may fit; NO: it does not.
        blockers: What speaks against it, and what is still to be answered; empty where it fits.
        open: The questions whose answers keep it UNKNOWN; none where it is decided.
    """

    id: str
    title: Text
    difference: Text
    verdict: Verdict
    blockers: tuple[Blocker, ...] = ()
    open: tuple[str, ...] = ()


def fitting_playbooks(answers: Mapping[str, object]) -> tuple[PlaybookFit, ...]:
    """Every built-in playbook with its verdict: those that fit first, those that do not last.

    More answers turn UNKNOWN into YES or NO, and change nothing else. Of the playbooks with one
    verdict those with fewer blockers come first. Which playbook suits whom is our reading.

    Args:
        answers: By the names of `fitting_questions`. What is absent, None or `"?"` is not known.

    Raises:
        ArgumentError: `answers` is not a mapping.
        UnknownName: There is no such question, and nothing else is wrong.
        FactError: Answers do not fit their questions, or more than one name is unknown; `problems`
            lists all of them.

    Example:
        >>> answers = {"work": "presales", "tender": True, "after_signing": "nothing"}
        >>> for fit in fitting_playbooks(answers)[:2]:
        ...     print(fit.verdict, fit.id, *fit.open)
        yes presales_bid
        unknown presales_initiation approval
    """
    known = catalogue()
    given = _read(known.facts, answers)
    fits = (_fit(it, given, known) for group in known.groups for it in group.playbooks)
    return tuple(sorted(fits, key=lambda fit: (_ORDER.index(fit.verdict), len(fit.blockers))))


def _fit(playbook: Described, given: Mapping[str, object], known: Catalogue) -> PlaybookFit:
    finding = playbook.rule.evaluate(given)
    return PlaybookFit(
        id=playbook.id,
        title=playbook.title,
        difference=playbook.difference,
        verdict=finding.verdict,
        blockers=finding.blockers(known.names),
        open=finding.open,
    )


def _read(facts: Facts, answers: Mapping[str, object]) -> dict[str, object]:
    """The answers as values of facts."""
    read: dict[str, object] = {}
    problems: list[Problem] = []
    unknown: UnknownName | None = None
    for name, given in mapping(answers, "answers", 'write {"tender": True}', required=True).items():
        if name not in facts:
            unknown = UnknownName("question", name, facts)
            path, message = str(name)[:80], "there is no such question"
            problems.append(Problem(path, message, unknown.hint, unknown.code))
            continue
        try:
            read[name] = _value(facts[name], given)
        except FactError as error:
            problems.append(Problem(name, error.message, error.hint, "kind"))
    refuse_answers(problems, unknown)
    return read


def _value(fact: Fact, given: object) -> object:
    if isinstance(given, str) and given == "?":
        return None
    value = canonical(fact.kind, given)
    if value is not None and not fact.admits(value):
        raise FactError("this does not answer the question", hint=fact.advice(value).get("en"))
    if value is not None and fact.choices and value not in fact.choices:
        meant = fact.choice_meant(value)
        hint = f'did you mean "{meant}"?' if meant else f"give {fact.allowed.get('en')}"
        raise FactError("this does not answer the question", hint=hint)
    return value
