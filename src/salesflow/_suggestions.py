"""The nearest names, for whoever finds many wrong ones at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from salesflow.errors import closest

_MOST: Final = 20


class Suggestions:
    """The nearest names for a list of problems: for the first of them only.

    To look for one means to compare a name with all others; a stranger may send thousands.

    Example:
        >>> first = Suggestions(1)
        >>> first.closest("amout", ["amount"]), first.closest("onwer", ["owner"])
        ('amount', None)
    """

    __slots__ = ("_left",)

    def __init__(self, most: int = _MOST) -> None:
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
