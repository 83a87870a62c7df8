"""Tables written as TOML, for people to read and edit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from salesflow._unseen import quoted
from salesflow.playbook._shape import Json

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def toml(tables: Mapping[str, Json]) -> str:
    """A text that says these tables: a line for each key, and a header for each entry of a list.

    Example:
        >>> print(toml({"checks": [{"key": "small", "rule": 'stage == "demo"'}, {"key": "big"}]}))
        [[checks]]
        key = "small"
        rule = 'stage == "demo"'
        <BLANKLINE>
        [[checks]]
        key = "big"
        <BLANKLINE>
    """
    plain: list[str] = []
    parts: list[str] = []
    for key, value in tables.items():
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            parts += [f"[[{toml_key(key)}]]\n{_lines(entry)}" for entry in value]
        else:
            plain.append(_lines({key: value}))
    return "\n".join(["".join(plain), *parts] if plain else parts)


def _lines(table: Json) -> str:
    pairs = table.items() if isinstance(table, dict) else ()
    return "".join(f"{toml_key(key)} = {toml_value(value)}\n" for key, value in pairs)


def toml_key(key: str) -> str:
    """A key of a table, in quotes where it has to be."""
    return key if _BARE.fullmatch(key) else quoted(key)


def toml_value(value: Json) -> str:
    """A value on one line."""
    match value:
        case str():
            as_it_is = '"' in value and "'" not in value and value.isprintable()
            return f"'{value}'" if as_it_is else quoted(value)
        case dict():
            inner = ", ".join(f"{toml_key(key)} = {toml_value(it)}" for key, it in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list():
            return f"[{', '.join(map(toml_value, value))}]"
        case _:
            return json.dumps(value)
