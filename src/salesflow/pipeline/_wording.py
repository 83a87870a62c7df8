"""Small parts of sentences and tables that every room of the pipeline writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from salesflow._show import plain
from salesflow._unseen import quoted
from salesflow.errors import closest
from salesflow.text import Language, both

_LISTED: Final = 12
_FEW: Final = 8
_WIDEST: Final = 40
_MISSING: Final = both(en="(missing)", zh="（缺失）")
_OTHERS: Final = both(en="other groups: {n:,}", zh="其他 {n:,} 组")


def amount_of(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    Example:
        >>> amount_of(1, "row"), amount_of(2_000, "row"), amount_of(2, "key stands", "keys stand")
        ('1 row', '2,000 rows', '2 keys stand')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def group_name(values: Iterable[object], lang: Language) -> str:
    """What people call the deals that share these values; None is what is missing.

    Example:
        >>> group_name(["li", None], "en")
        'li · (missing)'
    """
    named = (_MISSING.get(lang) if value is None else str(value) for value in values)
    return " · ".join(plain(name, _WIDEST) for name in named)


def others_name(number: int, lang: Language) -> str:
    """What people call all groups together that are not shown."""
    return _OTHERS.get(lang).format(n=number)


def counted(words: Mapping[str, str], name: str, number: int, **others: str) -> str:
    """A phrase about a number of things, which has a form of its own for one of them.

    Example:
        >>> words = {"deals": "{n:,} deals on {day}", "deals_one": "{n} deal on {day}"}
        >>> counted(words, "deals", 1, day="Monday"), counted(words, "deals", 2_000, day="Monday")
        ('1 deal on Monday', '2,000 deals on Monday')
    """
    return words[f"{name}_one" if number == 1 else name].format(n=number, **others)


def near(
    name: object,
    known: Iterable[object],
    otherwise: str = "",
    find: Callable[[str], str | None] | None = None,
) -> str:
    """The hint for an unknown name: the nearest one that there is, or all that there are.

    The nearest is what `find` finds among them, and without it what is spelt most like the name.

    Example:
        >>> near("amout", ["amount", "owner"]), near("x", ["amount", "owner"])
        ('did you mean "amount"?', 'there are amount, owner')
    """
    names = [str(item) for item in known]
    text = name if isinstance(name, str) else str(name)
    found = find(text) if find is not None else closest(text, names)
    if found in names:
        return f"did you mean {quoted(found)}?"
    return otherwise or f"there are {', '.join(map(as_it_is, names[:_LISTED])) or 'none'}"


def as_it_is(name: str) -> str:
    r"""A name that can be copied: in double quotes, where something of it would not be seen.

    Example:
        >>> print(as_it_is("Deal ID"), as_it_is(" Deal ID"), as_it_is('Size "A"'))
        Deal ID " Deal ID" "Size \"A\""
    """
    as_written = name == plain(name, len(name)) and not {'"', "'", "\\"} & set(name)
    return name if as_written else quoted(name)


def some_of(names: Sequence[str]) -> str:
    """The first few of many names."""
    return f"{', '.join(names[:_FEW])}{', …' if len(names) > _FEW else ''}"
