"""What is safe to mend in a file: slips of the keyboard with one meaning only.

A mend touches neither comments nor what a text says, keeps the lines of the file, and counts only
where the check then says less than before.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from salesflow.cli._report import Change
from salesflow.cli._toml import TOKENS, Edit, bare, edited, values
from salesflow.errors import InvalidPlaybook
from salesflow.money import CURRENCIES
from salesflow.playbook import Playbook
from salesflow.playbook._headers import header_slips
from salesflow.playbook._lint import linted
from salesflow.playbook._read import read_toml
from salesflow.playbook._scan import Scan
from salesflow.playbook._slips import WIDE

Standing: TypeAlias = tuple[int, ...]

# ASCII as an input method for Chinese writes it, and the marks that stand for ASCII ones there.
_TYPED: Final = str.maketrans(WIDE)
_WORD: Final = re.compile(
    r"(?<=[=\[,])([ \t]*)(true|false)(?=[ \t]*(?:[,\]}~\n\r]|\Z))", re.IGNORECASE
)
# What a rule has in quotes: of its own, or typographic ones, which it does not know.
_IN_RULE: Final = re.compile(r"(\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|\\\"(?:[^\\]|\\[^\"])*\\\")")
_MARK: Final = "\ufeff"
_NEAR: Final = 0.85
_LONGEST: Final = 80
_MOST_RULES: Final = 100
# What currencies are called every day and ISO 4217 does not know.
_CURRENCIES: Final = {
    "RMB": "CNY",
    "人民币": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "€": "EUR",
    "英镑": "GBP",
    "£": "GBP",
    "UKP": "GBP",
    "日元": "JPY",
    "港元": "HKD",
    "港币": "HKD",
    "新台币": "TWD",
    "NTD": "TWD",
    "NT$": "TWD",
}


def mended(text: str, path: Path | None = None) -> tuple[str, tuple[Change, ...]]:
    r"""A playbook in TOML with everything mended that is safe to mend, and the lines that changed.

    Args:
        text: The playbook.
        path: Its file, beside which a variant looks for its parent.

    Example:
        >>> text, changes = mended("[[stagess]]\nkey = “talk”\n")
        >>> print(text)
        [[stages]]
        key = "talk"
        <BLANKLINE>
        >>> changes[1]
        Change(line=2, before='key = “talk”', after='key = "talk"')
    """
    plain = text.removeprefix(_MARK).replace("\r\n", "\n")
    first = _standing(plain, path)
    best = Mended(plain, first, path)
    for mend in _MENDS:
        best = best.or_better(edited(best.text, mend(best.text)))
    # A rule is judged for itself: what does not make it a rule is not what its author meant.
    for edit in reversed([*islice(_rules(best.text), _MOST_RULES)]):
        best = best.or_better(edited(best.text, [edit]), clearly=True)
    if best.standing <= first:
        return text, ()
    *lines, last = best.text.split("\n")
    ends = ("\r\n" if old.endswith("\r") else "\n" for old in text.split("\n"))
    result = "".join(f"{line}{end}" for line, end in zip(lines, ends, strict=False)) + last
    changes = tuple(_changes(plain, best.text))
    return f"{_MARK}{result}" if text.startswith(_MARK) else result, changes


class Mended(NamedTuple):
    """A text, and how well it checks."""

    text: str
    standing: Standing
    path: Path | None

    def or_better(self, text: str, *, clearly: bool = False) -> Mended:
        """Another text where it checks as well as this one, or clearly better; else this one."""
        if text == self.text:
            return self
        standing = _standing(text, self.path)
        enough = standing > self.standing if clearly else standing >= self.standing
        return Mended(text, standing, self.path) if enough else self


def _standing(text: str, path: Path | None = None) -> Standing:
    """How well a text checks, the more the better: whether it is TOML, its errors, its warnings."""
    problems = linted(text, "toml", path)
    errors = sum(problem.severity == "error" for problem in problems)
    return _is_toml(text), -errors, errors - len(problems)


def _is_toml(text: str) -> bool:
    try:
        read_toml(text)
    except InvalidPlaybook:
        return False
    return True


def _changes(before: str, after: str) -> Iterator[Change]:
    lines = zip(before.split("\n"), after.split("\n"), strict=True)
    for number, (old, new) in enumerate(lines, start=1):
        if old != new:
            yield Change(number, old, new)


def _punctuation(text: str) -> Iterator[Edit]:
    """Signs of an input method outside texts, and quotes that are no quotes to a parser.

    A line that would have more of them, names in Chinese for instance, is left as it is.
    """
    blotted = bare(text)
    beyond = {
        at for at, line in enumerate(blotted.split("\n")) if not line.translate(_TYPED).isascii()
    }
    ends = [found.start() for found in re.finditer("\n", text)]
    edits = [
        Edit(found.start(), found.end(), found[0].translate(_TYPED))
        for found in re.finditer(r"[^\x00-\x7f]", blotted)
        if ord(found[0]) in _TYPED
    ]
    for found in TOKENS.finditer(text):
        if found["quoted"] is None:
            said = found["begun"] or found["typed"] or found["single"] or ""
            edits.append(Edit(found.start(), found.end(), f'"{said}"'))
    for edit in sorted(edits):
        if bisect_left(ends, edit.start) not in beyond:
            yield edit


def _words(text: str) -> Iterator[Edit]:
    """True and False as other languages write them."""
    for found in _WORD.finditer(bare(text)):
        word = text[found.start(2) : found.end(2)]
        if word != word.lower():
            yield Edit(found.start(2), found.end(2), word.lower())


def _headers(text: str) -> Iterator[Edit]:
    """Headings of tables: a name with a slip, and brackets of the other kind."""
    for slip in header_slips(Scan(text).statements()):
        for start, end, words in slip.edits or ():
            if start == end or not words or _alike(text[start:end], words):
                yield Edit(start, end, words)


def _alike(said: str, meant: str) -> bool:
    """Whether a name is another one with a slip, and not another word."""
    return SequenceMatcher(None, said[:_LONGEST], meant).ratio() >= _NEAR


def _currencies(text: str) -> Iterator[Edit]:
    """Currencies by their everyday names, or in small letters."""
    for key, found in values(text):
        said = found[0][1:-1]
        code = _CURRENCIES.get(said.upper(), said.upper())
        if key == "currency" and code != said and code in CURRENCIES:
            yield Edit(found.start() + 1, found.end() - 1, code)


def _rules(text: str) -> Iterator[Edit]:
    """Signs of an input method in rules, outside the texts that a rule has in quotes."""
    for key, found in values(text):
        if key in _keys_of_rules():
            rule = _IN_RULE.split(found[0][1:-1])
            rule[::2] = [part.translate(_TYPED) for part in rule[::2]]
            if (said := "".join(rule)) != found[0][1:-1]:
                yield Edit(found.start() + 1, found.end() - 1, said)


@cache
def _keys_of_rules() -> frozenset[str]:
    return frozenset(_with_rules(Playbook.json_schema()))


def _with_rules(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            if isinstance(value, dict) and value.get("$ref") == "#/$defs/rule":
                yield key
        schema = [*schema.values()]
    for each in schema if isinstance(schema, list) else ():
        yield from _with_rules(each)


_MENDS: Final[tuple[Callable[[str], Iterator[Edit]], ...]] = (
    _punctuation,
    _words,
    _headers,  # the name, …
    _headers,  # … and then the brackets
    _currencies,
)
