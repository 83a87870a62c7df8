"""What a rule that cannot be read was meant to say: slips of notation, and what to write instead.

It is asked of refused texts only, so that no text which is a rule is ever taken for a slip. Each
slip is told once, with what to write; the text with all of them mended is then read again, so that
whatever else is wrong is told beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from typing import Final, NamedTuple
from unicodedata import normalize

from salesflow.errors import Problem
from salesflow.facts import Facts
from salesflow.money._currencies import currency_of
from salesflow.rules import _notations as said
from salesflow.rules._amounts import DIGIT, SIGN, Amount, amount_at, with_unit
from salesflow.rules._constructions import CONSTRUCTIONS, masked
from salesflow.rules._tokenizer import MAX_LENGTH, MAX_PROBLEMS, OPERATORS, problem_at
from salesflow.rules._unparse import write_number

_NOT_OURS: Final = '"{written}" is not part of the rule language'
_NO_OPERATOR: Final = 'there is no operator "{written}"'
_NO_NUMBER: Final = '"{written}" is not a number'
_NO_DAY: Final = '"{written}" is not a day'
_A_TITLE: Final = '"{written}" is what the fact is called in sentences'
_A_CURRENCY: Final = '"{written}" names a currency, and a rule only a number'
_ROUGHLY: Final = '"{written}" is no fixed number of days'
_NO_QUOTES: Final = "the quotation marks of {written} are not those of the rule language"
_NO_TEXT: Final = '"{written}" is a text, and has no quotation marks'
_WRITE: Final = "write {instead}"
_WRITE_WORD: Final = 'write "{instead}"'
_WRITE_NAME: Final = "its name is {instead}"
_WRITE_DAYS: Final = "write the days, for instance {instead}"
_WRITE_DAY: Final = 'write it as date("2026-01-31"), the year first'
_OF_AN_AMOUNT: Final = {
    "number": _NO_NUMBER,
    "days": _NOT_OURS,
    "rough days": _ROUGHLY,
    "currency": _A_CURRENCY,
}
_HINTS: Final = {_A_TITLE: _WRITE_NAME, _ROUGHLY: _WRITE_DAYS}
_LONGEST: Final = 40
_LONGEST_HINT: Final = 200

_D: Final = DIGIT
_PIECE: Final = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
    | [“„‟＂「『‘＇](?P<quoted>[^“”„‟＂"「」『』‘’＇\r\n]*)[“”‟＂」』’＇]
    | (?P<date>date\s*[(（]\s*)?
      (?P<year>{_D}{{4}})(?P<between>[-/.年－．])(?P<month>{_D}{{1,2}})(?:(?P=between)|月)
      (?P<day>{_D}{{1,2}})(?!{_D})日?(?(date)\s*[)）])
    | (?P<dmy>{_D}{{1,2}}(?P<dot>[./-]){_D}{{1,2}}(?P=dot){_D}{{4}})(?!{_D})
    | (?P<digits>{_D}|[.．](?={_D})|{SIGN})
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<arrow>->|[→⇒⟹])
    | (?P<signs>[:：][=＝]
               |[=!<>&|~＝！＜＞＆｜≥≧⩾≤≦⩽≠]+
               |[(（［【〔\[\{{｛)）］】〕\]\}}｝，、－−–—。．＿:：∧∨¬])
    | (?P<wide>[\u3000\u00a0\u2000-\u200a\u202f])
    | (?P<han>[^\W\x00-\x7f]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_HAN_NUMBER: Final = re.compile(f"[{said.HAN_NUMERALS}]+")
_KNOWN_SIGNS: Final = frozenset({*said.ACCEPTED, *said.SIGNS.values()})
_BEFORE_DIGITS: Final = re.compile(rf"[ ]?(?={_D})")
_BRACKET: Final = re.compile(r"\s*[(（]")
_NOTHING: Final = re.compile(
    r"\s+(?:not\s+)?(?:None|null|NULL|nil|empty|blank|unknown|known|missing)\b"
)
_IN: Final = frozenset({"in", "not in"})
_BEFORE_LISTS: Final = _IN | {"operand"}
_JOINING: Final = re.compile("且|或|[并而]且|以及|同时")
_EMPTY: Final = re.compile(rf"\s*(?:空值?|None|null|NULL)(?=\W|\Z|{_JOINING.pattern}|则|那么|否则)")
_IS: Final = {"==": "is", "!=": "is not"}
_OPERANDS: Final = frozenset({"True", "False", "today"})
_BREAKS: Final = frozenset({"if", "then", "else", "between", "implies", "unless"})


class _Slip(NamedTuple):
    """A slip in a draft: where it is, what to write instead, and what is told of it."""

    start: int
    end: int
    instead: str
    message: str = ""
    hint: str = ""


class Mended(NamedTuple):
    """A text without the slips of notation that it had.

    Attributes:
        text: It.
        columns: For each of its characters the 0-based column in the text as it was written.
        problems: The slips.
    """

    text: str
    columns: Sequence[int]
    problems: list[Problem]

    def at(self, column: int) -> int:
        """The column in the text as it was written."""
        return self.columns[column]


def mended(text: str, facts: Facts) -> Mended:
    """A refused text with its slips mended, as far as they are known."""
    found = Mended(text, range(len(text) + 1), [])
    if len(text) > MAX_LENGTH:
        return found
    found = _replaced(found, _Scanner(text, facts).slips())
    for construction in CONSTRUCTIONS:
        hidden = masked(found.text)
        slips = []
        for start, end, instead in construction.found(found.text, hidden, facts):
            shown = f"{instead}…)" if instead.endswith(", ") else instead
            hint = _to_write(shown) if len(shown) <= _LONGEST_HINT else construction.hint
            slips.append(_Slip(start, end, instead, construction.message, hint))
        found = _replaced(found, slips)
    return found


def _to_write(instead: str) -> str:
    is_word = instead in OPERATORS or instead == "not in"
    return (_WRITE_WORD if is_word else _WRITE).format(instead=instead)


def _replaced(before: Mended, slips: Iterable[_Slip]) -> Mended:
    """The text with the slips mended; what stands beside a word stays apart from it."""
    parts: list[str] = []
    columns: list[int] = []
    problems = list(before.problems)
    done = 0

    def add(piece: str, at: Sequence[int]) -> None:
        if not piece:
            return
        if (
            parts
            and "_" not in {parts[-1], piece}
            and _is_word(parts[-1][-1])
            and _is_word(piece[0])
        ):
            parts.append(" ")
            columns.append(at[0])
        parts.append(piece)
        columns.extend(at)

    for slip in slips:
        add(before.text[done : slip.start], before.columns[done : slip.start])
        first = before.at(slip.start)
        add(slip.instead, [first] * len(slip.instead))
        done = slip.end
        if slip.message:
            problems.append(problem_at(first, slip.message, slip.hint))
    add(before.text[done:], before.columns[done : len(before.text)])
    columns.append(before.columns[-1])
    return Mended("".join(parts), columns, problems)


def _is_word(char: str) -> bool:
    return char.isalnum() or char in {"_", '"'}


class _Scanner:
    """Goes through a text once, and knows at each piece what stands before it."""

    def __init__(self, text: str, facts: Facts) -> None:
        self._text = text
        self._facts = facts
        self._open = [""]  # what stands before each open bracket, as in `_last`
        self._last = ""  # the last piece as the language has it: "operand", an operator, a bracket
        self._is_asked = "?" in text  # a condition with ":" between its ends

    def slips(self) -> Iterator[_Slip]:
        """The slips, in their order."""
        at = found = 0
        while found < MAX_PROBLEMS and (match := _PIECE.match(self._text, at)) is not None:
            kind = match.lastgroup
            if kind == "space":
                at = match.end()
                continue
            slip = self._read(match)
            if slip is not None:
                yield slip
                found += bool(slip.message)
            at = self._end if slip is None else slip.end

    def _read(self, match: re.Match[str]) -> _Slip | None:
        text, start, self._end = match[0], match.start(), match.end()
        if match["quoted"] is not None:
            self._last = "operand"
            instead = '"{}"'.format(match["quoted"].replace("\\", "\\\\"))
            return self._slip(start, self._end, instead, _NO_QUOTES)
        if match["string"]:
            return self._passed("operand")
        if match["year"]:
            return self._day(match)
        if match["dmy"]:
            self._last = "operand"
            message = _NO_DAY.format(written=text)
            return _Slip(start, self._end, 'date("2026-01-31")', message, _WRITE_DAY)
        if match["digits"]:
            return self._amount(start)
        if match["word"]:
            return self._word(match)
        if match["arrow"]:
            self._last = "operator"
            return _Slip(start, self._end, said.CONSTRUCTIONS[text])
        if match["signs"]:
            return self._signs(text, start)
        if match["wide"]:
            message = f"the space U+{ord(text):04X} is not part of the rule language"
            return _Slip(start, self._end, " ", message, "write a plain space")
        if match["han"]:
            return self._han(start, self._end)
        return self._passed("operator")

    def _slip(self, start: int, end: int, instead: str, message: str = _NOT_OURS) -> _Slip:
        written = self._text[start:end].strip()
        shown = written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"
        hint = _HINTS.get(message)
        told = _to_write(instead) if hint is None else hint.format(instead=instead)
        return _Slip(start, end, instead, message.format(written=shown), told)

    def _day(self, match: re.Match[str]) -> _Slip:
        self._last = "operand"
        year, month, day = (int(match[part]) for part in ("year", "month", "day"))
        try:
            instead = f'date("{date(year, month, day).isoformat()}")'
        except ValueError:
            message = _NO_DAY.format(written=match[0])
            return _Slip(match.start(), match.end(), 'date("2026-01-31")', message, _WRITE_DAY)
        return self._slip(match.start(), match.end(), instead)

    # -- numbers --------------------------------------------------------------------------------

    def _amount(self, start: int) -> _Slip | None:
        self._last = "operand"
        in_list = self._open[-1] in _BEFORE_LISTS
        amount = amount_at(self._text, start, self._facts, in_list=in_list)
        return None if amount is None else self._counted(start, amount)

    def _counted(self, start: int, amount: Amount) -> _Slip | None:
        if amount.value is None or not amount.slip:
            self._end = amount.end
            return None
        instead = write_number(float(amount.value))
        return self._slip(start, amount.end, instead, _OF_AN_AMOUNT[amount.slip])

    # -- words ----------------------------------------------------------------------------------

    def _word(self, match: re.Match[str]) -> _Slip | None:
        start, word = match.start(), match[0]
        title = self._title(start)
        if title is not None and (title[0] > len(word) or word not in self._facts):
            self._last = "operand"
            return self._slip(start, start + title[0], title[1], _A_TITLE)
        if word in self._facts:
            return self._passed("operand")
        if currency_of(word) and (number := _BEFORE_DIGITS.match(self._text, self._end)):
            slip = self._amount(number.end())
            end = self._end if slip is None else slip.end
            instead = self._text[number.end() : end] if slip is None else slip.instead
            return self._slip(start, end, instead, _A_CURRENCY)
        return self._phrase(start, word)

    def _phrase(self, start: int, word: str) -> _Slip | None:
        """English words that stand for an operator."""
        phrases = _AFTER if self._last == "operand" else _BEFORE
        for phrase, instead in phrases.get(word.lower(), ()):
            if self._begins(phrase, start):
                end = start + len(phrase)
                self._last = instead
                if instead in _IS and _NOTHING.match(self._text, end):
                    return _Slip(start, end, _IS[instead])  # a construction, told as a whole
                return self._slip(start, end, instead)
        if word in OPERATORS:
            return self._passed(word)
        if word.lower() in OPERATORS:
            self._last = word.lower()
            return self._slip(start, start + len(word), word.lower(), _NO_OPERATOR)
        return self._passed("operator" if word in _BREAKS else "operand")

    def _passed(self, last: str) -> _Slip | None:
        """Go on behind a piece that is no slip."""
        self._last = last
        return None

    @cached_property
    def _titles(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return _titles(self._facts)

    def _title(self, start: int) -> tuple[int, str] | None:
        """How long the title of a fact is that stands here, and the fact."""
        for title, name in self._titles.get(self._text[start].lower(), ()):
            if self._begins(title, start):
                return len(title), name
        return None

    def _begins(self, words: str, start: int) -> bool:
        """Whether these words stand here, the last of them as a whole."""
        end = start + len(words)
        if self._text[start:end].lower() != words:
            return False
        last, following = words[-1], self._text[end : end + 1]
        return not (f"{last}{following}".isascii() and last.isalnum() and following.isalnum())

    def _han(self, start: int, end: int) -> _Slip | None:
        """The first thing that is said in characters from here on."""
        text, after = self._text, self._last == "operand"
        title = self._title(start)
        if title is not None:
            self._last = "operand"
            return self._slip(start, start + title[0], title[1], _A_TITLE)
        number = None if after else _HAN_NUMBER.match(text, start, end)
        if number is not None:
            self._last = "operand"
            value = said.han_number(number[0])
            return self._counted(start, with_unit(text, number.end(), value, "number", self._facts))
        for words, instead, told in _han_words(after=after):
            if text.startswith(words, start):
                stop = start + len(words)
                self._last = "operand" if instead in _OPERANDS else instead
                empty = _EMPTY.match(text, stop) if instead in _IS else None
                if empty is not None:
                    return _Slip(start, empty.end(), f"{_IS[instead]} unknown")
                if not told or (instead == "known" and not _BRACKET.match(text, stop)):
                    return _Slip(start, stop, instead)  # a construction, told as a whole
                return self._slip(start, stop, instead)
        stop = self._stop(start, end)
        value_wanted = self._last in said.ACCEPTED or self._open[-1] in _IN
        self._last = "operand"
        if value_wanted:
            return self._slip(start, stop, f'"{text[start:stop]}"', _NO_TEXT)
        self._end = end
        return None

    def _stop(self, start: int, end: int) -> int:
        """Where a text without quotation marks ends: at "and" or "or"."""
        joining = _JOINING.search(self._text, start, end)
        return joining.start() if joining else end

    # -- signs ----------------------------------------------------------------------------------

    def _signs(self, text: str, start: int) -> _Slip | None:
        narrow = normalize("NFKC", text)
        instead = said.SIGNS.get(narrow) or said.OPERATIONS.get(narrow, narrow)
        if narrow == ":":
            if self._is_asked or self._last != "operand":
                return None
            instead = "=="
        if instead == "(":
            self._open.append(self._last)
        elif instead == ")" and len(self._open) > 1:
            self._open.pop()
        self._last = "operand" if instead == ")" else instead
        if instead == text or (instead == narrow and narrow not in _KNOWN_SIGNS):
            return None
        return self._slip(start, start + len(text), instead)


@cache
def _han_words(*, after: bool) -> tuple[tuple[str, str, bool], ...]:
    """Words in characters, the longest first: what they stand for, and whether that is told."""
    told = said.OPERATIONS | (said.AFTER_OPERAND if after else said.BEFORE_OPERAND)
    words = [(word, instead, True) for word, instead in told.items()]
    words += [(word, instead, False) for word, instead in said.CONSTRUCTIONS.items()]
    return tuple(sorted(words, key=lambda item: -len(item[0])))


def _by_first_word(phrases: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -len(phrase)):
        found.setdefault(re.split("[ ']", phrase)[0], []).append((phrase, phrases[phrase]))
    return found


_AFTER: Final = _by_first_word(said.OPERATIONS | said.AFTER_OPERAND)
_BEFORE: Final = _by_first_word(said.BEFORE_OPERAND)


def _titles(facts: Facts) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What facts are called, by the first letter, the longest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, text in facts.titles.items():
        for title in map(text.get, text.languages):
            for words in {title, title.removeprefix("the ")}:
                if words and words.lower() not in OPERATORS:
                    found.setdefault(words[0].lower(), []).append((words.lower(), name))
    for listed in found.values():
        listed.sort(key=lambda item: -len(item[0]))
    return found
