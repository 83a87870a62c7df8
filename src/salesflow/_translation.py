"""What authors of playbooks are told, in Chinese.

Problems are put together from English sentences in many places, and taken apart again in some. So
they are translated where they are shown, from a catalogue, as the messages of programs are that use
gettext. Its keys are the English sentences with a number in braces for each part that varies.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from salesflow._data import read_data
from salesflow.errors import Problem
from salesflow.text import Language, own_language

__all__ = ["translated"]

_DEEP: Final = 3
"""A part may be a sentence itself, and a part of that."""


class _Sentence(NamedTuple):
    """An English sentence by what stands between its parts, and what it is in Chinese.

    Attributes:
        fixed: What stands before, between and behind the parts.
        quoted: Of each part, whether it stands in quotes: what somebody wrote is not translated.
        chinese: The same sentence, with a number in braces for each part.
    """

    fixed: tuple[str, ...]
    quoted: tuple[bool, ...]
    chinese: str

    def parts(self, words: str) -> list[str] | None:
        """The parts of a text that is this sentence; None for any other.

        Each part ends at the first place where the sentence can go on: that takes one pass.
        """
        first, *between, last = self.fixed
        if not words.startswith(first) or not words.endswith(last):
            return None
        at, end = len(first), len(words) - len(last)
        found: list[str] = []
        for fixed in between:
            to = words.find(fixed, at, end)
            if to < 0:
                return None
            found.append(words[at:to])
            at = to + len(fixed)
        if at > end:
            return None
        return [*found, words[at:end]]


def translated(problem: Problem, lang: Language) -> Problem:
    """A problem in a language; what the catalogue does not have stays English.

    Example:
        >>> problem = Problem("stages.demo.by", 'there is no role "sdr"', 'did you mean "sales"?')
        >>> translated(problem, "zh").message, translated(problem, "zh").hint
        ('没有角色“sdr”', '是否想写“sales”？')
    """
    if own_language(lang) != "zh":
        return problem
    return replace(problem, message=_said(problem.message), hint=_said(problem.hint))


def _said(words: str, deep: int = _DEEP) -> str:
    exact, sentences = _catalogue()
    if (found := exact.get(words)) is not None:
        return found
    if not deep:
        return words
    for sentence in sentences:
        parts = sentence.parts(words)
        if parts is not None:
            pairs = zip(parts, sentence.quoted, strict=True)
            shown = [part if quoted else _said(part, deep - 1) for part, quoted in pairs]
            return _filled(sentence.chinese, shown)
    return words


def _filled(chinese: str, parts: list[str]) -> str:
    """The sentence with its parts; braces that are no gap stay as they are."""
    pieces = _split(chinese)
    return "".join(parts[int(piece)] if number else piece for piece, number in pieces)


def _split(words: str) -> list[tuple[str, bool]]:
    """What is fixed in a sentence and the numbers of its gaps, in turn."""
    pieces: list[tuple[str, bool]] = []
    rest = words
    while rest:
        before, brace, behind = rest.partition("{")
        number, closed, after = behind.partition("}")
        if not brace:
            pieces.append((before, False))
            break
        if closed and number.isdecimal():
            pieces += [(before, False), (number, True)]
            rest = after
        else:
            pieces.append((before + brace, False))
            rest = behind
    return pieces


@cache  # one catalogue, which never changes
def _catalogue() -> tuple[dict[str, str], tuple[_Sentence, ...]]:
    """The sentences without parts, and the others, those that say most first."""
    exact: dict[str, str] = {}
    sentences: list[_Sentence] = []
    for english, chinese in read_data("salesflow", "problems.zh.toml").items():
        pieces = _split(english)
        if not any(number for _, number in pieces):
            exact[english] = str(chinese)
            continue
        fixed, quoted = [""], []
        for piece, number in pieces:
            if number:
                quoted.append(fixed[-1].endswith(('"', "[[", "[")))
                fixed.append("")
            else:
                fixed[-1] += piece
        sentences.append(_Sentence(tuple(fixed), tuple(quoted), str(chinese)))
    sentences.sort(key=lambda it: sum(map(len, it.fixed)), reverse=True)
    return exact, tuple(sentences)
