"""The stage engine: the one object that an application holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from salesflow._arguments import A_PLAYBOOK, instance, label, moment, zone
from salesflow.domain import Progress
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._available import AvailableCommand, available
from salesflow.engine._context import CommandContext
from salesflow.engine._decide import (
    after,
    check_own,
    decide,
)
from salesflow.engine._due import due, read_for_duties
from salesflow.engine._facts.fact_plan import FactPlan, check_clock, check_deal, check_rates
from salesflow.engine._facts.from_records import DealRecords, Resolver, resolver
from salesflow.engine._facts.readers import check_given, misfits, sound
from salesflow.engine._fold import A_LIST_OF_EVENTS, replay
from salesflow.engine._following import check_playbook
from salesflow.engine._gates import compile_playbook
from salesflow.engine._reviewing import review
from salesflow.engine._sheet_as_of import sheet_then
from salesflow.engine.commands import Command
from salesflow.engine.decision import DealT, Decision
from salesflow.engine.events import Event
from salesflow.engine.hooks import Hook, callables
from salesflow.engine.review import Review
from salesflow.errors import UnknownName
from salesflow.money import Rates
from salesflow.playbook import Playbook
from salesflow.qualify import US, Score, score, score_sheet
from salesflow.qualify._points import facts_read
from salesflow.qualify._score import telling
from salesflow.schedule import Duty, WorkCalendar
from salesflow.schedule._calendar import check_calendar

__all__ = ["StageEngine"]


class StageEngine:
    """Decides commands on deals by the rules of one playbook.

    It holds no deal and no clock; it may be shared by threads. What it needs from outside is given
    once (`rates`, `tz`) or with each call (`at`).

    Args:
        playbook: The process.
        rates: Exchange rates, for deals that are not in the playbook's currency.
        tz: The zone in which a moment has its calendar day; default UTC.
        calendar: Which days are workdays; due dates move to them. Spans of workdays and of working
            hours need one.
        hooks: Asked about whatever is about to be accepted; each may veto or annotate.
        records: A function of a deal and of groups of facts (`frozenset({"plan", "risks"})`) that
            gives the deal's records, for a playbook with `use_records`, or with forms that are
            records. It is asked once in each call, and only where a rule reads such facts, or a
            review shows such forms; what the deal itself has counts as well.

    Raises:
        ArgumentError: An argument is of the wrong kind, or there is no such zone.

    Example:
        >>> import salesflow as sf
        >>> from datetime import UTC, datetime
        >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
        >>> deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
        >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        >>> deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
        >>> deal.progress.stage
        'territory_account_plan'
        >>> engine.decide(deal, sf.Advance(by="li.wei"), at=now).accepted
        False
    """

    __slots__ = ("_calendar", "_compiled", "_for_duties", "_hooks", "_rates", "_records", "_tz")

    def __init__(
        self,
        playbook: Playbook,
        *,
        rates: Rates | None = None,
        tz: str = "UTC",
        hooks: Iterable[Hook] = (),
        calendar: WorkCalendar | None = None,
        records: Resolver | None = None,
    ) -> None:
        instance(playbook, Playbook, "playbook", A_PLAYBOOK)
        zone(tz)
        check_rates(rates)
        if calendar is not None:
            check_calendar(calendar)
        self._compiled = compile_playbook(playbook)
        self._rates = rates
        self._tz = tz
        self._hooks = callables(hooks)
        self._calendar = calendar
        self._records = resolver(records)
        read = read_for_duties(playbook)
        self._for_duties = FactPlan.of(playbook, read) if read else None

    def __repr__(self) -> str:
        book, hooks = self.playbook, len(self._hooks)
        return f"<StageEngine {book.id} {book.version}, {hooks} hook{'s' * (hooks != 1)}>"

    @property
    def playbook(self) -> Playbook:
        """The process that this engine follows."""
        return self._compiled.playbook

    def __copy__(self) -> StageEngine:
        return self  # it never changes

    def __deepcopy__(self, memo: object) -> StageEngine:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        # What it was made of; the rest is worked out anew, once in each process.
        made_of = (self._rates, self._tz, self._hooks, self._calendar, self._records)
        return (_engine, (self.playbook, *made_of))

    def decide(
        self,
        opportunity: DealT,
        command: Command,
        *,
        at: datetime,
        events: Iterable[Event] | None = None,
    ) -> Decision[DealT]:
        """Decide a command: events, or every reason why not.

        Args:
            opportunity: The deal as the host has it.
            command: What somebody wants.
            at: The present moment with its zone, not before the deal's last event.
            events: The events of the deal, or only those that have the command's id; a generator
                will do. The deal itself knows its newest 256 commands; a retry of an older one is
                known by its events, which are read only then. Without them it is decided anew.

        Returns:
            A decision. A refusal is one too; nothing is raised for it.

        Raises:
            ArgumentError: `opportunity` is not a deal, or `command` is not a command.
            ClockError: `at` has no zone or lies before the last event.
            PlaybookMismatch: The deal follows another playbook.
            CommandConflict: The command's id was used before, for something else.
            EventError: One of the events belongs to another deal.
            VersionConflict: The deal is not at the version that the command expected.
            UnknownName: The command names a criterion, question, instrument, stage or reason that
                the playbook does not have.
            FactError: The deal has facts of another kind; or it has not started and brings facts or
                roles that the playbook does not know. `problems` lists all of them. `Amend` is
                asked of the deal afterwards. What stayed from an earlier playbook is told in
                `Decision.problems`.
        """
        return decide(
            self._compiled,
            opportunity,
            command,
            at=at,
            rates=self._rates,
            tz=self._tz,
            hooks=self._hooks,
            events=events,
            records=self._said(opportunity, self._compiled.groups_of_conditions),
        )

    def evolve(self, opportunity: DealT, event: Event) -> DealT:
        """The deal after one more event.

        Raises:
            ArgumentError: `opportunity` is not a deal, or `event` is not an Event.
            EventError: The event belongs to another deal, or is not the next one.
        """
        check_deal(opportunity)
        instance(event, Event, "event", A_LIST_OF_EVENTS)
        check_own(event, opportunity)
        return after(opportunity, [event])

    def replay(self, events: Iterable[Event]) -> Progress:
        """The progress that the events of one deal add up to. No rule is evaluated.

        Raises:
            ArgumentError: `events` holds something else.
            EventError: The events are not those of one deal, in order and without a gap.
        """
        return replay(events)

    def review(
        self, opportunity: Deal, *, at: datetime, by: str | None = None, role: str | None = None
    ) -> Review:
        """Where a deal stands: criteria, blockers, instruments, scores, guidance.

        Whatever of the host's has a say in it is asked now; what only shows something, such as the
        scores, is worked out when it is first read.

        Args:
            opportunity: The deal as the host has it.
            at: The present moment with its zone, not before the deal's last event.
            by: The person who looks, for whom the blockers and moves are; None: nobody in
                particular, so that what only certain roles may do is not told as missing.
            role: The role they act in; None: every role that they have in the deal's team.

        Raises:
            ArgumentError: An argument is of the wrong kind.
            ClockError: `at` has no zone or lies before the last event.
            PlaybookMismatch: The deal follows another playbook.
        """
        check_deal(opportunity)
        problems = misfits(opportunity, self.playbook)
        asked = self._compiled.everything.groups
        context = self._context(sound(opportunity, problems), at, by, role, asked)
        check_playbook(self._compiled, opportunity)
        return review(context, self._due(context), self._hooks, problems)

    def available(
        self, opportunity: DealT, *, by: str, at: datetime, role: str | None = None
    ) -> tuple[AvailableCommand, ...]:
        """What a person can do to a deal now: each command, and what stands in its way.

        Every command is listed once for each thing of the playbook that it can be about: a move for
        each stage, an attestation for each criterion, a loss for each reason. What is `allowed` is
        what `decide` accepts of this person, hooks included, once what it `needs` is filled in.

        Args:
            opportunity: The deal as the host has it.
            by: The person.
            at: The present moment with its zone, not before the deal's last event.
            role: The role they act in; None: every role that they have in the deal's team.

        Raises:
            ArgumentError: An argument is of the wrong kind.
            ClockError: `at` has no zone or lies before the last event.
            PlaybookMismatch: The progress of the deal is not what its events add up to.
            FactError: As for `decide`.

        Example:
            >>> import salesflow as sf
            >>> from datetime import UTC, datetime
            >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
            >>> deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
            >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
            >>> deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
            >>> found = engine.available(deal, by="li.wei", at=now)
            >>> [item.kind.__name__ for item in found if item.allowed and not item.fields]
            ['Hold', 'Amend']
        """
        asked = self._compiled.everything.groups
        context = self._context(opportunity, at, label(by, "by", "a person"), role, asked)
        return available(context, opportunity, self._hooks)

    def due(self, opportunity: Deal, *, at: datetime, missed: bool = False) -> tuple[Duty, ...]:
        """What is due on a deal: `review(…).due` alone, at a small part of its cost.

        Args:
            opportunity: The deal as the host has it.
            at: The present moment with its zone.
            missed: Of what recurs, list every time that was missed, and not only the first.

        Returns:
            What the playbook's cadences ask for, and the reviews of what is on hold, the most
            urgent first; see [`duties`][salesflow.schedule.duties].

        Raises:
            ClockError: `at` has no zone or lies before the last event.
            FactError: The deal has facts of another kind.
            PlaybookMismatch: The deal follows another playbook.
            ScheduleError: A playbook with spans of work has no calendar; the work calendar fails,
                or ends before a due day.

        Example:
            >>> import salesflow as sf
            >>> from datetime import UTC, datetime
            >>> engine = sf.StageEngine(sf.load_playbook("closed_loop_sales"))
            >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
            >>> deal = sf.Opportunity(id="D-1", name="ERP", owner="li.wei")
            >>> deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
            >>> for duty in engine.due(deal, at=now):
            ...     print(duty.due_on, duty.status, duty.role)
            2026-01-06 next sales_rep
        """
        context = self._context(opportunity, at)
        check_playbook(self._compiled, opportunity)
        return self._due(context, missed=missed)

    def _due(self, context: CommandContext, *, missed: bool = False) -> tuple[Duty, ...]:
        plan = self._for_duties
        return due(context, {} if plan is None else context.facts(plan), missed=missed)

    def score(
        self,
        opportunity: Deal,
        card: str,
        *,
        at: datetime,
        about: str = US,
        as_of: date | None = None,
        events: Iterable[Event] | None = None,
    ) -> Score:
        """Score a deal on one of the playbook's scorecards: us or a competitor, now or earlier.

        Answers are those of one sheet as it stood on one day. Everything else that the card reads,
        such as the amount, is as the deal is now. What of its facts and its team the playbook does
        not know is in the score's `problems`.

        Args:
            opportunity: The deal as the host has it.
            card: Key of the scorecard.
            at: The present moment with its zone, not before the deal's last event.
            about: `"us"`, or a competitor: one of `opportunity.competitors` where the deal lists
                them, else one whom somebody has answered about.
            as_of: An earlier day in the engine's zone, itself included, or an earlier moment with
                its zone; None: `at`.
            events: The events of the deal. Its progress keeps the latest answers only, so that
                an earlier day needs them wherever an answer was given later.

        Raises:
            ClockError: `at` or `as_of` has no zone, `at` lies before the last event, or `as_of`
                after `at`.
            ArgumentError: An argument is of the wrong kind.
            CommandError: Answers were given after `as_of`, and `events` is None.
            EventError: The events do not add up to the progress of this deal.
            FactError: The deal has facts of another kind; or it has not started and brings facts or
                roles that the playbook does not know. `problems` lists all of them.
            UnknownName: The playbook has no such card, or the deal no such competitor.

        Example:
            >>> import salesflow as sf
            >>> from datetime import UTC, datetime
            >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
            >>> deal = sf.Opportunity(id="D-1", name="Core banking", competitors=("Rival",))
            >>> now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
            >>> deal = engine.decide(deal, sf.Start(by="li.wei"), at=now).require()
            >>> said = sf.Answer(by="li.wei", question="tas.solution_fit", mark="-", about="Rival")
            >>> deal = engine.decide(deal, said, at=now).require()
            >>> ours = engine.score(deal, "tas", at=now)
            >>> theirs = engine.score(deal, "tas", at=now, about="Rival")
            >>> [item.key for item in ours.versus(theirs).changed if item.second.high == 0]
            ['solution_fit']
        """
        cards = self.playbook.scorecards
        if card not in cards:
            raise UnknownName("scorecard", card, cards)
        context = self._context(opportunity, at)
        problems = check_given(opportunity, self.playbook)
        facts = context.facts(FactPlan.of(self.playbook, facts_read(cards[card])))
        if about == US and as_of is None:
            found = score(self.playbook, cards[card], facts, context.today, tz=self._tz)
        else:
            day, sheet = sheet_then(
                opportunity, about, at=context.at, as_of=as_of, events=events, tz=self._tz
            )
            found = score_sheet(self.playbook, cards[card], sheet, facts, day, tz=self._tz)
        if context.records is not None:
            problems += context.records.overruled()
        return telling(found, problems)

    def _said(
        self, opportunity: Deal, with_these: frozenset[str] = frozenset()
    ) -> DealRecords | None:
        """The records of a deal during one call; None where the playbook uses none."""
        if not self.playbook.record_facts:
            return None
        return DealRecords(opportunity, self._records, with_these)

    def _context(
        self,
        opportunity: Deal,
        at: datetime,
        by: str | None = None,
        role: str | None = None,
        with_these: frozenset[str] = frozenset(),
    ) -> CommandContext:
        check_deal(opportunity)
        at = moment(at, "at")
        check_clock(opportunity, at)
        return CommandContext(
            compiled=self._compiled,
            opportunity=opportunity,
            at=at,
            today=at.astimezone(zone(self._tz)).date(),
            rates=self._rates,
            tz=self._tz,
            calendar=self._calendar,
            by="" if by is None else label(by, "by", "a person"),
            role=None if role is None else label(role, "role", "a role"),
            records=self._said(opportunity, with_these),
        )


def _engine(
    playbook: Playbook,
    rates: Rates | None,
    tz: str,
    hooks: tuple[Hook, ...],
    calendar: WorkCalendar | None,
    records: Resolver | None = None,
) -> StageEngine:
    return StageEngine(
        playbook, rates=rates, tz=tz, hooks=hooks, calendar=calendar, records=records
    )
