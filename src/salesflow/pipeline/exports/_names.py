"""What columns are called that hold no fact, beside those that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from salesflow.errors import Problem


def names_of_others(
    columns: Iterable[str], found: Mapping[str, str], ours: Iterable[str]
) -> dict[str, str]:
    """What the columns that hold no fact are to be called."""
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
    return [
        Problem(
            name,
            f"it is to be called {new}, and there is a column {held[new.casefold()]} too",
            "rename one of the two",
            "duplicate_column",
        )
        for name, new in names.items()
        if name != new and new.casefold() in held
    ]
