"""Payment terms: a whole of 100 %, turned into dated instalments that sum to the price."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.domain import Contract, PaymentEvent, PaymentTerm, Quotation, instalments
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, ClockError, ScheduleError
from salesflow.money import Money
from tests.domain.record_strategies import whole_payments

amounts = st.decimals(0, 10**15, places=2).map(abs)
days = st.dates(date(1990, 1, 1), date(2200, 1, 1))
ALL = Decimal(100)
EVENTS: tuple[PaymentEvent, ...] = ("signing", "delivery", "acceptance")


def contract(*terms: PaymentTerm, signed_on: date | None = None, amount: str = "100") -> Contract:
    return Contract(
        number="C", customer="A", amount=Money(amount, "USD"), payment=terms, signed_on=signed_on
    )


@given(amounts, st.sampled_from(["CNY", "JPY", "KWD"]), whole_payments(), days)
def test_instalments_sum_to_the_price_exactly(
    amount: Decimal, currency: str, terms: tuple[PaymentTerm, ...], day: date
) -> None:
    total = Money(amount, currency)
    payments = instalments(total, terms, dict.fromkeys(EVENTS, day))
    assert sum(each.amount.amount for each in payments) == total.amount
    assert len(payments) == sum(term.parts for term in terms)
    assert [each.number for each in payments] == list(range(1, len(payments) + 1))
    assert all(
        (each.due_on is None) == (term_of(terms, each.number).due is None) for each in payments
    )


def term_of(terms: tuple[PaymentTerm, ...], number: int) -> PaymentTerm:
    for term in terms:
        number -= term.parts
        if number <= 0:
            return term
    raise AssertionError


@given(days, st.integers(1, 48), st.integers(1, 12))
def test_a_monthly_payment_keeps_its_day_or_takes_the_last_one_of_a_short_month(
    start: date, parts: int, every: int
) -> None:
    term = PaymentTerm(name="Rest", percent=ALL, due="signing", parts=parts, every_months=every)
    for number, due in enumerate(term.due_days({"signing": start})):
        assert due is not None
        months = start.year * 12 + start.month - 1 + number * every
        assert (due.year, due.month - 1) == divmod(months, 12)
        assert due.day == min(start.day, calendar.monthrange(due.year, due.month)[1])


@given(days, st.integers(0, 24))
def test_a_payment_at_the_end_of_the_month_is_due_on_its_last_day(start: date, months: int) -> None:
    term = PaymentTerm(name="Rest", percent=ALL, due="signing", after_months=months, month_end=True)
    (due,) = term.due_days({"signing": start})
    assert due is not None
    assert (due + timedelta(days=1)).day == 1


def test_31_january_and_monthly_is_the_end_of_february_and_then_31_march() -> None:
    term = PaymentTerm(name="Rest", percent=ALL, due="signing", parts=3)
    assert [str(day) for day in term.due_days({"signing": date(2024, 1, 31)})] == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
    ]


@pytest.mark.parametrize("record", [Contract, Quotation])
def test_terms_that_sum_to_99_percent_are_refused(record: type[Contract | Quotation]) -> None:
    terms = [{"name": "Prepaid", "percent": 40}, {"name": "Rest", "percent": 59}]
    with pytest.raises(ValidationError, match="sum to 99 %, 1 % too little"):
        record.model_validate({"payment": terms})


def test_terms_that_sum_to_too_much_are_refused() -> None:
    terms = [{"name": "Prepaid", "percent": "40.5"}, {"name": "Rest", "percent": 60}]
    with pytest.raises(ValidationError, match=r"sum to 100\.5 %, 0\.5 % too much"):
        Contract.model_validate({"payment": terms})


@pytest.mark.parametrize("percent", [0, -5, 101, True, "NaN", "Infinity", "1e-9", None])
def test_a_share_is_more_than_nothing_and_at_most_everything(percent: object) -> None:
    with pytest.raises(ValidationError, match="percent"):
        PaymentTerm.model_validate({"name": "Prepaid", "percent": percent})


def test_a_term_is_due_on_a_day_or_by_an_event_and_time_is_counted_from_one_of_them() -> None:
    with pytest.raises(ValidationError, match="not both"):
        PaymentTerm(name="A", percent=ALL, due="signing", on=date(2026, 1, 1))
    with pytest.raises(ValidationError, match="counted from"):
        PaymentTerm(name="A", percent=ALL, after_days=30)


def test_a_payment_waits_for_an_event_that_has_no_day() -> None:
    unsigned = contract(PaymentTerm(name="All", percent=ALL, due="signing"))
    assert [(each.due_on, each.waits_for) for each in unsigned.instalments()] == [(None, "signing")]


def test_a_fixed_day_needs_no_event() -> None:
    fixed = contract(PaymentTerm(name="All", percent=ALL, on=date(2026, 5, 1), after_days=9))
    assert fixed.instalments()[0].due_on == date(2026, 5, 10)


def test_a_payment_after_the_last_day_of_the_calendar_is_our_error() -> None:
    late = contract(
        PaymentTerm(name="All", percent=ALL, due="signing", after_months=1),
        signed_on=date(9999, 12, 31),
    )
    with pytest.raises(ScheduleError, match="after the year 9999"):
        late.instalments()


def test_delivery_is_due_so_many_days_after_signing() -> None:
    signed = Contract.model_validate(
        {
            "number": "C",
            "customer": "A",
            "amount": {"amount": 1, "currency": "USD"},
            "signed_on": "9999-12-31",
            "delivery_days": 1,
        }
    )
    with pytest.raises(ScheduleError, match="after the year 9999"):
        _ = signed.delivery_due_on
    assert contract().delivery_due_on is None


def test_yen_are_not_cut_into_cents() -> None:
    terms = (PaymentTerm(name="All", percent=ALL, due="signing", parts=3),)
    amounts = [each.amount.amount for each in instalments(Money("100", "JPY"), terms, {})]
    assert amounts == [33, 33, 34]


def test_everything_wrong_with_the_days_of_events_is_said_at_once() -> None:
    terms = contract(PaymentTerm(name="All", percent=ALL, due="acceptance"))
    wrong = {"acceptence": date(2026, 5, 20), "delivery": "2026-05-20", 5: None}
    wrong["acceptance"] = datetime(2026, 5, 20, 9)
    with pytest.raises(ArgumentError) as caught:
        terms.instalments(wrong)  # type: ignore[arg-type]
    assert [str(problem).partition("; pass")[0] for problem in caught.value.problems] == [
        'happened: "acceptence" is not an event; did you mean "acceptance"?',
        "happened['delivery']: must be a day, not a str",
        (
            "happened: an int is not an event; known: signing, delivery, acceptance,"
            " final_acceptance, warranty_end"
        ),
        "happened['acceptance']: must have a zone where it is a datetime",
    ]
    with pytest.raises(ArgumentError, match="must be a mapping, not a list"):
        terms.instalments([])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="must be a day, not a str"):
        terms.payment[0].due_days({"acceptance": "soon"})  # type: ignore[dict-item]


def test_a_moment_with_its_zone_stands_for_its_day() -> None:
    term = PaymentTerm(name="All", percent=ALL, due="acceptance")
    moment = datetime(2026, 5, 20, 23, tzinfo=UTC)
    assert term.due_days({"acceptance": moment}) == (date(2026, 5, 20),)


def test_an_event_whose_day_is_none_has_no_day_yet() -> None:
    signed = contract(
        PaymentTerm(name="All", percent=ALL, due="signing"), signed_on=date(2026, 5, 1)
    )
    days: dict[PaymentEvent, date | None] = {"signing": None, "acceptance": None}
    assert signed.instalments(days)[0].due_on == date(2026, 5, 1)


def test_a_price_and_its_terms_are_records() -> None:
    with pytest.raises(ArgumentError) as caught:
        instalments(100, [None], 5)  # type: ignore[arg-type, list-item]
    assert [problem.path for problem in caught.value.problems] == ["total", "terms[0]", "happened"]


@pytest.mark.parametrize(
    ("currency", "price", "discount", "net"),
    [
        ("JPY", "99", 70, "30"),
        ("KWD", "1.234", 0, "1.234"),
        ("KWD", "1.235", 50, "0.618"),
        ("USD", "0.05", 50, "0.03"),
    ],
)
def test_a_quotation_is_rounded_to_what_can_be_paid_in_its_currency(
    currency: str, price: str, discount: int, net: str
) -> None:
    line = {"item": "A", "unit_price": {"amount": price, "currency": currency}}
    head = {"number": "Q", "customer": "A", "currency": currency}
    by_line = Quotation.model_validate({**head, "lines": [{**line, "discount": discount}]})
    by_sum = Quotation.model_validate({**head, "lines": [line], "discount": discount})
    assert by_line.lines[0].net == by_line.total == by_sum.total == Money(net, currency)


def test_a_quotation_is_asked_about_a_day() -> None:
    quotation = Quotation.model_validate(
        {
            "number": "Q",
            "customer": "A",
            "currency": "USD",
            "valid_until": "2026-05-20",
            "lines": [{"item": "A", "unit_price": {"amount": 1, "currency": "USD"}}],
        }
    )
    assert quotation.holds_on(datetime(2026, 5, 20, 23, tzinfo=UTC)) is True
    assert quotation.holds_on(date(2026, 5, 21)) is False
    for each in (quotation, replaced(quotation, valid_until=None)):
        with pytest.raises(ArgumentError, match="day must be a day, not a str"):
            each.holds_on("2026-05-20")  # type: ignore[arg-type]
        with pytest.raises(ClockError, match="day must have a zone"):
            each.holds_on(datetime(2026, 5, 20))


def test_no_terms_give_no_instalments() -> None:
    assert contract().instalments() == ()


def test_a_filed_contract_is_signed_and_each_function_reviews_it_once() -> None:
    review = {"reviewer": "legal", "by": "Chen", "on": "2026-01-05", "agreed": True}
    with pytest.raises(ValidationError) as caught:
        Contract.model_validate(
            {
                "number": "C",
                "customer": "A",
                "amount": {"amount": 1, "currency": "USD"},
                "filing": "filed",
                "reviews": [review, review],
            }
        )
    assert [each["loc"] for each in caught.value.errors()] == [
        ("reviews", 1, "reviewer"),
        ("signed_on",),
    ]


def test_a_review_that_did_not_agree_is_still_missing() -> None:
    reviewed = Contract.model_validate(
        {
            "number": "C",
            "customer": "A",
            "amount": {"amount": 1, "currency": "USD"},
            "reviews": [
                {"reviewer": "legal", "by": "Chen", "on": "2026-01-05", "agreed": True},
                {"reviewer": "finance", "by": "Wu", "on": "2026-01-05", "agreed": False},
            ],
        }
    )
    assert reviewed.missing_reviews == ("sales_lead", "finance")
