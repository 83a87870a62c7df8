"""What the checks of hygiene read beside the facts of a playbook: ages, and what amounts say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from salesflow.facts import CURRENCY, Fact, FactKind, Facts
from salesflow.playbook import Playbook
from salesflow.playbook._kept import kept_with_playbook

AGE: Final = "deal_age"
LONGEST: Final = "longest_won_cycle"
CONVERTIBLE: Final = ".convertible"
"""What the flag ends with that there is a rate for an amount."""
GIVEN: Final = ".given"
"""What the flag ends with that there is an amount, be there a rate for it or not."""
LISTED: Final = "listed"
UNREAD: Final = ".unread"
"""What the name of a column ends with that holds what could not be read of a fact."""
AGREES: Final = "outcome.agrees"
"""Whether the stage and the outcome of a row say the same of how the deal ended, where both do."""
STAGE_AGE: Final = "stage.age"
PART_AGE: Final = "sub_stage.age"

_READ: Final = frozenset({FactKind.NUMBER, FactKind.MONEY, FactKind.DAY, FactKind.INSTANT})
_NUMBERS: Final = (AGE, LONGEST, STAGE_AGE, PART_AGE)


@kept_with_playbook
def hygiene_facts(playbook: Playbook) -> Facts:
    """The facts of a playbook, and what these rules read beside them.

    They follow from the others: ages, in days without those on hold where clocks rest then,
    whether the amount is given and has a rate, and whether a row agrees with itself.
    """
    ages = (*_NUMBERS, *(track_age(key) for key in playbook.tracks))
    return playbook.facts.extended(
        [
            *(Fact(name, FactKind.NUMBER) for name in ages),
            *(Fact(f"amount{end}", FactKind.FLAG) for end in (CONVERTIBLE, GIVEN)),
            Fact(AGREES, FactKind.FLAG),
        ]
    )


def unread_facts(names: Iterable[object], facts: Facts) -> list[Fact]:
    """What could not be read of numbers and days, where columns of these names hold it."""
    texts = (name for name in names if isinstance(name, str))
    said = [(name, facts.get(name.removesuffix(UNREAD))) for name in texts]
    return [
        Fact(name, FactKind.TEXT)
        for name, fact in said
        # What has no such end is a fact itself, or is none.
        if fact is not None and fact.kind in _READ and name not in facts
    ]


def track_age(key: str) -> str:
    """What the days are called that a track has been where it stands."""
    return f"track.{key}.age"


def is_age(name: str) -> bool:
    """Whether a fact is an age: of the deal, of its stay in a stage, or of a track in a state."""
    of_track = name.startswith("track.") and name.endswith(".age")
    return of_track or name in (AGE, STAGE_AGE, PART_AGE)


def came_of(name: str, playbook: Playbook) -> tuple[str, ...]:
    """The facts that have to be known for one that the rules read; any other comes of itself."""
    if name == LONGEST:
        return (*came_of(AGE, playbook), "closed_on")
    if is_age(name):
        return rested_in(name) if playbook.policy.pause_on_hold else rested_in(name)[:1]
    if name == AGREES:
        return ("stage", "outcome")
    if name.endswith(CONVERTIBLE):
        amount = name.removesuffix(CONVERTIBLE)
        fact = playbook.facts.get(amount)
        said = None if fact is None else fact.currency
        if said is not None and said.isupper():  # a code, and not the fact that holds it
            return (amount,)
        return amount, said or f"{amount}{CURRENCY}"
    return (name.removeprefix(f"{LISTED}.").removesuffix(GIVEN),)


def rested_in(age: str) -> tuple[str, str]:
    """The day from which an age counts, and the days on hold since."""
    if age == AGE:
        return "created_on", "days_on_hold"
    place, _, _ = age.rpartition(".")
    if age in (STAGE_AGE, PART_AGE):
        return f"entered_{place}_on", f"days_on_hold_in_{place}"
    return f"{place}.entered_on", f"{place}.days_on_hold"
