"""Rules in words, in English and Chinese.

Negations are spoken where they belong: `not amount > 5` reads "amount is at most 5". That is exact
here, because a missing value makes both unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from salesflow.facts import FactKind
from salesflow.rules._canonical import normal
from salesflow.rules.ast import (
    MIRRORED,
    OPPOSITE,
    REACHED,
    Age,
    And,
    AtLeast,
    Compare,
    Constant,
    Day,
    Flag,
    Known,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Operand,
    Operator,
    Or,
    Reached,
    Today,
    Words,
)
from salesflow.text import Language, Text

Names = Mapping[str, Text]

_LONGEST_VALUE: Final = 60
_LONGEST_TEXT: Final = 1_000
_MOST_VALUES: Final = 8
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})

# What is said of a number, of a day, and of a distance in days; English goes on after "is".
_Words = dict[Language, dict[Operator, str]]
_NUMBERS: Final[_Words] = {
    "en": {
        "==": "",
        "!=": "other than",
        "<": "less than",
        "<=": "at most",
        ">": "more than",
        ">=": "at least",
    },
    "zh": {"==": "为", "!=": "不为", "<": "低于", "<=": "不高于", ">": "高于", ">=": "不低于"},
}
_DAYS: Final[_Words] = {
    "en": {
        "==": "",
        "!=": "other than",
        "<": "before",
        "<=": "on or before",
        ">": "after",
        ">=": "on or after",
    },
    "zh": {"==": "为", "!=": "不为", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"},
}
_AGES: Final[_Words] = {
    "en": {**_NUMBERS["en"], "==": "exactly"},
    "zh": {"==": "正好", "!=": "不是", "<": "不到", "<=": "至多", ">": "超过", ">=": "至少"},
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One statement in two halves, so that a value seen can be put against it.

    Attributes:
        facts: What it reads.
        subject: Of what it speaks.
        ought: What ought to hold of it: in English what follows "is", in Chinese the predicate.
    """

    facts: tuple[str, ...]
    subject: str
    ought: str


def sentence(node: Node, lang: Language = "en", names: Names | None = None) -> str:
    """What ought to hold, in one language and in full."""
    return _say(node, lang, names or {}, want=True)[0]


def describe(node: Node, names: Names | None = None) -> Text:
    """What ought to hold, in both languages; a very long sentence is cut.

    Args:
        node: The rule's tree.
        names: Titles for facts; a fact without one is shown by its name.
    """
    return Text(en=clipped(sentence(node, "en", names)), zh=clipped(sentence(node, "zh", names)))


