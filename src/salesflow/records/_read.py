"""The catalogue of the facts of records, and reading them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from salesflow._arguments import A_PLAYBOOK, describe, label, mapping, refuse, several
from salesflow._frozen import FrozenDict
from salesflow.domain import Record
from salesflow.domain.deal.record_items import RECORD_NAMES, record_name
from salesflow.errors import ArgumentError, Problem, UnknownName
from salesflow.records._group import Groups, Pile, RecordFact, RecordGroup, RecordValue
from salesflow.records._of_contracts import OF_CONTRACTS
from salesflow.records._of_delivery import OF_DELIVERY
from salesflow.records._of_leads import OF_LEADS
from salesflow.records._of_meetings import OF_SHOWCASES, OF_VISITS
from salesflow.records._of_needs import OF_NEEDS
from salesflow.records._of_offers import OF_OFFERS
from salesflow.records._of_people import OF_PEOPLE
from salesflow.records._of_plans import OF_PLANS

_DECLARED: Final = (
    *OF_LEADS,
    *OF_VISITS,
    *OF_PLANS,
    *OF_PEOPLE,
    *OF_NEEDS,
    *OF_SHOWCASES,
    *OF_OFFERS,
    *OF_CONTRACTS,
    *OF_DELIVERY,
)

RECORD_GROUPS: Final[Groups] = FrozenDict({group.key: group for group in _DECLARED})
"""The groups of facts that records answer, by key.

Example:
    >>> RECORD_GROUPS["risks"].reads
    ('RiskRegister',)
    >>> [fact.name for fact in RECORD_GROUPS["risks"].facts][:2]
    ['risks.open', 'risks.unanswered']
"""

RECORD_FACTS: Final[Mapping[str, RecordFact[Any]]] = FrozenDict(
    {fact.name: fact for group in RECORD_GROUPS.values() for fact in group.facts}
)
"""Every fact of every group, by name."""

Readers: TypeAlias = Mapping[str, tuple[RecordGroup[Any], RecordFact[Any]]]
"""For each fact what reads it: its group, and the fact."""


class AnswersRecords(Protocol):
    """What uses facts of records: a playbook."""

    @property
    def record_readers(self) -> Readers:
        """The facts of records that it uses, each with what reads it."""
        ...


_HINT: Final = "write records=(plan, register)"
_SHOWN: Final = 20


def record_facts(records: Iterable[Record]) -> dict[str, RecordValue]:
    """What the records of one deal say, as facts.

    The order of the records does not matter, and a record that is given twice is one record. Where
    a deal has several records of a sort, the catalogue says how they go together.

    Args:
        records: The forms and plans of one deal.

    Returns:
        The value by name. What no record says is not there: it is unknown.

    Raises:
        ArgumentError: Something among them is no record, or one of which no fact is known;
            `problems` lists all of them.

    Example:
        >>> from salesflow.domain import Risk, RiskRegister
        >>> late = Risk(key="late", description="The building is not ready")
        >>> found = record_facts([RiskRegister(opportunity="D-1", risks=(late,))])
        >>> found["risks.open"], found["risks.unanswered"], "plan.complete" in found
        (1, 1, False)
    """
    return _facts(Pile(read_records(records, "records")), RECORD_GROUPS)


def record_columns(
    deals: Mapping[str, Iterable[Record]],
    *,
    key: str = "opportunity_id",
    groups: Iterable[str] | None = None,
    playbook: AnswersRecords | None = None,
) -> dict[str, list[Any]]:
    """What the records of many deals say, as columns that have the names of the facts.

    Any library makes a frame of them, for instance `polars.DataFrame(record_columns(deals))`, which
    can be joined to an export by its key. What no record says is None.

    Args:
        deals: For each deal by its id, its records.
        key: The name of the column of the ids.
        groups: The groups whose facts become columns; None: those of which some deal has a record,
            or, where a playbook is given, no others than it uses.
        playbook: Whose facts of records become columns: those of the groups that it uses, and
            `form.<key>.missing` of its forms that are records.

    Raises:
        ArgumentError: An argument is of the wrong kind; or something among the records is no
            record, or one of which no fact is known.
        UnknownName: There is no such group.

    Example:
        >>> from salesflow.domain import RiskRegister
        >>> deals = {"D-1": (RiskRegister(opportunity="D-1"),), "D-2": ()}
        >>> columns = record_columns(deals)
        >>> columns["opportunity_id"], columns["risks.unanswered"]
        (['D-1', 'D-2'], [0, None])
    """
    piles = {
        name: Pile(read_records(records, f"deals[{name!r}]"))
        for name, records in mapping(deals, "deals", required=True).items()
    }
    key = label(key, "key", "the name of a column")
    readers = {} if playbook is None else _readers(playbook)
    named = () if groups is None else several(groups, str, "groups", 'write groups=["plan"]')
    if groups is None and playbook is None:
        found: dict[str, RecordGroup[Any]] = {
            group.key: group
            for group in RECORD_GROUPS.values()
            if any(group.gather(pile) is not None for pile in piles.values())
        }
    else:
        found = {group.key: group for group, _ in readers.values()}
        found |= {name: group_called(name) for name in named}
    rows = [_facts(pile, found) for pile in piles.values()]
    names = [fact.name for group in found.values() for fact in group.facts]
    if key in names:
        refuse("key", "a name that no fact has", key, "for instance opportunity_id")
    return {key: list(piles), **{name: [row.get(name) for row in rows] for name in names}}


def _readers(playbook: AnswersRecords) -> Readers:
    readers: object = getattr(playbook, "record_readers", None)
    if not isinstance(readers, Mapping):
        refuse("playbook", "a Playbook", playbook, A_PLAYBOOK)
    return readers


def group_called(name: str) -> Any:  # noqa: ANN401 - each group reads something else
    """The group of that key; raises UnknownName with the nearest one."""
    asked: object = name  # what is no text may not even be hashable
    if not isinstance(asked, str) or asked not in RECORD_GROUPS:
        raise UnknownName("group of record facts", name, RECORD_GROUPS)
    return RECORD_GROUPS[asked]


def read_records(given: Iterable[Record], name: str, hint: str = _HINT) -> tuple[Record, ...]:
    """The records of a deal, if facts are known of each.

    Raises:
        ArgumentError: `problems` lists those that are something else.
    """
    listed: object = given
    if isinstance(listed, str | bytes | Mapping | Record) or not isinstance(listed, Iterable):
        refuse(name, "a list of records", given, hint)
    items: tuple[Record, ...] = tuple(listed)
    problems = [
        Problem(
            f"{name}[{at}]",
            f"{describe(item)} says no facts",
            "give a plan or a form of the deal",
            "kind",
        )
        for at, item in enumerate(items)
        if record_name(item) is None
    ]
    if problems:
        raise ArgumentError(
            f"Some of {name} cannot be read as records of a deal.",
            hint=f"These can: {', '.join(RECORD_NAMES)}.",
            problems=problems[:_SHOWN],
        )
    return items


def _facts(pile: Pile, groups: Groups) -> dict[str, RecordValue]:
    found: dict[str, RecordValue] = {}
    for group in groups.values():
        subject = group.gather(pile)
        if subject is None:
            continue
        for fact in group.facts:
            value = fact.read(subject)
            if value is not None:
                found[fact.name] = value
    return found
