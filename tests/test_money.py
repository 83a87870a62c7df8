"""Money and rates: what they accept, what they refuse, and how they convert."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from salesflow.errors import ArgumentError, MissingRate, UnknownName
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
