"""Rules in words, in every language.

Negations are spoken where they belong: `not amount > 5` reads "amount is at most 5". That is exact
here, because a missing value makes both unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final, NamedTuple, assert_never

from salesflow._unseen import shown
from salesflow.facts import IN_CURRENCY, FactKind
from salesflow.money._currencies import in_words
from salesflow.rules import ast
from salesflow.rules._canonical import pairs_of
from salesflow.text import Language, Text, both

Names = Mapping[str, Text]
Phrases = Mapping[ast.Operator, Text]

_LONGEST_VALUE: Final = 60
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 1_000
_MOST_VALUES: Final = 8
_TIMES: Final = frozenset({FactKind.DAY, FactKind.INSTANT})
_PLACE: Final = re.compile(r"\{(\w+)\}(?=(.?))")
_PLACE_BEFORE: Final = re.compile(r"\{(\w+)\}\Z")

YES: Final = both(en="yes", zh="“是”")
NO: Final = both(en="no", zh="“否”")
TODAY: Final = both(en="today", zh="今天")
_QUOTED: Final = both(en='"{words}"', zh="“{words}”")
_BRACKETED: Final = both(en="({words})", zh="（{words}）")
_STAGE: Final = both(en='stage "{stage}"', zh="阶段“{stage}”")

# A statement is a subject and what ought to hold of it; English has "is" between the two.
_STATEMENT: Final = both(en="{subject} is {ought}", zh="{subject}{ought}")
# What the names of flags begin with; in Chinese it may follow what the flag is about.
_WHETHER: Final = both(en="whether ", zh="是否")
_ALWAYS: Final = both(en="nothing is asked", zh="无条件成立")
_NEVER: Final = both(en="this can never hold", zh="此条永远无法成立")
_KNOWN: Final = both(en="known", zh="已知")
_NOT_KNOWN: Final = both(en="not known", zh="未知")
_REACHED: Final = both(en="reached", zh="已到达")
_NOT_REACHED: Final = both(en="not reached", zh="未到达")
_IS: Final = both(en="{limit}", zh="为{limit}")
_IS_NOT: Final = both(en="other than {limit}", zh="不为{limit}")
_OF_A_NUMBER: Final[Phrases] = {
    "==": _IS,
    "!=": _IS_NOT,
    "<": both(en="less than {limit}", zh="低于{limit}"),
    "<=": both(en="at most {limit}", zh="不高于{limit}"),
    ">": both(en="more than {limit}", zh="高于{limit}"),
    ">=": both(en="at least {limit}", zh="不低于{limit}"),
}
_OF_A_DAY: Final[Phrases] = {
    "==": _IS,
    "!=": _IS_NOT,
    "<": both(en="before {limit}", zh="早于{limit}"),
    "<=": both(en="on or before {limit}", zh="不晚于{limit}"),
    ">": both(en="after {limit}", zh="晚于{limit}"),
    ">=": both(en="on or after {limit}", zh="不早于{limit}"),
}
_OF_AN_AGE: Final[Phrases] = {
    "==": both(en="exactly {limit}", zh="正好{limit}"),
    "!=": both(en="other than {limit}", zh="不是{limit}"),
    "<": both(en="less than {limit}", zh="不到{limit}"),
    "<=": both(en="at most {limit}", zh="至多{limit}"),
    ">": both(en="more than {limit}", zh="超过{limit}"),
    ">=": both(en="at least {limit}", zh="至少{limit}"),
}
_ONE_DAY: Final = both(en="{n} day", zh="{n} 天")
_DAYS: Final = both(en="{n} days", zh="{n} 天")
AGO: Final = both(en="{age} ago", zh="距今{age}")
AHEAD: Final = both(en="{age} ahead", zh="离现在{age}")

_COMMA: Final = both(en=", ", zh="、")
_SEMICOLON: Final = both(en="; ", zh="；")
_OR_LAST: Final = both(en="{several} or {last}", zh="{several}或{last}")
_NOR_LAST: Final = both(en="{several} and {last}", zh="{several}或{last}")
_OTHERS: Final = both(en="{n} others", zh="其他 {n} 个值")
_AND: Final = both(en=" and {part}", zh="，且{part}")
_OR: Final = both(en=" or {part}", zh="，或{part}")
_AT_LEAST: Final = both(en="at least {n} of ({parts})", zh="以下至少 {n} 项成立（{parts}）")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A statement in two halves, so that a blocker can contrast it with the value seen.

    Attributes:
        subject: Of what it speaks.
        ought: What ought to hold of it: in English what follows "is", in Chinese the predicate.
    """

    subject: str
    ought: str


