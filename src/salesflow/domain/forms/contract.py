"""Contracts: as a record, and as a row of the contract table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self, get_args

from pydantic import Field

from salesflow import terms
from salesflow._arguments import instance, mapping
from salesflow.domain._base.checks import REVIEW_ONCE, CheckedRecord, Problems
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.table import TableRow, headings_of
from salesflow.domain._base.times import Day
from salesflow.domain.forms.payment import (
    Instalment,
    PaymentEvent,
    PaymentTerm,
    PaymentTerms,
    instalments,
)
from salesflow.errors import ScheduleError
from salesflow.money import Money
from salesflow.text import Language, Text, both

if TYPE_CHECKING:
    from salesflow.domain.forms.negotiation import NegotiationMinutes

FilingStatus = Literal["draft", "in_review", "filed"]
"""Being written, being reviewed, or signed and filed. The source shows the last two; `draft` is our
reading."""

ContractReviewer = Literal["sales_lead", "legal", "finance"]
"""The three who review a contract before it is signed."""

_REVIEWERS: Final[tuple[ContractReviewer, ...]] = get_args(ContractReviewer)
_Days = Annotated[int, Field(ge=0, le=36_500)]
_TEN_THOUSAND: Final = 10_000
_TERM: Final = re.compile(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*[%％]\s*(.+?)\s*", re.DOTALL)
_TERMS: Final = re.compile(r'(?:[%％]\s*"(?:[^"]|"")*"|[^,，、;；])+')
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_NEEDS_QUOTES: Final = re.compile('[,，、;；"]')
_FOREIGN: Final = re.compile(r"([\d.,，]+)\s*(?!CNY)([A-Z]{3})")
_DELIVERY: Final = re.compile(r"(\d{1,5})\s*(?:天|days?)")
_UNSIGNED: Final = both(en="not yet signed", zh="待签订")
_SEPARATOR: Final = both(en=", ", zh="，")
_DAYS: Final = both(en="{} days", zh="{}天")
_DUE_BY_NAME: Final[tuple[tuple[str, PaymentEvent], ...]] = (
    ("预付", "signing"),
    ("prepa", "signing"),
    ("验收", "acceptance"),
    ("acceptance", "acceptance"),
)


def _term(text: str) -> object:
    found = _TERM.fullmatch(text)
    if found is None:
        return {"name": text, "percent": text}  # refused, with the cell's own words
    quoted = _QUOTED.fullmatch(found[2])
    name = quoted[1].replace('""', '"') if quoted else found[2]
    due = next((event for word, event in _DUE_BY_NAME if word in name.casefold()), None)
    return {"name": name, "percent": found[1], "due": due}


def _cell_name(term: PaymentTerm) -> str:
    if _NEEDS_QUOTES.search(term.name) is None:
        return term.name
    return '"' + term.name.replace('"', '""') + '"'


def _amount(text: str) -> object:
    foreign = _FOREIGN.fullmatch(text)
    if foreign is not None:
        return {"amount": re.sub("[,，]", "", foreign[1]), "currency": foreign[2]}
    try:
        amount: object = Decimal(re.sub("[,，]", "", text)) * _TEN_THOUSAND
    except ArithmeticError:
        amount = text
    return {"amount": amount, "currency": "CNY"}


class ContractRow(TableRow):
    """A row of the contract table, with its nine columns.

    Source: "Sales process management template", table 4. In cells the amount is in units of
    10,000 CNY, the terms are written "30%预付款，70%验收款" and the delivery period "60天". An
    amount in another currency is written whole, with its currency: "5,000 USD". The name of a term
    that has a comma or a quotation mark is written in quotation marks, as in CSV. A cell has only
    the name and the share of a term; the event that makes it due is read from the name.

    Attributes:
        number: The contract's number.
        customer: Name of the customer.
        amount: The price.
        signed_on: The day of signing; None: not yet signed.
        payment: The parts of the price; they sum to 100 %.
        delivery_days: Calendar days for delivery.
        main_terms: The main terms, for instance the scope of service.
        owner: The person on our side who looks after it.
        filing: Draft, in review, or filed.

    Example:
        >>> row = ContractRow.from_cells(
        ...     {
        ...         "合同编号": "HT20240401",
        ...         "客户名称": "宏远科技",
        ...         "合同金额（万元）": "85",
        ...         "付款方式": "30%预付款，70%验收款",
        ...     }
        ... )
        >>> print(row.amount, [str(term.percent) for term in row.payment])
        850,000 CNY ['30', '70']
    """

    headings: ClassVar[Mapping[str, Text]] = headings_of(__package__, "contracts")
    words: ClassVar[Mapping[str, Mapping[str, Text]]] = {"filing": terms.FILING}

    number: Label
    customer: Label
    amount: Money | None = None
    signed_on: Day | None = None
    payment: PaymentTerms = ()
    delivery_days: _Days | None = None
    main_terms: Note | None = None
    owner: Label | None = None
    filing: FilingStatus | None = None

    @classmethod
    def _read(cls, name: str, text: str) -> object:
        if name == "amount":
            return _amount(text)
        if name == "payment":
            return tuple(_term(part) for part in _TERMS.findall(text) if part.strip())
        if name == "delivery_days" and (days := _DELIVERY.fullmatch(text)):
            return int(days[1])
        if name == "signed_on" and text in {_UNSIGNED.en, _UNSIGNED.zh}:
            return None
        return super()._read(name, text)

    def _write(self, name: str, value: object, lang: Language) -> str:
        if name == "signed_on" and value is None:
            return _UNSIGNED.get(lang)
        if isinstance(value, Money):
            if value.currency != "CNY":
                return str(value)
            return f"{(value.amount / _TEN_THOUSAND).normalize():f}"
        if name == "payment":
            parts = [f"{term.percent.normalize():f}%{_cell_name(term)}" for term in self.payment]
            return _SEPARATOR.get(lang).join(parts)
        if name == "delivery_days" and value is not None:
            return _DAYS.get(lang).format(value)
        return super()._write(name, value, lang)


class ContractReview(Record):
    """What one of the reviewers said of a contract before it was signed.

    Source: "Sales process management template", step 5.

    Attributes:
        reviewer: The function for which they reviewed it.
        by: The person who reviewed it.
        on: The day of the review.
        agreed: Whether they agree that it is signed.
        remarks: Their remarks on the amount, the term, the duties, or anything else.
    """

    reviewer: ContractReviewer
    by: Label
    on: Day
    agreed: bool
    remarks: Note | None = None


class Contract(CheckedRecord):
    """A contract with a customer.

    Source: "Sales process management template", steps 4 and 5 and table 4.

    Attributes:
        number: Its number.
        customer: Name of the customer.
        amount: The price.
        signed_on: The day of signing; None: not yet signed.
        signed_by_us: The person who signed for us.
        signed_by_customer: The person who signed for the customer.
        payment: The parts of the price; they sum to 100 %.
        delivery_days: Calendar days from signing to delivery.
        main_terms: The scope of service and other main terms.
        duties: What each side has to do, and what it may ask.
        liability: What is owed for a breach.
        confidentiality: What is to be kept secret.
        owner: The person on our side who looks after it.
        drafted_by: The person who wrote it; by the source, a lawyer.
        minutes: Number of the minutes of the negotiation that it follows.
        reviews: What sales lead, legal and finance said, each once.
        filing: Draft, in review, or filed; a filed contract is signed.

    Example:
        >>> from salesflow.domain import PaymentTerm
        >>> contract = Contract(
        ...     number="C-1",
        ...     customer="Acme",
        ...     amount=Money("850000", "CNY"),
        ...     signed_on="2024-05-20",
        ...     payment=(
        ...         PaymentTerm(name="Prepaid", percent=30, due="signing"),
        ...         PaymentTerm(name="Rest", percent=70, due="acceptance"),
        ...     ),
        ...     delivery_days=60,
        ... )
        >>> for part in contract.instalments({"acceptance": date(2024, 7, 31)}):
        ...     print(part.amount, part.due_on)
        255,000.00 CNY 2024-05-20
        595,000.00 CNY 2024-07-31
        >>> contract.delivery_due_on.isoformat(), contract.missing_reviews
        ('2024-07-19', ('sales_lead', 'legal', 'finance'))
    """

    number: Label
    customer: Label
    amount: Money
    signed_on: Day | None = None
    signed_by_us: Label | None = None
    signed_by_customer: Label | None = None
    payment: PaymentTerms = ()
    delivery_days: _Days | None = None
    main_terms: Note | None = None
    duties: Note | None = None
    liability: Note | None = None
    confidentiality: Note | None = None
    owner: Label | None = None
    drafted_by: Label | None = None
    minutes: Label | None = None
    reviews: Annotated[tuple[ContractReview, ...], REVIEW_ONCE] = ()
    filing: FilingStatus = "draft"

    def _check(self, problems: Problems) -> None:
        if self.filing == "filed" and self.signed_on is None:
            problems.add(("signed_on",), "filed_unsigned", "a filed contract has a day of signing")

    @classmethod
    def from_row(cls, row: ContractRow) -> Self:
        """The contract that a row of the table describes.

        Raises:
            ArgumentError: `row` is not a ContractRow.
            ValidationError: The row does not have an amount, or it is filed but not signed.
        """
        instance(row, ContractRow, "row")
        return cls.model_validate(row.model_dump(exclude_none=True))

    def differs_from(self, minutes: NegotiationMinutes) -> tuple[str, ...]:
        """Names of the fields that differ from the minutes of the negotiation.

        The customer, the number of the minutes, the price and the parts of the price are compared,
        as far as the minutes have them. Words are for people to compare.
        """
        pairs: dict[str, tuple[object, object]] = {
            "customer": (self.customer, minutes.customer),
            "minutes": (self.minutes, minutes.number),
            "amount": (self.amount, minutes.price),
            "payment": (self.payment, minutes.payment),
        }
        return tuple(name for name, (ours, agreed) in pairs.items() if agreed and ours != agreed)

    @property
    def missing_reviews(self) -> tuple[ContractReviewer, ...]:
        """The functions that have not reviewed it, or have not agreed."""
        agreed = {review.reviewer for review in self.reviews if review.agreed}
        return tuple(reviewer for reviewer in _REVIEWERS if reviewer not in agreed)

    @property
    def delivery_due_on(self) -> date | None:
        """The day of signing plus the delivery period; None while one of them is not known.

        Raises:
            ScheduleError: The day would be after the year 9999.
        """
        if self.signed_on is None or self.delivery_days is None:
            return None
        try:
            return self.signed_on + timedelta(days=self.delivery_days)
        except OverflowError:
            raise ScheduleError(
                "Delivery would be due after the year 9999.", hint="Check the day of signing."
            ) from None

    def instalments(
        self, happened: Mapping[PaymentEvent, date | None] | None = None
    ) -> tuple[Instalment, ...]:
        """The payments, dated as far as their events are; signing is the day of signing.

        Args:
            happened: The day of each event that has one, planned or real; a moment stands for the
                day in its own zone.

        Raises:
            ArgumentError: `happened` is not a mapping, names an event that does not exist, or gives
                a value that is not a day; `problems` lists all of them.
            ScheduleError: A payment would be due after the year 9999.
        """
        days: dict[PaymentEvent, date | None] = {**mapping(happened, "happened")}
        if days.get("signing") is None:
            days["signing"] = self.signed_on
        return instalments(self.amount, self.payment, days)
