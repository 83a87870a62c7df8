"""The two tables in which a customer is followed: who they are, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from salesflow.domain._base.record import Label, Note
from salesflow.domain._base.table import TableRow, headings_of
from salesflow.domain._base.times import Day
from salesflow.text import Text


class CustomerTrackingRow(TableRow):
    """A row of the customer tracking table, with its twelve columns.

    Source: "Sales process management template", table 1. A row says what was known on one day;
    another table may say something else of the same customer.

    Attributes:
        customer: Name of the customer.
        industry: The customer's industry.
        company_size: Number of people, as written: "500-1000人".
        contact: The person whom we know there.
        job_title: Their position.
        contact_details: How to reach them.
        lead_source: Where the lead came from.
        stage: The stage, in the words of the table.
        owner: The person on our side who looks after the customer.
        first_contact_on: The day of the first contact.
        expected_close_on: The day when the deal is expected to be made.
        note: Anything else.

    Example:
        >>> row = CustomerTrackingRow.from_cells(
        ...     {"客户名称": "宏远科技", "首次接触时间": "2024-03-15"}
        ... )
        >>> row.customer, row.first_contact_on.isoformat(), len(row.cells("en"))
        ('宏远科技', '2024-03-15', 12)
    """

    headings: ClassVar[Mapping[str, Text]] = headings_of(__package__, "customers")

    customer: Label
    industry: Label | None = None
    company_size: Label | None = None
    contact: Label | None = None
    job_title: Label | None = None
    contact_details: Label | None = None
    lead_source: Label | None = None
    stage: Label | None = None
    owner: Label | None = None
    first_contact_on: Day | None = None
    expected_close_on: Day | None = None
    note: Note | None = None


class StageProgressRow(TableRow):
    """A row of the stage progress table, with its eight columns.

    Source: "Sales process management template", table 2.

    Attributes:
        customer: Name of the customer.
        stage: The present stage, in the words of the table.
        stage_began_on: The day when the stage began.
        expected_complete_on: The day when it is expected to be complete.
        done: What was done.
        to_do: What is to be done next.
        risks: What may go wrong.
        owner: The person on our side who looks after it.

    Example:
        >>> row = StageProgressRow(customer="宏远科技", stage="方案定制", to_do="提交方案初稿")
        >>> row.cells("zh")["待办事项"]
        '提交方案初稿'
    """

    headings: ClassVar[Mapping[str, Text]] = headings_of(__package__, "stage_progress")

    customer: Label
    stage: Label
    stage_began_on: Day | None = None
    expected_complete_on: Day | None = None
    done: Note | None = None
    to_do: Note | None = None
    risks: Note | None = None
    owner: Label | None = None
