"""Headers of tables that are no headers of a playbook, though TOML has nothing against them.

What stands under such a header gets into another table, and half the file is wrong with it. So the
header is what is told, and the rest is read as it was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from salesflow._suggestions import Suggestions
from salesflow.playbook._document import DOCUMENT
from salesflow.playbook._scan import Statement
from salesflow.playbook._slips import Slip
from salesflow.playbook._tables import Table

_MOST: Final = 100


def header_slips(statements: Iterable[Statement]) -> tuple[Slip, ...]:
    """The headers of a TOML text that were meant otherwise."""
    found: list[Slip] = []
    suggestions = Suggestions()
    for said in statements:
        if said.value is None and (slip := _slip_of(said, suggestions)) is not None:
            found.append(slip)
            if len(found) >= _MOST:
                break
    return tuple(found)


def _slip_of(header: Statement, suggestions: Suggestions) -> Slip | None:
    table, is_list = DOCUMENT, False
    for place, (word, at) in enumerate(header.words):
        inner = table.tables_in.get(word)
        if inner is not None:
            table, is_list = inner
            continue
        if word in table.keys_of:  # a text, or a table of names
            return None
        near = suggestions.closest(word, table.tables_in)
        meant = near or (None if place else _path_to(word))
        if meant is None:
            return None
        words = [meant if i == place else said for i, (said, _) in enumerate(header.words)]
        brackets = "[[]]" if header.kind == "[[" else "[]"
        half = len(brackets) // 2
        hint = f"did you mean {brackets[:half]}{'.'.join(words)}{brackets[half:]}?"
        edit = (at, at + len(word), meant)
        return Slip(at, f"{table.title} has no such key", hint, (edit,), word, "unknown_key")
    name = ".".join(word for word, _ in header.words)
    start, at = header.start, header.words[-1][1]
    if is_list and header.kind == "[":
        hint = f"write [[{name}]]"
        edits = ((start, start, "["), (header.end, header.end, "]"))
        return Slip(
            start, f"[{name}] begins a single table, and this is a list", hint, edits, name, "type"
        )
    if not is_list and header.kind == "[[":
        hint = f"write [{name}]"
        edits = ((start, start + 1, ""), (header.end - 1, header.end, ""))
        return Slip(
            start,
            f"[[{name}]] begins an entry of a list, and this is one table",
            hint,
            edits,
            name,
            "type",
        )
    return None


def _path_to(word: str) -> str | None:
    """Where a table of that key stands in a playbook, from the outside in."""
    return next((path for path, key in _paths(DOCUMENT, "") if key == word), None)


def _paths(table: Table, prefix: str) -> Iterator[tuple[str, str]]:
    for key, (inner, _) in table.tables_in.items():
        yield f"{prefix}{key}", key
        yield from _paths(inner, f"{prefix}{key}.")
