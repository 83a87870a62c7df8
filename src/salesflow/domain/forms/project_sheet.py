"""The project sheet: what is known of a project, its importance, and the form of each stage."""

from __future__ import annotations

from typing import Annotated, Final

from salesflow._data import read_data
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.deal._people_checks import PERSON_ONCE
from salesflow.domain.deal.team import Responsibility
from salesflow.domain.decision_table import DecisionTable, TableResult
from salesflow.domain.forms.delivery import Milestone
from salesflow.money import Money, Rates

IMPORTANCE_GRADES: Final = DecisionTable.model_validate(
    read_data(__package__, "importance_grades.toml")
)
"""High, medium or low importance. The two factors are those of "Twenty sales processes", presales
initiation; it gives no table, so the rows are our reading."""


class ProjectHeader(Record):
    """The head of the project tracking sheet, with its six fields.

    Source: "Project tracking process sheet", head.

    Attributes:
        name: Name of the project.
        region: The region in which it is.
        code: Its code.
        general_contractor: Name of the general contractor.
        quotation_staff: The person who makes the quotation.
        department: The department to which it belongs.
    """

    name: Label
    region: Label | None = None
    code: Label | None = None
    general_contractor: Label | None = None
    quotation_staff: Label | None = None
    department: Label | None = None


class ProjectSheet(CheckedRecord):
    """What is known of a project before and when it is set up.

    Source: "Twenty sales processes", presales initiation, steps 1 and 2. The columns of its sheet
    are not given there: these are what its text asks for. It serves as the initiation request of
    the "Project tracking process sheet", stage 1, too.

    Attributes:
        head: Name, region, code and the like.
        customer: Name of the customer.
        description: What the project is, so that others understand it.
        information_source: How we learned of it.
        market: The market to which it belongs.
        market_importance: How important that market is to us.
        expected_amount: The expected value of the contract.
        expected_gross_profit: The expected gross profit.
        sponsor: The senior manager who answers for it: a named person, not a stamp.
        team: The people who work on it, each once.
        control_points: The points at which it is reviewed.
        set_up_on: The day when it was set up; needs a sponsor and a control point.
        graded: The importance that a person decided; None: only the table advises.

    Example:
        >>> sheet = ProjectSheet(
        ...     head=ProjectHeader(name="Core banking"),
        ...     market_importance="high",
        ...     expected_gross_profit=Money("300000", "CNY"),
        ... )
        >>> policy = ImportancePolicy(
        ...     medium_from=Money("200000", "CNY"), high_from=Money("1e6", "CNY")
        ... )
        >>> policy.advise(sheet).result
        'high'
    """

    head: ProjectHeader
    customer: Label | None = None
    description: Note | None = None
    information_source: Label | None = None
    market: Label | None = None
    market_importance: Level | None = None
    expected_amount: Money | None = None
    expected_gross_profit: Money | None = None
    sponsor: Label | None = None
    team: Annotated[tuple[Responsibility, ...], PERSON_ONCE] = ()
    control_points: tuple[Milestone, ...] = ()
    set_up_on: Day | None = None
    graded: Level | None = None

    def _check(self, problems: Problems) -> None:
        if self.set_up_on is not None and self.sponsor is None:
            problems.add(("sponsor",), "sponsor_missing", "name the person who answers for it")
        if self.set_up_on is not None and not self.control_points:
            problems.add(("control_points",), "control_points_missing", "set at least one")


class ImportancePolicy(CheckedRecord):
    """The bounds of gross profit, and the table by which importance follows from it.

    Attributes:
        medium_from: The smallest gross profit that is medium.
        high_from: The smallest gross profit that is high; more than `medium_from`, in the same
            currency.
        table: The decision table, with the inputs `gross_profit` and `market_importance`.
    """

    medium_from: Money
    high_from: Money
    table: DecisionTable = IMPORTANCE_GRADES

    def _check(self, problems: Problems) -> None:
        if self.high_from.currency != self.medium_from.currency:
            problems.add(("high_from",), "currency_mixed", "both bounds need one currency")
        elif self.high_from.amount <= self.medium_from.amount:
            problems.add(("high_from",), "bounds_fall", "it must be more than medium_from")
        if {item.key for item in self.table.inputs} != {"gross_profit", "market_importance"}:
            problems.add(
                ("table", "inputs"), "inputs_other", "they must be gross_profit, market_importance"
            )

    def level_of(self, profit: Money, rates: Rates | None = None) -> Level:
        """Whether a gross profit is high, medium or low.

        Raises:
            MissingRate: It is in another currency, for which there is no rate.
        """
        currency = self.medium_from.currency
        if profit.currency == currency:
            amount = float(profit.amount)
        else:
            amount = (rates or Rates(currency)).amount_in(currency, profit)
        if amount >= float(self.high_from.amount):
            return "high"
        return "medium" if amount >= float(self.medium_from.amount) else "low"

    def advise(self, sheet: ProjectSheet, rates: Rates | None = None) -> TableResult:
        """The importance by the table; open as long as a missing answer can still change it.

        Raises:
            MissingRate: The profit is in another currency, for which there is no rate.
        """
        profit = sheet.expected_gross_profit
        return self.table.decide(
            {
                "gross_profit": None if profit is None else self.level_of(profit, rates),
                "market_importance": sheet.market_importance,
            }
        )


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
