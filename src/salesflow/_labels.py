"""What a label of somebody's file stands for: the names that we know, however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

from salesflow._closest import CROSSES, closest, deny_otherwise, likeness, undenied
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
_SHARES: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
_ASKED: Final = re.compile("[?؟❓❔‽]")
_UNTICKED: Final = re.compile(r"^\s*(?:[☐□]|\[\s*\]|\(\s*\)|!(?=\w)|~~)")
# Before a word for what came to nothing, it only shows what the word says.
_EMBLEM: Final = re.compile("^[×✕✖✗✘⨯❌❎☒⛔🚫👎🙅\ufe0f\\s]+(?=\\w)")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("‘’ʼ`", "'"))
_CONTRACTED: Final = re.compile(r"[a-z]+n't(?![^\W_])")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_WORD: Final = re.compile(r"[^\W_]+")
_NOTHING: Final = r"(?<![\w.,])0+(?:[.,]0+)?(?![\w.,])"
# What parts a label, so that what is before says nothing of what is behind.
_PARTED: Final = r"\s[–—-]+\s|[:;,()\[\]【】/|、。>]"
_CHANCE_OF: Final = {"won": 100.0, "lost": 0.0, "disqualified": 0.0}
_NEAR: Final = 0.75
_SHORT: Final = 4
_LONGEST_PREFIX: Final = 4


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
    return normal(_CHANCE.sub("", _unnumbered(_folded(label)))) or normal(label)


def _unnumbered(text: str) -> str:
    text = _PIPELINE.sub("", text, count=1) if _PIPELINE.match(text) else text
    found = _NUMBERED.match(text)
    return text[found.end() :] if found else text


def _folded(label: str) -> str:
    text = unicodedata.normalize("NFKC", label[:_LONGEST]).casefold().strip()
    text = text.translate(_APOSTROPHES)
    if text.isascii():
        return text
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFKC", plain)


class LabelReader:
    """What labels stand for: names, each with its titles, and words that people have for them.

    Nothing is guessed: a label is a name, a title or a word but for how it is written. Where it is
    several of them, it stands for nothing until somebody says which; nor does it where a mark or a
    chance is at odds with its words: a cross, a question mark, "Won (0%)".

    Example:
        >>> reader = LabelReader({"demo": ["Demonstration", "方案演示"], "sign": ["成交"]}, ended())
        >>> reader.read("DEMO"), reader.read("3、方案演示"), reader.read("Closed - Won")
        (('demo',), ('demo',), ('won',))
        >>> reader.read("成交"), reader.read("Demonstrate")
        (('sign', 'won'), ())
        >>> reader.read("✗ Demo"), reader.read("Won?"), reader.read("❌ Lost")
        ((), (), ('lost',))
        >>> reader.nearest("Demonstrate"), reader.nearest("Lost to Acme"), reader.nearest("Closed")
        ('demo', 'lost', None)
    """

    def __init__(
        self, names: Words, words: Words | None = None, *, of_columns: bool = False
    ) -> None:
        """`names` have titles; `words` stand for what need not be among the names.

        Names `of_columns` may be questions: what is asked there the column answers.
        """
        self._words = words or {}
        self._of_columns = of_columns
        self._ends = self._words.keys() & outcomes().keys()
        self._titles: dict[str, str] = {}
        self._said: dict[str, tuple[list[str], frozenset[str] | None]] = {}
        self._whole: dict[str, dict[str, set[str]]] = {}
        self._bare: dict[str, dict[str, set[str]]] = {}
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
            marks = self._marks(text)
            self._whole.setdefault(whole, {}).setdefault(name, set()).add(marks)
            for form in (whole, bare(text)):
                # A title that asks is known without its question mark, too.
                known = self._bare.setdefault(form, {}).setdefault(name, set())
                known |= {marks, marks.replace("?", "")}

    def read(self, label: str) -> tuple[str, ...]:
        """What a label stands for: one name where it is clear; none, or several, where not."""
        if len(label) > _LONGEST:
            return ()
        return self.exactly(label) or self._fitting(self._bare, bare(label), self._marks(label))

    def exactly(self, label: str) -> tuple[str, ...]:
        """The same, with the number that it has."""
        if len(label) > _LONGEST:
            return ()
        return self._fitting(self._whole, normal(label), self._marks(label))

    def _fitting(
        self, known: Mapping[str, Mapping[str, set[str]]], form: str, marks: str
    ) -> tuple[str, ...]:
        """What a form is known for, and the end of a deal that it says with words around."""
        said = _end_said(form) if self._ends and not marks else None
        found = [name for name, marked in known.get(form, {}).items() if marks in marked]
        return (*found, said) if said in self._ends.difference(found) else tuple(found)

    def _marks(self, text: str) -> str:
        return "" if self._of_columns else _marks(text)

    def nearest(self, label: str, *, is_name: bool = False) -> str | None:
        """The name to suggest for a label that stands for none: never one that says the opposite.

        A label that has a word in it for how a deal ended is like that end, and like no stage but
        one with that word. What is only spelt alike has to be so nearly, and to deny the same. Of
        what `is_name` for certain, only not as it should be, a likeness from afar is enough.
        """
        fitting = self.read(label)
        if fitting:
            return fitting[0]
        if self._ends and (signs := _signs(label)):
            end = signs.pop()
            return end if not signs and end in self._words else None
        if self._words and normal(label) in map(normal, outcomes()["none"]):
            return None
        text = _folded(label)
        if not self._said:  # most labels are read, and nothing is like them
            self._said = {
                title: (self._denials(title), None if name in self._ends else self._endings(title))
                for title, name in self._titles.items()
            }
        denied, ending = self._denials(text), self._endings(text)
        alike = (
            title
            for title, (denies, ends) in self._said.items()
            if denies == denied and ends in {None, ending}
        )
        found = closest(text, alike)
        if found is None or not (is_name or _are_near(text, found)):
            return None
        # A column may be called like a fact and one word more: "Source ID".
        says_more = not self._of_columns and _says_more(text, found)
        says_less = not self._of_columns and not is_name and _says_more(found, text)
        return None if says_more or says_less else self._titles[found]

    def _denials(self, text: str) -> list[str]:
        """What denies something in a text: words, what words begin with, and marks."""
        return sorted((*_denials(text), *self._marks(text)))

    def _endings(self, text: str) -> frozenset[str]:
        """The words in a text for how a deal ended."""
        return frozenset(_finder("outcomes").findall(text) if self._ends else ())


def _end_said(form: str) -> str | None:
    """How a deal ended, as a form says it that has no other words but such as stand around it."""
    found = _around().fullmatch(form)
    return None if found is None else _ends_of_words().get(found["end"] or found["open"])


@cache
def _negative() -> frozenset[str]:
    """The forms of words for what came to nothing: a cross before them strikes nothing out."""
    words = (*ended()["lost"], *ended()["disqualified"], *flags()["no"])
    return frozenset(("lost", "disqualified", "no", *map(normal, words)))


def _marks(label: str) -> str:
    """What a label has beside its words that is at odds with them.

    That is `x` for a cross or an empty box, `?` for a question and `%` for a chance that is not
    that of how the deal ended.
    """
    text = unicodedata.normalize("NFKD", label[:_LONGEST]).casefold().strip()
    form = bare(text)
    if form in _negative() or _end_said(form) in {"lost", "disqualified"}:
        text = _EMBLEM.sub("", text)
    marks = "x" if CROSSES.search(text) or _UNTICKED.match(text) else ""
    marks += "?" if _ASKED.search(text) else ""
    return marks + "%" if "%" in text and not _may_be(_end_said(form), text) else marks


def _may_be(end: str | None, text: str) -> bool:
    """Whether the chances in a text are those of a deal that ended so."""
    return end not in _CHANCE_OF or all(
        float(it) == _CHANCE_OF[end] for it in _SHARES.findall(text)
    )


def _signs(label: str) -> set[str]:
    """What words in a label say of how a deal ended; `over` where they do not say how.

    With a denial it may say anything. Behind a loss that says but why: "Lost (no budget)". What
    somebody else won is lost, and what stands before a win without a pause may be somebody else.
    """
    text = _uncontracted(label)
    found = {}
    parts = re.split(f"({_PARTED})", text)
    for number, part in enumerate(parts):
        if _taken().fullmatch(normal(part)):
            found["lost"] = sum(map(len, parts[:number]))
            parts[number] = "\0" * len(part)
    text = "".join(parts)
    rest = text
    for end in _table()["signs"]:
        if (sign := _finder("signs", end).search(text)) is not None:
            found.setdefault(end, sign.start())
            # 无效 denies nothing that is beside it
            rest = _finder("signs", end).sub(_blank, rest)
    over = {"over"}
    if not found:
        denied = (rest for word in _WORD.findall(text) for rest in undenied(word))
        return over if any(map(_finder("signs").fullmatch, denied)) else set()
    won = _finder("signs", "won").search(text)
    if _marks(label) or _is_both(text) or (won and not _stands_alone(text, won)):
        return over
    if any(not _may_be(end, text) for end in found):
        return over
    reasons = found.keys() - {"won", "over"}
    rival = _finder("rivals", "names").search(rest)
    if rival and not (reasons and "won" not in found and rival.start() > min(found.values())):
        return over
    for denial in _denying().finditer(rest):
        why = reasons and all(found[end] < denial.start() for end in reasons)
        if not why or not any(map(str.isalnum, rest[denial.end() :])):
            return over
    return found.keys() - over or set(found)


def _blank(found: re.Match[str]) -> str:
    return "\0" * len(found[0])


def _stands_alone(text: str, sign: re.Match[str]) -> bool:
    """Whether what is said of a win is not part of something larger: 竞品赢单, 赢单计划."""
    before = re.split(_PARTED, text[: sign.start()])[-1]
    behind = re.match("[\u3400-\u9fff]*", text[sign.end() :])
    return all(_beside().fullmatch(normal(part)) for part in (before, behind[0] if behind else ""))


def _is_both(text: str) -> bool:
    """Whether a text has a word for an end and its opposite: "Qualified/Disqualified"."""
    words = dict.fromkeys(_WORD.findall(text))
    ends = [word for word in words if _finder("signs").fullmatch(word)]
    return any(deny_otherwise(end, word) for end in ends for word in words)


def _denials(text: str) -> tuple[str, ...]:
    """The words in a text that deny something, and what those begin with that do so."""
    begun = (it for it in _table()["denials"]["beginnings"] if re.search(rf"(?<![^\W_]){it}", text))
    return (*_denying().findall(_uncontracted(text)), *begun)


def _uncontracted(label: str) -> str:
    """A label without its number, and with `not` for what is not: "isn't" and "won't"."""
    return _CONTRACTED.sub("not", _unnumbered(_folded(label)))


def _are_near(text: str, other: str) -> bool:
    """Whether one text is the other but for its spelling or its ending."""
    like = likeness(text, other[:_LONGEST])
    return like > _NEAR or (like == _NEAR and min(len(text), len(other)) > _SHORT)


def _says_more(text: str, other: str) -> bool:
    """Whether a text has a word that another one has not, in whatever spelling."""
    words, others = (_WORD.findall(_unnumbered(it[:_LONGEST])) for it in (text, other))
    is_same = "".join(words) == "".join(others)
    return not is_same and not all(_has(word, others) for word in words)


def _has(word: str, others: list[str]) -> bool:
    """Whether a word is among others but for its spelling, or says nothing of its own."""
    beside = _beside().fullmatch(word) or word in _table()["around"]["stages"]
    if beside or any(other.startswith(word) for other in others):
        return True
    near = get_close_matches(word, others, 1)
    return bool(near) and not _begin_otherwise(word, near[0])


def _begin_otherwise(word: str, other: str) -> bool:
    """Whether two words are one but for what they begin with: this may mean anything."""
    replaced = word[0] != other[0] and word[2:] == other[2:] and word[1::-1] != other[:2]
    return replaced or _begins_more(word, other) or _begins_more(other, word)


def _begins_more(word: str, other: str) -> bool:
    least = 1 if _HAN.match(word) or word[0] == "a" else 2
    like = likeness(word, other)
    ways = range(least, _LONGEST_PREFIX + 1)
    return any(likeness(word[length:], other) > like for length in ways)


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
    keys = [name] if name else named
    return re.compile(_found_words(word for key in keys for word in named[key]))


def _found_words(words: Iterable[str]) -> str:
    folded = sorted(map(_folded, words), key=len, reverse=True)
    apart = "|".join(re.escape(word) for word in folded if not _HAN.search(word))
    inside = "|".join(re.escape(word) for word in folded if _HAN.search(word)) or "(?!)"
    return rf"(?<![^\W_])(?:{apart})(?![^\W_])|{inside}"


@cache
def _denying() -> re.Pattern[str]:
    """Finds what denies something: words, and nothing in numbers."""
    said = _table()["denials"]
    return re.compile(f"{_found_words((*said['words'], *said['doubts']))}|{_NOTHING}")


@cache
def _taken() -> re.Pattern[str]:
    """A form that says of a deal only that somebody else won it."""
    said = _table()["rivals"]
    won = _either(normal(word) for word in (*_table()["signs"]["won"], "win"))
    before, rival, by = (_either(map(normal, said[it])) for it in ("before", "names", "by"))
    closed = _beside().pattern
    who = rf"(?:{before})*(?:{rival})"
    return re.compile(rf"{who}{closed}(?:{won})|{closed}(?:{won})(?:{by}){who}")


@cache
def _ends_of_words() -> Mapping[str, str]:
    return {normal(word): name for name, words in outcomes().items() for word in (name, *words)}


@cache
def _around() -> re.Pattern[str]:
    """A form with one word for an outcome; what is open is not closed."""
    ends = _ends_of_words()
    deals = _either(map(normal, _table()["around"]["deals"]))
    over = _either(word for word, name in ends.items() if name != "none")
    going = _either(word for word, name in ends.items() if name == "none")
    beside = _beside().pattern
    return re.compile(rf"{beside}(?P<end>{over}){beside}|(?:{deals})?(?P<open>{going})(?:{deals})?")


@cache
def _beside() -> re.Pattern[str]:
    """Forms of words that say no more than the word for an end that they stand beside."""
    around = _table()["around"]
    return re.compile(rf"(?:{_either(map(normal, (*around['deals'], *around['closed'])))}){{0,4}}")


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
