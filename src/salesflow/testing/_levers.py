"""How a single fact comes to have a value: by an answer, a word, a date that passes, an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from salesflow._frozen import FrozenDict
from salesflow.domain import Account, Contact
from salesflow.domain.deal.opportunity import AMENDABLE
from salesflow.engine import Answer, CallForecast, Hold, Judge, MoveTrack, Resume, Waive
from salesflow.facts import BEFORE, BUYING_ROLES, CURRENCY, NOT_APPLICABLE, FactKind
from salesflow.money import Money
from salesflow.playbook import Question
from salesflow.playbook._parts import CALLS, PROCESS_FACTS
from salesflow.rules import Rule
from salesflow.testing._course import Course

if TYPE_CHECKING:
    from salesflow.testing._means import Means

Answered: TypeAlias = Literal["best", "worst", "open"]

_SINCE: Final = (".entered_on", "entered_stage_on", "entered_sub_stage_on")
_RESTED: Final = "days_on_hold"
_SOME_DAY: Final = "2026-01-05"


def is_fixed(name: str) -> bool:
    """Whether a fact follows from the deal's way through the process, and nothing else."""
    if name.endswith(_SINCE) or name.startswith(_RESTED):
        return False
    if name in CALLS.values():
        return False
    return name in PROCESS_FACTS or name.startswith(("reached.", BEFORE, "hold."))


def put(means: Means, course: Course, name: str, value: object) -> Iterator[Course]:
    """The courses in which a fact has a value, or may have it; whoever asks looks again."""
    head, _, rest = name.partition(".")
    book = course.playbook
    if name in book.declared_facts:
        yield from _enter(course, name, value)
    elif name in book.questions:
        yield from _answer(course, name, value)
    elif name.startswith(NOT_APPLICABLE):
        question = name.removeprefix(NOT_APPLICABLE)
        yield from _answer(course, question, None, "n/a" if value is True else "?")
    elif name.endswith(_SINCE):
        yield from _wait(course, name, value)
    elif name.startswith(_RESTED):
        yield from _rest(course, value)
    elif name in CALLS.values():
        yield from _call(course, rest, value)
    elif head in _BY_HEAD:
        yield from _BY_HEAD[head](means, course, rest, value)
    elif head in book.checklists:
        yield from _count(course, head, rest, value)
    else:
        yield from _enter(course, name, value)


# ---------------------------------------------------------------------------- answers


def unasked(course: Course, checklist: str) -> list[str]:
    """The questions of a checklist that nobody asked yet, about us."""
    asked = {it.question for it in course.deal.progress.answers if it.about == "us"}
    return [name for name in _questions(course, checklist) if name not in asked]


def answered(course: Course, names: Iterable[str], how: Answered) -> Course:
    """The course after questions are all answered well, badly, or with "not known"."""
    for name in names:
        value = None if how == "open" else _answer_to(course.playbook.questions[name], how)
        course = next(_answer(course, name, value), course)
    return course


def _questions(course: Course, checklist: str) -> list[str]:
    return [f"{checklist}.{it.key}" for it in course.playbook.checklists[checklist].questions]


def _answer_to(question: Question, how: Literal["best", "worst"]) -> object:
    """An answer to a question, at one of its ends."""
    match question.type:
        case "yes_no":
            return how == "best"
        case "choice":
            return question.choices[0 if how == "best" else -1]
        case "date":
            return _SOME_DAY
        case "text":
            return "As agreed"
        case "scale" | "number":
            ends = (question.max, question.min) if how == "best" else (question.min, question.max)
            return next((end for end in ends if end is not None), 1.0)


def _answer(course: Course, name: str, value: object, mark: str | None = None) -> Iterator[Course]:
    if mark is None and value is None:
        mark = "?"
    elif isinstance(value, bool):
        mark, value = "+" if value else "-", None
    elif isinstance(value, date):
        value = value.isoformat()
    given = {"by": course.owner, "question": name, "mark": mark, "value": value}
    found = course.do(Answer.model_validate(given))
    if found is not None:
        yield found


