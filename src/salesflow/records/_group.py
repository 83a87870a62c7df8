"""How facts of records are declared: a group reads records of one sort and answers its facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from salesflow import terms
from salesflow._data import read_data
from salesflow._frozen import FrozenDict
from salesflow.domain.deal.record_items import record_name
from salesflow.facts import CURRENCY, Fact, FactKind, Unit
from salesflow.text import Text, both, filled

if TYPE_CHECKING:
    from salesflow.domain import Record
    from salesflow.money import Money

T = TypeVar("T")

RecordValue: TypeAlias = str | float | bool | date | datetime
"""The value of a fact, of the Python type of its kind."""

Names: TypeAlias = tuple["str | Text", ...]
"""What a fact is about, by name: people, sections, topics."""

_SHOWN: Final = 5
_NONE: Final = both(en="no {record} on record", zh="尚无{record}")
_SILENT: Final = both(en="the {record} does not say", zh="{record}未注明")
_UNSAID: Final = both(en="not on record: {names}", zh="尚无记录：{names}")


class Pile:
    """The records of one deal, by class; the order in which they were given does not matter."""

    __slots__ = ("_by_class",)

    def __init__(self, items: Iterable[Record]) -> None:
        self._by_class: dict[str, list[Record]] = {}
        for item in items:
            name = record_name(item)
            if name is not None:
                self._by_class.setdefault(name, []).append(item)
        for found in self._by_class.values():
            if len(found) > 1:  # the same record twice is one record
                found[:] = sorted(dict.fromkeys(found), key=lambda item: item.model_dump_json())

    def __contains__(self, name: str) -> bool:
        return name in self._by_class

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether there is a record of one of these classes."""
        return not self._by_class.keys().isdisjoint(names)

    def all(self, name: str) -> tuple[Any, ...]:
        """Every record of the class of that name."""
        return tuple(self._by_class.get(name, ()))


def together(name: str) -> Callable[[Pile], Any]:
    """Reads all records of a class; None where there are none."""
    return lambda pile: pile.all(name) or None


def latest(name: str, day: Callable[[Any], date | None]) -> Callable[[Pile], Any]:
    """Reads the latest record of a class by its day; one without a day is older than all others."""
    return lambda pile: newest(pile.all(name), day)


def newest(records: Iterable[T], day: Callable[[T], date | None]) -> T | None:
    """The latest of some records; of equally late ones the last."""
    return max(enumerate(records), key=lambda pair: (_moment(day(pair[1])), pair[0]), default=_NO)[
        1
    ]


_NO: Final[tuple[int, Any]] = (0, None)


def _moment(day: date | None) -> datetime:
    if isinstance(day, datetime):
        return day
    return datetime.combine(day or date.min, time(), UTC)


def greatest(days: Iterable[date | None]) -> date | None:
    """The latest day of those that are known."""
    return max((day for day in days if day is not None), default=None)


def least(days: Iterable[date | None]) -> date | None:
    """The earliest day of those that are known."""
    return min((day for day in days if day is not None), default=None)


def every(values: Iterable[bool | None]) -> bool | None:
    """Whether all hold: False where one does not, None where one is not known or there is none."""
    found = set(values)
    return False if False in found else None if None in found or not found else True


@dataclass(frozen=True, slots=True)
class RecordFact(Generic[T]):
    """A fact that follows from records.

    Attributes:
        fact: Its name, kind and limits.
        title: What it is called in a sentence.
        read: Its value; None where the records do not say.
        lists: What it counts, or what keeps it from being true, by name.
        unsaid: Where it is not known: what the records do not say, by name.
    """

    fact: Fact
    title: Text
    read: Callable[[T], RecordValue | None]
    lists: Callable[[T], Names | None] | None = None
    unsaid: Callable[[T], Names] | None = None

    @property
    def name(self) -> str:
        """Its name, `<group>.<fact>`."""
        return self.fact.name

    @property
    def kind(self) -> FactKind:
        """Of what kind it is."""
        return self.fact.kind


@dataclass(frozen=True, slots=True)
class RecordGroup(Generic[T]):
    """The facts that follow from records of one sort. A playbook names the group by its key.

    Attributes:
        key: Its key, with which the names of its facts begin.
        title: What such a record is called inside a sentence.
        reads: The names of the classes that it reads. Without a record of any of them it says
            nothing.
        combines: How several records go together, for people.
        gather: What its facts are read from; None where nothing is on record.
        facts: Its facts.
    """

    key: str
    title: Text
    reads: tuple[str, ...]
    combines: Text
    gather: Callable[[Pile], T | None]
    facts: tuple[RecordFact[T], ...]

    @property
    def asked_as(self) -> str:
        """The key by which a host is asked for its records."""
        return self.key

    @property
    def absent(self) -> Text:
        """Why its facts are not known where there is no such record."""
        return self._about[0]

    @property
    def _about(self) -> tuple[Text, Text]:
        return _about(self.title.get("en"), self.title.get("zh"))

    def why(self, fact: RecordFact[T], found: T | None, value: RecordValue | None) -> Text | None:
        """Why a fact is as it is: which record is missing, or what in it."""
        if found is None:
            return self.absent
        if value is None:
            names = fact.unsaid(found) if fact.unsaid else ()
            return listed(_UNSAID, names) if names else self._about[1]
        names = (fact.lists(found) if fact.lists else None) or ()
        words = _OPEN if fact.kind is FactKind.FLAG else NAMES
        return listed(words, names) if names else None


