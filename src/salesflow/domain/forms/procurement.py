"""How the customer buys: the steps, the criteria, and other influences on the decision."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from salesflow.domain._base.checks import TITLE_ONCE, CheckedRecord
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day


class ProcurementStep(Record):
    """One step of the customer's own process.

    Attributes:
        title: What the customer does.
        department: The department that does it.
        people: Names of the contacts who take part.
        due_on: The day by which it is to be done.
        done: Whether it is done; None: not known.
    """

    title: Label
    department: Label | None = None
    people: tuple[Label, ...] = ()
    due_on: Day | None = None
    done: bool | None = None


class ProcurementCriterion(Record):
    """A criterion by which the customer decides.

    Attributes:
        title: The name of the criterion.
        formal: Whether it is written in the customer's papers; None: not known.
        required: Whether a supplier who does not meet it is out; None: not known.
        weight: Its weight in percent, from 0 to 100; None: not known.
        people: Names of the contacts who care most.
        met: Whether we meet it; None: not known.
        note: How we mean to meet or to change it.
    """

    title: Label
    formal: bool | None = None
    required: bool | None = None
    weight: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    people: tuple[Label, ...] = ()
    met: bool | None = None
    note: Note | None = None


class InfluencingFactor(Record):
    """Another influence on the decision.

    Source: "Project tracking process sheet", stage 6 (influencing factors); its columns are not
    given there.

    Attributes:
        what: What has the influence.
        for_us: Whether it helps us; None: hard to say.
        weight: How much influence it has.
        response: What we do about it.
    """

    what: Note
    for_us: bool | None = None
    weight: Level | None = None
    response: Note | None = None


class ProcurementProcess(CheckedRecord):
    """How a customer buys.

    Source: "Project tracking process sheet", stages 2 (procurement process), 6 and 7 (criteria);
    their columns are not given there. "Optimized Sales Process v2.1", steps 2 to 6.

    Attributes:
        customer: Name of the customer.
        way: Tender, invitation, negotiation, or as the customer calls it.
        habits: The experience and the habits that the customer has in buying.
        budget: What is known of the budget.
        decision_on: The day by which the customer decides.
        steps: The customer's steps, in order, each once.
        criteria: The criteria of the decision, each once.
        factors: Other influences on the decision.

    Example:
        >>> process = ProcurementProcess(
        ...     customer="Acme",
        ...     criteria=(ProcurementCriterion(title="ISO 27001", required=True, met=False),),
        ... )
        >>> process.knock_outs[0].title
        'ISO 27001'
    """

    customer: Label
    way: Label | None = None
    habits: Note | None = None
    budget: Note | None = None
    decision_on: Day | None = None
    steps: Annotated[tuple[ProcurementStep, ...], TITLE_ONCE] = ()
    criteria: Annotated[tuple[ProcurementCriterion, ...], TITLE_ONCE] = ()
    factors: tuple[InfluencingFactor, ...] = ()

    @property
    def knock_outs(self) -> tuple[ProcurementCriterion, ...]:
        """The required criteria that we do not meet."""
        return tuple(item for item in self.criteria if item.required and item.met is False)

    @property
    def unknown(self) -> tuple[ProcurementCriterion, ...]:
        """The criteria of which we do not know whether we meet them."""
        return tuple(item for item in self.criteria if item.met is None)
