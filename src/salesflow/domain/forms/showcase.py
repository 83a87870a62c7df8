"""Showcases: the customer sees what we did for others."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day


class Attendee(Record):
    """A person of the customer at a showcase.

    Attributes:
        person: Name of the contact.
        department: The department in which they work.
        cares_about: What they want to know.
        convinced: Whether it convinced them; None: not known, or not yet.
    """

    person: Label
    department: Label | None = None
    cares_about: Note | None = None
    convinced: bool | None = None


class ShowcasePlan(Record):
    """How a showcase is prepared.

    Source: "Project tracking process sheet", stage 4 (showcase plan); its columns are not given
    there.

    Attributes:
        customer: Name of the customer.
        planned_on: The day for which it is planned.
        kind: A demonstration, a visit to another customer, or a talk.
        case: What is shown.
        goal: What the showcase is to achieve.
        attendees: The people of the customer who come, and what they care about.
        staff: Who does what on our side.
    """

    customer: Label
    planned_on: Day | None = None
    kind: Literal["demonstration", "reference_visit", "talk"] | None = None
    case: Note | None = None
    goal: Note | None = None
    attendees: tuple[Attendee, ...] = ()
    staff: tuple[Label, ...] = ()

    @property
    def concerns_unknown(self) -> tuple[str, ...]:
        """The attendees of whom we do not know what they care about."""
        return tuple(guest.person for guest in self.attendees if guest.cares_about is None)


class ShowcaseSummary(Record):
    """The result of a showcase.

    Source: "Project tracking process sheet", stage 4 (showcase summary).

    Attributes:
        customer: Name of the customer.
        held_on: The day on which it was held.
        attendees: The people who came, and whether it convinced them.
        presenters_view: What our presenters think of the customer's view.
        agreed: What both sides agreed to do next.
        learned: What we learned about needs and relationships.

    Example:
        >>> summary = ShowcaseSummary(
        ...     customer="Acme",
        ...     held_on="2026-03-02",
        ...     attendees=(Attendee(person="Zhang", convinced=True), Attendee(person="Liu")),
        ... )
        >>> summary.convinced
        ('Zhang',)
    """

    customer: Label
    held_on: Day
    attendees: tuple[Attendee, ...] = ()
    presenters_view: Note | None = None
    agreed: Note | None = None
    learned: Note | None = None

    @property
    def convinced(self) -> tuple[str, ...]:
        """The attendees whom it convinced."""
        return tuple(guest.person for guest in self.attendees if guest.convinced)
