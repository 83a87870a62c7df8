"""What a label of somebody's file stands for: the names that we know, however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from salesflow._closest import closest
from salesflow._data import read_data

Words = Mapping[str, Iterable[str]]
"""By what they stand for, words that people write."""

_LONGEST: Final = 200
_BESIDE: Final = re.compile(r"[\W_]+")
_NUMBER: Final = r"(?:[0-9]+(?:\.[0-9]+)*|[一二三四五六七八九十]+|[ivx]+)"
_HEAD: Final = r"(?:stage|phase|step|state|no\.?|nr\.?|阶段|步骤|第)?\s*"
# A number stands before a name where something is between the two: 3D is no third D.
_NUMBERED: Final = re.compile(
    rf"[\s(\[【#]*{_HEAD}(?:"
    rf"[0-9]+(?:\.[0-9]+)*\s*(?:%|阶段|步)?(?:[\s)\]】:;、,./|_–—-]+|(?=[^\W\d_a-z]))"
    rf"|{_NUMBER}\s*(?:阶段|步)?\s*[)\]】:、.]+"
    r"|[a-z]\s*(?:[)\]】、]+|[.:]+(?=\s|[^\W\d_a-z])|\s[–—-]+(?=\s)))[\s:、–—-]*"
)
# Before the code of a stage, that of its pipeline: C6:WON, DT128_6:SUCCESS, DEAL_STAGE:WON.
_PIPELINE: Final = re.compile(r"[a-z]+(?:_?[0-9]+|_stage)(?:_[0-9]+)*\s*:\s*(?=[^\W_]*[^\W\d_])")
_ACCENTS: Final = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_CHANCE: Final = re.compile(r"[\s(\[|–—-]*[0-9]+(?:\.[0-9]+)?\s*%[\s)\]]*$")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_NEAR: Final = 0.75
_SHORT: Final = 4


def normal(label: str) -> str:
    """A label as it is compared: without case, accents, spaces, punctuation and full-width forms.

    What has no letter is only punctuation or a number, and is compared as it is.

    Example:
        >>> normal("Closed - Won"), normal("ＣＬＯＳＥＤ＿ＷＯＮ"), normal(" + "), normal("1.0")
        ('closedwon', 'closedwon', '+', '1.0')
    """
    text = _folded(label)
    if not any(map(str.isalpha, text)):
        return "".join(text.split())
    return _BESIDE.sub("", text)


def bare(label: str) -> str:
    """A label without the number that says where in the process it is, as it is compared.

    Example:
        >>> bare("3 - Technical Evaluation"), bare("Stage 3: Demo"), bare("Proposal (65 %)")
        ('technicalevaluation', 'demo', 'proposal')
        >>> bare("3、方案演示"), bare("第三阶段：方案演示"), bare("2nd visit")
        ('方案演示', '方案演示', '2ndvisit')
        >>> bare("B. Proposal"), bare("C6:LOSE"), bare("e-mail")
        ('proposal', 'lose', 'email')
    """
    text = _folded(label)
    text = _PIPELINE.sub("", text, count=1) if _PIPELINE.match(text) else text
    return normal(_CHANCE.sub("", text[_length(text) :])) or normal(label)


def _length(text: str) -> int:
    found = _NUMBERED.match(text)
    return found.end() if found else 0


def _folded(label: str) -> str:
    text = unicodedata.normalize("NFKC", label[:_LONGEST]).casefold().strip()
    if text.isascii():
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", plain)


class LabelReader:
    """What labels stand for: names, each with its titles, and words that people have for them.

    Nothing is guessed: a label is a name, a title or a word but for how it is written. Where it is
    several of them, it stands for nothing until somebody says which.

    Example:
        >>> reader = LabelReader({"demo": ["Demonstration", "方案演示"], "sign": ["成交"]}, ended())
        >>> reader.read("DEMO"), reader.read("3、方案演示"), reader.read("Closed - Won")
        (('demo',), ('demo',), ('won',))
        >>> reader.read("成交"), reader.read("Demonstrate")
        (('sign', 'won'), ())
        >>> reader.nearest("Demonstrate"), reader.nearest("Lost to Acme"), reader.nearest("Closed")
        ('demo', 'lost', None)
    """

    def __init__(self, names: Words, words: Words | None = None) -> None:
        """`names` have titles; `words` stand for what need not be among the names."""
        self._words = words or {}
        self._ends = self._words.keys() & outcomes().keys()
        self._titles: dict[str, str] = {}
        self._said: dict[str, tuple[frozenset[str], frozenset[str] | None]] = {}
        self._whole: dict[str, dict[str, None]] = {}
        self._bare: dict[str, dict[str, None]] = {}
        for name, titles in names.items():
            for title in (name, *titles):
                self._titles.setdefault(_folded(title), name)
                self._add(title, name)
        for name, others in self._words.items():
            for word in (name, *others):
                self._titles.setdefault(_folded(word), name)
                self._add(word, name)

    def _add(self, text: str, name: str) -> None:
        if whole := normal(text):
            self._whole.setdefault(whole, {})[name] = None
            for form in (whole, bare(text)):
                self._bare.setdefault(form, {})[name] = None

    def read(self, label: str) -> tuple[str, ...]:
        """What a label stands for: one name where it is clear; none, or several, where not."""
        if len(label) > _LONGEST:
            return ()
        return self.exactly(label) or self._fitting(self._bare, bare(label))

    def exactly(self, label: str) -> tuple[str, ...]:
        """The same, with the number that it has."""
        return self._fitting(self._whole, normal(label)) if len(label) <= _LONGEST else ()

    def _fitting(self, known: Mapping[str, Mapping[str, None]], form: str) -> tuple[str, ...]:
        """What a form is known for, and the end of a deal that it says with words around."""
        said = _end_said(form) if self._ends else None
        found = known.get(form, {})
        return (*found, said) if said in self._ends - found.keys() else tuple(found)

    def nearest(self, label: str) -> str | None:
        """The name to suggest for a label that stands for none: never one that says the opposite.

        A label that has a word in it for how a deal ended is like that end, and like no stage but
        one with that word. What is only spelt alike has to be so nearly, and to deny the same.
        """
        fitting = self.read(label)
        if fitting:
            return fitting[0]
        if self._words and (signs := _signs(label)):
            end = signs.pop()
            return end if not signs and end in self._words else None
        if self._words and normal(label) in map(normal, outcomes()["none"]):
            return None
        text = _folded(label)
        if not self._said:  # most labels are read, and nothing is like them
            self._said = {
                title: (_denials(title), self._endings(title) if name not in self._ends else None)
                for title, name in self._titles.items()
            }
        denied, ending = _denials(text), self._endings(text)
        alike = (
            title
            for title, (denies, ends) in self._said.items()
            if denies == denied and ends in {None, ending}
        )
        found = closest(text, alike)
        return self._titles[found] if found is not None and _are_near(text, found) else None

    def _endings(self, text: str) -> frozenset[str]:
        """The words in a text for how a deal ended."""
        return frozenset(_finder("outcomes").findall(text) if self._ends else ())


def _end_said(form: str) -> str | None:
    """How a deal ended, as a form says it that has no other words but such as stand around it."""
    found = _around().fullmatch(form)
    return None if found is None else _ends_of_words().get(found["end"] or found["open"])


def _signs(label: str) -> set[str]:
    """What words in a label say of how a deal ended; `over` where they do not say how.

    With a denial it may say anything. Behind a loss that says but why: "Lost (no budget)".
    """
    text = _folded(label)
    found = {}
    rest = text
    for end in _table()["signs"]:
        if (sign := _finder("signs", end).search(text)) is not None:
            found[end] = sign.start()
            # 无效 denies nothing that is beside it
            rest = _finder("signs", end).sub(lambda it: "\0" * len(it[0]), rest)
    reasons = found.keys() - {"won", "over"}
    for denial in _finder("denials", "words").finditer(rest):
        why = reasons and all(found[end] < denial.start() for end in reasons)
        if not why or not any(map(str.isalnum, rest[denial.end() :])):
            return {"over"} if found else set()
    return found.keys() - {"over"} or set(found)


def _denials(text: str) -> frozenset[str]:
    """The words in a text that deny something, and what those begin with that do so."""
    begun = (it for it in _table()["denials"]["beginnings"] if re.search(rf"(?<![^\W_]){it}", text))
    return frozenset((*_finder("denials", "words").findall(text), *begun))


def _are_near(text: str, other: str) -> bool:
    """Whether one text is the other but for its spelling or its ending."""
    like = SequenceMatcher(None, text, other[:_LONGEST]).ratio()
    return like > _NEAR or (like == _NEAR and min(len(text), len(other)) > _SHORT)


@cache
def outcomes() -> Words:
    """By outcome, `none` among them, the words that people have for it."""
    table = _table()
    return {
        name: (*table["signs"].get(name, ()), *words) for name, words in table["outcomes"].items()
    }


def ended() -> Words:
    """The same of deals that are over."""
    return {name: words for name, words in outcomes().items() if name != "none"}


def flags() -> Words:
    """The words for `yes`, `no` and `unknown`."""
    return _table()["flags"]


def skips() -> Words:
    """The words for what does not apply, by the label that says so."""
    return _table()["skips"]


@cache
def _table() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {
        name: {key: tuple(words) for key, words in group.items()}
        for name, group in read_data("salesflow", "labels.toml").items()
    }


@cache
def _finder(group: str, name: str = "") -> re.Pattern[str]:
    """Finds words in a text; anywhere, where a language does not part its words."""
    named = ended() if group == "outcomes" else _table()[group]
    words = (word for key in ([name] if name else named) for word in named[key])
    folded = sorted(map(_folded, words), key=len, reverse=True)
    apart = "|".join(re.escape(word) for word in folded if not _HAN.search(word))
    inside = "|".join(re.escape(word) for word in folded if _HAN.search(word)) or "(?!)"
    return re.compile(rf"(?<![^\W_])(?:{apart})(?![^\W_])|{inside}")


@cache
def _ends_of_words() -> Mapping[str, str]:
    return {normal(word): name for name, words in outcomes().items() for word in (name, *words)}


@cache
def _around() -> re.Pattern[str]:
    """A form with one word for an outcome; what is open is not closed."""
    ends = _ends_of_words()
    deals, closed = (_either(map(normal, _table()["around"][it])) for it in ("deals", "closed"))
    over = _either(word for word, name in ends.items() if name != "none")
    going = _either(word for word, name in ends.items() if name == "none")
    beside = rf"(?:{deals}|{closed}){{0,4}}"
    return re.compile(rf"{beside}(?P<end>{over}){beside}|(?:{deals})?(?P<open>{going})(?:{deals})?")


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
