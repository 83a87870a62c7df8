"""What cannot be true of the people at a customer, in a deal and on a relationship map alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from salesflow.domain._base.checks import Problems, Unique
from salesflow.domain.deal.account import BuyingRole, Contact

ONE_EACH: Final[tuple[BuyingRole, ...]] = ("economic_buyer",)
"""Buying roles that at most one person has."""

PERSON_ONCE: Final = Unique("person", "person_twice", "this person is there already")

_SHOWN: Final = 20


def sound_people(contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """The contacts of a deal, as they are.

    Raises:
        ValidationError: A reporting line goes in a circle, or a role is taken twice.
    """
    # Deals are read by the million, and most of their contacts have neither.
    for contact in contacts:
        if contact.reports_to is not None or contact.buying_role in ONE_EACH:
            problems = Problems()
            check_people(problems, contacts, ONE_EACH)
            problems.refuse(contacts)
            break
    return contacts


def check_people(
    problems: Problems,
    contacts: Sequence[Contact],
    one_each: Sequence[BuyingRole],
    *,
    under: tuple[str, ...] = (),
) -> None:
    """Report reporting lines that go in a circle, and roles that too many people have.

    Args:
        problems: Receives what is wrong.
        contacts: The people.
        one_each: Buying roles that at most one person may have.
        under: The path of the contacts in their record.
    """
    place = {contact.name: at for at, contact in enumerate(contacts)}
    for circle in _circles({contact.name: contact.reports_to for contact in contacts}):
        problems.add(
            (*under, place[circle[0]], "reports_to"),
            "reporting_circle",
            "the reporting line goes in a circle: {circle}",
            circle=" → ".join((*circle[:_SHOWN], circle[0])),
        )
    for role in one_each:
        holders = [at for at, contact in enumerate(contacts) if contact.buying_role == role]
        for at in holders[1:]:
            problems.add(
                (*under, at, "buying_role"),
                "role_taken",
                "{first} is the {role} already, and there is one at most",
                first=contacts[holders[0]].name,
                role=role,
            )


def _circles(above: Mapping[str, str | None]) -> list[list[str]]:
    """The circles of a reporting line, each once, from the person who stands first.

    Each person has at most one superior, so a walk upwards either ends, or meets a person of an
    earlier walk (whose circle is known already), or meets itself: that is a new circle.
    """
    done = set[str]()
    found = list[list[str]]()
    for start in above:
        walked = dict[str, None]()  # in order
        name: str | None = start
        while name is not None and name in above and name not in done:
            if name in walked:
                trail = list(walked)
                found.append(trail[trail.index(name) :])
                break
            walked[name] = None
            name = above[name]
        done.update(walked)
    return found
