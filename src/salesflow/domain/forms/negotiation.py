"""The negotiation: how we prepare it, and what both sides agreed."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.forms.payment import PaymentTerms
from salesflow.money import Money

NegotiationTopic = Literal["price", "payment", "delivery_standard", "after_sales", "liability"]
"""The five terms on which both sides have to agree."""

_TOPICS: Final[tuple[NegotiationTopic, ...]] = get_args(NegotiationTopic)


class Objection(Record):
    """Something that the customer may object to.

    Attributes:
        topic: What it is about, for instance price or time of delivery.
        words: What the customer says.
        answer: What we answer; None: nothing is prepared.
    """

    topic: Label
    words: Note
    answer: Note | None = None


class DecisionDate(Record):
    """One step of the customer's own decision.

    Attributes:
        person: Name of the contact who decides.
        what: What they decide.
        on: The day by which they decide it; None: not known.
    """

    person: Label
    what: Note
    on: Day | None = None


class NegotiationPlan(CheckedRecord):
    """How a negotiation is prepared.

    Source: "Sales process management template", step 4; "Project tracking process sheet", stage 7
    (negotiation plan); its columns are not given there.

    Attributes:
        opportunity: Id of the deal.
        objections: What the customer may object to, with our answers.
        decisions: Who decides what at the customer, and when.
        target: The price that we want.
        floor: The lowest price that we accept; not above the target.
        may_give: What we can give instead of a lower price.
        wants_back: What we want in return.

    Example:
        >>> plan = NegotiationPlan(
        ...     opportunity="D-1", objections=(Objection(topic="price", words="Too dear"),)
        ... )
        >>> plan.unprepared[0].topic
        'price'
    """

    opportunity: Label
    objections: tuple[Objection, ...] = ()
    decisions: tuple[DecisionDate, ...] = ()
    target: Money | None = None
    floor: Money | None = None
    may_give: tuple[Note, ...] = ()
    wants_back: tuple[Note, ...] = ()

    def _check(self, problems: Problems) -> None:
        if self.target is not None and self.floor is not None:
            if self.target.currency != self.floor.currency:
                problems.add(("floor",), "currency_mixed", "target and floor need one currency")
            elif self.floor.amount > self.target.amount:
                problems.add(("floor",), "floor_high", "the floor is above the target")

    @property
    def unprepared(self) -> tuple[Objection, ...]:
        """The objections without an answer."""
        return tuple(objection for objection in self.objections if objection.answer is None)


class AgreedTerm(Record):
    """What was agreed on one topic.

    Attributes:
        topic: One of the five topics.
        text: What was agreed.
    """

    topic: NegotiationTopic
    text: Note


class NegotiationMinutes(CheckedRecord):
    """The minutes of a negotiation, which both sides confirm.

    Source: "Sales process management template", step 4.

    Attributes:
        number: The number of the minutes, to which the contract refers.
        customer: Name of the customer.
        held_on: The day of the negotiation.
        by: The people who took part for us.
        with_people: Names of the contacts who took part.
        terms: What was agreed, each topic once.
        price: The agreed price.
        payment: The agreed parts of the price; they sum to 100 %.
        open_points: What is not agreed yet.
        confirmed_by_us: The person who confirmed for us.
        confirmed_by_customer: The person who confirmed for the customer.

    Example:
        >>> minutes = NegotiationMinutes(
        ...     customer="Acme",
        ...     held_on="2026-03-02",
        ...     terms=(AgreedTerm(topic="price", text="1.2 million CNY"),),
        ...     confirmed_by_us="li.wei",
        ... )
        >>> minutes.confirmed, minutes.missing
        (False, ('payment', 'delivery_standard', 'after_sales', 'liability'))
    """

    number: Label | None = None
    customer: Label
    held_on: Day
    by: tuple[Label, ...] = ()
    with_people: tuple[Label, ...] = ()
    terms: Annotated[
        tuple[AgreedTerm, ...], Unique("topic", "topic_twice", "this topic is there already")
    ] = ()
    price: Money | None = None
    payment: PaymentTerms = ()
    open_points: tuple[Note, ...] = ()
    confirmed_by_us: Label | None = None
    confirmed_by_customer: Label | None = None

    @property
    def missing(self) -> tuple[NegotiationTopic, ...]:
        """The topics on which nothing is agreed."""
        agreed = {term.topic for term in self.terms}
        agreed |= {"price"} if self.price else set()
        agreed |= {"payment"} if self.payment else set()
        return tuple(topic for topic in _TOPICS if topic not in agreed)

    @property
    def confirmed(self) -> bool:
        """Whether both sides have confirmed them."""
        return self.confirmed_by_us is not None and self.confirmed_by_customer is not None