def _count(course: Course, checklist: str, count: str, value: object) -> Iterator[Course]:
    """What is counted of a checklist comes to a number by the answers to its questions."""
    if not isinstance(value, float):
        return
    names = _questions(course, checklist)
    questions = course.playbook.questions
    marked = [name for name in names if questions[name].type == "yes_no"]
    number = round(value * len(marked) if count == "share" else value)
    yield answered(course, unasked(course, checklist), "best")
    match count:
        case "asked":
            yield answered(course, unasked(course, checklist)[:number], "best")
        case "unknown":
            given = {it.question for it in course.deal.progress.answers if it.mark != "?"}
            lacking = [name for name in names[number:] if name not in given]
            yield answered(answered(course, names[:number], "open"), lacking, "best")
        case "yes" | "share":
            yield answered(answered(course, marked[:number], "best"), marked[number:], "worst")
        case _:
            yield answered(answered(course, marked[:number], "worst"), marked[number:], "best")


def _score(means: Means, course: Course, rest: str, _value: object) -> Iterator[Course]:
    """Points come of what a card asks for: the best of all, and of more and more the worst."""
    card = course.playbook.scorecards[rest.rpartition(".")[0]]
    best = course
    for item in card.items:
        best = next(_earn(means, best, item.points, item.rule, good=item.weight > 0), best)
    yield best
    for now in (best, course):
        for item in reversed(card.items):
            now = next(_earn(means, now, item.points, item.rule, good=item.weight < 0), now)  # noqa: PLW2901 - one step further
            yield now


def _earn(
    means: Means, course: Course, points: str | None, rule: Rule, *, good: bool
) -> Iterator[Course]:
    """What an item of a card asks for is there, or is not."""
    if points is None:
        yield from means.make(course, rule, want=good)
        return
    fact = course.playbook.facts[points]
    low = 0.0 if fact.low is None else fact.low
    yield from put(means, course, points, (fact.high or low + 10.0) if good else low)


# ------------------------------------------------------------------------ words, tracks


def _done(means: Means, course: Course, key: str, value: object) -> Iterator[Course]:
    book = course.playbook
    criterion, instrument = book.criteria.get(key), book.instruments.get(key)
    if criterion is not None:
        if value is True:
            yield from means.meet(course, criterion)
        elif criterion.kind == "attested":
            yield from means.attest(course, criterion, met=False)
        elif criterion.kind in ("decision", "judgement"):
            yield from means.judge(course, criterion, criterion.roles, "kill")
        elif criterion.kind == "computed":
            yield from means.make(course, criterion.check_rule, want=False)
    elif instrument is not None:
        if value is True:
            yield from means.complete(course, instrument)
        elif instrument.check_rule is not None:
            yield from means.make(course, instrument.check_rule, want=False)


def _approval(_means: Means, course: Course, rest: str, value: object) -> Iterator[Course]:
    point, _, role = rest.rpartition(".")
    verdict: Literal["go", "kill"] = "go" if value is True else "kill"
    yield from course.said(
        role,
        lambda by, role: Judge(by=by, role=str(role), point=point or None, verdict=verdict),
    )


def _waive(_means: Means, course: Course, key: str, value: object) -> Iterator[Course]:
    if value is True:
        command = Waive(by=course.owner, criterion=key, reason="As agreed")
        found = course.do(command)
        if found is not None:
            yield found


def _call(course: Course, which: str, value: object) -> Iterator[Course]:
    """The deal's owner, or somebody whom the policy lets, calls its forecast."""
    if not isinstance(value, str):
        return
    call = {"category": value, "reason": "As agreed"}
    if which == "owner_call":
        owned = course if course.deal.owner else next(_enter(course, "owner", course.owner))
        found = owned.do(CallForecast.model_validate({"by": owned.owner, **call}))
        if found is not None:
            yield found
        return
    for role in course.playbook.policy.call_forecast.roles or (None,):
        command = CallForecast.model_validate({"by": "a manager", "role": role, **call})
        found = course.do(command)
        if found is not None:
            yield found


