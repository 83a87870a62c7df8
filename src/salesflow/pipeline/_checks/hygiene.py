"""Pipeline hygiene of a frame: its rules as checks of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from salesflow.facts import Facts
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._frames.stages import Places
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook
from salesflow.qualify._hygiene import HygieneRule, hygiene_rules, rules_of_values


def hygiene_checks(
    playbook: Playbook, facts: Facts, listed: Sequence[str], *, converted: Sequence[str]
) -> list[Check]:
    """The hygiene checks of a playbook, with its limits.

    `listed` are the facts that cannot have any value, and that have a column; `converted` the
    amounts that may be in another currency than the playbook's.
    """
    of_values = rules_of_values(playbook, facts, listed, converted)
    return [*_of_every_frame(playbook), *_checks(playbook, of_values)]


@kept_with_playbook
def _of_every_frame(playbook: Playbook) -> tuple[Check, ...]:
    return tuple(_checks(playbook, hygiene_rules(playbook)))


def _checks(playbook: Playbook, rules: Iterable[HygieneRule]) -> Iterator[Check]:
    places = Places(playbook)
    for item in rules:
        codes = None
        if item.places is not None:
            codes = tuple(
                place.code
                for place in places
                if place.outcome == "none" and (place.stage, place.sub_stage) in item.places
            )
            if not codes:
                continue  # only deals that are won come there
        yield Check(
            key=f"hygiene.{item.name}",
            rule=item.rule,
            scopes=(Scope(item.group, codes, later=item.later),),
            severity=item.severity,
            title=item.title,
            when=item.when,
            needs=item.needs,
        )
