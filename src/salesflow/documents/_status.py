"""Is a plan enough for its deal? The size policy says what the deal needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from salesflow import terms
from salesflow._arguments import (
    A_PLAYBOOK,
    Arguments,
    day,
    instance,
    mapping,
    refuse,
    several,
    zone,
)
from salesflow._result import Result
from salesflow.documents._markdown import Md
from salesflow.documents._writer import Writer
from salesflow.domain import Missing, OpportunityPlan, PlanKind, SectionCompleteness, TerritoryPlan
from salesflow.domain._base.record import replaced
from salesflow.errors import UnknownName
from salesflow.facts import FACT_TITLES
from salesflow.playbook import Instrument, Playbook
from salesflow.playbook._fact_words import fact_words
from salesflow.records import record_facts
from salesflow.rules import Verdict
from salesflow.text import Text, both, filled

_KINDS: Final[tuple[PlanKind, ...]] = get_args(PlanKind)
_SAID: Final = {Verdict.YES: True, Verdict.NO: False, Verdict.UNKNOWN: None}

_LEFT: Final = both(
    en="Ask the questions that are left: {left} of {total}",
    zh="完成其余问题：{total}个中还有{left}个",
)
_RULE: Final = both(en="It takes that {rule}", zh="须满足：{rule}")
_NO_SECTION: Final = both(
    en='This plan has no section "{key}": look for it elsewhere',
    zh="本计划没有“{key}”部分，请另行核对",
)


class SectionStatus(Result):
    """A section of an instrument, as a plan has it.

    Attributes:
        key: Its key in the playbook.
        title: Its name there.
        complete: YES or NO; UNKNOWN where the plan does not have a section of this key.
        missing: What it lacks; for a key that the plan does not have, a sentence that says so.
    """

    key: str
    title: Text
    complete: Verdict
    missing: tuple[Missing, ...] = ()


class InstrumentPlan(Result):
    """An instrument of a playbook: does the deal need it, and is it complete?

    Attributes:
        instrument: The instrument.
        required: Whether the size policy asks for it.
        depends_on: Where that is UNKNOWN, the facts that are not known.
        complete: YES, NO or UNKNOWN. The plan decides on an instrument with sections, the fact
            `<checklist>.asked` on one with a checklist, the fact `done.<key>` on any other; where
            it has a rule, that has to hold, too.
        sections: Its sections, in order.
        missing: Everything that it lacks.
    """

    instrument: Instrument
    required: Verdict
    depends_on: tuple[str, ...]
    complete: Verdict
    sections: tuple[SectionStatus, ...]
    missing: tuple[Missing, ...]


class PlanStatus(Result):
    """The instruments that a deal needs, and how complete they are.

    Attributes:
        instruments: Every instrument of the playbook, in its order.
        enough: YES where everything that the deal needs is complete; UNKNOWN where that depends on
            what is not known.
    """

    instruments: tuple[InstrumentPlan, ...]
    enough: Verdict

    def instrument(self, key: str) -> InstrumentPlan:
        """The status of one instrument.

        Raises:
            UnknownName: The playbook does not have such an instrument.
        """
        known = {item.instrument.key: item for item in self.instruments}
        if key not in known:
            raise UnknownName("instrument", key, known)
        return known[key]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What the instruments that the deal needs, or may need, still lack."""
        needed = (item for item in self.instruments if item.required is not Verdict.NO)
        return tuple(gap for item in needed for gap in item.missing)


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
        playbook: The playbook with the size policy.
        facts: What is known of the deal, as from `facts_of(deal, playbook, at=…)`, or
            `{"amount": 120_000, "account.tier": "regular"}`; the amount in the playbook's
            currency. What the plan answers of itself (`plan.complete`) is taken from the plan.
        decision_makers: Names of the contacts who influence the decision; each needs a strategy.
        as_of: The day, for rules that depend on one, and for overdue reviews.
        tz: The zone in which a moment has its calendar day.

    Raises:
        ArgumentError: An argument is of the wrong kind; `problems` lists all of them.
        FactError: A fact is of the wrong kind, or a rule needs `as_of` and it is missing.

    Example:
        >>> from salesflow.plugins import load_playbook
        >>> playbook = load_playbook("optimized_sales_process")
        >>> plan = OpportunityPlan(opportunity="D-1", why_anything="Orders are typed in twice")
        >>> status = plan_status(plan, playbook, {"amount": 120_000})
        >>> for item in status.instruments:
        ...     print(item.instrument.key, item.required.value, item.depends_on)
        tas_20 no ()
        opportunity_plan unknown ('account.tier',)
        tas_plan unknown ('account.tier',)
        >>> status = plan_status(plan, playbook, {"amount": 120_000, "account.tier": "regular"})
        >>> status.enough.value, status.instrument("opportunity_plan").missing[0].path
        ('no', 'why_now')
    """
    arguments = Arguments()
    arguments.read(_a_plan, plan)
    arguments.read(instance, playbook, Playbook, "playbook", A_PLAYBOOK)
    known = arguments.read(mapping, facts, "facts") or {}
    hint = 'write decision_makers=["Zhang"]'
    names = arguments.read(several, decision_makers, str, "decision_makers", hint) or ()
    there = arguments.read(zone, tz)
    today = None if as_of is None else arguments.read(day, as_of, "as_of", there)
    arguments.refuse("The status of the plan cannot be found.")
    group = "plan." if isinstance(plan, OpportunityPlan) else "territory."
    of_plan = frozenset(it for it in playbook.record_facts if it.startswith(group))
    own = {name: value for name, value in record_facts((plan,)).items() if name in of_plan}
    told = {name: value for name, value in known.items() if name not in of_plan} | own
    context = _StatusContext(plan, playbook, told, of_plan, names, today, tz)
    instruments = tuple(_instrument(context, item) for item in playbook.instruments.values())
    enough = Verdict.YES
    for item in instruments:
        enough = enough & (~item.required | item.complete)
    return PlanStatus(instruments=instruments, enough=enough)


def _a_plan(given: object) -> None:
    if not isinstance(given, OpportunityPlan | TerritoryPlan):
        hint = "make one, or read it with model_validate_json"
        refuse("plan", "an OpportunityPlan or a TerritoryPlan", given, hint)


@dataclass(frozen=True, slots=True)
class _StatusContext:
    """A plan, and the deal for which it may be enough."""

    plan: OpportunityPlan | TerritoryPlan
    playbook: Playbook
    facts: Mapping[str, object]
    of_plan: frozenset[str]
    decision_makers: tuple[str, ...]
    today: date | None
    tz: str


def _instrument(context: _StatusContext, instrument: Instrument) -> InstrumentPlan:
    required, depends_on = _required(context, instrument.key)
    sections = _sections(context, instrument)
    complete, missing = _complete(context, instrument, sections)
    return InstrumentPlan(
        instrument=instrument,
        required=required,
        depends_on=depends_on,
        complete=complete,
        sections=sections,
        missing=missing,
    )


def _required(context: _StatusContext, key: str) -> tuple[Verdict, tuple[str, ...]]:
    rule = context.playbook.required_instruments[key]
    found = rule.evaluate(context.facts, context.today, tz=context.tz)
    if found.verdict is not Verdict.UNKNOWN:
        return found.verdict, ()
    return found.verdict, tuple(sorted(name for name, seen in found.seen.items() if seen is None))


def _sections(context: _StatusContext, instrument: Instrument) -> tuple[SectionStatus, ...]:
    kind: PlanKind | None = next((each for each in _KINDS if each == instrument.key), None)
    listed = [(section.key, section.title) for section in instrument.sections]
    if not listed and kind is not None and isinstance(context.plan, OpportunityPlan):
        own = replaced(context.plan, kind=kind).completeness()
        listed = [(section.key, section.title) for section in own.sections]
    return tuple(_section(key, title, _found(context, key, kind)) for key, title in listed)


def _found(context: _StatusContext, key: str, kind: PlanKind | None) -> SectionCompleteness | None:
    if isinstance(context.plan, OpportunityPlan):
        return context.plan.section(key, kind=kind, decision_makers=context.decision_makers)
    return context.plan.section(key, today=context.today)


def _section(key: str, title: Text, found: SectionCompleteness | None) -> SectionStatus:
    if found is None:
        gap = Missing.of(_NO_SECTION, key, key=key)
        return SectionStatus(key=key, title=title, complete=Verdict.UNKNOWN, missing=(gap,))
    complete = Verdict.YES if found.complete else Verdict.NO
    return SectionStatus(key=key, title=title, complete=complete, missing=found.missing)


def _complete(
    context: _StatusContext, instrument: Instrument, sections: tuple[SectionStatus, ...]
) -> tuple[Verdict, tuple[Missing, ...]]:
    verdict = Verdict.YES
    for section in sections:
        verdict = verdict & section.complete
    missing = tuple(gap for section in sections for gap in section.missing)
    if instrument.rule is not None:
        holds = instrument.rule.verdict(context.facts, context.today, tz=context.tz)
        verdict = verdict & holds
        of_plan = instrument.rule.facts <= context.of_plan
        if holds is not Verdict.YES and not (missing and of_plan):  # the sections say it better
            playbook = context.playbook
            rule = instrument.rule.describe({**fact_words(playbook), **playbook.fact_titles})
            missing = (*missing, Missing.of(filled(_RULE, rule=rule), instrument.key))
    if instrument.checklist is not None:
        asked, gaps = _asked(context, instrument.checklist)
        return verdict & asked, (*missing, *gaps)
    if sections or instrument.rule is not None:
        return verdict, missing
    done = context.facts.get(f"done.{instrument.key}")
    if not isinstance(done, bool):
        return Verdict.UNKNOWN, ()
    return (Verdict.YES if done else Verdict.NO), ()


def _asked(context: _StatusContext, checklist: str) -> tuple[Verdict, tuple[Missing, ...]]:
    total = len(context.playbook.checklists[checklist].questions)
    asked = context.facts.get(f"{checklist}.asked")
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        return Verdict.UNKNOWN, ()
    if asked >= total:
        return Verdict.YES, ()
    gap = Missing.of(_LEFT, checklist, left=f"{total - asked:g}", total=str(total))
    return Verdict.NO, (gap,)


def write_status(doc: Writer, status: PlanStatus) -> None:
    """The instruments that the deal needs, and whether they are complete."""
    doc.table(
        [item for item in status.instruments if item.required is not Verdict.NO],
        (both(en="Instrument", zh="计划文件"), lambda item: doc.of(item.instrument.title)),
        (both(en="This deal needs it", zh="本项目是否需要"), lambda item: _needed(doc, item)),
        (both(en="It is complete", zh="是否完整"), lambda item: doc.say(_SAID[item.complete])),
    )


def _needed(doc: Writer, item: InstrumentPlan) -> Md:
    required = doc.say(_SAID[item.required])
    if not item.depends_on:
        return required
    titles = [doc.of(FACT_TITLES.get(name) or Text(en=name)) for name in item.depends_on]
    return doc.pair(required, Md(terms.joined(titles, doc.lang)))
