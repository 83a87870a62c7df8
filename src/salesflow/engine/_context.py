"""What a handler reads, one deal, one command and one moment, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final, Literal

from salesflow.domain import Delegation, Opportunity, Progress
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._facts.amounts import (
    compared,
    day_that_counts,
    with_currencies,
    worth_of,
)
from salesflow.engine._facts.fact_plan import FactPlan
from salesflow.engine._facts.from_records import DealRecords, RecordPlan
from salesflow.engine._facts.readers import ReadValue
from salesflow.engine._gates import Compiled, Gate
from salesflow.engine._way_words import no_way_open, way_name
from salesflow.engine._wording import (
    blocked,
    not_held,
    on_hold,
    wrong_role,
)
from salesflow.engine.events import Payload
from salesflow.errors import UnknownName
from salesflow.facts import BEFORE
from salesflow.money import Money, Rates
from salesflow.playbook import Criterion, Permission, Playbook, Position, Reason
from salesflow.qualify._points import worked_out
from salesflow.rules import Blocker, Verdict
from salesflow.schedule import WorkCalendar

_ON_RECORD: Final = ("done.", "approval.", "lapsed>")


@dataclass(frozen=True, slots=True)
class HandlerResult:
    """What a handler answers: payloads of events, or blockers; never both."""

    payloads: tuple[Payload, ...] = ()
    blockers: tuple[Blocker, ...] = ()


def accept(*payloads: Payload) -> HandlerResult:
    """Let these things happen, in this order."""
    return HandlerResult(payloads=payloads)


def refuse(*blockers: Blocker) -> HandlerResult:
    """Nothing happens, for these reasons."""
    return HandlerResult(blockers=blockers)


def sub_stage_key(position: Position) -> str | None:
    """The key of the sub-stage, where the position is one."""
    return position.sub_stage.key if position.sub_stage else None


@dataclass(slots=True, eq=False)
class CommandContext:
    """Everything that a handler may look at; made for one call and then dropped."""

    compiled: Compiled
    opportunity: Deal
    at: datetime
    today: date
    rates: Rates | None = None
    tz: str = "UTC"
    calendar: WorkCalendar | None = None
    by: str = ""
    role: str | None = None
    note: str | None = None
    asked: tuple[str, ...] = ()
    records: DealRecords | None = None
    _all: dict[str, ReadValue] | None = None

    @property
    def playbook(self) -> Playbook:
        return self.compiled.playbook

    @property
    def progress(self) -> Progress:
        return self.opportunity.progress

    def position(self) -> Position:
        """Where the deal stands; only for a deal that was started."""
        return self.playbook.position(self.progress.position or "")

    def gate(self) -> Gate:
        """The gate in front of the deal."""
        return self.compiled.gates[self.progress.position or ""]

    def blockers(self, gate: Gate) -> tuple[Blocker, ...]:
        """What keeps the deal from passing `gate`."""
        return self.compiled.blockers(gate, self.facts(gate.plan), self.today, self.tz)

    def blockers_on(self, gate: Gate) -> tuple[Blocker, ...]:
        """What keeps this person from taking the deal through a gate, and so perhaps winning it."""
        missing = self.blockers(gate)
        if gate.wins and self.progress.outcome == "none":
            missing += self.not_permitted(self.playbook.policy.win, "win")
            if self.reasons("won"):
                missing += (blocked("reason_first", "win"),)
        return missing

    def reasons(self, outcome: str) -> dict[str, Reason]:
        """The playbook's reasons for an outcome."""
        return {key: item for key, item in self.playbook.reasons.items() if item.outcome == outcome}

    def reason(self, outcome: str, name: str | None) -> Reason | None:
        """The reason called so; None for no name, and where the playbook lists no reasons.

        Raises:
            UnknownName: The playbook lists reasons for this outcome, and this is not one of them.
        """
        reasons = self.reasons(outcome)
        if name is None or not reasons:
            return None
        if name not in reasons:
            raise UnknownName(f"reason for a {outcome} deal", name, reasons)
        return reasons[name]

    def unreasoned(self, outcome: str, reason: Reason | None) -> tuple[Blocker, ...]:
        """Why this person cannot give this reason for an outcome now, or has to give one."""
        if reason is None:
            return (blocked("reason_missing", outcome),) if self.reasons(outcome) else ()
        missing = self.not_permitted(reason, f"reasons.{reason.key}")
        if reason.notes and self.note is None:
            missing += (blocked("note_missing", reason.key),)
        return missing

    def way_on(self) -> tuple[Gate | None, tuple[Blocker, ...]]:
        """The gate that advancing takes, or everything that keeps this person from advancing.

        Of several ways on it is the first one that is open.
        """
        ways = self.compiled.choices.get(self.progress.position or "")
        if ways is None:
            gate = self.gate()
            missing = self.blockers_on(gate)
            return (None, missing) if missing else (gate, ())
        self.need(gate.plan for gate in ways)
        shut: list[tuple[Gate, tuple[Blocker, ...]]] = []
        for gate in ways:
            missing = self.blockers_on(gate)
            if not missing:
                return gate, ()
            shut.append((gate, missing))
        return None, no_way_open(
            [(way_name(gate.move, gate.target), missing) for gate, missing in shut]
        )

    def facts(self, plan: FactPlan) -> dict[str, ReadValue]:
        """The facts of a plan, as the rules see them; all facts, where they were read already."""
        return self._read(plan) if self._all is None else self._all

    def everything(self) -> dict[str, ReadValue]:
        """All facts that a review shows something of, read once."""
        if self._all is None:
            self._all = self._read(self.compiled.everything)
        return self._all

    def _read(self, plan: FactPlan) -> dict[str, ReadValue]:
        return plan.read(self.opportunity, self.today, self.rates, self.tz, self.records)

    def given(self, deal: Deal) -> Mapping[str, object]:
        """The facts that a host gives, with its amounts in the playbook's currency."""
        day = day_that_counts(deal, self.rates, self.today, self.tz)
        return worth_of(deal, self.playbook, self.rates, day)

    def compared(self, old: Money | None, new: Money | None, after: Deal) -> int | None:
        """Whether an amount is worth less than another, -1, more, 1, or the same, 0.

        None where it is not known; the rates are those of the deal as it is `after` the change.
        """
        if old is None or new is None:
            return None
        day = day_that_counts(after, self.rates, self.today, self.tz)
        return compared(old, new, self.rates, day)

    def said(self, names: Iterable[str]) -> dict[str, ReadValue]:
        """What records say of these facts; nothing of others."""
        if self.records is None:  # the playbook uses none
            return {}
        answered = self.playbook.record_facts & with_currencies(self.playbook, names)
        return self.records.facts(RecordPlan.of(answered, self.playbook.record_readers))

    def need(self, plans: Iterable[FactPlan]) -> None:
        """Have the host asked at once for the records that all of these plans read."""
        if self.records is not None:
            self.records.need(frozenset[str]().union(*(plan.groups for plan in plans)))

    def roles(self) -> frozenset[str]:
        """The roles in which the person acts."""
        return frozenset({self.role}) if self.role is not None else self.theirs()

    def theirs(self) -> frozenset[str]:
        """The roles that the person has: in the team, and as somebody's substitute."""
        held = self.held(self.opportunity)
        if not self.progress.delegations:
            return held
        return held.union(item.role for item in self.delegations())

    def held(self, deal: Deal) -> frozenset[str]:
        """The roles that a deal gives the person, by its team and by its owner."""
        roles = deal.roles_of(self.by)
        owner_role = self.playbook.owner_role
        return roles | {owner_role} if owner_role and self.by == deal.owner else roles

    def delegations(self) -> list[Delegation]:
        """Those by which the person is a substitute today: whoever gave the role has it still."""
        return [
            item
            for item in self.progress.delegations
            if item.to == self.by and item.until >= self.today and self._has(item.role, item.by)
        ]

    def not_of_team(self, role: str | None) -> tuple[Blocker, ...]:
        """Why a role that is claimed is not the person's, where the playbook looks at that."""
        if role is None or not self.by or self.playbook.policy.roles == "claimed":
            return ()
        return () if role in self.theirs() else (not_held(self.playbook, self.opportunity, role),)

    def acting(
        self, role: str | None
    ) -> tuple[Literal["team", "delegation", "claim"] | None, str | None]:
        """Where the person has the role from in which they act, and as whose substitute."""
        roles = self.asked if role is None else (role,)
        for name in roles:
            if self._has(name, self.by):
                return "team", None
        whose = [item.by for item in self.delegations() if item.role in roles]
        if whose:
            return "delegation", whose[-1]
        return (None if role is None else "claim"), None

    def _has(self, role: str, person: str) -> bool:
        """Whether somebody has a role in the deal's team."""
        deal = self.opportunity
        if person == deal.owner and role == self.playbook.owner_role:
            return True
        for member in deal.team:  # noqa: SIM110 - in every decision; a generator costs more
            if member.person == person and role in member.roles:
                return True
        return False

    def resting(self) -> tuple[Blocker, ...]:
        """Why a deal on hold does not move; empty for any other."""
        hold = self.progress.hold
        return () if hold is None else (on_hold(hold),)

    def looks_back(self, review_on: date | None) -> tuple[Blocker, ...]:
        """Why a day of review cannot stand: it lies in the past."""
        past = review_on is not None and review_on < self.today
        return (blocked("review_in_past", "review_on"),) if past else ()

    def not_permitted(
        self,
        permission: Permission,
        what: str,
        note: str | None = None,
        condition: str = "",
        after: Opportunity | None = None,
        into: Position | None = None,
    ) -> tuple[Blocker, ...]:
        """Why the playbook does not let this person do something now.

        Args:
            permission: What the playbook says of it.
            what: What it is, as the conditions of the playbook are called: `"skip"`, `"lose"`,
                `"reasons.price"` …
            note: Why it is done, where that is not the command's note.
            condition: The name of its condition, where that is not `what`.
            after: The deal as it would be, where that is what its rules ask about.
            into: Where a deal is to begin, to which the stages of the permission then refer.
        """
        if not permission.allowed:
            return (blocked("not_allowed", what),)
        missing: tuple[Blocker, ...] = ()
        asked: Gate | None = None
        applies, facts = Verdict.YES, dict[str, ReadValue]()
        if permission.rule is not None or permission.when is not None:
            asked = self.compiled.conditions[condition or what]
            facts = self.facts(asked.plan) if after is None else self._amended(asked.plan, after)
            if permission.when is not None:
                applies = permission.when.verdict(facts, self.today, tz=self.tz)
        if applies is Verdict.NO:
            return missing
        # Where it is nobody in particular, a role is not missing: somebody may have it.
        if permission.roles and self.by:
            self.asked += permission.roles
            if self.roles().isdisjoint(permission.roles):
                missing += (wrong_role(self.playbook, permission.roles, self.roles()),)
        if permission.note and (note or self.note) is None:
            missing += (blocked("why_missing", what),)
        here = {self.progress.stage, self.progress.sub_stage} - {None}
        if into is not None:
            here = {into.key, into.stage.key}
        if permission.stages and here and here.isdisjoint(permission.stages):
            missing += (blocked("not_from_here", what),)
        if asked is None:
            return missing
        if missing and applies is Verdict.UNKNOWN:
            (criterion,) = asked.criteria
            explain = self.compiled.explainer.blocker
            return (explain(criterion, applies, facts, self.today, self.tz),)
        if permission.rule is not None:
            missing += self.compiled.blockers(asked, facts, self.today, self.tz)
        return missing

    def _amended(self, plan: FactPlan, after: Opportunity) -> dict[str, ReadValue]:
        """The facts that a deal would have, and those that it has, called `before.…`.

        What is on record is as it stands: a word that the amendment makes lapse still stands.
        """
        read = partial(
            plan.read, today=self.today, rates=self.rates, tz=self.tz, records=self.records
        )
        before, facts = read(self.opportunity, counts=after), read(after)
        deal = self.opportunity
        if isinstance(deal, Opportunity) and self.compared(deal.amount, after.amount, after) == 0:
            before["amount"] = facts.get("amount")  # the same worth, whatever is lost in rounding
        facts |= {name: value for name, value in before.items() if name.startswith(_ON_RECORD)}
        facts |= worked_out(plan.sources, facts, self.today, self.tz)
        return facts | {f"{BEFORE}{name}": value for name, value in before.items()}

    def going_on(self) -> tuple[Blocker, ...]:
        """Why this person may not go on where the process leads."""
        return self.not_permitted(self.playbook.policy.advance, "advance")

    def not_running(self) -> tuple[Blocker, ...]:
        """Why nothing can happen to this deal at all; empty while it is under way."""
        if self.progress.stage is None:
            return (blocked("not_started", "stage"),)
        return (blocked("ended", "ended"),) if self.progress.ended else ()

    def lacks_role(self, needed: str | None) -> tuple[Blocker, ...]:
        """A blocker when the person does not act in the role that this takes."""
        if needed is None or not self.by:
            return ()
        self.asked += (needed,)
        roles = self.roles()
        return () if needed in roles else (wrong_role(self.playbook, (needed,), roles),)

    def criterion(self, key: str) -> Criterion:
        """The criterion `key`; raises UnknownName with the nearest one."""
        found = self.compiled.criteria.get(key)
        if found is None:
            raise UnknownName("criterion", key, self.compiled.criteria)
        return found
