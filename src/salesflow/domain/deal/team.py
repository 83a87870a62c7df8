"""The people on our side, and who is responsible for what."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal._people_checks import PERSON_ONCE


class Responsibility(Record):
    """One person of the team.

    Attributes:
        person: Their name or id.
        roles: The roles that they have in the deal.
        duties: What they are responsible for.
        agreed: Whether they have agreed to it.
    """

    person: Label
    roles: Annotated[tuple[Label, ...], Field(min_length=1)]
    duties: tuple[Note, ...] = ()
    agreed: bool = False


class DealTeam(CheckedRecord):
    """The team of a deal.

    Source: "Optimized Sales Process v2.1", step 3: duties are clear and everybody agrees.

    Attributes:
        lead: The member who leads the team.
        members: The people of the team, each once.
        agreed_on: The day by which everybody had agreed.

    Example:
        >>> team = DealTeam(
        ...     lead="li.wei",
        ...     members=(
        ...         Responsibility(person="li.wei", roles=("sales_rep",), duties=("The plan",)),
        ...         Responsibility(person="wang.fang", roles=("presales_engineer",)),
        ...     ),
        ... )
        >>> team.without_duties, team.not_agreed
        (('wang.fang',), ('li.wei', 'wang.fang'))
    """

    lead: Label | None = None
    members: Annotated[tuple[Responsibility, ...], PERSON_ONCE] = ()
    agreed_on: Day | None = None

    def _check(self, problems: Problems) -> None:
        if self.lead is not None and self.lead not in {member.person for member in self.members}:
            problems.add(("lead",), "lead_outside", "{lead} is not in the team", lead=self.lead)
        if self.agreed_on is not None and (silent := self.not_agreed):
            problems.add(
                ("agreed_on",),
                "team_not_agreed",
                "{people} have not agreed yet",
                people=", ".join(silent[:20]),
            )

    @property
    def not_agreed(self) -> tuple[str, ...]:
        """The people who have not agreed to their part."""
        return tuple(member.person for member in self.members if not member.agreed)

    @property
    def without_duties(self) -> tuple[str, ...]:
        """The people who have no duties yet."""
        return tuple(member.person for member in self.members if not member.duties)