@lru_cache(maxsize=1_024)
def _about(en: str, zh: str) -> tuple[Text, Text]:
    """That there is no such record, and that it does not say; most reviews need most of these."""
    record = both(en=en, zh=zh)
    return filled(_NONE, record=record), filled(_SILENT, record=record)


NAMES: Final = both(en="{names}", zh="{names}")
_OPEN: Final = both(en="open: {names}", zh="待处理：{names}")


def listed(words: Text, names: Names, most: int | None = _SHOWN) -> Text:
    """Words around a list of names; of more than `most` the first ones."""
    return filled(words, names=terms.listing(names, most))


@dataclass(frozen=True, slots=True)
class Declares(Generic[T]):
    """Declares the facts of one group: it only makes them, each with its kind.

    Attributes:
        key: The key of the group.
    """

    key: str

    def flag(
        self,
        name: str,
        title: Text,
        read: Callable[[T], bool | None],
        *,
        unsaid: Callable[[T], Names] | None = None,
    ) -> RecordFact[T]:
        """Something that holds or does not."""
        return RecordFact(self._fact(name, FactKind.FLAG), title, read, unsaid=unsaid)

    def none_of(
        self,
        name: str,
        title: Text,
        lists: Callable[[T], Names | None],
        *,
        unsaid: Callable[[T], Names] | None = None,
    ) -> RecordFact[T]:
        """A flag that is true where a list of what is missing is empty."""

        def read(found: T) -> bool | None:
            names = lists(found)
            return None if names is None else not names

        return RecordFact(self._fact(name, FactKind.FLAG), title, read, lists, unsaid)

    def count(
        self,
        name: str,
        title: Text,
        lists: Callable[[T], Names | None],
        *,
        unsaid: Callable[[T], Names] | None = None,
    ) -> RecordFact[T]:
        """How many there are of what is listed."""

        def read(found: T) -> int | None:
            names = lists(found)
            return None if names is None else len(names)

        return RecordFact(self._fact(name, FactKind.NUMBER, low=0.0), title, read, lists, unsaid)

    def number(
        self,
        name: str,
        title: Text,
        read: Callable[[T], float | None],
        *,
        low: float | None = None,
        high: float | None = None,
        unit: Unit | None = None,
    ) -> RecordFact[T]:
        """A number."""
        return RecordFact(self._fact(name, FactKind.NUMBER, low, high, unit), title, read)

    def money(self, name: str, title: Text, read: Callable[[T], Money | None]) -> RecordFact[T]:
        """An amount; its currency is the fact `<group>.currency`."""

        def amount(found: T) -> float | None:
            money = read(found)
            return None if money is None else float(money.amount)

        kept = f"{self.key}{CURRENCY}"
        fact = Fact(f"{self.key}.{name}", FactKind.MONEY, low=0.0, currency=kept)
        return RecordFact(fact, title, amount)

    def choice(
        self,
        name: str,
        title: Text,
        choices: Mapping[str, Text],
        read: Callable[[T], str | None],
        *,
        unsaid: Callable[[T], Names] | None = None,
    ) -> RecordFact[T]:
        """One of a few words, each with what people call it."""
        called = FrozenDict(choices)
        fact = Fact(f"{self.key}.{name}", FactKind.CHOICE, (*called,), choice_titles=called)
        return RecordFact(fact, title, read, unsaid=unsaid)

    def text(self, name: str, title: Text, read: Callable[[T], str | None]) -> RecordFact[T]:
        """A text."""
        return RecordFact(self._fact(name, FactKind.TEXT), title, read)

    def day(self, name: str, title: Text, read: Callable[[T], date | None]) -> RecordFact[T]:
        """A day."""
        return RecordFact(self._fact(name, FactKind.DAY), title, read)

    def instant(
        self, name: str, title: Text, read: Callable[[T], datetime | None]
    ) -> RecordFact[T]:
        """A moment."""
        return RecordFact(self._fact(name, FactKind.INSTANT), title, read)

    def _fact(
        self,
        name: str,
        kind: FactKind,
        low: float | None = None,
        high: float | None = None,
        unit: Unit | None = None,
    ) -> Fact:
        return Fact(f"{self.key}.{name}", kind, low=low, high=high, unit=unit)


ALL_TOGETHER: Final = both(en="all together", zh="合并计算")
THE_LATEST: Final = both(en="the latest by {day}", zh="取{day}最晚的一份")


def the_latest(en: str, zh: str) -> Text:
    """How several records go together of which only the latest counts."""
    return filled(THE_LATEST, day=both(en=en, zh=zh))


Groups: TypeAlias = Mapping[str, RecordGroup[Any]]


@cache
def _parts() -> Mapping[str, Text]:
    fields = read_data(__package__, "parts.toml")["fields"]
    return {name: both(**text) for name, text in fields.items()}


def named(*parts: str) -> Names:
    """What parts of records are called."""
    return tuple(_parts()[part] for part in parts)
