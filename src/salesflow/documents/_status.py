"""Is a plan enough for its deal? The size policy says what the deal needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from salesflow.domain._given import decision_makers_named
from salesflow.domain.plans.completeness import Missing, SectionCompleteness
from salesflow.domain.plans.plan import OpportunityPlan, PlanKind
from salesflow.domain.plans.territory_plan import TerritoryPlan
from salesflow.errors import FactError, UnknownName
from salesflow.playbook import Instrument, Playbook
from salesflow.rules import Verdict
from salesflow.rules._values import day_of
from salesflow.text import Text

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class SectionStatus:
    """A section of an instrument, as a plan has it.

    Attributes:
        key: Its key in the playbook.
        title: Its name there.
        complete: YES, NO, or UNKNOWN where the plan has no section of this key.
        missing: What it lacks; of a key that the plan does not have, a sentence that says so.
    """

    key: str
    title: Text
    complete: Verdict
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class InstrumentPlan:
    """An instrument of a playbook: does the deal need it, and is it complete?

    Attributes:
        instrument: The instrument.
        required: Whether the size policy asks for it.
        depends_on: Where that is UNKNOWN: the facts that are not known.
        complete: YES, NO or UNKNOWN. For an instrument with sections the plan decides; for one
            with a checklist the number of questions asked, in the facts; for any other one
            the fact `done.<key>`.
        sections: Its sections, in order.
        missing: Everything that it lacks.
    """

    instrument: Instrument
    required: Verdict
    depends_on: tuple[str, ...]
    complete: Verdict
    sections: tuple[SectionStatus, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """What a deal needs in planning, and how far it has it.

    Attributes:
        instruments: Every instrument of the playbook, in its order.
        enough: YES: everything that the deal needs is complete. UNKNOWN: that depends on what is
            not known.
    """

    instruments: tuple[InstrumentPlan, ...]
    enough: Verdict

    def instrument(self, key: str) -> InstrumentPlan:
        """The status of one instrument.

        Raises:
            UnknownName: The playbook has no such instrument.
        """
        for each in self.instruments:
            if each.instrument.key == key:
                return each
        raise UnknownName("instrument", key, [each.instrument.key for each in self.instruments])

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What the instruments that the deal needs, or may need, still lack."""
        return tuple(
            gap
            for each in self.instruments
            if each.required is not Verdict.NO
            for gap in each.missing
        )


def plan_status(
    plan: OpportunityPlan | TerritoryPlan,
    playbook: Playbook,
    facts: Mapping[str, object],
    *,
    decision_makers: Iterable[str] = (),
    as_of: date | None = None,
    tz: str = "UTC",
) -> PlanStatus:
    """Which instruments a deal needs, and whether a plan is complete enough for them.

    Sections of the plan and of an instrument belong together by their key. An instrument named
    `opportunity_plan` or `tas_plan` without sections of its own has those of that kind of plan.

    Args:
        plan: The plan.
        playbook: Whose size policy holds.
        facts: What is known of the deal, as from `facts_of(deal, playbook, at=…)`, or
            `{"amount": 120_000, "account.tier": "regular"}`; the amount in the playbook's
            currency.
        decision_makers: Names of the contacts who influence the decision; each needs a strategy.
        as_of: The day, for a size policy that depends on one, and for overdue reviews.
        tz: The zone in which a moment has its calendar day.

    Raises:
        FactError: A fact is of the wrong kind, a needed `as_of` is missing, or one of the first
            three arguments is something else; or `decision_makers` is no list of names.

    Example:
        >>> from salesflow.plugins import load_playbook
        >>> playbook = load_playbook("optimized_sales_process")
        >>> plan = OpportunityPlan(opportunity="D-1", why_anything="Orders are typed in twice")
        >>> status = plan_status(plan, playbook, {"amount": 120_000})
        >>> for each in status.instruments:
        ...     print(each.instrument.key, each.required.value, each.depends_on)
        tas_20 no ()
        opportunity_plan unknown ('account.tier',)
        tas_plan unknown ('account.tier',)
        >>> status = plan_status(plan, playbook, {"amount": 120_000, "account.tier": "regular"})
        >>> status.enough.value, status.instrument("opportunity_plan").missing[0].path
        ('no', 'why_now')
    """
    if not isinstance(plan, OpportunityPlan | TerritoryPlan):
        raise FactError(
            f"A plan is an OpportunityPlan or a TerritoryPlan, not {type(plan).__name__}.",
            hint="Make one, or read it with model_validate_json.",
        )
    if not isinstance(playbook, Playbook):
        raise FactError(
            f"The size policy is that of a Playbook, not of {type(playbook).__name__}.",
            hint='Load one: load_playbook("optimized_sales_process").',
        )
    names = decision_makers_named(decision_makers)
    if not isinstance(facts, Mapping):
        raise FactError(
            f"The values of facts are given by name, not as {type(facts).__name__}.",
            hint='Pass a dict, as in {"amount": 50_000}.',
        )
    asked = _Asked(plan, playbook, facts, names, day_of(as_of, tz), tz)
    instruments = tuple(asked.instrument(each) for each in playbook.instruments.values())
    enough = Verdict.YES
    for each in instruments:
        enough = enough & (~each.required | each.complete)
    return PlanStatus(instruments, enough)


