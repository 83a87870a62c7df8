"""Writes random documents as TOML in random ways: headers, dots, quotes, comments, blank lines."""

from __future__ import annotations

import json
from datetime import date, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
TEXTS = st.text(_CHARACTERS | st.sampled_from("\"'\\#[]{}=,.\t\n"), max_size=12)
BARE_KEYS = st.text("abcdefgh_-0123456789", min_size=1, max_size=5)
QUOTED_KEYS = st.text(_CHARACTERS | st.sampled_from("\"'\\.# ="), max_size=5)
SCALARS = st.one_of(
    TEXTS,
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)


def written(document: dict[str, Any], random: Random) -> str:
    """A text of TOML that says the document."""
    writer = _Writer(random)
    writer.table(document, ())
    return "".join(writer.lines)


class _Writer:
    def __init__(self, random: Random) -> None:
        self.lines: list[str] = []
        self._random = random

    def table(self, table: dict[str, Any], names: tuple[str, ...]) -> None:
        """The keys of a table, those with headers of their own last."""
        later: list[tuple[str, Any]] = []
        for key, value in table.items():
            is_tables = (
                isinstance(value, list) and value and all(isinstance(it, dict) for it in value)
            )
            if (is_tables or isinstance(value, dict)) and self._random.random() < 0.6:
                later.append((key, value))
            elif isinstance(value, dict) and len(value) == 1 and self._random.random() < 0.5:
                ((inner, given),) = value.items()
                self._line(
                    f"{self._key(key)}{self._blank()}.{self._blank()}{self._key(inner)}", given
                )
            else:
                self._line(self._key(key), value)
        for key, value in later:
            path = (*names, self._key(key))
            header = f"{self._blank()}.{self._blank()}".join(path)
            if isinstance(value, dict):
                self.lines.append(f"{self._blank()}[{header}]{self._end()}")
                self.table(value, path)
            else:
                for item in value:
                    self.lines.append(f"{self._blank()}[[{self._blank()}{header}]]{self._end()}")
                    self.table(item, path)

    def _line(self, key: str, value: Any) -> None:
        gap = self._blank()
        self.lines.append(f"{gap}{key}{gap}={self._blank()}{self._value(value)}{self._end()}")

    def _blank(self) -> str:
        return self._random.choice(["", "", " ", "\t", "  "])

    def _end(self) -> str:
        return self._random.choice(["\n", " \n", "\n\n", ' # "]} = [[x]]\n', "\n# [a]\n"])

    def _key(self, key: str) -> str:
        if key and set(key) <= {*"abcdefgh_-0123456789"} and self._random.random() < 0.8:
            return key
        return self._text(key, one_line=True)

    def _text(self, text: str, *, one_line: bool = False) -> str:
        quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
        forms = [quoted]
        plain = all(character.isprintable() for character in text)
        if plain and "'" not in text:
            forms.append(f"'{text}'")
        if not one_line:
            begin = self._random.choice(["", "\n", "\\\n  "])
            inner = quoted[1:-1].replace("\\n", "\n")
            starts_blank = begin.startswith("\\") and inner[:1] in {" ", "\t", "\n"}
            if not starts_blank and not (begin == "" and inner.startswith("\n")):
                forms.append(f'"""{begin}{inner}"""')
            if "'" not in text and all(c.isprintable() or c == "\n" for c in text):
                forms.append(f"'''\n{text}'''")
        return self._random.choice(forms)

    def _value(self, value: Any) -> str:
        match value:
            case bool():
                return "true" if value else "false"
            case str():
                return self._text(value)
            case datetime() | date():
                return value.isoformat(
                    *([self._random.choice("T ")] if isinstance(value, datetime) else [])
                )
            case list():
                gap = self._random.choice(["", " ", "\n", " # ]\n"])
                inner = "".join(f"{gap}{self._value(item)}{gap}," for item in value)
                return f"[{inner if self._random.random() < 0.5 else inner[:-1]}{gap}]"
            case dict():
                items = [f"{self._key(key)} = {self._value(item)}" for key, item in value.items()]
                return f"{{{self._blank()}{', '.join(items)}{self._blank()}}}"
            case _:
                return repr(value)
