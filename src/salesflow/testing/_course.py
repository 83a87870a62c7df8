"""A deal on its way: where it stands, when, and everything that brought it there."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from salesflow.domain import Opportunity, Record
from salesflow.domain._base.record import replaced
from salesflow.engine import Command, Decision, Event, StageEngine
from salesflow.engine._available import ASKS_FOR
from salesflow.engine._facts.fact_plan import FactPlan
from salesflow.engine._facts.from_records import DealRecords
from salesflow.money import Rates
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.rules import Rule, Verdict

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When a course begins: a Monday."""
FIRST_DAY: Final = START.date()
OWNER: Final = "li.wei"
AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """A record that a deal can get.

    Attributes:
        kind: The name of its class.
        on: Makes it, as it is on a day.
    """

    kind: str
    on: Callable[[date], Record]


class Weekdays:
    """People work from Monday to Friday, and there are no holidays."""

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        return day.weekday() < 5  # noqa: PLR2004 - Saturday

    def __repr__(self) -> str:
        return "<Weekdays>"


WEEKDAYS: Final = Weekdays()


def team_of(playbook: Playbook) -> dict[str, str]:
    """Somebody in every role of a playbook: the role by the name of the person."""
    return {f"the {role}": role for role in playbook.roles}


@dataclass(frozen=True, slots=True)
class Course:
    """A deal, the moment, and the steps that led here; a step makes another one.

    Attributes:
        engine: Decides its commands.
        deal: As it is now.
        rates: Those of the engine.
        at: The present moment; every command comes an hour after the one before.
        samples: The records that it can get, by name.
        brought: The records that it has, by name.
        steps: The accepted commands, and in words what else happened.
        events: What happened by these commands.
    """

    engine: StageEngine
    deal: Opportunity
    rates: Rates | None = None
    at: datetime = START
    samples: Mapping[str, Sample] = field(default_factory=dict, repr=False)
    brought: Mapping[str, Record] = field(default_factory=dict, repr=False)
    steps: tuple[Command | str, ...] = ()
    events: tuple[Event, ...] = field(default=(), repr=False)

    @property
    def playbook(self) -> Playbook:
        """The process that the deal follows."""
        return self.engine.playbook

    @property
    def today(self) -> date:
        """The present day."""
        return self.at.date()

    @property
    def owner(self) -> str:
        """Who gives commands where nobody else has to."""
        return self.deal.owner or OWNER

    def decide(self, command: Command) -> Decision[Opportunity]:
        """What becomes of a command an hour later."""
        return self.engine.decide(self.deal, command, at=self.at + AN_HOUR)

    def after(self, decision: Decision[Opportunity]) -> Course:
        """The course after a command that was decided."""
        steps = (*self.steps, decision.command) if decision.accepted else self.steps
        return replace(
            self,
            deal=decision.opportunity,
            at=self.at + AN_HOUR,
            steps=steps,
            events=(*self.events, *decision.events),
        )

    def tried(self, command: Command) -> Decision[Opportunity]:
        """What becomes of a command, once what it is refused for is filled in: role, note, proof.

        The decision that is refused for the fewest things.
        """
        decision = self.decide(command)
        asked = {ASKS_FOR[it.code] for it in decision.blockers if it.code in ASKS_FOR}
        more = {name: "As agreed" for name in asked if getattr(command, name, None) is None}
        if more:
            return self.tried(replaced(command, **more))
        roles = [role for it in decision.blockers if it.code == "role" for role in it.roles]
        if command.role is None:
            for role in roles:
                for by in self.people(role):
                    other = self.tried(replaced(command, by=by, role=role))
                    if len(other.blockers) < len(decision.blockers):
                        return other
        return decision

    def do(self, command: Command) -> Course | None:
        """The course after a command; None where it is refused, whatever is filled in."""
        decision = self.tried(command)
        return self.after(decision) if decision.accepted else None

    def said(self, role: str | None, of: Callable[[str, str | None], Command]) -> Iterator[Course]:
        """The course after what somebody in a role says, whoever of them may."""
        for by in self.people(role):
            course = self.do(of(by, role))
            if course is not None:
                yield course

    def people(self, role: str | None) -> Iterator[str]:
        """Those who can speak in a role: the owner, and who has it in the team."""
        yield self.owner
        if role is not None:
            yield from (it.person for it in self.deal.team if role in it.roles)
            yield f"somebody in the role {role}"

    def edited(self, told: str, **fields: object) -> Course:
        """The course after the host has changed fields of the deal."""
        return replace(self, deal=replaced(self.deal, **fields), steps=(*self.steps, told))

    def waited(self, days: int) -> Course:
        """The course some days later."""
        told = f"{days} day{'' if days == 1 else 's'} pass"
        return replace(self, at=self.at + timedelta(days=days), steps=(*self.steps, told))

    def with_records(self, names: Iterable[str], *, without: Iterable[str] = ()) -> Course:
        """The course after the deal has got records, as they are today, and lost others."""
        names, gone = tuple(names), tuple(without)
        brought = {name: it for name, it in self.brought.items() if name not in {*names, *gone}}
        brought |= {name: self.samples[name].on(self.today) for name in names}
        told = [f"the deal gets the record {name}" for name in names]
        told += [f"the record {name} goes" for name in gone]
        deal = replaced(self.deal, records=tuple(brought.values()))
        return replace(self, deal=deal, brought=brought, steps=(*self.steps, *told))

    def brought_of(self, kinds: Container[str]) -> list[str]:
        """The names of the records of these classes that the deal has."""
        return [name for name in self.brought if self.samples[name].kind in kinds]

    def facts(self, rule: Rule) -> dict[str, object]:
        """The facts that a rule reads."""
        return self._read(rule.facts)

    def _read(self, names: frozenset[str]) -> dict[str, object]:
        plan, records = _plan(self.playbook, names), DealRecords(self.deal, None)
        return dict(plan.read(self.deal, self.today, self.rates, "UTC", records))

    def fact(self, name: str) -> object:
        """The value of one fact."""
        return self._read(frozenset({name})).get(name)

    def verdict(self, rule: Rule) -> Verdict:
        """What a rule says of the deal now."""
        return rule.verdict(self.facts(rule), self.today)


@kept_with_playbook
def _plan(playbook: Playbook, names: frozenset[str]) -> FactPlan:
    return FactPlan.of(playbook, names)


def in_words(steps: Iterable[Command | str]) -> list[str]:
    """A course, one line a step, as people read it."""
    return [step if isinstance(step, str) else _told(step) for step in steps]


def _told(command: Command) -> str:
    given = command.model_dump(mode="json", exclude_defaults=True, exclude={"kind", "by"})
    fields = "".join(f", {name}={value!r}" for name, value in given.items())
    return f"{command.kind}(by={command.by!r}{fields})"
