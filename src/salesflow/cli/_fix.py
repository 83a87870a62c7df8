"""What is safe to mend in a file: slips of the keyboard with one meaning only.

A mend touches neither comments nor what a text says, keeps the lines of the file, and counts only
where the check then says less than before.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final, TypeAlias

from salesflow.cli._report import Change
from salesflow.cli._toml import HEADER, TOKENS, Edit, bare, edited, values
from salesflow.errors import InvalidPlaybook
from salesflow.money import CURRENCIES
from salesflow.playbook import Playbook, lint
from salesflow.playbook._read import read_toml

Standing: TypeAlias = tuple[int, ...]

# ASCII as an input method for Chinese writes it, and the marks that stand for ASCII ones there.
_TYPED: Final = {
    **{0xFF01 + at: chr(0x21 + at) for at in range(94)},
    0x3000: " ",
    ord("。"): ".",
    ord("、"): ",",
    ord("【"): "[",
    ord("】"): "]",
}
_WORD: Final = re.compile(
    r"(?<=[=\[,])([ \t]*)(true|false)(?=[ \t]*(?:[,\]}~\n\r]|\Z))", re.IGNORECASE
)
# What a rule has in quotes: of its own, or typographic ones, which it does not know.
_IN_RULE: Final = re.compile(r"(\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|\\\"(?:[^\\]|\\[^\"])*\\\")")
_DEEPEST: Final = 50  # parts of a path, more than there are
_NEAR: Final = 0.85
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


def mended(text: str) -> tuple[str, tuple[Change, ...]]:
    r"""A playbook in TOML with everything mended that is safe to mend, and the lines that changed.

    Example:
        >>> text, changes = mended("[[stagess]]\nkey = “talk”\n")
        >>> print(text)
        [[stages]]
        key = "talk"
        <BLANKLINE>
        >>> changes[1]
        Change(line=2, before='key = “talk”', after='key = "talk"')
    """
    first = standing = _standing(text)
    result = text
    for mend in _MENDS:
        changed = edited(result, mend(result))
        if changed != result and (reached := _standing(changed)) >= standing:
            result, standing = changed, reached
    if standing <= first:
        return text, ()
    return result, tuple(_changes(text, result))


def _standing(text: str) -> Standing:
    """How well a text checks: the more the better.

    Nothing inside a table that is not understood is looked at, so that to mend its heading brings
    new errors to light. They lie deeper than the one that is gone, which counts more.
    """
    try:
        read_toml(text)
    except InvalidPlaybook as error:
        return (0, error.problems[0].line or 0)
    problems = lint(text)
    depths = [
        len(re.split(r"[.\[]", problem.path)) for problem in problems if problem.severity == "error"
    ]
    by_depth = [-depths.count(depth) for depth in range(1, max(depths, default=0) + 1)]
    return (1, *by_depth, *[0] * (_DEEPEST - len(by_depth)), len(depths) - len(problems))


def _changes(before: str, after: str) -> Iterator[Change]:
    lines = zip(before.split("\n"), after.split("\n"), strict=True)
    for number, (old, new) in enumerate(lines, start=1):
        if old != new:
            yield Change(number, old.strip("\r"), new.strip("\r"))


def _punctuation(text: str) -> Iterator[Edit]:
    """Signs of an input method outside texts, and quotes that are no quotes to a parser.

    A line that would have more of them, names in Chinese for instance, is left as it is.
    """
    blotted = bare(text).replace("\ufeff", " ")  # a byte order mark is in nobody's way
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
    for found in HEADER.finditer(bare(text)):
        names = [name.strip() for name in found["name"].split(".")]
        meant, many = _table(names)
        if not meant:
            continue
        opened = found["open"].rstrip("[") + ("[[" if many else "[")
        name = found["name"] if meant == names else ".".join(meant)
        yield Edit(found.start(), found.end(), f"{opened}{name}{']]' if many else ']'}")


def _table(names: list[str]) -> tuple[list[str], bool]:
    """The table that a heading means, and whether there are many of it; no names for no table."""
    at: Mapping[str, Any] = _schema()
    meant: list[str] = []
    for name in names:
        offered = at.get("items", at).get("properties", {})
        near = name if name in offered else _nearest(name, offered)
        if near is None:
            return [], False
        meant.append(near)
        at = offered[near]
    many = at.get("type") == "array"
    table = at.get("items", {}) if many else at
    return (meant, many) if table.get("type") == "object" else ([], False)


def _nearest(name: str, known: Mapping[str, object]) -> str | None:
    """The one known name that is nearly this one."""
    near = [other for other in known if SequenceMatcher(None, name[:80], other).ratio() >= _NEAR]
    return near[0] if len(near) == 1 else None


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
            yield Edit(found.start() + 1, found.end() - 1, "".join(rule))


@cache
def _schema() -> Mapping[str, Any]:
    return Playbook.json_schema()


@cache
def _keys_of_rules() -> frozenset[str]:
    return frozenset(_with_rules(_schema()))


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
    _headers,
    _currencies,
    _rules,
)
