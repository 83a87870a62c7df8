"""What was found when the customer's departments were asked, and what they say of a proposal."""

from __future__ import annotations

from typing import Literal

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.forms.requirement import Requirement


class SurveyReport(Record):
    """The report of a first survey at the customer.

    Source: "Project tracking process sheet", stage 5 (first survey report); its columns are not
    given there.

    Attributes:
        customer: Name of the customer.
        made_on: The day.
        by: Who asked.
        departments: Which departments were asked.
        situation: How things are today.
        problems: What is wrong with that.
        requirements: What they need.
        conclusion: What it means for our solution.
    """

    customer: Label
    made_on: Day
    by: tuple[Label, ...] = ()
    departments: tuple[Label, ...] = ()
    situation: Note | None = None
    problems: tuple[Note, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    conclusion: Note | None = None


class Opinion(Record):
    """What one person at the customer says of our proposal.

    Attributes:
        person: Name of the contact.
        department: Where they work.
        view: For it, against it, or undecided.
        words: What they said.
        answer: What we do about it.
    """

    person: Label
    department: Label | None = None
    view: Literal["for", "against", "undecided"]
    words: Note | None = None
    answer: Note | None = None


class CustomerFeedback(Record):
    """What the customer says of a proposal.

    Source: "Project tracking process sheet", stage 5 (customer feedback); its columns are not given
    there.

    Attributes:
        customer: Name of the customer.
        collected_on: The day.
        proposal: Which proposal, with its version.
        opinions: One for each person who said something.

    Example:
        >>> feedback = CustomerFeedback(
        ...     customer="Acme",
        ...     collected_on="2026-03-02",
        ...     opinions=(Opinion(person="Zhang", view="against", words="Too slow"),),
        ... )
        >>> feedback.unanswered[0].person
        'Zhang'
    """

    customer: Label
    collected_on: Day
    proposal: Label | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def unanswered(self) -> tuple[Opinion, ...]:
        """The opinions that are not for us and that nobody has answered."""
        return tuple(each for each in self.opinions if each.view != "for" and each.answer is None)
