"""What plans have in common: sections, how complete they are, and actions that are followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, Generic, Protocol, Self, TypeVar

from salesflow._data import read_data
from salesflow.domain._base.checks import Unique
from salesflow.domain._base.record import Label, Record
from salesflow.domain.plans.action import Action, ActionStatus, action_status, overdue
from salesflow.text import LANGUAGES, Text, both

if TYPE_CHECKING:
    from salesflow.domain.plans.plan import OpportunityPlan
    from salesflow.domain.plans.territory_plan import TerritoryPlan

PlanT = TypeVar("PlanT", bound=Record)

PARTNER_ONCE: Final = Unique("name", "partner_twice", "they are there already")

_SHOWN: Final = 200


class Missing(Text):
    """One thing that a plan lacks: a sentence in both languages, and where it belongs.

    Attributes:
        en: What is to be done, in English.
        zh: The same in Chinese.
        path: The place in the record, for instance `actions[0].owner`.

    Example:
        >>> gap = Missing(en="Say who does it", zh="指定负责人", path="actions[0].owner")
        >>> print(gap.path, "-", gap)
        actions[0].owner - Say who does it
    """

    path: Label

    @classmethod
    def of(cls, text: Text, path: str, /, **words: str) -> Self:
        """A gap whose text has words in braces; long words are cut.

        Example:
            >>> str(Missing.of(Text(en="Ask {name}", zh="询问{name}"), "people", name="Zhang"))
            'Ask Zhang'
        """
        short = {name: word[:_SHOWN] for name, word in words.items()}
        filled = {lang: text.get(lang).format(**short) for lang in LANGUAGES}
        return cls.model_validate({**filled, "path": path[:_SHOWN]})


class SectionCompleteness(Record):
    """One section of a plan.

    Attributes:
        key: Its key, the same as in the playbook's instrument.
        title: Its name.
        missing: What is missing, in sentences with their paths; empty where it is complete.
    """

    key: Label
    title: Text
    missing: tuple[Missing, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


class PlanCompleteness(Record):
    """All sections that a plan has to have.

    Attributes:
        sections: The sections in the order of the plan.

    Example:
        >>> done = SectionCompleteness(key="target", title=Text(en="Target"))
        >>> PlanCompleteness(sections=(done,)).share
        1.0
    """

    sections: tuple[SectionCompleteness, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing anywhere."""
        return all(section.complete for section in self.sections)

    @property
    def share(self) -> float:
        """The share of sections that are complete, from 0 to 1."""
        return sum(section.complete for section in self.sections) / max(len(self.sections), 1)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Everything that is missing."""
        return tuple(gap for section in self.sections for gap in section.missing)

    def section(self, key: str) -> SectionCompleteness | None:
        """The section of that key; None where the plan does not need such a section."""
        return next((section for section in self.sections if section.key == key), None)


@dataclass(frozen=True, slots=True)
class PlanContext(Generic[PlanT]):
    """A plan and how it is asked about.

    Attributes:
        plan: The plan.
        whole: Whether the whole plan is asked for, rather than the three pages.
        decision_makers: Names of those who influence the decision.
        today: The day that is asked about; None: no date counts as passed.
    """

    plan: PlanT
    whole: bool = False
    decision_makers: tuple[str, ...] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class PlanSection(Generic[PlanT]):
    """A section of a plan.

    Attributes:
        key: Its key, the same as in the playbooks' instruments.
        title: Its name.
        shows: The fields that it shows, each with the label that a document puts before it; None:
            the document shows it without a label.
        asks: What is to be done where a field is blank; see `gaps_in`.
        whole: Those of the fields for which only the whole plan asks.
        check: Finds what else is missing.
        kinds: The kinds of plan that ask for it; empty: all of them.
    """

    key: str
    title: Text
    shows: Mapping[str, Text | None]
    asks: Mapping[str, Text] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    check: Callable[[PlanContext[PlanT]], Iterator[Missing]] | None = None

    def asked_of(self, kind: str) -> bool:
        """Whether a kind of plan asks for it."""
        return not self.kinds or kind in self.kinds

    def completeness(self, context: PlanContext[PlanT]) -> SectionCompleteness:
        """What a plan lacks in this section."""
        excused = frozenset[str]() if context.whole else self.whole
        asks = {path: text for path, text in self.asks.items() if path not in excused}
        missing = [*gaps_in(context.plan, asks)]
        if self.check is not None:
            missing += self.check(context)
        return SectionCompleteness(key=self.key, title=self.title, missing=tuple(missing))


def read_sections(
    name: str, checks: Mapping[str, Callable[[PlanContext[PlanT]], Iterator[Missing]]]
) -> tuple[PlanSection[PlanT], ...]:
    """The sections in a file of this package; `checks` has those of some of them, by key."""
    found = dict[str, PlanSection[PlanT]]()
    for entry in read_data(__package__, name)["sections"]:
        like, key = found.get(entry.get("like")), entry["key"]
        shows = {
            name: both(**label) if label else None for name, label in entry.get("shows", {}).items()
        }
        asks = {path: both(**text) for path, text in entry.get("asks", {}).items()}
        found[key] = PlanSection(
            key,
            both(**entry["title"]),
            shows={**like.shows, **shows} if like else shows,
            asks={**like.asks, **asks} if like else asks,
            whole=frozenset(entry.get("whole", ())),
            kinds=tuple(entry.get("kinds", ())),
            check=checks.get(key),
        )
    return tuple(found.values())


def is_blank(record: Record, name: str) -> bool:
    """Whether nobody has filled in a field: it is as it is in a new record."""
    default: object = type(record).model_fields[name].default
    return bool(getattr(record, name) == default)


def gaps_in(
    record: Record, asks: Mapping[str, Text], at: str = "", /, **words: str
) -> Iterator[Missing]:
    """What a record has to say and does not say.

    Args:
        record: A plan, or a record inside one.
        asks: What is to be done where a field is blank, by its name: `accounts[].projects` is a
            field of each record in a list. A sentence may have texts of the record, and of those
            around it, in braces.
        at: The path of the record, up to its fields.
        words: The texts of the records around it.
    """
    texts = {**words, **{name: value for name, value in record if isinstance(value, str)}}
    lists = dict[str, dict[str, Text]]()
    for path, text in asks.items():
        name, _, inner = path.partition("[].")
        if inner:
            lists.setdefault(name, {})[inner] = text
        elif is_blank(record, name):
            yield Missing.of(text, f"{at}{name}", **texts)
    for name, inside in lists.items():
        for number, item in enumerate(getattr(record, name) or ()):
            yield from gaps_in(item, inside, f"{at}{name}[{number}].", **texts)


_ACTION: Final = {
    "owner": both(en="Say who does it: {what}", zh="指定负责人：{what}"),
    "due_on": both(en="Say until when: {what}", zh="指定完成日期：{what}"),
}


def action_gaps(
    context: PlanContext[OpportunityPlan] | PlanContext[TerritoryPlan],
) -> Iterator[Missing]:
    """What the action plan lacks: actions, and those that are open an owner and a date."""
    if not context.plan.actions:
        yield Missing.of(both(en="Plan at least one action", zh="至少安排一项行动"), "actions")
    for at, action in enumerate(context.plan.actions):
        if action.open:
            yield from gaps_in(action, _ACTION, f"actions[{at}].")


class _HasActions(Protocol):
    @property
    def actions(self) -> tuple[Action, ...]: ...


class FollowsActions:
    """What every plan with actions can be asked about them."""

    def overdue(self: _HasActions, today: date) -> tuple[Action, ...]:
        """The actions whose date has passed, the longest overdue first.

        Raises:
            ArgumentError: `today` is not a day, or is a moment without a zone.
        """
        return overdue(self.actions, today)

    def action_status(self: _HasActions, today: date) -> ActionStatus:
        """How far the actions are: overdue, open, done, without owner, without date.

        Raises:
            ArgumentError: `today` is not a day, or is a moment without a zone.
        """
        return action_status(self.actions, today)
