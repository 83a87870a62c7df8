"""The form of a stage: the situation, what four people think of it, and what they do next."""

from __future__ import annotations

from typing import Annotated, Final

from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.forms.project_sheet import ProjectHeader

_ROLES: Final = ("sales_rep", "department_head", "sales_manager", "general_manager")


class RoleJudgement(Record):
    """What one role thinks of a stage.

    Attributes:
        role: Key of the role.
        by: The person who judged in that role.
        on: The day of the judgement.
        judgement: What they think.
        follow_up: What they will do, or have done.
    """

    role: Label
    by: Label | None = None
    on: Day | None = None
    judgement: Note
    follow_up: Note | None = None


class StageForm(CheckedRecord):
    """The judgement form of one stage.

    Source: "Project tracking process sheet", stages 1 to 8. The engine decides on the command
    `Judge`; this is the form with its words.

    Attributes:
        project: The head of the sheet.
        stage: The stage.
        actual_situation: The situation, described by the sales representative.
        judgements: The judgements, each role once.
        wanted_roles: The roles that have to judge.

    Example:
        >>> form = StageForm(
        ...     project=ProjectHeader(name="Water plant"),
        ...     stage="first_contact",
        ...     judgements=(RoleJudgement(role="sales_rep", judgement="They want a proposal"),),
        ... )
        >>> form.missing_roles
        ('department_head', 'sales_manager', 'general_manager')
    """

    project: ProjectHeader
    stage: Label
    actual_situation: Note | None = None
    judgements: Annotated[
        tuple[RoleJudgement, ...], Unique("role", "role_twice", "this role has judged already")
    ] = ()
    wanted_roles: tuple[Label, ...] = _ROLES

    @property
    def missing_roles(self) -> tuple[str, ...]:
        """The roles that have not judged."""
        judged = {judgement.role for judgement in self.judgements}
        return tuple(role for role in self.wanted_roles if role not in judged)

    @property
    def without_follow_up(self) -> tuple[str, ...]:
        """The roles that have judged without naming a follow-up."""
        return tuple(item.role for item in self.judgements if item.follow_up is None)
