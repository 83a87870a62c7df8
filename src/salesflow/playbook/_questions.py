"""Questions of a checklist: their types, what may be answered, and the fact that comes of it."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final, Literal

from salesflow._frozen import FrozenDict
from salesflow.errors import FactError
from salesflow.facts import NOT_APPLICABLE, Fact, FactKind
from salesflow.playbook._model_choices import CHOICES, choice_titles_of, choices_of
from salesflow.playbook._model_process import EVIDENCE, KEY, WHEN
from salesflow.playbook._parts import RawTable, facts_of_track, named, questions_of
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._records import NOT_IN_FILE, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._shape import NumberShape
from salesflow.rules import Rule
from salesflow.rules._values import canonical
from salesflow.terms import one_of
from salesflow.text import Text, both, filled

QuestionType = Literal["yes_no", "scale", "choice", "number", "date", "text"]

TYPES: Final[dict[str, FactKind]] = {
    "yes_no": FactKind.FLAG,
    "scale": FactKind.NUMBER,
    "choice": FactKind.CHOICE,
    "number": FactKind.NUMBER,
    "date": FactKind.DAY,
    "text": FactKind.TEXT,
}
"""The kind of fact that comes of each type of question."""

COUNTS: Final = ("asked", "unknown")
"""What is counted of every checklist, each a fact `<checklist>.<count>`."""

MARKED: Final = ("yes", "no", "share")
"""What is counted of one with questions of yes or no: +, -, and + as a share of those questions."""

_LONGEST: Final = 20_000
_STEPS: Final = 1_000
BOUND: Final = NumberShape(-1e12, 1e12)
_BOUND: Final = in_file(BOUND, "Of a scale or a number.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Reference):
    """A question of a checklist, and what may be answered to it.

    Every question can be answered `"?"`: asked, and not known.

    Attributes:
        type: `yes_no` is answered +, - or ?; the others with a value.
        positive: What + means; of a scale, what its high end means.
        negative: What - means; of a scale, what its low end means.
        min: The lowest number of a scale or a number; None where there is none.
        max: The highest.
        choices: Of a choice, its words: what is answered.
        choice_titles: What people call these words, by word; not every one has a title.
        may_not_apply: It may be answered `"n/a"`, which leaves it out of every total.
        when: It applies where this holds; None: always. Where it does not, that is as good as an
            answer `"n/a"`, whatever was answered.
        evidence: `"required"`: whoever answers it otherwise than `"?"` or `"n/a"` names what the
            answer rests on.

    Example:
        >>> rating = Question(key="fit", title=Text(en="Fit"), type="scale", min=0, max=10)
        >>> rating.read(7), rating.read(11), rating.allowed.en
        (7.0, None, 'a whole number from 0 to 10')
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "type", "section", "evidence")

    key: str = field(metadata=in_file(KEY, "The fact is <checklist>.<key>."))
    title: Text
    section: str | None = field(default=None, metadata=in_file(KEY, prose=True))
    type: QuestionType = field(default="yes_no", metadata=in_file(note="What is answered."))
    min: float | None = field(default=None, metadata=_BOUND)
    max: float | None = field(default=None, metadata=_BOUND)
    choices: tuple[str, ...] = field(default=(), metadata=in_file(CHOICES, "Of a choice."))
    choice_titles: Mapping[str, Text] = field(default=FrozenDict(), metadata=NOT_IN_FILE)
    positive: Text | None = field(
        default=None, metadata=in_file(note="What + means, or the high end of a scale.")
    )
    negative: Text | None = field(
        default=None, metadata=in_file(note="What - means, or the low end of a scale.")
    )
    help: Text | None = None
    may_not_apply: bool = field(default=False, metadata=in_file(note="n/a is an answer to it."))
    when: Rule | None = field(default=None, metadata=WHEN)
    evidence: Literal["required"] | None = field(default=None, metadata=EVIDENCE)

    @property
    def kind(self) -> FactKind:
        """The kind of its fact."""
        return TYPES[self.type]

    @property
    def allowed(self) -> Text:
        """What may be answered beside that it is not known, in words."""
        allowed = _ALLOWED[self.type](self)
        return filled(_OR_NOT, allowed=allowed) if self.may_not_apply else allowed

    def read(self, value: object) -> float | str | date | None:
        """The value of the fact after this answer; None where it does not answer the question.

        Marks are not values: a `yes_no` question takes none. A date may be a text such as
        `2026-01-31`.
        """
        if self.type == "yes_no":
            return None
        if self.type == "date" and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                return None
        try:
            read = canonical(self.kind, value, choices=self.choices)
        except FactError:
            return None
        if read is None or (isinstance(read, float) and not self._is_within(read)):
            return None
        return None if isinstance(read, str) and len(read) > _LONGEST else read

    def _is_within(self, number: float) -> bool:
        if self.type == "scale" and not number.is_integer():
            return False
        low = float("-inf") if self.min is None else self.min
        high = float("inf") if self.max is None else self.max
        # Infinity is not an answer, not even where no bound is given.
        return low <= number <= high and abs(number) != float("inf")


class _QuestionShape(RecordShape[Question]):
    """A question, whose words may have titles."""

    __slots__ = ()

    def make(self, part: RawTable, **worked_out: object) -> Question:
        return super().make(part, choice_titles=choice_titles_of(part), **worked_out)


QUESTION: Final = _QuestionShape("a question", Question)


