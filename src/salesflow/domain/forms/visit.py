"""Visits and showcases: the preparation, the people, and the result."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day, Instant
from salesflow.domain.plans.action import Action

VisitWay = Literal["telephone", "in_person", "online"]
"""How a talk takes place."""


class VisitPlan(Record):
    """The preparation of a talk.

    Source: "Optimized Sales Process v2.1", step 4 (call plan; outline for meeting an executive);
    "Project tracking process sheet", stage 2 (agreed time and place).

    Attributes:
        goal: What the talk is to achieve: the next step of the customer.
        people: Names of the contacts whom we want to meet.
        value: What we want to show them that matters to their business.
        questions: What we want to learn.
        cases: Success stories to tell.
        agreed_at: The agreed time.
        place: The agreed place.
    """

    goal: Note
    people: tuple[Label, ...] = ()
    value: Note | None = None
    questions: tuple[Note, ...] = ()
    cases: tuple[Note, ...] = ()
    agreed_at: Instant | None = None
    place: Label | None = None


class CustomerVisit(CheckedRecord):
    """The summary of a talk with the customer.

    Source: "Project tracking process sheet", stage 2 (visit summary report); the columns are not
    given there.

    Attributes:
        customer: Name of the customer.
        held_at: When it took place.
        way: By telephone, in person, or online.
        by: The people who went there for us.
        met: Names of the contacts who took part.
        plan: How it was prepared.
        summary: What was said and found.
        agreed: What both sides agreed to do next; None: nothing.
        next_step_on: The day of the next step; needs `agreed`.
        interested: Whether the customer showed interest in going on; None: hard to say.
        actions: What we have to do.

    Example:
        >>> visit = CustomerVisit(
        ...     customer="Acme", held_at="2026-03-02T09:00:00Z", way="in_person", by=("li.wei",)
        ... )
        >>> visit.moved_on
        False
    """

    customer: Label
    held_at: Instant
    way: VisitWay
    by: tuple[Label, ...] = ()
    met: tuple[Label, ...] = ()
    plan: VisitPlan | None = None
    summary: Note | None = None
    agreed: Note | None = None
    next_step_on: Day | None = None
    interested: bool | None = None
    actions: tuple[Action, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.next_step_on is not None and self.agreed is None:
            problems.add(("agreed",), "next_step_unsaid", "say what was agreed for that day")

    @property
    def moved_on(self) -> bool:
        """Whether a next step was agreed; a friendly talk without one does not advance the deal."""
        return self.agreed is not None


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

    Source: "Project tracking process sheet", stage 4 (showcase summary). Its third condition can be
    read in two ways, so that there is a field for each: `customers_view` and `presenters_view`.

    Attributes:
        customer: Name of the customer.
        held_on: The day on which it was held.
        attendees: The people who came, and whether it convinced them.
        customers_view: What the customer's people think of the presentation, learned by asking how
            they rate our presales support.
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
    customers_view: Note | None = None
    presenters_view: Note | None = None
    agreed: Note | None = None
    learned: Note | None = None

    @property
    def convinced(self) -> tuple[str, ...]:
        """The attendees whom it convinced."""
        return tuple(guest.person for guest in self.attendees if guest.convinced)
