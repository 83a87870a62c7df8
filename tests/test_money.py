"""Money and rates: what they accept, what they refuse, and how they convert."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.errors import ArgumentError, MissingRate, MoneyError, UnknownName
from salesflow.money import CURRENCIES, Money, Rates, minor_unit, round_to_cents

amounts = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False)


@given(amounts, st.sampled_from(sorted(CURRENCIES)))
def test_money_survives_json(amount: Decimal, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.model_validate_json(money.model_dump_json()) == money


@pytest.mark.parametrize(
    ("amount", "currency", "word"),
    [
        (-1, "USD", "never negative"),
        ("NaN", "USD", "finite"),
        ("Infinity", "USD", "finite"),
        ("12 apples", "USD", "decimal"),
        (True, "USD", "decimal_type"),
        (10**30, "USD", "digits"),
        (1, "USDX", 'did you mean "USD"'),
        (1, "usd", 'did you mean "USD"'),
        (1, "", "ISO 4217"),
    ],
)
def test_an_amount_or_currency_that_cannot_be_is_refused_with_the_reason(
    amount: object, currency: str, word: str
) -> None:
    with pytest.raises(ValidationError, match=word):
        Money(amount, currency)  # type: ignore[arg-type]


def test_everything_wrong_with_money_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Money(-1, "XXL")
    assert {error["loc"] for error in caught.value.errors()} == {("amount",), ("currency",)}


def test_what_is_missing_or_unknown_is_told_in_our_words() -> None:
    for wrong, said in (
        ({"amount": "5"}, {"currency": "it is missing; give a value"}),
        (
            {"value": 5, "currency": "USD"},
            {
                "amount": "it is missing; give a value",
                "value": "there is no such field; there are amount, currency",
            },
        ),
        ({"amount": "5 USD", "currency": "USD"}, {"amount": '"5 USD" is not a number; give one'}),
    ):
        for make in (lambda given: Money(**given), Money.model_validate):
            with pytest.raises(ValidationError) as caught:
                make(wrong)
            found = {str(item["loc"][0]): item["msg"] for item in caught.value.errors()}
            assert found.keys() == said.keys()
            assert all(found[field].startswith(words) for field, words in said.items())
            assert "pydantic.dev" not in str(caught.value)
    with pytest.raises(ValidationError, match='"much" is not a number'):
        Rates("USD", {"EUR": "much"})


ORDERS: list[Callable[[Any, Any], bool]] = [operator.lt, operator.le, operator.gt, operator.ge]
largest = st.decimals(0, Decimal(10**18) - 1, places=6, allow_nan=False)


@given(largest, largest)
def test_amounts_of_one_currency_are_ordered_and_added_as_their_numbers(
    one: Decimal, two: Decimal
) -> None:
    first, second = Money(one, "USD"), Money(two, "USD")
    assert all(order(first, second) == order(one, two) for order in ORDERS)
    exact = Fraction(one) + Fraction(two)
    if exact >= 10**18:
        with pytest.raises(MoneyError, match="too many digits"):
            first + second
        return
    total = first + second
    assert Fraction(total.amount) == exact
    assert total == second + first == sum([first, second])
    assert (total - first, total - total) == (second, Money(0, "USD"))
    if first < second:
        with pytest.raises(MoneyError, match="would be missing"):
            first - second


def test_amounts_of_two_currencies_are_told_apart() -> None:
    dollars, euros = Money(5, "USD"), Money(5, "EUR")
    assert dollars != euros
    for act in (*ORDERS, operator.add, operator.sub):
        with pytest.raises(MoneyError, match="5 USD and 5 EUR are of two currencies") as caught:
            act(dollars, euros)
        assert caught.value.data == {"currencies": ["USD", "EUR"]}
    with pytest.raises(MoneyError):
        sum([dollars, euros])


@pytest.mark.parametrize("other", [5, 0.0, "5", None, Decimal(0), True, False])
def test_an_amount_is_no_number(other: object) -> None:
    for act in (*ORDERS, operator.add, operator.sub):
        with pytest.raises(TypeError):
            act(Money(5, "USD"), other)
        with pytest.raises(TypeError):
            act(other, Money(5, "USD"))


def test_a_sum_begins_with_nothing() -> None:
    assert sum([Money("0.10", "USD")] * 3) == Money("0.30", "USD")
    assert sum([], start=Money(0, "USD")) == Money(0, "USD")
    with pytest.raises(TypeError):
        1 + Money(5, "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "spec", "shown"),
    [
        ("1234567.5", "USD", "", "1,234,567.5 USD"),
        ("1234567.5", "USD", ".0", "1,234,568 USD"),
        ("1234567.5", "USD", ".2", "1,234,567.50 USD"),
        ("1234567.5", "USD", ".c", "1,234,567.50 USD"),
        ("1234567.5", "JPY", ".c", "1,234,568 JPY"),
        ("1.0005", "KWD", ".c", "1.001 KWD"),
        ("1234567.5", "USD", "k", "1,234.5675k USD"),
        ("1000000", "USD", "M", "1M USD"),
        ("20000000", "USD", "M", "20M USD"),
        ("1250000", "USD", ".1M", "1.3M USD"),
        ("0", "USD", ".1k", "0.0k USD"),
        ("999999999999999999.999999", "USD", ".6", "999,999,999,999,999,999.999999 USD"),
    ],
)
def test_a_format_is_decimals_and_a_unit(amount: str, currency: str, spec: str, shown: str) -> None:
    assert format(Money(amount, currency), spec) == shown


@pytest.mark.parametrize("spec", [",", ".2f", ">20", ".7", "m", "x" * 10_000])
def test_another_format_is_refused_with_those_that_there_are(spec: str) -> None:
    with pytest.raises(MoneyError, match="Money has no format") as caught:
        format(Money(5, "USD"), spec)
    assert "for instance" in caught.value.hint
    assert len(str(caught.value)) < 300


def test_a_rate_is_what_one_unit_is_worth_in_the_base() -> None:
    rates = Rates(base="USD", rates={"EUR": "1.25", "CNY": "0.125"})
    assert rates.rate("EUR", "USD") == Decimal("1.25")
    assert rates.rate("USD", "EUR") == Decimal("0.8")
    assert rates.rate("EUR", "CNY") == 10
    assert rates.rate("JPY", "JPY") == 1


def test_a_missing_rate_names_both_currencies_and_what_to_add() -> None:
    with pytest.raises(MissingRate, match=r"from JPY into USD.*\"JPY\""):
        Rates(base="USD").rate("JPY", "USD")


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_a_positive_number(rate: str) -> None:
    with pytest.raises(ValidationError):
        Rates(base="USD", rates={"EUR": rate})


@pytest.mark.parametrize(
    ("amount", "cents"), [(0.005, 0.01), (1.004, 1.0), (100_000.01, 100_000.01), (0.0, 0.0)]
)
def test_half_a_cent_is_rounded_up(amount: float, cents: float) -> None:
    assert round_to_cents(amount) == cents


@given(amounts)
def test_the_playbooks_own_currency_is_never_changed(amount: Decimal) -> None:
    assert Rates(base="USD").amount_in("USD", Money(amount, "USD")) == pytest.approx(
        float(amount), rel=1e-12
    )


@pytest.mark.parametrize("money", [5, None, "5 USD", Decimal(5), []])
def test_only_money_is_converted(money: object) -> None:
    with pytest.raises(ArgumentError, match=r"money must be a Money, not (an? )?\w+\."):
        Rates("USD").amount_in("USD", money)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "unit"),
    [("USD", "0.01"), ("CNY", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("CLF", "0.0001")],
)
def test_the_minor_unit_of_a_currency_is_that_of_iso_4217(currency: str, unit: str) -> None:
    assert str(minor_unit(currency)) == unit


def test_every_currency_has_a_minor_unit_and_nothing_else_has() -> None:
    assert all(minor_unit(currency) > 0 for currency in CURRENCIES)
    with pytest.raises(UnknownName, match='Did you mean "USD"'):
        minor_unit("USDX")
    with pytest.raises(ArgumentError, match="currency must be a str, not None"):
        minor_unit(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("into", [5, None, [], {}])
def test_no_rate_leads_into_what_is_no_currency(into: object) -> None:
    with pytest.raises(MissingRate):
        Rates("USD").amount_in(into, Money(5, "USD"))  # type: ignore[arg-type]


@pytest.mark.parametrize("worth", [2, "0.5", 0.9])
def test_the_base_is_worth_one_of_itself(worth: float | str) -> None:
    with pytest.raises(ValidationError, match="one USD is worth one USD"):
        Rates("USD", {"USD": worth})
    assert Rates("USD", {"USD": "1.00", "EUR": 2}).rate("EUR", "USD") == 2
