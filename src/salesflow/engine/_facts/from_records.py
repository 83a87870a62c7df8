"""The records of a deal during one call: read once, and a host's resolver is asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeAlias

from salesflow._arguments import refuse
from salesflow.domain import Record
from salesflow.domain.deal.opportunity import Deal
from salesflow.errors import ArgumentError, Problem
from salesflow.facts import WHY
from salesflow.text import Text, both

if TYPE_CHECKING:
    from salesflow.records import RecordFact, RecordGroup, RecordValue
    from salesflow.records._group import Pile

Readers: TypeAlias = Mapping[str, "tuple[RecordGroup[Any], RecordFact[Any]]"]
Resolver: TypeAlias = Callable[[Deal, frozenset[str]], Iterable[Record]]
"""A host's function that is asked for the records of a deal: those that some groups read."""


def resolver(given: Resolver | None) -> Resolver | None:
    """The resolver of an engine; raises ArgumentError where it is not a function."""
    if given is not None and not callable(given):
        refuse("records", "a function of a deal and of the groups that are needed", given)
    return given


class DealRecords:
    """The records of one deal during one call: its own, and those that the host is asked for.

    Args:
        deal: The deal.
        ask: The host's resolver.
        with_these: Groups that are asked for together with the first that is needed, so that the
            host is asked once.
    """

    __slots__ = (
        "_ask",
        "_asked",
        "_deal",
        "_found",
        "_given",
        "_pile",
        "_subjects",
        "_with_these",
    )

    def __init__(
        self,
        deal: Deal,
        ask: Resolver | None = None,
        with_these: frozenset[str] = frozenset(),
    ) -> None:
        self._deal = deal
        self._ask = ask
        self._with_these = with_these
        self._asked: frozenset[str] = frozenset()
        self._given: tuple[Record, ...] = tuple(
            it for it in deal.records if _deal_of(it) in (None, deal.id)
        )
        self._pile: Pile | None = None
        self._subjects: dict[str, Any] = {}
        self._found: dict[str, tuple[RecordValue | None, Text | None]] = {}

    def need(self, groups: frozenset[str]) -> None:
        """Ask the host for the records of some groups, where that was not done yet."""
        if self._ask is None or groups <= self._asked:
            return
        from salesflow.records._read import read_records  # noqa: PLC0415 - only where it is used

        wanted = (groups | self._with_these) - self._asked
        self._asked |= wanted
        found = self._ask(self._deal, wanted)
        try:
            more = read_records(found, "records(…)", "return a list of records")
        except ArgumentError as error:
            error.status = 500  # whoever asks can do nothing about it
            raise
        if problems := foreign(more, self._deal.id, "records(…)"):
            refused = ArgumentError("The host gave records of other deals.", problems=problems)
            refused.status = 500
            raise refused
        self._given = (*self._given, *more)
        self._pile = None  # what was read of other groups stays as it was told

    def facts(self, wanted: RecordPlan) -> dict[str, Any]:
        """The values of some facts of records, and why those are so that a rule may ask about.

        Returns:
            A fact that is not known is not there; under `why>` and its name stands a Text.
        """
        self.need(wanted.groups)
        facts: dict[str, Any] = {}
        for group, plan, absent in wanted.parts:
            if self._subject(group) is None:
                facts.update(absent)
                continue
            for name, why_name, fact in plan:
                value, why = self._read(group, fact)
                if value is not None:
                    facts[name] = value
                if why is not None:
                    facts[why_name] = why
        return facts

    def missing_in(self, name: str, readers: Readers) -> tuple[Text, ...]:
        """The columns of a form that its record leaves empty; or, where there is none, the record.

        The host was asked for it before, with everything that a review reads.

        Args:
            name: The fact of the form.
            readers: What reads it, that of the playbook.
        """
        group, fact = readers[name]
        subject = self._subject(group)
        if subject is None:
            return (group.title,)
        found = fact.lists(subject) if fact.lists else None
        return tuple(it if isinstance(it, Text) else both(en=it, zh=it) for it in found or ())

    def overruled(self) -> tuple[Problem, ...]:
        """What is to be told of a host's facts that its records say, too: the records count."""
        twice = [
            name for name in self._deal.facts if self._found.get(name, _NOTHING)[0] is not None
        ]
        message = "a record of the deal says this, too, and counts"
        return tuple(
            Problem(f"facts.{name}", message, "leave it out", "said_twice", "warning")
            for name in twice
        )

    def _read(
        self, group: RecordGroup[Any], fact: RecordFact[Any]
    ) -> tuple[RecordValue | None, Text | None]:
        found = self._found.get(fact.name)
        if found is None:
            subject = self._subject(group)
            value = None if subject is None else fact.read(subject)
            found = self._found[fact.name] = (value, group.why(fact, subject, value))
        return found

    def _subject(self, group: RecordGroup[Any]) -> Any:  # noqa: ANN401 - each reads something else
        """What the facts of a group are read from; None where nothing is on record."""
        if self._pile is None:
            from salesflow.records._group import Pile  # noqa: PLC0415 - as above

            self._pile = Pile(self._given)
        if group.key not in self._subjects:
            found = group.gather(self._pile) if self._pile.has_any(group.reads) else None
            self._subjects[group.key] = found
        return self._subjects[group.key]


_NOTHING: Final = (None, None)


class RecordPlan(NamedTuple):
    """How to read some facts of records: worked out once, used for every deal.

    Attributes:
        parts: The facts by group, each with its name and that of its reason; and all reasons of
            the group where nothing is on record.
        groups: The groups of records that a host is asked for.
    """

    parts: tuple[
        tuple[RecordGroup[Any], tuple[tuple[str, str, RecordFact[Any]], ...], dict[str, Text]], ...
    ]
    groups: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str], readers: Readers) -> Self:
        """The plan for reading these facts by the readers of a playbook."""
        found: dict[str, tuple[RecordGroup[Any], list[RecordFact[Any]]]] = {}
        for name in sorted(names):
            group, fact = readers[name]
            found.setdefault(group.key, (group, []))[1].append(fact)
        return cls(
            tuple(
                (
                    group,
                    tuple((fact.name, f"{WHY}{fact.name}", fact) for fact in facts),
                    {f"{WHY}{fact.name}": group.absent for fact in facts},
                )
                for group, facts in found.values()
            ),
            frozenset(group.asked_as for group, _ in found.values()),
        )


def _deal_of(record: Record) -> object:
    """The deal that a record says it is of; None for a class without that field."""
    return record.__dict__.get("opportunity")  # getattr is slow where there is none


def foreign(records: Iterable[Record], deal: str, path: str) -> tuple[Problem, ...]:
    """The records that say themselves that they are of another deal."""
    return tuple(
        Problem(
            f"{path}[{at}]",
            f"this {type(record).__name__} is of deal {of[:80]!r}",
            "give the records of this deal",
            "foreign",
        )
        for at, record in enumerate(records)
        if isinstance(of := _deal_of(record), str) and of != deal
    )
