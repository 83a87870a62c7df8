"""Plans to win people: what each person wants, and what we do about it."""

from __future__ import annotations

from typing import Annotated, Self

from salesflow.domain._base.checks import CheckedRecord
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal._people_checks import PERSON_ONCE
from salesflow.domain.deal.account import Attitude, BuyingRole, Contact, Influence, Relationship
from salesflow.domain.plans.action import Action
from salesflow.domain.plans.section import FollowsActions


class PersonStrategy(Record):
    """How we mean to win one person who influences the decision.

    Source: "Optimized Sales Process v2.1", step 3; "Project tracking process sheet", stage 2
    (assessment of the relationship). The two agendas are common knowledge of the method.

    Attributes:
        person: Name of the contact.
        buying_role: The part that they play in this purchase; None: not known.
        influence: How much weight they have in the decision; None: not known.
        attitude: Whether they are for us or against us; None: not known.
        business_agenda: What they want for their business.
        personal_agenda: What they want for themselves.
        relationship: How well they know and trust us today; None: not known.
        strategy: What we do to win them; None: nothing is planned.
        owner: The person on our side who looks after them.

    Example:
        >>> zhang = Contact(name="Zhang", buying_role="economic_buyer", influence="high")
        >>> plan = PersonStrategy.of(zhang, strategy="Show the numbers", owner="li.wei")
        >>> plan.person, plan.buying_role, plan.strategy
        ('Zhang', 'economic_buyer', 'Show the numbers')
    """

    person: Label
    buying_role: BuyingRole | None = None
    influence: Influence | None = None
    attitude: Attitude | None = None
    business_agenda: Note | None = None
    personal_agenda: Note | None = None
    relationship: Relationship | None = None
    strategy: Note | None = None
    owner: Label | None = None

    @classmethod
    def of(cls, contact: Contact, **more: object) -> Self:
        """A strategy for a contact: what the deal says of them, and what is planned.

        Args:
            contact: The contact.
            more: Fields of the strategy; they go before those of the contact.

        Raises:
            ValidationError: A field does not exist, or a value is wrong.
        """
        known = {
            "person": contact.name,
            "buying_role": contact.buying_role,
            "influence": contact.influence,
            "attitude": contact.attitude,
            "relationship": contact.relationship,
        }
        return cls.model_validate({**known, **more})


class SupporterPlan(Record):
    """How we mean to make somebody a supporter inside the customer.

    Source: "Optimized Sales Process v2.1", steps 3 and 4.

    Attributes:
        person: Name of the contact.
        now: Their attitude today; None: not known.
        wanted: The attitude that we want them to have.
        steps: What we do to get there; None: nothing is planned.
        owner: The person on our side who does it.

    Example:
        >>> SupporterPlan(person="Liu", now="neutral", steps="Train her team").wanted
        'supporter'
    """

    person: Label
    now: Attitude | None = None
    wanted: Attitude = "supporter"
    steps: Note | None = None
    owner: Label | None = None


class RelationshipPlan(FollowsActions, CheckedRecord):
    """A plan to strengthen the relationship with a customer.

    Source: "Project tracking process sheet", stages 2 and 6; the columns are not given there.

    Attributes:
        customer: Name of the customer.
        stage: The stage for which it was made.
        made_on: The day when it was made.
        people: A strategy for each person, each once.
        actions: The action plan.

    Example:
        >>> plan = RelationshipPlan(customer="Acme", people=(PersonStrategy(person="Zhang"),))
        >>> plan.without_strategy
        ('Zhang',)
    """

    customer: Label
    stage: Label | None = None
    made_on: Day | None = None
    people: Annotated[tuple[PersonStrategy, ...], PERSON_ONCE] = ()
    actions: tuple[Action, ...] = ()

    @property
    def without_strategy(self) -> tuple[str, ...]:
        """The people for whom nothing is planned."""
        return tuple(plan.person for plan in self.people if plan.strategy is None)
