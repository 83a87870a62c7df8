"""The known name that somebody meant who wrote another; for one name, and for many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from typing import Final

_LIKE: Final = 0.6
_MOST_WRONG: Final = 20
_WORD: Final = re.compile(r"[^\W_]+")
_NEGATIONS: Final = frozenset(
    {"not", "no", "non", "never", "without", "un", "dis", "de", "ex", "anti", "mis"}
)
_PREFIXES: Final = (
    *("un", "in", "im", "il", "ir", "dis", "de", "ex", "non", "not", "no", "mis", "anti"),
    *("不", "未", "非", "没", "无"),
)
_STILL_LIKE: Final = 0.75
CROSSES: Final = re.compile("[×✕✖✗✘⨯❌❎☒⛔🚫👎🙅¬≠\u0335-\u0338]")
"""What strikes a word out, as a sign beside it or as a line through it."""
_PAIRS: Final = (
    "min max, minimum maximum, low high, lower upper, lowest highest, least most, first last, "
    "next last, before after, start end, started ended, begin end, won lost, win lose, wins "
    "loses, won lose, win loss, internal external, in out, on off, open closed, opened "
    "closed, entry exit, entered left, above below, over under, more less, up down, any all, "
    "earlier later, earliest latest, old new, yes no, with without, add remove, added "
    "removed, accepted rejected, pass fail, inbound outbound, include exclude, increase "
    "decrease, buy sell, buyer seller, created closed, hold resume, positive negative, closed lost"
)
_OPPOSITES: Final = {frozenset(pair.split(" ")) for pair in _PAIRS.split(", ")}


def closest(name: object, known: Iterable[object]) -> str | None:
    """The known name most like `name`, or None when none is close, or `name` is no text.

    A name that says the opposite is not close, nor one that only has the same beginning.

    Example:
        >>> closest("amout", ["amount", "owner"])
        'amount'
        >>> closest("min_days", ["max_days"]), closest("bant.pain", ["bant.champion"])
        (None, None)
        >>> closest("meddpicc.pain", ["meddpicc.champion", "meddpicc.identified_pain"])
        'meddpicc.identified_pain'
    """
    if not isinstance(name, str):
        return None
    # Both sides are cut: a name of a megabyte must not cost a quadratic comparison.
    name = name[:80]
    candidates = {item[:80]: item for item in known if isinstance(item, str)}
    before, dot, last = name.rpartition(".")
    beside = {item[len(before) + 1 :]: item for item in candidates if item.startswith(before + dot)}
    if dot and beside:  # what they have in common says nothing about the rest
        found = _near(last, beside)
        return None if found is None else candidates[beside[found]]
    found = _near(name, candidates)
    return None if found is None else candidates[found]


class Suggestions:
    """The nearest names for a list of problems: for the first of them only.

    To look for one means to compare a name with all others; a stranger may send thousands.

    Example:
        >>> first = Suggestions(1)
        >>> first.closest("amout", ["amount"]), first.closest("onwer", ["owner"])
        ('amount', None)
    """

    __slots__ = ("_left",)

    def __init__(self, most: int = _MOST_WRONG) -> None:
        self._left = most

    @property
    def spent(self) -> bool:
        """Whether it was asked often enough."""
        return self._left <= 0

    def closest(self, name: object, known: Iterable[object]) -> str | None:
        """What `closest` finds; None once it was asked often enough."""
        if self.spent:
            return None
        self._left -= 1
        return closest(name, known)


def _near(name: str, known: Iterable[str]) -> str | None:
    """The name most like another one, or the only one that has it as a word."""
    known = list(known)
    found = get_close_matches(name, known, n=3, cutoff=_LIKE)
    for near in found:
        if _may_mean(name, near):
            return near
    having = [item for item in known if name in (words := item.split("_")) and not _denies(words)]
    return having[0] if len(having) == 1 else None


def _denies(words: Iterable[str]) -> bool:
    return not _NEGATIONS.isdisjoint(words)


def _may_mean(name: str, near: str) -> bool:
    """Whether somebody may mean a name that is like another: it does not say the opposite."""
    if bool(CROSSES.search(name)) != bool(CROSSES.search(near)):
        return False
    words, others = _WORD.findall(name.lower()), _WORD.findall(near.lower())
    if "".join(words) == "".join(others):
        return True
    odd, other_odd = {*words} - {*others}, {*others} - {*words}
    if (odd ^ other_odd) & _NEGATIONS:
        return False
    if any(_are_opposite(word, other) for word in odd for other in other_odd):
        return False
    if "." in name and name.partition(".")[0] == near.partition(".")[0]:
        rest, other_rest = name.partition(".")[2], near.partition(".")[2]
        return SequenceMatcher(None, rest, other_rest).ratio() >= _LIKE
    if len(words) == 1 or len(others) == 1:
        return True
    like = sum(len(word) for word in words if get_close_matches(word, others, 1, _LIKE))
    return like * 2 > sum(map(len, words))


def _are_opposite(word: str, other: str) -> bool:
    """Whether one word says the opposite of another."""
    return frozenset((word, other)) in _OPPOSITES or deny_otherwise(word, other)


def deny_otherwise(word: str, other: str) -> bool:
    """Whether one of two words denies what the other says, or denies it in another way.

    Then it is more like the other without the beginning that denies it, whatever its ending.

    Example:
        >>> deny_otherwise("qualify", "disqualified"), deny_otherwise("unwon", "won")
        (True, True)
        >>> deny_otherwise("unqualified", "disqualified")
        True
        >>> deny_otherwise("disqualify", "disqualified")
        False
    """
    like = likeness(word, other)
    return any(
        like < likeness(rest, against) >= _STILL_LIKE
        for denied, against in ((word, other), (other, word))
        for rest in undenied(denied)
    )


def undenied(word: str) -> Iterator[str]:
    """What a word may deny: itself without a beginning that denies the rest."""
    return (word.removeprefix(no) for no in _PREFIXES if word.startswith(no))


def likeness(word: str, other: str) -> float:
    """How much of two words is the same: all of it is 1, nothing 0."""
    return SequenceMatcher(None, word, other, autojunk=False).ratio()