def _track(means: Means, course: Course, key: str, value: object) -> Iterator[Course]:
    """The track moves on, state by state, until it is where it is wanted."""
    track = course.playbook.tracks.get(key)
    if track is None:
        return
    if track.state(str(value)) is None:  # it does not apply
        if track.when is not None:
            yield from means.make(course, track.when, want=False)
        return
    stay = course.deal.progress.track(key)
    waiting = [(course, track.initial if stay is None else stay.state)]
    been = {waiting[0][1]}
    while waiting:
        now, here = waiting.pop(0)
        if here == value:
            yield now
            return
        for state in track.ways(here):
            move = MoveTrack(by=course.owner, track=key, state=state)
            if state not in been and (found := means.through(now, move)) is not None:
                been.add(state)
                waiting.append((found, state))


_BY_HEAD: Final[Mapping[str, Callable[[Means, Course, str, object], Iterator[Course]]]] = {
    "score": _score,
    "done": _done,
    "approval": _approval,
    "waived": _waive,
    "track": _track,
}

# -------------------------------------------------------------------------------- time


def _wait(course: Course, name: str, value: object) -> Iterator[Course]:
    """Days pass until a day lies as far back as it is wanted."""
    since = course.fact(name)
    if isinstance(since, date) and isinstance(value, date) and value < since:
        yield course.waited((since - value).days)


def _rest(course: Course, value: object) -> Iterator[Course]:
    """The deal is on hold for some days."""
    days = max(1, int(value)) if isinstance(value, float) else 1
    ends = course.today + timedelta(days=days + 30)
    held = course.do(Hold(by=course.owner, resume_when="As agreed", review_on=ends))
    found = held and held.waited(days).do(Resume(by=course.owner))
    if found is not None:
        yield found


# ----------------------------------------------------------------- what the host enters


def _enter(course: Course, name: str, value: object) -> Iterator[Course]:
    fields = _fields(course, name, value)
    if fields is not None:
        shown = f"{value:.15g}" if isinstance(value, float) else value
        yield course.edited(f"the deal has {name} = {shown}", **fields)


def _fields(course: Course, name: str, value: object) -> dict[str, Any] | None:
    """The fields of the deal in which a fact has a value; None where none of them says it."""
    deal, book = course.deal, course.playbook
    head, _, rest = name.partition(".")
    if name == "amount":
        currency = deal.amount.currency if deal.amount else book.currency
        return {"amount": None if value is None else Money(f"{value:.2f}", currency)}
    if name == f"amount{CURRENCY}":
        return {"amount": value and Money(deal.amount.amount if deal.amount else 1, str(value))}
    if name in book.declared_facts or name.endswith(CURRENCY):
        kept = {key: it for key, it in deal.facts.items() if key != name}
        if value is not None:
            kept[name] = value.isoformat() if isinstance(value, date | datetime) else value  # type: ignore[assignment]  # of the fact's kind
            if name in book.facts and book.facts[name].kind is FactKind.MONEY:
                kept.setdefault(f"{name}{CURRENCY}", book.currency)
        return {"facts": FrozenDict(kept)}
    if head == "account":
        known = deal.account.model_dump() if deal.account else {"name": "Acme"}
        if rest == "name" and value is None:
            return {"account": None}
        return {"account": Account.model_validate({**known, rest: value})}
    if head == "contacts" and isinstance(value, float):
        return {"contacts": _contacts(deal.contacts, rest, int(value))}
    if name == "close_date_pushes" and isinstance(value, float):
        return {name: int(value) - deal.progress.close_date_pushes}
    if name in AMENDABLE:
        return {name: value}
    return None


def _contacts(known: tuple[Contact, ...], role: str, number: int) -> tuple[Contact, ...]:
    """So many people at the customer, in all or in one part."""
    if role == "total":
        others: tuple[Contact, ...] = known[:number]
        part = None
    elif role in BUYING_ROLES:
        others = tuple(it for it in known if it.buying_role != role)
        number += len(others)
        part = role
    else:
        return known
    names = (f"Person {len(others) + at}" for at in range(1, number + 1))
    taken = {it.name for it in others}
    new = [
        Contact.model_validate({"name": name, "buying_role": part})
        for name in names
        if name not in taken
    ]
    return (*others, *new[: number - len(others)])
