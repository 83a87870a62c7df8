"""The checks of pipeline hygiene, asked of one deal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from salesflow._arguments import zone
from salesflow.domain import Opportunity
from salesflow.engine._ages import age_since, entered
from salesflow.engine._context import CommandContext
from salesflow.engine._facts.amounts import UNRATED, Unrated
from salesflow.engine.review import HygieneFinding
from salesflow.errors import Problem
from salesflow.facts import Outcome
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.qualify._hygiene import HygieneRule, hygiene_rules, rules_of_values
from salesflow.qualify._hygiene_facts import (
    CONVERTIBLE,
    GIVEN,
    LONGEST,
    PART_AGE,
    STAGE_AGE,
    hygiene_facts,
    track_age,
)
from salesflow.qualify._hygiene_rows import HygieneGroup
from salesflow.rules import Verdict, possible

_GROUPS: Final[Mapping[Outcome, frozenset[HygieneGroup]]] = {
    "none": frozenset({"all", "open"}),
    "won": frozenset({"all", "closed", "won"}),
    "lost": frozenset({"all", "closed", "lost"}),
    "disqualified": frozenset({"all", "closed", "lost"}),
}

_ALL: Final[frozenset[HygieneGroup]] = frozenset({"all"})
"""Those of a deal that ended without an outcome: it is neither open nor closed."""


def hygiene(
    context: CommandContext, facts: Mapping[str, object], problems: Iterable[Problem]
) -> tuple[HygieneFinding, ...]:
    """What does not hold, or nobody knows, of what a frame of this one deal would be checked for.

    `problems` tell which of the facts that the deal gives have values that they cannot have.
    Of a deal that lies after the present day, only what looks for such days is asked.
    """
    known = {**facts, **_further(context, facts)}
    progress, today, tz = context.progress, context.today, context.tz
    later = _lies_after(facts, today)
    found = []
    over = progress.ended and progress.outcome == "none"
    groups = _ALL if over else _GROUPS[progress.outcome]
    for rule in _rules_of(context.playbook, groups, (progress.stage, progress.sub_stage)):
        if later and not rule.later:
            continue
        verdict = rule.rule.verdict(known, today, tz=tz)
        if verdict is not Verdict.YES and _asked(context, rule, known):
            found.append(_finding(rule, verdict))
    if not later:
        found += (_finding(*each) for each in _of_values(context, facts, problems))
    return tuple(found)


def _lies_after(facts: Mapping[str, object], today: date) -> bool:
    """Whether it was created or closed later, or came later to where it is: as of rows."""
    days = (facts.get(name) for name in ("created_on", "entered_stage_on", "closed_on"))
    return any(isinstance(day, date) and day > today for day in days)


@kept_with_playbook
def _rules_of(
    playbook: Playbook, groups: frozenset[HygieneGroup], place: tuple[str | None, str | None]
) -> tuple[HygieneRule, ...]:
    """The rules that are asked of the deals of these groups, at this place.

    What compares it with other deals is asked of a frame only.
    """
    return tuple(
        rule
        for rule in hygiene_rules(playbook)
        if rule.group in groups
        and (rule.places is None or place in rule.places)
        and LONGEST not in rule.rule.facts
    )


@lru_cache(maxsize=1024)
def _finding(rule: HygieneRule, verdict: Verdict) -> HygieneFinding:
    return HygieneFinding(
        check=f"hygiene.{rule.name}", title=rule.title, severity=rule.severity, verdict=verdict
    )


def _asked(context: CommandContext, rule: HygieneRule, known: Mapping[str, object]) -> bool:
    """Whether it applies, and the deal has what could decide it, as a frame has columns."""
    when = rule.when
    if when is not None and when.verdict(known, context.today, tz=context.tz) is Verdict.NO:
        return False
    if isinstance(context.opportunity, Opportunity):
        return True
    has: Callable[[str], bool] = known.__contains__
    core = rule.rule.core(context.today)
    return all(map(has, rule.needs)) and possible(core, has) != {Verdict.UNKNOWN}


def _further(context: CommandContext, facts: Mapping[str, object]) -> dict[str, object]:
    """What the rules read beside the facts of the playbook."""
    found: dict[str, object] = {}
    if isinstance(context.opportunity, Opportunity):
        given = facts.get("amount") is not None or f"{UNRATED}amount" in facts
        found[f"amount{GIVEN}"] = given
    if not context.playbook.policy.pause_on_hold:
        return found  # what has passed since a day is the age
    progress = context.progress
    begun: dict[str, datetime | None] = {}
    begun[STAGE_AGE], begun[PART_AGE] = entered(progress)
    for key in context.playbook.tracks:
        stay = progress.track(key)
        begun[track_age(key)] = None if stay is None else stay.entered_at
    for name, since in begun.items():
        if since is not None:
            age = age_since(since, context.playbook, progress, context.at, zone(context.tz))
            found[name] = age.days
    return found


def _of_values(
    context: CommandContext, facts: Mapping[str, object], problems: Iterable[Problem]
) -> Iterator[tuple[HygieneRule, Verdict]]:
    """What is broken by the values that the deal has, or not known for them."""
    unrated = {
        name.removeprefix(UNRATED): Verdict.NO if value.needs_rate else Verdict.UNKNOWN
        for name, value in facts.items()
        if isinstance(value, Unrated)
    }
    outside = [it.path.removeprefix("facts.") for it in problems if it.code == "outside"]
    catalogue = hygiene_facts(context.playbook)
    for rule in rules_of_values(context.playbook, catalogue, outside, tuple(unrated)):
        verdicts = {unrated.get(flag.removesuffix(CONVERTIBLE)) for flag in rule.rule.facts}
        yield rule, Verdict.UNKNOWN if verdicts == {Verdict.UNKNOWN} else Verdict.NO
