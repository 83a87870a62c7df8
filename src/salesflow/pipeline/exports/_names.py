"""The columns of an export by the names of its CRM, and what the others are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from salesflow.errors import Problem
from salesflow.pipeline.exports._tables import normal_name

Index: TypeAlias = Mapping[str, list[str]]
"""The columns by their names as they are compared."""


def by_name(columns: Iterable[str]) -> Index:
    """The columns by their names; pandas has some that are named by no text, and hold no fact."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if isinstance(column, str):
            found.setdefault(normal_name(column), []).append(column)
    return found


def columns_of(
    names_of: Mapping[str, tuple[str, ...]], index: Index
) -> tuple[dict[str, str], list[Problem]]:
    """Which column holds what, where one does; and columns that have one name."""
    found: dict[str, str] = {}
    problems = []
    for what, names in names_of.items():
        columns = next((index[name] for name in names if name in index), [])
        if len(columns) > 1:
            message = f"{' and '.join(map(repr, columns))} have one name"
            problems.append(Problem("columns", message, "keep one", "duplicate_column"))
        if columns:
            found[what] = columns[0]
    return found, problems


def names_of_others(
    columns: Iterable[str], found: Mapping[str, str], ours: Iterable[str]
) -> dict[str, str]:
    """The new names of the columns that hold no fact."""
    # Some engines do not tell capitals from small letters.
    taken = {name.casefold() for name in ours}
    return {
        name: f"{name}_original" if name.casefold() in taken else name
        for name in columns
        if name not in found.values()
    }


def problems_of_names(names: Mapping[str, str]) -> list[Problem]:
    """Columns that would have one name, as one of them gets another name than it has."""
    held = {name.casefold(): name for name, new in names.items() if name == new}
    problems = []
    for name, new in names.items():
        if name != new and (other := held.get(new.casefold())):
            message = f"its new name is {new}, and there is a column {other} too"
            problems.append(Problem(name, message, "rename one of the two", "duplicate_column"))
    return problems
