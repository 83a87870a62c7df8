"""The catalogue of facts: what can be known of a deal, and of what kind each fact is.

Rules name facts; this module says which names exist. It knows nothing of how a fact is read
from an opportunity (that is `engine.facts_of`) or from a frame (that is `pipeline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from salesflow.errors import UnknownName

__all__ = ["BUYING_ROLES", "OUTCOMES", "STANDARD_FACTS", "TIERS", "Fact", "Facts", "Kind"]


class Kind(StrEnum):
    """What sort of value a fact has.

    Numbers and money are binary64 and NaN is missing; blank text is missing; a day is a calendar
    day; an instant is a moment in UTC; a flag is true, false or unknown.
    """

    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"


TIERS: Final = ("regular", "named", "strategic")
OUTCOMES: Final = ("none", "won", "lost", "disqualified")
BUYING_ROLES: Final = (
    "economic_buyer",
    "champion",
    "technical_buyer",
    "user_buyer",
    "business_lead",
    "procurement",
    "inside_supporter",
    "influencer",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the catalogue.

    Attributes:
        name: Dotted, for instance `account.tier`.
        kind: See [`Kind`][salesflow.facts.Kind].
        choices: The allowed values of a choice; empty where any value is allowed.
    """

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()


class Facts(Mapping[str, Fact]):
    """An immutable catalogue of facts, by name.

    Example:
        >>> STANDARD_FACTS["account.tier"].choices
        ('regular', 'named', 'strategic')
        >>> more = STANDARD_FACTS.extended([Fact("margin", Kind.NUMBER)])
        >>> "margin" in more, "margin" in STANDARD_FACTS
        (True, False)
    """

    __slots__ = ("_by_name",)

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._by_name: dict[str, Fact] = {fact.name: fact for fact in facts}

    def extended(self, facts: Iterable[Fact]) -> Facts:
        """This catalogue with more facts; a fact of the same name replaces the one here."""
        return Facts([*self._by_name.values(), *facts])

    def require(self, name: str) -> Fact:
        """The fact `name`; raises UnknownName with the nearest name where there is none."""
        fact = self._by_name.get(name)
        if fact is None:
            raise UnknownName("fact", name, self._by_name)
        return fact

    def __getitem__(self, name: str) -> Fact:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __eq__(self, other: object) -> bool:
        return self._by_name == other._by_name if isinstance(other, Facts) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._by_name.values()))

    def __repr__(self) -> str:
        return f"<Facts: {len(self)} names>"


_STANDARD: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.FLAG: ("ended", "on_hold"),
    Kind.MONEY: ("amount",),
    Kind.TEXT: ("owner", "source", "next_step", "account.name", "account.industry"),
    Kind.NUMBER: (
        "probability",
        "close_date_pushes",
        "contacts.total",
        *(f"contacts.{role}" for role in BUYING_ROLES),
    ),
    Kind.DAY: (
        "created_on",
        "entered_stage_on",
        "expected_close_on",
        "closed_on",
        "last_activity_on",
        "next_step_on",
    ),
}

STANDARD_FACTS: Final = Facts(
    [
        # Which stages and currencies exist is a playbook's and a caller's matter: no list here.
        Fact("stage", Kind.CHOICE),
        Fact("sub_stage", Kind.CHOICE),
        Fact("amount.currency", Kind.CHOICE),
        Fact("outcome", Kind.CHOICE, OUTCOMES),
        Fact("account.tier", Kind.CHOICE, TIERS),
        *(Fact(name, kind) for kind, names in _STANDARD.items() for name in names),
    ]
)
