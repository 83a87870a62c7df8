"""Pipeline hygiene of a frame: its rules as checks of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from salesflow.facts import Facts
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.qualify._hygiene import HygieneRule, hygiene_rules, rules_of_unread, rules_of_values

_BESIDE: Final = {"hygiene.outcome_agrees": "outcome", "hygiene.ended_has_outcome": "ended"}
"""What says again how a deal stands, by the check that compares it: where no column does, there is
nothing to compare, and nothing is missing."""


def hygiene_checks(
    playbook: Playbook, facts: Facts, listed: Sequence[str], *, converted: Sequence[str]
) -> list[Check]:
    """The hygiene checks of a playbook, with its limits.

    `listed` are the facts that cannot have any value, and that have a column; `converted` the
    amounts that may be in another currency than the playbook's.
    """
    of_values = rules_of_values(playbook, facts, listed, converted)
    usual = (it for it in _of_every_frame(playbook) if _BESIDE.get(it.key, "") in {"", *listed})
    return [*usual, *_checks(playbook, [*of_values, *rules_of_unread(playbook, facts)])]


@kept_with_playbook
def _of_every_frame(playbook: Playbook) -> tuple[Check, ...]:
    return tuple(_checks(playbook, hygiene_rules(playbook)))


def _checks(playbook: Playbook, rules: Iterable[HygieneRule]) -> Iterator[Check]:
    for item in rules:
        check = as_check(item, playbook)
        if check is not None:
            yield check


def as_check(rule: HygieneRule, playbook: Playbook) -> Check | None:
    """A rule of hygiene as a check of rows; None where only deals that are won come there."""
    codes = None
    if rule.places is not None:
        codes = tuple(
            place.code
            for place in Places(playbook)
            if place.outcome == "none" and (place.stage, place.sub_stage) in rule.places
        )
    if codes == ():
        return None
    return Check(
        key=f"hygiene.{rule.name}",
        rule=rule.rule,
        scopes=(Scope(rule.group, codes, later=rule.later),),
        severity=rule.severity,
        title=rule.title,
        when=rule.when,
        needs=rule.needs,
    )
