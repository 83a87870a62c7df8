"""The competitive strategy that the answers of the TAS 20 recommend, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from salesflow.domain._base.record import Label, Record
from salesflow.domain._given import refuse_other, several
from salesflow.domain.deal.progress import AnswerRecord, Mark, Progress
from salesflow.domain.decision_table import DecisionTable
from salesflow.domain.plans.completeness import Missing
from salesflow.domain.plans.strategy import STRATEGIES, StrategyAssessment
from salesflow.errors import FactError, UnknownName
from salesflow.text import Text

_US: Final = "us"
_SHOWN_RIVALS: Final = 5

_QUESTIONS: Final[Mapping[str, Text]] = {
    "compelling_event": Text(en="compelling event", zh="项目的紧迫性"),
    "formal_decision_criteria": Text(en="formal decision criteria", zh="正式的决策标准"),
    "solution_fit": Text(en="solution fit", zh="解决方案的适合程度"),
    "unique_business_value": Text(en="unique business value", zh="独特的商业价值"),
    "inside_support": Text(en="inside support", zh="内部支持者"),
    "executive_credibility": Text(en="executive credibility", zh="在客户高层的信誉"),
    "informal_decision_criteria": Text(en="informal decision criteria", zh="非正式的决策标准"),
    "political_alignment": Text(en="political alignment", zh="与权力核心的关系"),
}

_AGAINST_RIVALS: Final[Mapping[str, tuple[str, ...]]] = {
    "criteria_favour_us": ("formal_decision_criteria", "solution_fit", "unique_business_value"),
    "people_favour_us": (
        "inside_support",
        "executive_credibility",
        "informal_decision_criteria",
        "political_alignment",
    ),
}
# The TAS 20 does not ask whether we are there already, whether the criteria can still change, or
# whether a part is ours: people say so.
_SAYS: Final = {True: "yes", False: "no", None: None}
_ANSWERS: Final = {"yes": Text(en="yes", zh="是"), "no": Text(en="no", zh="否")}
_HOLDS: Final[Mapping[Mark | None, bool | None]] = {"+": True, "-": False, "?": None, None: None}


class StrategyAdvice(Record):
    """What a situation recommends, and what that rests on.

    Attributes:
        assessment: The situation: what people said, and what follows from the answers.
        strategy: The strategy; None while what is not known can still change it.
        possible: Every strategy that is still possible.
        why: The reason of the strategy; None while there is none.
        reasons: For each point of the situation that is known, what it is and what it rests on.
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

    The customer has to decide soon where there is a compelling event. We are ahead in a group of
    questions (by the criteria: formal criteria, solution fit, business value; with the people:
    inside support, executives, informal criteria, political alignment) where we have a "+" at each
    of them and no competitor has. "?" and questions not asked leave it open. What people said goes
    before what follows from the answers.

    Source: the groups and the comparison are our reading; "Optimized Sales Process v2.1", step 3,
    asks for a competitive strategy that rests on the TAS 20 and names no rule.

    Args:
        answers: Of all sheets, for instance `deal.progress`; the latest of each counts, those of
            other checklists are left aside.
        competitors: Names of the competitors, for instance `deal.competitors`; None: those who
            have a sheet, and where nobody has one, not known. Empty: there are none.
        said: What people know; the TAS 20 does not ask for all of it.
        checklist: Key of the checklist with the questions of the TAS 20.
        table: Which situation leads to which strategy.

    Raises:
        FactError: `competitors` is one name instead of several, or names us; or an answer or
            another argument is something else.
        UnknownName: There is a sheet about somebody who is no competitor.

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
    refuse_other(given, StrategyAssessment, "said")
    refuse_other(table, DecisionTable, "table")
    hint = "Pass deal.progress, or its answers."
    told = answers.answers if isinstance(answers, Progress) else answers
    names = _rivals(competitors)
    sheets = _sheets(several(told, AnswerRecord, "answers", hint=hint), names, checklist)
    # Where nobody has listed the competitors and none has a sheet, there may still be some.
    open_field = names is None and len(sheets) == 1
    points = {point.key: point for point in _points(sheets, given, open_field=open_field)}
    values = {key: _SAYS[point.holds] for key, point in points.items()}
    assessment = StrategyAssessment.model_validate(values)
    found = assessment.recommended(table)
    titles = {each.key: each.title for each in table.inputs}
    return StrategyAdvice(
        assessment=assessment,
        strategy=found.result,
        possible=found.possible,
        why=found.why,
        reasons=tuple(
            _reason(titles.get(point.key, Text(en=point.key)), point, sheets)
            for point in points.values()
            if point.holds is not None
        ),
        missing=tuple(
            _gap(titles.get(key, Text(en=key)), points[key], sheets)
            for key in found.missing
            if key in points
        ),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """One point of the situation: whether it holds, and the questions that it rests on.

    With an open field it rests on competitors, too, of whom nobody has said who they are.
    """

    key: str
    holds: bool | None
    questions: tuple[str, ...] = ()
    open_field: bool = False


_Sheets = Mapping[str, Mapping[str, Mark | None]]


def _rivals(competitors: Iterable[str] | None) -> tuple[str, ...] | None:
    if competitors is None:
        return None
    names = several(competitors, str, "competitors", hint='Write competitors=["Rival"].')
    if _US in names:
        raise FactError(f'"{_US}" is our own side.', hint="Name the others as competitors.")
    return names


def _sheets(
    answers: Sequence[AnswerRecord], names: Sequence[str] | None, checklist: str
) -> _Sheets:
    sheets: dict[str, dict[str, Mark | None]] = {_US: {}}
    sheets.update({name: {} for name in names or ()})
    for answer in sorted(answers, key=lambda each: each.at):
        prefix, _, question = answer.question.partition(".")
        if prefix != checklist or question not in _QUESTIONS:
            continue
        if names is not None and answer.about not in sheets:
            raise UnknownName("competitor", answer.about, names)
        sheets.setdefault(answer.about, {})[question] = answer.mark
    return sheets


def _points(sheets: _Sheets, said: StrategyAssessment, *, open_field: bool) -> Iterator[_Point]:
    for key in StrategyAssessment.model_fields:
        told = getattr(said, key)
        if told is not None:
            yield _Point(key, told == "yes")
        elif key == "decides_now":
            question = "compelling_event"
            yield _Point(key, _HOLDS[sheets[_US].get(question)], (question,))
        elif key in _AGAINST_RIVALS:
            questions = _AGAINST_RIVALS[key]
            rivals = [
                _not(_all(_holds(sheet, questions)))
                for about, sheet in sheets.items()
                if about != _US
            ]
            if open_field:
                rivals = [None]
            holds = _all([*_holds(sheets[_US], questions), *rivals])
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


def _reason(title: Text, point: _Point, sheets: _Sheets) -> Text:
    answer = _ANSWERS["yes" if point.holds else "no"]
    seen_en = _seen(point, sheets, "en")
    seen_zh = _seen(point, sheets, "zh")
    return Text(
        en=f"{title.get('en')}: {answer.en} ({seen_en or 'somebody said so'})",
        zh=f"{title.get('zh')}：{answer.zh}（{seen_zh or '由人员判断'}）",
    )


def _seen(point: _Point, sheets: _Sheets, lang: str) -> str:
    """The answers that a point rests on, sheet by sheet."""
    if not point.questions:
        return ""
    shown = [_US] if point.key == "decides_now" else list(sheets)[: _SHOWN_RIVALS + 1]
    gap, stop, colon = ("，", "；", "：") if lang == "zh" else (", ", "; ", ": ")
    parts = []
    for about in shown:
        marks = gap.join(
            f"{_QUESTIONS[question].zh if lang == 'zh' else _QUESTIONS[question].en}"
            f" {sheets[about].get(question) or '?'}"
            for question in point.questions
        )
        name = {"en": "us", "zh": "我方"}[lang] if about == _US else about
        parts.append(f"{name}{colon}{marks}")
    if point.open_field and point.holds is None:
        parts.append("竞争对手：尚未列出" if lang == "zh" else "competitors: not listed yet")
    return stop.join(parts)


def _gap(title: Text, point: _Point, sheets: _Sheets) -> Missing:
    seen_en, seen_zh = _seen(point, sheets, "en"), _seen(point, sheets, "zh")
    return Missing(
        en=f"Find out: {title.get('en')}" + (f" ({seen_en})" if seen_en else ""),
        zh=f"请弄清：{title.get('zh')}" + (f"（{seen_zh}）" if seen_zh else ""),
        path=point.key,
    )
