"""Where people stand on the map: columns by reporting line, and nobody on top of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from salesflow.domain import Contact

BOX: Final = 205
HEIGHT: Final = 50
COLUMN: Final = 280
ROW: Final = 64
_COLUMNS: Final = 5
_STEPS: Final = 14
_LANES: Final = (0, 4, -4)  # within the 14 pixels between two boxes


@dataclass(frozen=True, slots=True)
class Place:
    """The box of a person: its left edge, its middle, both in pixels; and its column."""

    left: float
    middle: float
    column: int

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + BOX


def layout(contacts: Sequence[Contact]) -> dict[str, Place]:
    """A place for everybody: who reports to nobody at the left, their people to the right.

    Whoever has people stands at the height of the middle of them. Where the line is longer than
    five people, those further down stay in the last column, below each other.

    Example:
        >>> people = [Contact(name="Ann"), Contact(name="Bo", reports_to="Ann")]
        >>> places = layout(people)
        >>> places["Ann"].column, places["Bo"].column, places["Bo"].middle
        (0, 1, 25.0)
    """
    below: dict[str | None, list[str]] = {}
    names = {each.name for each in contacts}
    for each in contacts:
        boss = each.reports_to if each.reports_to in names else None
        below.setdefault(boss, []).append(each.name)
    # Those with people first: single boxes between two families would look like part of one.
    tops = sorted(below.get(None, []), key=lambda name: name not in below)
    rows = dict[str, float]()
    columns = dict[str, int]()
    used = 0
    # By hand, as a reporting line may be longer than Python's stack.
    stack = [(name, 0, False) for name in reversed(tops)]
    while stack:
        name, depth, is_done = stack.pop()
        inner = below.get(name, [])
        if is_done:
            rows[name] = (rows[inner[0]] + rows[inner[-1]]) / 2
            continue
        columns[name] = min(depth, _COLUMNS - 1)
        if not inner or depth >= _COLUMNS - 1:
            rows[name] = used
            used += 1
        else:
            stack.append((name, depth, True))
        stack += [(each, depth + 1, False) for each in reversed(inner)]
    return {
        each.name: Place(
            left=columns[each.name] * COLUMN,
            middle=rows[each.name] * ROW + HEIGHT / 2,
            column=columns[each.name],
        )
        for each in contacts
    }


class Lines:
    """Lines from one box to another that run beside all boxes and do not hide each other.

    They bend only between the columns, and pass each column where nobody stands.

    Example:
        >>> left, right = Place(0, 25, 0), Place(560, 25, 2)
        >>> lines = Lines([left, Place(280, 25, 1), right])
        >>> [point for point in lines.between(left, right) if 280 <= point[0] <= 485]
        [(280.0, 57.0), (485.0, 57.0)]
        >>> [point for point in lines.between(right, left) if 280 <= point[0] <= 485]
        [(485.0, 61.0), (280.0, 61.0)]
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._standing: dict[int, list[float]] = {}
        for place in places:
            self._standing.setdefault(place.column, []).append(place.middle)
        self._passed: Counter[tuple[int, float]] = Counter()

    def between(self, source: Place, target: Place) -> list[tuple[float, float]]:
        """The points of the next line."""
        # Away from the middle of an edge, where the reporting lines end.
        turn = 8 if target.middle >= source.middle else -8
        if source.column == target.column:
            start, end = (source.right, source.middle + turn), (target.right, target.middle - turn)
            bow = min(24 + abs(target.middle - source.middle) * 0.12, COLUMN - BOX - 10)
            return _bent(start, source.right + bow, end)
        forth = source.column < target.column
        start = (source.right if forth else source.left, source.middle + turn)
        end = (target.left if forth else target.right, target.middle - turn)
        points: list[tuple[float, float]] = []
        step = 1 if forth else -1
        for column in range(source.column + step, target.column, step):
            left, right = column * COLUMN, column * COLUMN + BOX
            share = (left + BOX / 2 - start[0]) / (end[0] - start[0])
            height = self._height(column, start[1] + share * (end[1] - start[1]))
            near, far = (left, right) if forth else (right, left)
            points += _bent(start, (start[0] + near) / 2, (near, height))
            start = (far, height)
        return points + _bent(start, (start[0] + end[0]) / 2, end)

    def _height(self, column: int, wanted: float) -> float:
        height = _free(wanted, self._standing.get(column, ()))
        before = self._passed[column, height]
        self._passed[column, height] += 1
        return height + _LANES[before % len(_LANES)]


def _free(wanted: float, standing: Iterable[float]) -> float:
    """The height nearest to the one wanted that is between the boxes of a column, or beside all."""
    edges = [-inf, *(y for at in sorted(standing) for y in (at - ROW / 2, at + ROW / 2)), inf]
    gaps = [gap for gap in zip(edges[::2], edges[1::2], strict=True) if gap[0] <= gap[1]]
    heights = [min(max(wanted, low), high) for low, high in gaps]
    # Of two that are as near, the lower one: above the first row is the legend.
    return min(heights, key=lambda height: (abs(height - wanted), -height))


def _bent(
    start: tuple[float, float], middle: float, end: tuple[float, float]
) -> list[tuple[float, float]]:
    return [
        _bezier(start, (middle, start[1]), (middle, end[1]), end, step / _STEPS)
        for step in range(_STEPS + 1)
    ]


def _bezier(
    a: tuple[float, float],
    b: tuple[float, float],
    c: tuple[float, float],
    d: tuple[float, float],
    at: float,
) -> tuple[float, float]:
    shares = ((1 - at) ** 3, 3 * (1 - at) ** 2 * at, 3 * (1 - at) * at**2, at**3)
    x = sum(share * point[0] for share, point in zip(shares, (a, b, c, d), strict=True))
    y = sum(share * point[1] for share, point in zip(shares, (a, b, c, d), strict=True))
    return round(x, 1), round(y, 1)


def chosen(contacts: Sequence[Contact], most: int) -> list[Contact]:
    """At most so many: those who decide or weigh most first, each with the line above them."""
    if len(contacts) <= most:
        return list(contacts)
    by_name: Mapping[str, Contact] = {each.name: each for each in contacts}
    kept = set[str]()
    for each in sorted(contacts, key=_weight):
        chain = _unknown_chain(each, by_name, kept)
        if len(kept) + len(chain) <= most:
            kept.update(chain)
    return [each for each in contacts if each.name in kept]


def _weight(contact: Contact) -> tuple[bool, int, bool]:
    order = {"high": 0, "medium": 1, "low": 3, None: 2}
    decides = contact.buying_role in {"economic_buyer", "business_lead"}
    return not decides, order[contact.influence], contact.buying_role is None


def _unknown_chain(
    contact: Contact, by_name: Mapping[str, Contact], kept: Iterable[str]
) -> set[str]:
    chain = set[str]()
    name: str | None = contact.name
    while name is not None and name in by_name and name not in kept:
        chain.add(name)
        name = by_name[name].reports_to
    return chain
