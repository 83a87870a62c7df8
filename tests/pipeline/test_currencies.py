"""Amounts of frames have currencies as those of one deal have: one formula, one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError
from salesflow.money import minor_unit
from salesflow.pipeline import (
    Counts,
    backtest,
    check_pipeline,
    metrics,
    required_instruments,
    score_frame,
)

Engine = Callable[[pl.DataFrame], Any]

DAY = date(2026, 5, 4)
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
BOOK = """
id = "payments"
version = "1"
title = "Payments"
currency = "{into}"
[[facts]]
name = "paid"
kind = "money"
title = "Paid"
{more}
[[stages]]
key = "plan"
title = "Plan"
[[stages]]
key = "close"
title = "Close"
"""
RATES = sf.Rates("USD", {"CAD": "0.7752", "EUR": "1.10", "JPY": "0.0067", "KWD": "3.27"})
DATED = sf.Rates.dated(
    "USD",
    {
        "EUR": {"2026-01-01": "1.08", "2026-04-01": "1.10"},
        "CAD": {"2026-02-01": "0.7752", "2026-05-04": "0.74", "2026-06-01": "0.73"},
    },
)
COVERED = "paid >= amount"


def book(more: str = "", into: str = "USD") -> sf.Playbook:
    return sf.Playbook.from_toml(BOOK.format(more=more, into=into))


def counts(frame: Any, playbook: sf.Playbook, rule: str = COVERED, **options: Any) -> Counts:
    rules = {"own": sf.Rule.parse(rule, facts=playbook.facts)}
    options = {"rates": RATES, "checks": rules, **options}
    return check_pipeline(frame, playbook, key="id", as_of=DAY, **options).counts["own"]


def deals(**columns: Any) -> pl.DataFrame:
    rows = max(len(each) for each in columns.values())
    return pl.DataFrame(
        {"id": [f"D-{n}" for n in range(rows)], "stage": ["plan"] * rows, **columns}
    )


def test_what_is_paid_in_another_currency_does_not_pay_for_the_deal(every: Engine) -> None:
    """Case 8, and a column of its own for the currency of what is paid."""
    columns = {"amount": [100.0] * 4, "amount.currency": ["CAD"] * 4}
    paid = {"paid": [80.0, 100.0, 77.52, 77.51], "paid.currency": ["CAD", "CAD", "USD", "USD"]}

    found = counts(every(deals(**columns, **paid)), book())

    assert found == Counts(yes=2, no=2, unknown=0)
    plain = deals(**columns, paid=[80.0, 100.0, 77.52, 200.0])
    assert counts(every(plain), book()) == Counts(yes=0, no=0, unknown=4)
    assert counts(every(plain), book('currency = "amount"')) == Counts(yes=2, no=2, unknown=0)
    assert counts(every(plain), book('currency = "USD"')) == Counts(yes=4, no=0, unknown=0)
    assert counts(every(plain), book(), currency="CAD") == Counts(yes=2, no=2, unknown=0)
    assert counts(every(plain), book(), "known(paid)") == Counts(yes=0, no=4, unknown=0)


def test_a_currency_without_a_rate_is_unknown_and_hygiene_tells(engine: Engine) -> None:
    frame = deals(
        amount=[100.0] * 4,
        paid=[100.0, 100.0, 100.0, None],
        **{
            "amount.currency": ["GBP", "USD", "USD", "EURO"],
            "paid.currency": ["USD", "no money", None, "GBP"],
        },
    )

    report = check_pipeline(engine(frame), book(), key="id", as_of=DAY, rates=RATES)

    assert report.counts["hygiene.amount_convertible"] == Counts(yes=2, no=2, unknown=0)
    assert report.counts["hygiene.convertible.paid"] == Counts(yes=3, no=1, unknown=0)
    assert counts(engine(frame), book()) == Counts(yes=1, no=0, unknown=3)
    assert "rate from the currency of Paid into USD" in str(
        report.titles["hygiene.convertible.paid"]
    )


def test_what_is_no_currency_is_told_to_be_none() -> None:
    said = {"amount.currency": ["Sin cambio", "Sin cambio", "eur", "EUR", None]}
    frame = deals(amount=[100.0] * 5, **said)
    rated = deals(amount=[100.0], **{"amount.currency": ["Sin cambio"]})

    report = check_pipeline(frame, book(), key="id", as_of=DAY)
    only = check_pipeline(rated, book(), key="id", as_of=DAY)

    name = "hygiene.amount_convertible"
    message = report.message(name)
    assert "Seen: 'Sin cambio' (2), 'EUR' (1), 'eur' (1)." in message
    assert (
        "'Sin cambio' is no currency; correct it, or say what it stands for in values=; " in message
    )
    assert "'eur' is no currency (is it EUR?); correct it" in message
    assert "; give a rate for the currency in rates=" in message
    assert "give a rate" not in only.message(name)
    assert "'Sin cambio' 不是币种；请更正，或在 values= 中说明其含义" in only.message(name, "zh")


def test_plain_amounts_are_what_currency_says_and_nobody_labels_them_otherwise(
    engine: Engine,
) -> None:
    frame = engine(
        pl.DataFrame(
            {
                "id": ["a", "b"],
                "stage": ["plan", "won"],
                "amount": [1000.0, 500.0],
                "created_on": [date(2026, 1, 1)] * 2,
                "closed_on": [None, date(2026, 1, 21)],
            }
        )
    )

    def figures(**options: Any) -> Any:
        return metrics(frame, book(), key="id", as_of=DAY, **options)

    plain = figures()
    assert (plain.open_value.value, plain.open_value.unit) == (1000.0, "amount")
    assert plain.velocity.unit == "amount per day"
    assert "USD" not in plain.summary()
    assert figures(currency="USD").open_value.unit == "USD"
    euros = figures(currency="EUR", rates=RATES)
    assert (euros.open_value.value, euros.open_value.unit) == (1100.0, "USD")
    assert euros.average_size.value == 550.0
    assert figures(currency="GBP").open_value.reason == "1 amount has no rate into USD"


def test_sentences_of_a_report_name_the_currency_only_where_it_is_said() -> None:
    frame = deals(amount=[1000.0])
    rule = {"big": sf.Rule.parse("amount > 20_000")}

    def title(**options: Any) -> sf.Text:
        report = check_pipeline(frame, book(), key="id", as_of=DAY, checks=rule, **options)
        return report.titles["big"]

    assert str(title()) == "amount is more than 20,000"
    assert str(title(currency="USD")) == "amount is more than 20,000 USD"
    assert title(currency="USD").get("zh") == "amount 高于 2 万美元"


def test_columns_in_thousands_or_in_wan_are_scaled_to_the_cent(every: Engine) -> None:
    wan = [0.07, 12.3456, 100.0, None]
    frame = every(deals(amount=wan, paid=[700.0, 123_456.0, 1_000_000.0, 5.0]))

    assert counts(frame, book(), "paid == amount", scale={"amount": 10_000}) == Counts(
        yes=3, no=0, unknown=1
    )
    scaled = every(deals(amount=[100.0], paid=[110.0], **{"amount.currency": ["EUR"]}))
    options = {"scale": {"amount": 1_000, "paid": Decimal(1000)}, "currency": "USD"}
    assert counts(scaled, book(), "paid == amount", **options) == Counts(yes=1, no=0, unknown=0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"currency": "EURO"}, "currency: must be a currency of ISO 4217, not 'EURO'"),
        ({"currency": 5}, "currency: must be a currency of ISO 4217, not an int"),
        ({"scale": {"amount": 0}}, r"scale\['amount'\]: must be a finite number above 0, not 0"),
        ({"scale": {"amount": -1}}, "must be a finite number above 0, not -1"),
        ({"scale": {"amount": float("inf")}}, "must be a finite number above 0, not inf"),
        ({"scale": {"amount": float("nan")}}, "must be a finite number above 0, not nan"),
        ({"scale": {"amount": "1000"}}, "must be a finite number above 0, not a str"),
        ({"scale": {"amount": True}}, "must be a finite number above 0"),
        ({"scale": 5}, "scale"),
    ],
)
def test_a_wrong_currency_or_scale_is_one_clear_error(options: Any, said: str) -> None:
    with pytest.raises(ArgumentError, match=said) as caught:
        check_pipeline(deals(amount=[1.0]), book(), key="id", as_of=DAY, **options)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ({"amuont": 1000}, "there is no fact 'amuont'"),
        ({"probability": 100}, "probability is no amount"),
        ({"paid": 1000}, "no column holds paid"),
    ],
)
def test_only_amounts_that_have_a_column_are_scaled(scale: Any, said: str) -> None:
    with pytest.raises(FrameError, match=said):
        check_pipeline(deals(amount=[1.0]), book(), key="id", as_of=DAY, scale=scale)


def test_every_function_of_frames_takes_them() -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    frame = pl.DataFrame(
        {"id": ["a"], "stage": ["plan"], "amount": [9.5], "account.tier": ["regular"]}
    )
    options: Any = {"currency": "EUR", "scale": {"amount": 10_000}, "rates": RATES}
    needed = required_instruments(frame, playbook, key="id", **options)
    assert needed.frame["row"].to_list() == ["amount > 100_000"]
    with pytest.raises(ArgumentError, match="currency"):
        score_frame(frame, playbook, "tas", key="id", currency="EURO")
    with pytest.raises(ArgumentError, match="currency"):
        backtest(frame, playbook, card="tas", currency="EURO")


INTO = st.sampled_from(["USD", "JPY", "KWD"])


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=8),
    st.decimals("0.01", "20", places=4),
    INTO,
)
def test_a_converted_amount_is_that_of_decimal_arithmetic_at_its_threshold(
    engine: Engine, amounts: list[Decimal], rate: Decimal, into: str
) -> None:
    agree_with_decimals(engine, amounts, rate, into)


# At 0.5 and 0.25 every second and fourth amount lies at an exact half of a minor unit.
@pytest.mark.parametrize(("into", "rate"), [("USD", "0.25"), ("JPY", "0.5"), ("KWD", "7.1234")])
def test_hundreds_of_converted_amounts_are_at_their_thresholds_on_every_engine(
    every: Engine, into: str, rate: str
) -> None:
    drawn = Random(into)
    amounts = [Decimal(drawn.randint(1, 9_999_999)) / 100 for _ in range(300)]
    agree_with_decimals(every, amounts, Decimal(rate), into)


def agree_with_decimals(engine: Engine, amounts: list[Decimal], rate: Decimal, into: str) -> None:
    """The amounts in another currency are those of exact arithmetic: not more, and not less."""
    rates = sf.Rates(into, {"EUR": rate})
    exact = [(each * rate).quantize(minor_unit(into), ROUND_HALF_UP) for each in amounts]
    for each, worth in zip(amounts, exact, strict=True):
        assert rates.amount_in(into, sf.Money(each, "EUR")) == float(worth)
    frame = deals(
        amount=[float(each) for each in amounts],
        paid=[float(each) for each in exact],
        **{"amount.currency": ["EUR"] * len(amounts), "paid.currency": [into] * len(amounts)},
    )
    playbook = book(into=into)
    same = Counts(yes=len(amounts), no=0, unknown=0)
    assert counts(engine(frame), playbook, "amount == paid", rates=rates) == same
    low = str(min(exact))
    assert counts(engine(frame), playbook, f"amount >= {low}", rates=rates) == same


CURRENCIES = st.sampled_from(["USD", "CAD", "EUR", "GBP"])
DAYS = st.one_of(st.none(), st.dates(date(2025, 12, 1), date(2026, 7, 1)))
CLOSED = st.one_of(st.none(), st.just(AT), st.just(AT - timedelta(days=60)))
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.tuples(st.integers(0, 200), CURRENCIES)),
        st.one_of(st.none(), st.integers(0, 200), st.tuples(st.integers(0, 200), CURRENCIES)),
        DAYS,
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    ROWS,
    st.sampled_from(["", 'currency = "amount"', 'currency = "EUR"', 'currency = "USD"']),
    st.sampled_from(
        [
            None,
            RATES,
            *(
                sf.Rates(DATED.base, since=DATED.since, on=on)
                for on in ("today", "expected_close_on", ("expected_close_on", "today"))
            ),
        ]
    ),
)
def test_a_frame_says_of_amounts_what_the_engine_says_of_each_deal(
    engine: Engine, rows: Any, more: str, rates: sf.Rates | None
) -> None:
    playbook = book(more)
    rules = ("paid >= amount", "amount > 80", "known(paid)", "paid < 90")
    expected = {rule: {"yes": 0, "no": 0, "unknown": 0} for rule in rules}
    columns: dict[str, list[Any]] = {
        name: []
        for name in ("amount", "amount.currency", "paid", "paid.currency", "expected_close_on")
    }
    for amount, paid, day in rows:
        said = sf.Money(paid[0], paid[1]) if isinstance(paid, tuple) else paid
        deal = sf.Opportunity(
            id="1",
            name="x",
            amount=None if amount is None else sf.Money(*amount),
            expected_close_on=day,
            facts={} if said is None else {"paid": said},
        )
        facts = sf.facts_of(deal, playbook, at=AT, rates=rates)
        for rule in rules:
            verdict = sf.Rule.parse(rule, facts=playbook.facts).verdict(facts, DAY)
            expected[rule][verdict.value] += 1
        of_paid = paid if isinstance(paid, tuple) else (paid, None)
        values = (*(amount or (None, None)), *of_paid, day)
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    frame = deals(**columns).with_columns(
        pl.col("amount", "paid").cast(pl.Float64),
        pl.col("amount.currency", "paid.currency").cast(pl.String),
        pl.col("expected_close_on").cast(pl.Date),
    )
    checks = {rule: sf.Rule.parse(rule, facts=playbook.facts) for rule in rules}
    report = check_pipeline(
        engine(frame), playbook, key="id", as_of=DAY, rates=rates, checks=checks
    )
    assert {rule: report.counts[rule] for rule in rules} == {
        rule: Counts(**found) for rule, found in expected.items()
    }


def test_the_rate_is_that_of_each_deals_close_date(every: Engine) -> None:
    """Case 7: 2,000 in both, and neither by one rate for all."""
    rates = sf.Rates.dated(
        "USD", {"AUD": {"2026-01-01": "1.39", "2026-03-01": "1.42"}}, on="expected_close_on"
    )
    frame = every(
        deals(
            amount=[1000 / 1.39, 1000 / 1.42, 1000.0, 1000.0],
            **{
                "amount.currency": ["AUD"] * 4,
                "expected_close_on": [
                    date(2026, 2, 28),
                    date(2026, 3, 1),
                    date(2025, 12, 31),
                    None,
                ],
            },
        )
    )
    found = metrics(frame, book(), key="id", as_of=DAY, rates=rates)
    assert (found.open_value.value, found.open_value.rows) == (2000.0, 2)
    assert found.open_value.reason == "2 amounts have no rate into USD"
    report = check_pipeline(frame, book(), key="id", as_of=DAY, rates=rates)
    assert report.counts["hygiene.amount_convertible"] == Counts(yes=2, no=1, unknown=1)
    today = sf.Rates.dated("USD", {"AUD": {"2026-01-01": "1.39"}})
    with pytest.raises(ArgumentError, match="as_of"):
        required_instruments(
            frame, sf.load_playbook("optimized_sales_process"), key="id", rates=today
        )