def clipped(words: str, most: int = _LONGEST_TEXT) -> str:
    """The words, cut where they are too many."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def spoken(leaf: Leaf, lang: Language) -> str:
    """The statement as a sentence."""
    if not leaf.subject:
        return leaf.ought
    return f"{leaf.subject} is {leaf.ought}" if lang == "en" else glued(leaf.subject, leaf.ought)


def glued(*parts: str) -> str:
    """Chinese words in a row, with a space where they meet what is written in ASCII."""
    line = ""
    for part in parts:
        if line and part:
            end, start = line[-1], part[0]
            if end.isascii() is not start.isascii() and end.isalnum() and start.isalnum():
                line += " "
        line += part
    return line


def leaf_of(node: Node, lang: Language, names: Names, *, want: bool) -> Leaf:
    """The halves of a statement that has no parts; of its opposite when not `want`."""
    en = lang == "en"
    match node:
        case Flag(fact):
            word = ("yes" if want else "no") if en else ("为“是”" if want else "为“否”")
            return Leaf((fact,), name_of(fact, lang, names), word)
        case Reached(stage):
            fact = REACHED + stage
            word = ("reached" if en else "已到达") if want else ("not reached" if en else "未到达")
            return Leaf((fact,), name_of(fact, lang, names), word)
        case Known(Name(fact)):
            word = ("known" if en else "已知") if want else ("not known" if en else "未知")
            return Leaf((fact,), name_of(fact, lang, names), word)
        case OneOf(Name(fact), values):
            return Leaf((fact,), name_of(fact, lang, names), _listed(values, lang, want=want))
        case Compare((left, right), (op,)):
            return _comparison(left, op if want else OPPOSITE[op], right, lang, names)
        case Constant(value) if value is want:
            return Leaf((), "", "nothing is asked" if en else "无条件成立")
        case _:
            return Leaf((), "", "this can never hold" if en else "此条永远无法成立")


def name_of(fact: str, lang: Language, names: Names) -> str:
    """How a fact is called in a sentence."""
    title = names.get(fact)
    if title is not None:
        return clipped(title.get(lang), 200)
    if fact.startswith(REACHED):
        stage = fact[len(REACHED) :]
        return f'stage "{stage}"' if lang == "en" else f"阶段“{stage}”"
    return fact


def value_words(value: object, lang: Language) -> str:
    """A value as a person reads it."""
    match value:
        case bool():
            return ("yes" if value else "no") if lang == "en" else ("“是”" if value else "“否”")
        case float() | int():
            return f"{value:,.15g}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M UTC")
        case date():
            return value.isoformat()
        case _:
            return _quoted(str(value), lang)


def _quoted(words: str, lang: Language) -> str:
    words = clipped(words, _LONGEST_VALUE)
    if not words.isprintable():
        # Whatever came from outside must neither break a log line nor the encoding.
        words = ascii(words)[1:-1]
    return f'"{words}"' if lang == "en" else f"“{words}”"


def _comparison(left: Operand, op: Operator, right: Operand, lang: Language, names: Names) -> Leaf:
    if isinstance(right, Today) and isinstance(left, Day):
        left, op, right = right, MIRRORED[op], left
    facts = tuple(operand.fact for operand in (left, right) if isinstance(operand, Name))
    match left:
        case Age(Name(fact), ahead):
            return Leaf((fact,), name_of(fact, lang, names), _age(op, right, lang, ahead=ahead))
        case Name(fact, kind):
            table = _DAYS if kind in _TIMES else _NUMBERS
            subject = name_of(fact, lang, names)
        case _:
            table, subject = _DAYS, "today" if lang == "en" else "今天"
    words, shown = table[lang][op], _operand(right, lang, names)
    ought = f"{words} {shown}".lstrip() if lang == "en" else glued(words, shown)
    return Leaf(facts, subject, ought)


def _age(op: Operator, days: Operand, lang: Language, *, ahead: bool) -> str:
    number = days.value if isinstance(days, Number) else 0.0
    shown = f"{number:,.15g}"
    if lang == "en":
        unit = "day" if number == 1 else "days"
        return f"{_AGES['en'][op]} {shown} {unit} {'ahead' if ahead else 'ago'}"
    return glued("离现在" if ahead else "距今", _AGES["zh"][op], shown, "天")


def _operand(operand: Operand, lang: Language, names: Names) -> str:
    match operand:
        case Name(fact):
            return name_of(fact, lang, names)
        case Today():
            return "today" if lang == "en" else "今天"
        case Number(value) | Words(value) | Day(value):
            return value_words(value, lang)
        case Age(Name(fact)):
            return name_of(fact, lang, names)


def _listed(values: tuple[Operand, ...], lang: Language, *, want: bool) -> str:
    shown = [_operand(value, lang, {}) for value in values[:_MOST_VALUES]]
    more = len(values) - len(shown)
    if lang == "en":
        if more:
            shown.append(f"{more} others")
        last = " or " if want else " and "
        words = ", ".join(shown[:-1]) + last + shown[-1] if len(shown) > 1 else shown[0]
        return words if want else f"other than {words}"
    if more:
        shown.append(f"其他 {more} 个值")
    words = glued("、".join(shown[:-1]), "或", shown[-1]) if len(shown) > 1 else shown[0]
    return glued("为" if want else "不为", words)


def _say(node: Node, lang: Language, names: Names, *, want: bool) -> tuple[str, bool | None]:
    """The words; and True where "and" joins them, False where "or" does, None where neither."""
    match node:
        case Not(item):
            return _say(item, lang, names, want=not want)
        case And(items) | Or(items):
            every = isinstance(node, And) is want
        case Compare(operands, ops) if len(ops) > 1:
            items = tuple(
                normal(Compare((left, right), (op,)))
                for left, op, right in zip(operands, ops, operands[1:], strict=False)
            )
            every = want
        case AtLeast(n, items):
            # "fewer than n hold" would leave unsaid what to do: say how many must not hold.
            needed = n if want else len(items) - n + 1
            several = (_say(item, lang, names, want=want)[0] for item in items)
            return some(several, needed, lang), None
        case _:
            return spoken(leaf_of(node, lang, names, want=want), lang), None
    said = (_say(item, lang, names, want=want) for item in items)
    parts = (words if how in {None, every} else bracketed(words, lang) for words, how in said)
    return joined(parts, lang, every=every), every


def bracketed(words: str, lang: Language) -> str:
    """The words in brackets."""
    return f"({words})" if lang == "en" else f"（{words}）"


def joined(parts: Iterable[str], lang: Language, *, every: bool) -> str:
    """The parts with "and" or "or" between them."""
    if lang == "en":
        return (" and " if every else " or ").join(parts)
    first, *rest = parts
    word = "且" if every else "或"
    return first + "".join(f"，{glued(word, part)}" for part in rest)


def some(parts: Iterable[str], needed: int, lang: Language) -> str:
    """The parts, of which some are needed."""
    if lang == "en":
        return f"at least {needed} of ({'; '.join(parts)})"
    return f"以下至少 {needed} 项成立（{'；'.join(parts)}）"
