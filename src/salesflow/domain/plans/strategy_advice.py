"""The competitive strategy that the answers of the TAS 20 recommend, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from salesflow import terms
from salesflow._arguments import Arguments, instance, several
from salesflow.domain._base.record import Label, Record
from salesflow.domain.deal.progress import AnswerRecord, Mark, Progress
from salesflow.domain.decision_table import DecisionTable
from salesflow.domain.plans.competition import STRATEGIES, StrategyAssessment
from salesflow.domain.plans.section import Missing
from salesflow.errors import ArgumentError, Problem, UnknownName
from salesflow.text import LANGUAGES, Language, Text, both, in_language

_US: Final = "us"
_SHOWN_RIVALS: Final = 5

_QUESTIONS: Final[Mapping[str, Text]] = {
    "compelling_event": both(en="compelling event", zh="项目的紧迫性"),
    "formal_decision_criteria": both(en="formal decision criteria", zh="正式的决策标准"),
    "solution_fit": both(en="solution fit", zh="解决方案的适合程度"),
    "unique_business_value": both(en="unique business value", zh="独特的商业价值"),
    "inside_support": both(en="inside support", zh="内部支持者"),
    "executive_credibility": both(en="executive credibility", zh="在客户高层的信誉"),
    "informal_decision_criteria": both(en="informal decision criteria", zh="非正式的决策标准"),
    "political_alignment": both(en="political alignment", zh="与权力核心的关系"),
}
_PHRASES: Final = {
    "reason": both(en="{title}: {answer} ({basis})", zh="{title}：{answer}（{basis}）"),
    "said": both(en="somebody said so", zh="由人员判断"),
    "gap": both(en="Find out: {title}", zh="请弄清：{title}"),
    "gap_with_basis": both(en="Find out: {title} ({basis})", zh="请弄清：{title}（{basis}）"),
    "sheet": both(en="{name}: {marks}", zh="{name}：{marks}"),
    "us": both(en="us", zh="我方"),
    "not_listed": both(en="competitors: not listed yet", zh="竞争对手：尚未列出"),
    "comma": both(en=", ", zh="，"),
    "semicolon": both(en="; ", zh="；"),
}

# The TAS 20 does not ask whether we are there already, whether the criteria can still change, or
# whether a part is ours: people say so.
_AGAINST_RIVALS: Final[Mapping[str, tuple[str, ...]]] = {
    "criteria_favour_us": ("formal_decision_criteria", "solution_fit", "unique_business_value"),
    "people_favour_us": (
        "inside_support",
        "executive_credibility",
        "informal_decision_criteria",
        "political_alignment",
    ),
}
_SAYS: Final = {True: "yes", False: "no", None: None}
_HOLDS: Final[Mapping[Mark | None, bool | None]] = {
    "+": True,
    "-": False,
    "?": None,
    "n/a": None,
    None: None,
}


class StrategyAdvice(Record):
    """What a situation recommends, and what the recommendation rests on.

    Attributes:
        assessment: The situation: what people said, and what follows from the answers.
        strategy: The strategy; None while a missing answer can still change it.
        possible: Every strategy that is still possible.
        why: The reason of the strategy; None while it is open.
        reasons: Each point of the situation that is known, with what it rests on.
        missing: What to find out first; the path is the field of the assessment.
    """

    assessment: StrategyAssessment
    strategy: Label | None
    possible: tuple[Label, ...]
    why: Text | None = None
    reasons: tuple[Text, ...] = ()
    missing: tuple[Missing, ...] = ()


def recommend_strategy(
    answers: Progress | Iterable[AnswerRecord],
    *,
    competitors: Iterable[str] | None = None,
    said: StrategyAssessment | None = None,
    checklist: str = "tas",
    table: DecisionTable = STRATEGIES,
) -> StrategyAdvice:
    """The competitive strategy by our sheet of the TAS 20 and the competitors' sheets.

    The customer has to decide soon where there is a compelling event. Two groups of questions
    compare us with the competitors: the criteria (formal criteria, solution fit, business value)
    and the people (inside support, executives, informal criteria, political alignment). We are
    ahead in a group where we have a "+" at each of its questions and no competitor has. "?" and
    questions that were not asked leave it open. What people said goes before what follows from the
    answers.

    Source: the groups and the comparison are our reading; "Optimized Sales Process v2.1", step 3,
    asks for a competitive strategy that rests on the TAS 20 and does not name a rule.

    Args:
        answers: The answers of all sheets, for instance `deal.progress`. The latest answer to each
            question counts; answers of other checklists are ignored.
        competitors: Names of the competitors, for instance `deal.competitors`. Empty: there are
            none. None: nobody has listed them; then those who have a sheet count.
        said: What people know; the TAS 20 does not ask for all of it.
        checklist: Key of the checklist with the questions of the TAS 20.
        table: The strategy for each situation.

    Raises:
        ArgumentError: An argument is of the wrong kind, or `competitors` names us; `problems`
            lists all of them.
        UnknownName: There is a sheet about somebody who is not a competitor.

    Example:
        >>> def answer(question, mark, about="us"):
        ...     return AnswerRecord(
        ...         question=f"tas.{question}",
        ...         mark=mark,
        ...         about=about,
        ...         by="li.wei",
        ...         at="2026-03-01T09:00:00Z",
        ...     )
        >>> advice = recommend_strategy(
        ...     [
        ...         answer("compelling_event", "+"),
        ...         answer("solution_fit", "-"),
        ...         answer("solution_fit", "+", about="Rival"),
        ...     ],
        ...     said=StrategyAssessment(we_are_there="no"),
        ... )
        >>> advice.strategy, advice.possible
        (None, ('develop', 'flanking', 'fragment'))
        >>> for gap in advice.missing:
        ...     print(gap)
        Find out: We can still change what is decided by
        Find out: A part of the project is clearly ours to win
    """
    given = StrategyAssessment() if said is None else said
    listed: object = answers.answers if isinstance(answers, Progress) else answers
    arguments = Arguments()
    hint = "pass deal.progress, or its answers"
    records = arguments.read(several, listed, AnswerRecord, "answers", hint) or ()
    names = None if competitors is None else arguments.read(_rivals, competitors)
    arguments.read(instance, given, StrategyAssessment, "said")
    arguments.read(instance, table, DecisionTable, "table")
    arguments.refuse("The strategy cannot be recommended.")
    sheets = _sheets(records, names, checklist)
    # Where nobody has listed the competitors and none has a sheet, there may still be some.
    open_field = names is None and len(sheets) == 1
    points = {point.key: point for point in _points(sheets, given, open_field=open_field)}
    values = {key: _SAYS[point.holds] for key, point in points.items()}
    assessment = StrategyAssessment.model_validate(values)
    found = assessment.recommended(table)
    titles = {key: Text(en=key) for key in points}
    titles.update({item.key: item.title for item in table.inputs})
    known = (point for point in points.values() if point.holds is not None)
    open_points = (points[key] for key in found.missing if key in points)
    return StrategyAdvice(
        assessment=assessment,
        strategy=found.result,
        possible=found.possible,
        why=found.why,
        reasons=tuple(_reason(point, sheets, titles[point.key]) for point in known),
        missing=tuple(_gap(point, sheets, titles[point.key]) for point in open_points),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """One point of the situation: whether it holds, and the questions on which it rests.

    In an open field it rests on competitors as well whom nobody has listed.
    """

    key: str
    holds: bool | None
    questions: tuple[str, ...] = ()
    open_field: bool = False


_Sheets = Mapping[str, Mapping[str, Mark | None]]


def _rivals(competitors: Iterable[str]) -> tuple[str, ...]:
    names = several(competitors, str, "competitors", 'write competitors=["Rival"]')
    if _US in names:
        message = f'must not name "{_US}", which is our own side'
        raise ArgumentError.of(Problem("competitors", message, "name the others"))
    return names


def _sheets(
    answers: Sequence[AnswerRecord], names: Sequence[str] | None, checklist: str
) -> _Sheets:
    sheets: dict[str, dict[str, Mark | None]] = {_US: {}}
    sheets.update({name: {} for name in names or ()})
    for answer in sorted(answers, key=lambda answer: answer.at):
        prefix, _, question = answer.question.partition(".")
        if prefix != checklist or question not in _QUESTIONS:
            continue
        if names is not None and answer.about not in sheets:
            raise UnknownName("competitor", answer.about, names)
        sheets.setdefault(answer.about, {})[question] = answer.mark
    return sheets


def _points(sheets: _Sheets, said: StrategyAssessment, *, open_field: bool) -> Iterator[_Point]:
    for key, told in said:
        if told is not None:
            yield _Point(key, told == "yes")
        elif key == "decides_now":
            holds = _HOLDS[sheets[_US].get("compelling_event")]
            yield _Point(key, holds, ("compelling_event",))
        elif key in _AGAINST_RIVALS:
            questions = _AGAINST_RIVALS[key]
            rivals = [sheet for about, sheet in sheets.items() if about != _US]
            behind = [_not(_all(_holds(sheet, questions))) for sheet in rivals]
            behind = [None] if open_field else behind
            holds = _all([*_holds(sheets[_US], questions), *behind])
            yield _Point(key, holds, questions, open_field)
        else:
            yield _Point(key, None)


def _holds(sheet: Mapping[str, Mark | None], questions: tuple[str, ...]) -> tuple[bool | None, ...]:
    return tuple(_HOLDS[sheet.get(question)] for question in questions)


def _all(values: Iterable[bool | None]) -> bool | None:
    """Kleene's `and`."""
    found = set(values)
    return False if False in found else None if None in found else True


