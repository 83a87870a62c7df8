"""Reading facts from an opportunity: the values that the rules of a playbook see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from salesflow._arguments import A_PLAYBOOK, instance, moment, refuse, zone
from salesflow.domain import HostDeal, Opportunity, Progress, SeenValue
from salesflow.domain.deal.opportunity import Deal
from salesflow.engine._ages import stay_facts
from salesflow.engine._facts.amounts import (
    UNRATED,
    Exchange,
    amounts_of,
    day_that_counts,
    with_currencies,
)
from salesflow.engine._facts.from_records import DealRecords, RecordPlan, Resolver, resolver
from salesflow.engine._facts.readers import PROCESS, STANDARD, ReadValue, check_given, given
from salesflow.engine._facts.said import (
    in_time,
    lapses_of,
    put_judged,
    values_now,
    visit_approvals,
    written,
)
from salesflow.engine._forecast_calls import forecast_category
from salesflow.engine._tracks import track_facts
from salesflow.engine._visits import check_whole, reached
from salesflow.errors import ClockError
from salesflow.facts import NOT_APPLICABLE, WHY, Fact
from salesflow.money import Rates
from salesflow.playbook import Checklist, Criterion, Playbook, Track
from salesflow.playbook._kept import kept_with_playbook
from salesflow.playbook._parts import CATEGORY, STAY_FACTS, facts_of_track
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.qualify import answer_facts, answers_of, tally
from salesflow.qualify._applying import conditional, facts_deciding, note_applying
from salesflow.qualify._points import Source, facts_read, sources_of, worked_out
from salesflow.rules import Rule
from salesflow.schedule._decision_points import DecisionPoint, decision_points

_COUNTED: Final = (*COUNTS, *MARKED)


def facts_of(
    opportunity: Deal,
    playbook: Playbook,
    *,
    at: datetime,
    rates: Rates | None = None,
    tz: str = "UTC",
    records: Resolver | None = None,
) -> dict[str, ReadValue]:
    """Everything that the rules of `playbook` can know of a deal.

    Args:
        opportunity: The deal.
        playbook: Whose facts to read.
        at: The moment, with its zone; scores whose rules use time take its day in `tz`.
        rates: Into the playbook's currency; without one an amount in another currency is not known.
        tz: The zone in which a moment has its calendar day.
        records: Asked once for the records of the deal, beside those that it has; see
            [`StageEngine`][salesflow.engine.StageEngine].

    Returns:
        The value by fact name. A fact that is not known is None or absent.

    Raises:
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        ClockError: `at` has no zone or lies before the last event.
        PlaybookMismatch: Its progress is not what any events add up to.
        FactError: The deal has facts of another kind; or it has not started and brings facts or
            roles that the playbook does not know. `problems` lists all of them.
    """
    check_deal(opportunity)
    instance(playbook, Playbook, "playbook", A_PLAYBOOK)
    check_rates(rates)
    ask = resolver(records)
    check_given(opportunity, playbook)
    at = moment(at, "at")
    check_clock(opportunity, at)
    today = at.astimezone(zone(tz)).date()
    said = DealRecords(opportunity, ask)
    facts = everything(playbook).read(opportunity, today, rates, tz, said)
    return {name: value for name, value in facts.items() if not name.startswith((WHY, UNRATED))}


def check_deal(opportunity: object) -> None:
    """Raise ArgumentError for an object that is not a deal, PlaybookMismatch for a broken one."""
    if not isinstance(opportunity, Opportunity | HostDeal):
        hint = "Opportunity.model_validate(…) makes one of a mapping"
        refuse("opportunity", "an Opportunity or a HostDeal", opportunity, hint)
    check_whole(opportunity)


def check_clock(opportunity: Deal, at: datetime) -> None:
    """Raise ClockError for a moment before the last event: a deal is known as it is after that."""
    last = opportunity.progress.last_event_at
    if last is not None and at < last:
        raise ClockError(
            f"at, {at.isoformat()}, is earlier than the deal's last event, {last.isoformat()}.",
            hint="Give the present time; what happened before says so by occurred_at=, and how a "
            "deal stood then is told by a replay of its events until then.",
        )


def check_rates(rates: object) -> None:
    """Raise ArgumentError for rates that are not Rates."""
    if rates is not None:
        instance(rates, Rates, "rates", "write Rates(…)")


@dataclass(frozen=True, slots=True)
class FactPlan:
    """How to read the facts that somebody wants: worked out once, used for every deal.

    A gate needs only the facts of its own criteria, so that an amount is converted and a card is
    scored only where a rule asks for it.
    """

    playbook: Playbook
    process: tuple[tuple[str, Callable[[Progress], ReadValue]], ...]
    standard: tuple[tuple[str, Callable[[Opportunity], ReadValue]], ...]
    amounts: tuple[Fact, ...]
    days: bool
    category: bool
    checklists: tuple[Checklist, ...]
    attested: Mapping[str, Criterion]
    lapsing: tuple[str, ...]
    judged: tuple[DecisionPoint, ...]
    reached: tuple[str, ...]
    sources: tuple[Source, ...]
    completed: frozenset[str]
    skipped: tuple[str, ...]
    conditional: Mapping[str, Rule]
    first: tuple[Track, ...]
    tracks: tuple[Track, ...]
    records: RecordPlan | None
    recorded: frozenset[str]

    @classmethod
    def of(cls, playbook: Playbook, wanted: frozenset[str]) -> Self:
        """The plan for reading the facts named in `wanted`."""
        sources = sources_of(playbook, wanted)
        names = wanted.union(*map(facts_read, sources))
        names = with_currencies(playbook, names)
        names = names.union(_deciding(_tracks_read(playbook, names)))
        asked = conditional(playbook, names)
        deciding = facts_deciding(asked)
        # Those that decide whether a question applies depend on no such question themselves.
        first = _tracks_read(playbook, deciding)
        names = names.union(deciding, _deciding(first))
        tracks = tuple(item for item in _tracks_read(playbook, names) if item not in first)
        rests_on = {
            name for item in _resting(playbook) if _wanted(item, names) for name in item.lapses_on
        }
        recorded = playbook.record_facts & with_currencies(playbook, names.union(rests_on))
        return cls(
            playbook=playbook,
            process=tuple((name, PROCESS[name]) for name in sorted(names & PROCESS.keys())),
            standard=tuple((name, STANDARD[name]) for name in sorted(names & STANDARD.keys())),
            amounts=amounts_of(playbook, names),
            days=not names.isdisjoint(STAY_FACTS),
            category=CATEGORY in names,
            checklists=tuple(
                checklist
                for checklist in playbook.checklists.values()
                if not names.isdisjoint(f"{checklist.key}.{count}" for count in _COUNTED)
            ),
            attested=_attested(playbook),
            lapsing=lapsing(playbook),
            judged=tuple(decision_points(playbook).values()),
            reached=tuple(
                name.removeprefix("reached.") for name in names if name.startswith("reached.")
            ),
            sources=sources,
            completed=_completed(playbook),
            skipped=_skipped(playbook),
            conditional=asked,
            first=first,
            tracks=tracks,
            records=RecordPlan.of(recorded, playbook.record_readers) if recorded else None,
            recorded=recorded,
        )

    @property
    def groups(self) -> frozenset[str]:
        """The groups of facts of records that it reads."""
        return frozenset() if self.records is None else self.records.groups

    def read(
        self,
        opportunity: Deal,
        today: date,
        rates: Rates | None,
        tz: str,
        records: DealRecords | None = None,
        counts: Deal | None = None,
    ) -> dict[str, ReadValue]:
        """The values; what people put on record is always among them.

        Of facts of records a text for explanations says why they are so. The rates of amounts are
        those of the deal, unless the day of another one `counts`.
        """
        said: dict[str, ReadValue] = {}
        if self.records is not None:
            said = (records or DealRecords(opportunity)).facts(self.records)
        now: Mapping[str, SeenValue] = {}
        if self.lapsing:
            now = values_now(opportunity, self.playbook, self.lapsing, tz, said)
        facts = self._on_record(opportunity.progress, now)
        facts.update(self._of_the_deal(opportunity))
        if said:
            facts.update(said)
            for name in self.recorded & opportunity.facts.keys() - said.keys():
                facts.pop(f"{WHY}{name}", None)  # the host says it, whatever records there are
        if self.amounts:
            day = day_that_counts(counts or opportunity, rates, today, tz)
            Exchange.of(opportunity, self.playbook, rates, day).put(facts, self.amounts)
        if self.days:
            facts.update(stay_facts(opportunity.progress, today, zone(tz)))
        if self.category:
            facts[CATEGORY] = forecast_category(self.playbook, opportunity.progress)
        for key in self.reached:
            facts[f"reached.{key}"] = reached(opportunity.progress, self.playbook, key)
        if self.first:
            facts.update(track_facts(self.first, opportunity.progress, facts, today, tz))
        if self.conditional:
            note_applying(facts, self.conditional, today, tz)
        for checklist in self.checklists:
            count = tally(checklist, answers_of(opportunity.progress.answers), facts)
            has_marks = f"{checklist.key}.share" in self.playbook.facts
            for name in _COUNTED if has_marks else COUNTS:
                facts[f"{checklist.key}.{name}"] = getattr(count, name)
        if self.tracks:
            facts.update(track_facts(self.tracks, opportunity.progress, facts, today, tz))
        if self.sources:
            facts.update(worked_out(self.sources, facts, today, tz))
        return facts

    def _of_the_deal(self, opportunity: Deal) -> dict[str, Any]:
        facts: dict[str, Any] = given(opportunity, self.playbook) if opportunity.facts else {}
        if isinstance(opportunity, Opportunity):
            for name, field in self.standard:
                facts[name] = field(opportunity)
            if opportunity.amount is not None and any(it.name == "amount" for it in self.amounts):
                facts["amount"] = opportunity.amount
        elif opportunity.owner is not None:
            facts["owner"] = opportunity.owner
        return facts

    def _on_record(self, progress: Progress, now: Mapping[str, SeenValue]) -> dict[str, ReadValue]:
        """What people put on record, and where the deal stands."""
        facts: dict[str, ReadValue] = {name: reader(progress) for name, reader in self.process}
        # Each kind of evidence says only what it is about: a completion settles no criterion,
        # though a duty, or an instrument of an earlier version, may be called like one.
        for attestation in progress.attestations:
            key = attestation.criterion
            if key in self.attested:
                facts[f"done.{key}"] = attestation.met
                if now and (lapses := lapses_of(attestation, self.attested[key], now)):
                    facts[f"done.{key}"] = None
                    facts[f"lapsed>{key}"] = written(lapses)
        for completion in progress.completions:
            if completion.instrument in self.completed:
                facts[f"done.{completion.instrument}"] = True
        for waiver in progress.waivers:
            facts[f"waived.{waiver.criterion}"] = True
        if progress.judgements:
            said = in_time(progress.judgements)
            facts.update(visit_approvals(progress, said))
            for asked in self.judged:
                put_judged(facts, progress, asked, said, now)
        facts.update(dict.fromkeys(self.skipped, False))
        if progress.answers:
            facts.update(answer_facts(self.playbook, progress.answers))
        return facts


def _tracks_read(playbook: Playbook, names: frozenset[str]) -> tuple[Track, ...]:
    """The tracks whose facts are among these."""
    return tuple(
        track for key, track in playbook.tracks.items() if not names.isdisjoint(facts_of_track(key))
    )


def _deciding(tracks: Iterable[Track]) -> frozenset[str]:
    """The facts that decide whether these tracks apply."""
    return frozenset(name for it in tracks if it.when is not None for name in it.when.facts)


def _wanted(criterion: Criterion, names: frozenset[str]) -> bool:
    """Whether somebody asks for the words on a criterion; what others rest on need not be read."""
    approvals = (f"approval.{criterion.key}.{role}" for role in criterion.roles)
    return f"done.{criterion.key}" in names or any(name in names for name in approvals)


# What every plan reads is worked out once: a playbook may have a hundred gates, and ten thousand of
# each of these.


@kept_with_playbook
def _attested(playbook: Playbook) -> Mapping[str, Criterion]:
    """The criteria that somebody attests."""
    return {key: item for key, item in playbook.criteria.items() if item.kind == "attested"}


@kept_with_playbook
def _completed(playbook: Playbook) -> frozenset[str]:
    """The instruments that somebody completes."""
    items = playbook.instruments.items()
    return frozenset(key for key, item in items if item.check_rule is None)


@kept_with_playbook
def _skipped(playbook: Playbook) -> tuple[str, ...]:
    """The flags that say that a question does not apply."""
    return tuple(name for name in playbook.facts if name.startswith(NOT_APPLICABLE))


@kept_with_playbook
def _resting(playbook: Playbook) -> tuple[Criterion, ...]:
    """The criteria of which what people say rests on facts."""
    return tuple(item for item in playbook.criteria.values() if item.lapses_on)


@kept_with_playbook
def lapsing(playbook: Playbook) -> tuple[str, ...]:
    """The facts on which what people say rests, in some criterion."""
    return tuple(dict.fromkeys(name for item in _resting(playbook) for name in item.lapses_on))


@kept_with_playbook
def revised(playbook: Playbook) -> tuple[str, ...]:
    """The facts of which it is kept when they are amended."""
    counted = (item.of for item in playbook.cadences if item.of in playbook.facts)
    names = (*lapsing(playbook), *(name for name in counted if name is not None))
    return tuple(dict.fromkeys(names))


@kept_with_playbook
def everything(playbook: Playbook) -> FactPlan:
    """The plan that reads every fact of a playbook."""
    return FactPlan.of(playbook, frozenset(playbook.facts))
