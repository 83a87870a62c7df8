"""What authors of playbooks and readers of the command are told, in Chinese.

Problems and errors are put together from English sentences in many places, and taken apart again in
some. So they are translated where they are shown, from a catalogue, as the messages of programs are
that use gettext. Its keys are the English sentences with a number in braces for each part that
varies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from salesflow._data import read_data
from salesflow._unseen import listed
from salesflow.errors import Problem, SalesflowError
from salesflow.text import Language, both, own_language

__all__ = ["error_in", "translated", "words_in", "written"]

_DEEP: Final = 3
"""A part may be a sentence itself, and a part of that."""
_CHOICES: Final = ("可用：", "已有：")
_COMMA: Final = re.compile("(?<=[\u4e00-\u9fff]), |, (?=[\u4e00-\u9fff])")
_MORE: Final = both(en="  - … and {more} more", zh="  - ……另有 {more} 项")


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


def written(problem: Problem, lang: Language) -> str:
    """A translated problem on one line, with the punctuation of its language.

    Example:
        >>> problem = translated(Problem("by", 'there is no role "sdr"', "write known(…)"), "zh")
        >>> written(replace(problem, line=3), "zh")
        '第 3 行：by：没有角色“sdr”；写作 known(…)'
    """
    if own_language(lang) != "zh":
        return str(problem)
    column = "" if problem.column is None else f"第 {problem.column} 列"
    where = "" if problem.line is None else f"第 {problem.line} 行{column}"
    before = "".join(f"{it}：" for it in (where, problem.path) if it)
    return f"{before}{problem.message}{'；' if problem.hint else ''}{problem.hint}"


def error_in(error: SalesflowError, lang: Language, shown: Iterable[Problem] | None = None) -> str:
    """An error with all its problems, as `str` has it in English.

    Args:
        error: The error.
        lang: The language.
        shown: Its problems, where they are translated already.

    Example:
        >>> from salesflow.errors import UnknownName
        >>> error_in(UnknownName("stage", "dmeo", ["demo"]), "zh")
        '没有阶段“dmeo”。是否想写“demo”？'
    """
    problems = (translated(it, lang) for it in error.problems) if shown is None else shown
    lines = (written(problem, lang) for problem in problems)
    between = "" if own_language(lang) == "zh" or not error.hint else " "
    head = f"{words_in(error.message, lang)}{between}{words_in(error.hint, lang)}"
    return listed(head, lines, len(error.problems), _MORE.get(lang))


def words_in(words: str, lang: Language) -> str:
    """A sentence in a language; one that the catalogue does not have stays English.

    Example:
        >>> words_in("no such file or directory", "zh")
        '没有该文件或文件夹'
    """
    return _said(words) if own_language(lang) == "zh" else words


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
    """The sentence with its parts; braces that are no gap stay as they are.

    A space beside a gap is for Latin letters: between two Chinese words there is none. Names that
    can be chosen stand side by side with the comma of a list, where they are Chinese.
    """
    told = ""
    for piece, number in _split(chinese):
        more = parts[int(piece)] if number else piece
        if number and told.endswith(_CHOICES):
            more = _COMMA.sub("、", more)
        bare = told.removesuffix(" ")
        if bare and _is_han(bare[-1]) and _is_han(more.removeprefix(" ")[:1]):
            told, more = bare, more.removeprefix(" ")
        told += more
    return told


def _is_han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


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
                quoted.append(fixed[-1].endswith(('"', "'", "[[", "[")))
                fixed.append("")
            else:
                fixed[-1] += piece
        sentences.append(_Sentence(tuple(fixed), tuple(quoted), str(chinese)))
    sentences.sort(key=lambda it: sum(map(len, it.fixed)), reverse=True)
    return exact, tuple(sentences)
