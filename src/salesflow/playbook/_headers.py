"""Headers of tables that are no headers of a playbook, though TOML has nothing against them.

What stands under such a header gets into another table, and half the file is wrong with it. So the
header is what is told, and the rest is read as it was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from salesflow._closest import Suggestions
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
    words: list[str] = []
    unknown: Slip | None = None
    for word, at in header.words:
        key = word
        if word not in table.tables_in:
            near = None if word in table.fields else suggestions.closest(word, table.tables_in)
            key = near or ("" if words else _path_to(word))
            if not key:
                return unknown  # a text, a table of names, or what nobody knows
            title = f"{table.title} has no such key"
            edit = (at, at + len(word), key)
            unknown = unknown or Slip(at, title, "", (), word, "unknown_key")
            unknown = unknown._replace(edits=(*(unknown.edits or ()), edit))
        for part in key.split("."):
            table, is_list = table.tables_in[part]
        words.append(key)
    name = ".".join(words)
    meant = f"[[{name}]]" if is_list else f"[{name}]"
    edits = _brackets(header, is_list=is_list)
    if unknown is not None:
        return unknown._replace(
            hint=f"did you mean {meant}?", edits=(*(unknown.edits or ()), *edits)
        )
    if not edits:
        return None
    message = f"[{name}] begins a single table, and this is a list"
    if not is_list:
        message = f"[[{name}]] begins an entry of a list, and this is one table"
    return Slip(header.start, message, f"write {meant}", edits, name, "type")


def _brackets(header: Statement, *, is_list: bool) -> tuple[tuple[int, int, str], ...]:
    """What makes the brackets of a header those of a list, or of a table."""
    start, end = header.start, header.end
    if is_list == (header.kind == "[["):
        return ()
    return (
        ((start, start, "["), (end, end, "]"))
        if is_list
        else ((start, start + 1, ""), (end - 1, end, ""))
    )


def _path_to(word: str) -> str:
    """Where a table of that key stands in a playbook, from the outside in; empty for none."""
    return next((path for path, key in _paths(DOCUMENT, "") if key == word), "")


def _paths(table: Table, prefix: str) -> Iterator[tuple[str, str]]:
    for key, (inner, _) in table.tables_in.items():
        yield f"{prefix}{key}", key
        yield from _paths(inner, f"{prefix}{key}.")