class Voice(NamedTuple):
    """Speaks one language.

    Attributes:
        lang: The language.
        names: Titles for facts; a fact without one is called by its name. Those of words that a
            fact may have as its value are under `<fact>=<word>`.
    """

    lang: Language
    names: Names

    def say(self, phrase: Text, **parts: str) -> str:
        """The phrase with its places filled; a space separates Chinese from ASCII."""
        words = phrase.get(self.lang)
        if not parts:
            return words
        for place, before, after in _tight(words):
            if part := parts[place]:
                # In one expression each: a function would cost more than all the rest.
                last, first = parts.get(before, before)[-1:], part[0]
                if last.isascii() is not first.isascii() and last.isalnum():
                    parts[place] = f" {part}"
                last = part[-1]
                if last.isascii() is not after.isascii() and after.isalnum():
                    parts[place] += " "
        return words.format_map(parts)

    def name(self, fact: str) -> str:
        """The name of a fact for a reader."""
        title = self.names.get(fact)
        if title is not None:
            return clipped(title.get(self.lang), _LONGEST_NAME)
        if fact.startswith(ast.REACHED):
            return self.say(_STAGE, stage=fact[len(ast.REACHED) :])
        return fact

    def value(self, value: object, kind: FactKind | None = None) -> str:
        """A value as a person reads it; an amount with its currency, where that is known."""
        currency = self.names.get(IN_CURRENCY) if kind is FactKind.MONEY else None
        if currency is not None and isinstance(value, float | int):
            return in_words(value, currency.get("en"), self.lang)
        match value:
            case bool():
                return self.say(YES if value else NO)
            case float() | int():
                return f"{value:,.15g}"
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M UTC")
            case date():
                return value.isoformat()
            case _:
                words = clipped(str(value), _LONGEST_VALUE)
                return self.say(_QUOTED, words=words)

    def seen(self, fact: str, value: object, kind: FactKind | None) -> str:
        """A value that a fact has: by its title, where it has one."""
        title = self.names.get(f"{fact}={value}")
        return self.value(value, kind) if title is None else self.value(title.get(self.lang))

    def days(self, number: float) -> str:
        """A number of days."""
        return self.say(_ONE_DAY if number == 1 else _DAYS, n=f"{number:,.15g}")

    def statement(self, leaf: Leaf) -> str:
        """The two halves as a sentence; of a fact that is called a question, what a yes says."""
        if not leaf.subject:
            return leaf.ought
        is_yes = leaf.ought == self.say(_IS, limit=self.say(YES))
        if is_yes and (answered := self._answered(leaf.subject)):
            return answered
        return self.say(_STATEMENT, subject=leaf.subject, ought=leaf.ought)

    def _answered(self, asked: str) -> str:
        """What yes says to a fact that is called "whether …"; nothing of one that is not."""
        whether = _WHETHER.get(self.lang)
        # What stands in quotation marks is the author's.
        begins = asked.find(whether, asked.rfind("”") + 1) if whether == _WHETHER.zh else 0
        if not asked.startswith(whether, begins):
            return ""
        return asked[:begins] + asked[begins + len(whether) :]

    def bracketed(self, words: str) -> str:
        """The words in brackets."""
        return self.say(_BRACKETED, words=words)

    def joined(self, parts: Iterable[str], *, every: bool) -> str:
        """The parts with "and" or "or" between them."""
        first, *rest = parts
        word = _AND if every else _OR
        return first + "".join(self.say(word, part=part) for part in rest)

    def some(self, parts: Iterable[str], needed: int) -> str:
        """The parts, of which some are needed."""
        return self.say(_AT_LEAST, n=str(needed), parts=self.say(_SEMICOLON).join(parts))

    def leaf(self, node: ast.Node, *, want: bool) -> Leaf:
        """The halves of a statement that has no parts; of its opposite when not `want`."""
        match node:
            case ast.Flag(fact):
                return self._leaf(fact, self.say(_IS, limit=self.value(want)))
            case ast.Reached(stage):
                return self._leaf(ast.REACHED + stage, self.say(_REACHED if want else _NOT_REACHED))
            case ast.Known(ast.Name(fact)):
                return self._leaf(fact, self.say(_KNOWN if want else _NOT_KNOWN))
            case ast.OneOf(ast.Name() as name, values):
                fact, listed = (
                    name.fact,
                    self._listed(name, values, _OR_LAST if want else _NOR_LAST),
                )
                return self._leaf(fact, self.say(_IS if want else _IS_NOT, limit=listed))
            case ast.Compare((left, right), (op,)):
                return self._comparison(left, op if want else ast.OPPOSITE[op], right)
            case ast.Constant(value):
                return Leaf("", self.say(_ALWAYS if value is want else _NEVER))
            case ast.Compare() | ast.Not() | ast.And() | ast.Or() | ast.AtLeast():
                raise AssertionError(node)  # it has parts, which are spoken of one by one

    def _leaf(self, fact: str, ought: str) -> Leaf:
        return Leaf(self.name(fact), ought)

    def _comparison(self, left: ast.Operand, op: ast.Operator, right: ast.Operand) -> Leaf:
        if isinstance(left, ast.Day):  # which is compared with today only
            left, op, right = right, ast.MIRRORED[op], left
        limit = self._operand(right)
        match left:
            case ast.Age(ast.Name(fact)):
                return self._leaf(fact, self._age(left.function, op, right))
            case ast.Name(fact, kind):
                phrases, subject = _OF_A_DAY if kind in _TIMES else _OF_A_NUMBER, self.name(fact)
                limit = self._word(left, right)
            case ast.Number() | ast.Words() | ast.Day() | ast.Today():
                phrases, subject = _OF_A_DAY, self.say(TODAY)
            case _:
                assert_never(left)
        return Leaf(subject, self.say(phrases[op], limit=limit))

    def _age(self, function: ast.AgeFunction, op: ast.Operator, limit: ast.Operand) -> str:
        assert isinstance(limit, ast.Number)  # noqa: S101 - the parser lets ages meet numbers only
        age = self.say(_OF_AN_AGE[op], limit=self.days(limit.value))
        match function:
            case "days_since":
                return self.say(AGO, age=age)
            case "days_until":
                return self.say(AHEAD, age=age)

    def _operand(self, operand: ast.Operand, kind: FactKind | None = None) -> str:
        match operand:
            case ast.Name(fact) | ast.Age(ast.Name(fact)):
                return self.name(fact)
            case ast.Today():
                return self.say(TODAY)
            case ast.Number(value) | ast.Words(value) | ast.Day(value):
                return self.value(value, kind)

    def _word(self, name: ast.Name, value: ast.Operand) -> str:
        """A value of a fact: by its title, where it has one; an amount with its currency."""
        if isinstance(value, ast.Words):
            return self.seen(name.fact, value.value, name.kind)
        return self._operand(value, name.kind)

    def _listed(self, name: ast.Name, values: Sequence[ast.Operand], last: Text) -> str:
        shown = [self._word(name, value) for value in values[:_MOST_VALUES]]
        if len(values) > len(shown):
            shown.append(self.say(_OTHERS, n=str(len(values) - len(shown))))
        if len(shown) == 1:
            return shown[0]
        return self.say(last, several=self.say(_COMMA).join(shown[:-1]), last=shown[-1])