def _number_words(question: Question) -> Text:
    whole = question.type == "scale"
    en, zh = ("a whole number", "整数") if whole else ("a number", "数字")
    if question.min is not None and question.max is not None:
        return both(
            en=f"{en} from {question.min:.15g} to {question.max:.15g}",
            zh=f"{question.min:.15g} 到 {question.max:.15g} 的{zh}",
        )
    if question.min is not None:
        return both(en=f"{en} from {question.min:.15g}", zh=f"不小于 {question.min:.15g} 的{zh}")
    if question.max is not None:
        return both(en=f"{en} up to {question.max:.15g}", zh=f"不大于 {question.max:.15g} 的{zh}")
    return both(en=en, zh=zh)


def _choice_words(question: Question) -> Text:
    return one_of(question.choices, question.choice_titles)


_OR_NOT: Final = both(en="{allowed}, or “not applicable”", zh="{allowed}，或“不适用”")
_ALLOWED: Final[dict[str, Callable[[Question], Text]]] = {
    "yes_no": lambda _: both(en="yes or no", zh="“是”或“否”"),
    "scale": _number_words,
    "number": _number_words,
    "choice": _choice_words,
    "date": lambda _: both(en="a date such as 2026-01-31", zh="日期，如 2026-01-31"),
    "text": lambda _: both(en="a text", zh="一段文本"),
}


def may_be_left_out(question: RawTable) -> bool:
    """It may not apply to a deal: that is an answer to it, or its own rule says so."""
    return bool(question["may_not_apply"]) or question["when"] is not None


def skipped(checklist: str, question: RawTable) -> str:
    """The flag that a question does not apply; nothing of one that always does."""
    return f"{NOT_APPLICABLE}{checklist}.{question['key']}" if may_be_left_out(question) else ""


def fact_of(checklist: str, question: RawTable) -> Fact:
    """The fact that a question of a document gives."""
    kind = TYPES[str(question["type"])]
    low, high = question.number("min"), question.number("max")
    name = f"{checklist}.{question['key']}"
    if kind is not FactKind.CHOICE:
        return Fact(name, kind, low=low, high=high)
    return Fact(
        name, kind, choices_of(question), low, high, choice_titles=choice_titles_of(question)
    )


def counts(key: str, checklist: RawTable) -> Iterator[Fact]:
    """What is counted of the answers to a checklist."""
    questions = checklist.tables("questions")
    marked = sum(question["type"] == "yes_no" for question in questions)
    for count in (*COUNTS, *(MARKED if marked else ())):
        most = 1 if count == "share" else marked if count in MARKED else len(questions)
        yield Fact(f"{key}.{count}", FactKind.NUMBER, low=0.0, high=float(most))


def check_questions(checklist: RawTable, log: ProblemLog) -> None:
    """Note what does not go together in questions: a scale without ends, choices without use."""
    sections = named(checklist.tables("sections"))
    for question in checklist.tables("questions"):
        if question.path in log.unread:
            continue
        section, kind = question.name("section"), question["type"]
        if section is not None and section not in sections:
            log.unknown(question.at("section"), "section", section, sections)
        if kind in ("scale", "number"):
            _check_ends(question, log)
        else:
            for end in ("min", "max"):
                if question[end] is not None:
                    hint = 'add type = "scale" or "number", or leave it out'
                    log.add(
                        question.at(end), f"{end} goes with scales and numbers", hint, "conflict"
                    )
        if kind == "choice":
            if len(choices_of(question)) < 2:  # noqa: PLR2004 - one word leaves no choice
                message = "a choice is between two words at least"
                log.add(question.at("choices"), message, "list them", "missing")
        elif question["choices"]:
            hint = 'add type = "choice", or leave them out'
            log.add(question.at("choices"), "only a choice has choices", hint, "conflict")


def _check_ends(question: RawTable, log: ProblemLog) -> None:
    is_scale = question["type"] == "scale"
    low, high = question.number("min"), question.number("max")
    for end, value in (("min", low), ("max", high)) if is_scale else ():
        if value is None:
            log.add(question.at(end), "a scale needs its two ends", "add min and max", "missing")
        elif not float(value).is_integer():
            log.add(question.at(end), "the steps of a scale are whole numbers", code="range")
    if low is None or high is None:
        return
    if low >= high:
        log.add(question.at("max"), f"max is not above min, {low:g}", "raise it", "range")
    elif is_scale and high - low > _STEPS:
        message = f"a scale has at most {_STEPS:,} steps"
        log.add(question.at("max"), message, 'take type = "number"', "range")


_WORKED_OUT: Final = ("score.", "done.")


def check_conditions(document: RawTable, log: ProblemLog) -> None:
    """Note what the `when` of a question reads that depends on such a `when`, or may do so."""
    questions = questions_of(document)
    asked = {name for name, question in questions.items() if question["when"] is not None}
    keys = named(document.tables("checklists"))
    counted = {f"{key}.{count}" for key in keys for count in (*COUNTS, *MARKED)}

    def depends(name: str) -> bool:
        return name in asked or name in counted or name.startswith(NOT_APPLICABLE)

    tracks = {
        name: sorted(filter(depends, when.facts))
        for key, track in named(document.tables("tracks")).items()
        if (when := track.rule("when"))
        for name in facts_of_track(key)
    }
    for question in questions.values():
        when = question.rule("when")
        for name in when.reads if when else ():
            message = f'whether a question applies cannot depend on "{name}"'
            if through := tracks.get(name):
                message += f", whose track depends on {', '.join(through)}"
            elif name in asked:
                message += ", a question that has a when itself"
            elif not depends(name) and not name.startswith(_WORKED_OUT):
                continue
            hint = "read facts of the deal, tracks, approvals, or questions without a when"
            log.add(question.at("when"), message, hint, "circle")
