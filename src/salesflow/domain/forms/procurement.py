"""How the customer buys: their steps, what they decide by, what else has an influence."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.times import Day


class ProcurementStep(Record):
    """One step of the customer's own process.

    Attributes:
        title: What they do.
        department: Which department does it.
        people: Names of the contacts who take part.
        due_on: By which day.
        done: Whether it is done; None: not known.
    """

    title: Label
    department: Label | None = None
    people: tuple[Label, ...] = ()
    due_on: Day | None = None
    done: bool | None = None


class ProcurementCriterion(Record):
    """One thing that the customer decides by.

    Attributes:
        title: What it is.
        formal: Whether it is written in their papers; None: not known.
        required: Whether who does not meet it is out; None: not known.
        weight: Its weight in percent; None: not known.
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
    """Something else that has an influence on the decision.

    Source: "Project tracking process sheet", stage 6 (influencing factors); its columns are not
    given there.

    Attributes:
        what: What it is.
        for_us: Whether it helps us; None: hard to say.
        weight: How much influence it has.
        response: What we make of it.
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
        way: Tender, invitation, negotiation, or as they call it.
        habits: What experience and which habits they have in buying.
        budget: What is known of the budget.
        decision_on: By which day they decide.
        steps: Their steps, in order, each once.
        criteria: What they decide by, each once.
        factors: What else has an influence.

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
    steps: tuple[ProcurementStep, ...] = ()
    criteria: tuple[ProcurementCriterion, ...] = ()
    factors: tuple[InfluencingFactor, ...] = ()

    def _check(self, problems: Problems) -> None:
        for name, titles in (
            ("steps", [each.title for each in self.steps]),
            ("criteria", [each.title for each in self.criteria]),
        ):
            for at in repeated(titles):
                problems.add((name, at, "title"), "title_twice", "it is there already")

    @property
    def knock_outs(self) -> tuple[ProcurementCriterion, ...]:
        """The required criteria that we do not meet."""
        return tuple(each for each in self.criteria if each.required and each.met is False)

    @property
    def unknown(self) -> tuple[ProcurementCriterion, ...]:
        """The criteria of which we do not know whether we meet them."""
        return tuple(each for each in self.criteria if each.met is None)