def in_every_language(words: Callable[[Voice], str], names: Names | None = None) -> Text:
    """Words in every language, cut where they are too many."""
    titles = names or {}
    return both(en=clipped(words(Voice("en", titles))), zh=clipped(words(Voice("zh", titles))))


def sentence(node: ast.Node, lang: Language = "en", names: Names | None = None) -> str:
    """What ought to hold, in one language and in full."""
    return _say(node, Voice(lang, names or {}), want=True)[0]


def describe(node: ast.Node, names: Names | None = None) -> Text:
    """What ought to hold, in every language; a very long sentence is cut."""
    return in_every_language(lambda voice: _say(node, voice, want=True)[0], names)


def clipped(words: str, most: int = _LONGEST_TEXT) -> str:
    """The words on one line, cut where they are too many, with what nobody sees spelt out."""
    # Whatever came from outside must neither break a log line nor the encoding.
    words = shown(words[: most + 1])
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


@cache
def _tight(phrase: str) -> tuple[tuple[str, str, str], ...]:
    """The places of a phrase that touch a word: the name of each, what stands before, and after.

    What stands before a place may be another place, whose name it is then.
    """
    found = []
    for place in _PLACE.finditer(phrase):
        name, after = place.groups()
        start = place.start()
        touching = _PLACE_BEFORE.search(phrase, 0, start)
        before = touching[1] if touching else phrase[start - 1 : start]
        if before.isalnum() or after.isalnum():
            found.append((name, before, after))
    return tuple(found)


def _say(node: ast.Node, voice: Voice, *, want: bool) -> tuple[str, bool | None]:
    """The words, and what joins them: "and" (True), "or" (False), or nothing (None)."""
    match node:
        case ast.Not(item):
            return _say(item, voice, want=not want)
        case ast.And(items) | ast.Or(items):
            every = isinstance(node, ast.And) is want
        case ast.Compare(_, ops) if len(ops) > 1:
            items, every = pairs_of(node), want
        case ast.AtLeast(n, items):
            # "fewer than n hold" would leave unsaid what to do: say how many must not hold.
            needed = n if want else len(items) - n + 1
            return voice.some((_say(item, voice, want=want)[0] for item in items), needed), None
        case _:
            return voice.statement(voice.leaf(node, want=want)), None
    said = (_say(item, voice, want=want) for item in items)
    parts = (words if how in {None, every} else voice.bracketed(words) for words, how in said)
    return voice.joined(parts, every=every), every