@dataclass(frozen=True, slots=True)
class _Asked:
    plan: OpportunityPlan | TerritoryPlan
    playbook: Playbook
    facts: Mapping[str, object]
    decision_makers: tuple[str, ...]
    today: date | None
    tz: str

    def instrument(self, instrument: Instrument) -> InstrumentPlan:
        required, depends_on = self._required(instrument.key)
        sections = self._sections(instrument)
        complete, missing = self._complete(instrument, sections)
        return InstrumentPlan(instrument, required, depends_on, complete, sections, missing)

    def _required(self, key: str) -> tuple[Verdict, tuple[str, ...]]:
        rule = self.playbook.required_instruments[key]
        found = rule.evaluate(self.facts, self.today, tz=self.tz)
        if found.verdict is not Verdict.UNKNOWN:
            return found.verdict, ()
        return found.verdict, tuple(sorted(n for n, value in found.seen.items() if value is None))

    def _sections(self, instrument: Instrument) -> tuple[SectionStatus, ...]:
        kind = _kind_of(instrument.key)
        listed = [(each.key, each.title) for each in instrument.sections]
        if not listed and kind is not None and isinstance(self.plan, OpportunityPlan):
            own = self.plan.replaced(kind=kind).completeness()
            listed = [(each.key, each.title) for each in own.sections]
        return tuple(_status(key, title, self._section(key, kind)) for key, title in listed)

    def _section(self, key: str, kind: PlanKind | None) -> SectionCompleteness | None:
        if isinstance(self.plan, OpportunityPlan):
            return self.plan.section(key, kind=kind, decision_makers=self.decision_makers)
        return self.plan.section(key, today=self.today)

    def _complete(
        self, instrument: Instrument, sections: tuple[SectionStatus, ...]
    ) -> tuple[Verdict, tuple[Missing, ...]]:
        verdict = Verdict.YES
        missing = [gap for each in sections for gap in each.missing]
        for each in sections:
            verdict = verdict & each.complete
        if instrument.checklist is not None:
            asked, gaps = self._asked(instrument.checklist)
            return verdict & asked, (*missing, *gaps)
        if sections:
            return verdict, tuple(missing)
        done = self.facts.get(f"done.{instrument.key}")
        if not isinstance(done, bool):
            return Verdict.UNKNOWN, ()
        return (Verdict.YES if done else Verdict.NO), ()

    def _asked(self, checklist: str) -> tuple[Verdict, tuple[Missing, ...]]:
        total = len(self.playbook.checklists[checklist].questions)
        asked = self.facts.get(f"{checklist}.asked")
        if isinstance(asked, bool) or not isinstance(asked, int | float):
            return Verdict.UNKNOWN, ()
        if asked >= total:
            return Verdict.YES, ()
        gap = Missing(
            en=f"Ask the questions that are left: {total - asked:g} of {total}",
            zh=f"完成其余问题：{total}个中还有{total - asked:g}个",
            path=checklist[:_SHOWN],
        )
        return Verdict.NO, (gap,)


def _kind_of(key: str) -> PlanKind | None:
    kinds: tuple[PlanKind, ...] = get_args(PlanKind)
    return next((kind for kind in kinds if kind == key), None)


def _status(key: str, title: Text, found: SectionCompleteness | None) -> SectionStatus:
    if found is None:
        gap = Missing(
            en=f'This plan has no section "{key[:_SHOWN]}": look for it elsewhere',
            zh=f"本计划没有“{key[:_SHOWN]}”部分，请另行核对",
            path=key[:_SHOWN],
        )
        return SectionStatus(key, title, Verdict.UNKNOWN, (gap,))
    complete = Verdict.YES if found.complete else Verdict.NO
    return SectionStatus(key, title, complete, found.missing)
