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
    rf"|{_NUMBER}\s*(?:阶段|步)?\s*[)\]】:、.]+)[\s:、–—-]*"
)
_CHANCE: Final = re.compile(r"[\s(\[|–—-]*[0-9]+(?:\.[0-9]+)?\s*%[\s)\]]*$")
_NEAR: Final = 0.75
_SHORT: Final = 4


def normal(label: str) -> str:
    """A label as it is compared: without case, spaces, punctuation and full-width forms.

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
    """
    text = _folded(label)
    return normal(_CHANCE.sub("", text[_length(text) :])) or normal(label)


def _length(text: str) -> int:
    found = _NUMBERED.match(text)
    return found.end() if found else 0


def _folded(label: str) -> str:
    return unicodedata.normalize("NFKC", label[:_LONGEST]).casefold().strip()


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
        self._titles: dict[str, str] = {}
        self._denied: dict[str, frozenset[str]] = {}
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
        short = len(label) <= _LONGEST
        return self.exactly(label) or (tuple(self._bare.get(bare(label), ())) if short else ())

    def exactly(self, label: str) -> tuple[str, ...]:
        """The same, with the number that it has."""
        return tuple(self._whole.get(normal(label), ())) if len(label) <= _LONGEST else ()

    def nearest(self, label: str) -> str | None:
        """The name to suggest for a label that stands for none: never one that says the opposite.

        A label that has a word in it for how a deal ended is like that end and like no stage. What
        is only spelt alike has to be so nearly, and to deny what the label denies.
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
        if not self._denied:  # most labels are read, and nothing is like them
            self._denied = {title: _denials(title) for title in self._titles}
        denied = _denials(text)
        found = closest(text, (title for title, said in self._denied.items() if said == denied))
        return self._titles[found] if found is not None and _are_near(text, found) else None


def _signs(label: str) -> set[str]:
    """What words in a label say of how a deal ended; `over` where they do not say how.

    With a denial it may say anything. Behind a loss that says but why: "Lost (no budget)".
    """
    text = _folded(label)
    found: dict[str, tuple[int, int]] = {}
    for end, words in _table()["signs"].items():
        spans = [span for word in words for span in _spans(word, text)]
        if spans:
            found[end] = min(spans)
    known = {word for words in _table()["signs"].values() for word in words}
    rest = text
    for word in known:  # 无效 denies nothing that is beside it
        for start, end_of in _spans(word, rest):
            rest = rest[:start] + "\0" * (end_of - start) + rest[end_of:]
    for start, after in (
        span for word in _table()["denials"]["words"] for span in _spans(word, rest)
    ):
        reasons = found.keys() - {"won", "over"}
        why = reasons and all(found[end][0] < start for end in reasons)
        if not why or not any(map(str.isalnum, rest[after:])):
            return {"over"} if found else set()
    return found.keys() - {"over"} or set(found)


def _spans(word: str, text: str) -> list[tuple[int, int]]:
    """Where a word stands in a text; anywhere, where a language does not part its words."""
    edge = r"(?<![^\W_]){}(?![^\W_])" if word.isascii() else "{}"
    return [found.span() for found in re.finditer(edge.format(re.escape(word)), text)]


def _denials(text: str) -> frozenset[str]:
    """The words in a text that deny something, and what those begin with that do so."""
    denials = _table()["denials"]
    begun = (it for it in denials["beginnings"] if re.search(rf"(?<![^\W_]){it}", text))
    return frozenset((*(word for word in denials["words"] if _spans(word, text)), *begun))


def _are_near(text: str, other: str) -> bool:
    """Whether one text is the other but for its spelling or its ending."""
    like = SequenceMatcher(None, text, other[:_LONGEST]).ratio()
    return like > _NEAR or (like == _NEAR and min(len(text), len(other)) > _SHORT)


def outcomes() -> Words:
    """By outcome, `none` among them, the words that people have for it."""
    return _table()["outcomes"]


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