def _not(value: bool | None) -> bool | None:  # noqa: FBT001 - three values, one argument
    return None if value is None else not value


def _reason(point: _Point, sheets: _Sheets, title: Text) -> Text:
    filled = dict[str, str]()
    for lang in LANGUAGES:
        say = in_language(lang, _PHRASES)
        answer = terms.ANSWERS["yes" if point.holds else "no"].get(lang)
        basis = _basis(point, sheets, lang) or say["said"]
        filled[lang] = say["reason"].format(title=title.get(lang), answer=answer, basis=basis)
    return Text.model_validate(filled)


def _gap(point: _Point, sheets: _Sheets, title: Text) -> Missing:
    filled = {"path": point.key}
    for lang in LANGUAGES:
        basis = _basis(point, sheets, lang)
        phrase = _PHRASES["gap_with_basis" if basis else "gap"].get(lang)
        filled[lang] = phrase.format(title=title.get(lang), basis=basis)
    return Missing.model_validate(filled)


def _basis(point: _Point, sheets: _Sheets, lang: Language) -> str:
    """The answers on which a point rests, sheet by sheet."""
    if not point.questions:
        return ""
    say = in_language(lang, _PHRASES)
    shown = [_US] if point.key == "decides_now" else list(sheets)[: _SHOWN_RIVALS + 1]
    parts = []
    for about in shown:
        marks = say["comma"].join(
            f"{_QUESTIONS[question].get(lang)} {sheets[about].get(question) or '?'}"
            for question in point.questions
        )
        name = say["us"] if about == _US else about
        parts.append(say["sheet"].format(name=name, marks=marks))
    if point.open_field and point.holds is None:
        parts.append(say["not_listed"])
    return say["semicolon"].join(parts)
