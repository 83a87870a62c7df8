"""Every amount has a currency: what a deal is worth in the playbook's, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import Contract
from salesflow.errors import FactError, InvalidPlaybook

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
BOOK = """
id = "payments"
version = "1"
title = "Payments"
currency = "USD"
{top}
[[facts]]
name = "paid"
kind = "money"
title = {{ en = "Paid", zh = "已付款" }}
{more}
[[stages]]
key = "plan"
title = {{ en = "Plan", zh = "计划" }}
  [[stages.exit]]
  key = "covered"
  title = {{ en = "It is paid", zh = "已付清" }}
  rule = "{rule}"
[[stages]]
key = "close"
title = {{ en = "Close", zh = "成交" }}
"""
RATES = sf.Rates("USD", {"CAD": "0.7752", "EUR": "1.10"})
DATED = {"EUR": {"2026-01-01": "1.08", "2026-04-01": "1.10"}}


def book(more: str = "", rule: str = "paid >= amount", top: str = "") -> sf.Playbook:
    return sf.Playbook.from_toml(BOOK.format(more=more, rule=rule, top=top))


def started(engine: sf.StageEngine, **fields: object) -> sf.Opportunity:
    deal = sf.Opportunity.model_validate({"id": "D-1", "name": "Mill", "owner": "li", **fields})
    return engine.decide(deal, sf.Start(by="li"), at=AT).require()


def verdict(engine: sf.StageEngine, **fields: object) -> str:
    return engine.review(started(engine, **fields), at=AT).criteria[0].verdict.value


def why(engine: sf.StageEngine, **fields: object) -> sf.Text:
    (blocker,) = engine.review(started(engine, **fields), at=AT).blockers
    return blocker.fix


HUNDRED = sf.Money(100, "CAD")


def test_what_is_paid_in_another_currency_does_not_pay_for_the_deal() -> None:
    engine = sf.StageEngine(book(), rates=RATES)

    assert verdict(engine, amount=HUNDRED, facts={"paid": sf.Money(80, "CAD")}) == "no"
    assert verdict(engine, amount=HUNDRED, facts={"paid": sf.Money(100, "CAD")}) == "yes"
    assert verdict(engine, amount=HUNDRED, facts={"paid": sf.Money("77.52", "USD")}) == "yes"
    assert verdict(engine, amount=HUNDRED, facts={"paid": sf.Money("77.51", "USD")}) == "no"


def test_a_plain_number_beside_an_amount_in_another_currency_is_not_known() -> None:
    engine = sf.StageEngine(book(), rates=RATES)

    assert verdict(engine, amount=HUNDRED, facts={"paid": 80}) == "unknown"
    assert verdict(engine, amount=HUNDRED, facts={"paid": 100}) == "unknown"
    assert verdict(engine, facts={"paid": 80}) == "unknown"
    dollars = sf.Money(100, "USD")
    assert verdict(engine, amount=dollars, facts={"paid": 80}) == "no"
    assert verdict(engine, amount=dollars, facts={"paid": 100}) == "yes"
    fix = why(engine, amount=HUNDRED, facts={"paid": 80})
    assert str(fix) == "“Paid” (nobody says in which currency it is) is not known"
    assert fix.get("zh") == "“已付款”（未说明币种）未知"
    problems = engine.review(started(engine, amount=HUNDRED, facts={"paid": 80}), at=AT).problems
    assert [it.path for it in problems] == ["paid"]
    assert 'currency = "amount"' in (problems[0].hint or "")


@pytest.mark.parametrize(
    ("more", "paid", "expected"),
    [
        ('currency = "amount"', 80, "no"),
        ('currency = "amount"', 100, "yes"),
        ('currency = "CAD"', 99.99, "no"),
        ('currency = "USD"', 77.52, "yes"),
        ('currency = "EUR"', 70.46, "no"),  # 77.506 USD
        ('currency = "EUR"', 70.47, "yes"),  # 77.517 USD
    ],
)
def test_the_playbook_says_in_what_plain_numbers_are(more: str, paid: float, expected: str) -> None:
    engine = sf.StageEngine(book(more), rates=RATES)
    assert verdict(engine, amount=HUNDRED, facts={"paid": paid}) == expected


def test_a_host_gives_its_currencies_beside_its_numbers() -> None:
    engine = sf.StageEngine(book(), rates=RATES)

    def said(**facts: object) -> str:
        deal = sf.HostDeal.model_validate({"id": "D-1", "owner": "li", "facts": facts})
        deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
        return engine.review(deal, at=AT).criteria[0].verdict.value

    assert said(amount=100, paid=100) == "yes"
    assert said(**{"amount": 100, "amount.currency": "CAD", "paid": 80}) == "unknown"
    assert said(**{"amount": 100, "amount.currency": "CAD", "paid": sf.Money(80, "CAD")}) == "no"
    assert said(**{"amount": HUNDRED, "paid": 100, "paid.currency": "CAD"}) == "yes"
    assert said(amount=HUNDRED, paid=sf.Money(78, "USD")) == "yes"


def test_wrong_currencies_and_money_for_what_is_no_money_are_refused() -> None:
    playbook = book(top='[[facts]]\nname = "seats"\nkind = "number"\ntitle = "Seats"')
    engine = sf.StageEngine(playbook)

    with pytest.raises(FactError, match="5 USD is money and not a number"):
        started(engine, facts={"seats": sf.Money(5, "USD")})
    with pytest.raises(FactError, match=r"'EURO' is not a currency.*did you mean .EUR."):
        started(engine, facts={"paid": 5, "paid.currency": "EURO"})
    with pytest.raises(ValidationError, match="this is no Money: 'XX' is not a currency"):
        sf.Opportunity(id="1", name="x", facts={"paid": {"amount": 5, "currency": "XX"}})  # type: ignore[dict-item]
    for more, said in (
        ('currency = "EUX"', 'no currency of ISO 4217 "EUX"'),
        ('currency = "total"', 'no currency of ISO 4217 "total"'),
    ):
        with pytest.raises(InvalidPlaybook, match=said):
            book(more)
    with pytest.raises(InvalidPlaybook, match="only a fact of kind money has currency"):
        book(top='[[facts]]\nname = "seats"\nkind = "number"\ncurrency = "USD"')
    with pytest.raises(InvalidPlaybook, match="it is the currency of an amount"):
        book(top='[[facts]]\nname = "paid.currency"\nkind = "number"')


def test_money_of_a_fact_is_amended_stored_and_read_again() -> None:
    engine = sf.StageEngine(book(), rates=RATES)
    deal = started(engine, amount=HUNDRED, facts={"paid": sf.Money(80, "CAD")})
    command = sf.read_command(
        sf.Amend(by="li", changes={"facts": {"paid": sf.Money(100, "CAD")}}).model_dump_json()
    )

    decision = engine.decide(deal, command, at=AT)

    assert decision.accepted
    assert decision.opportunity.facts["paid"] == HUNDRED
    assert engine.review(decision.opportunity, at=AT).criteria[0].verdict is sf.Verdict.YES
    again = sf.Opportunity.model_validate_json(decision.opportunity.model_dump_json())
    assert again == decision.opportunity
    events = sf.read_events(sf.write_events(decision.events))
    assert engine.evolve(deal, events[0]) == decision.opportunity


def test_limits_of_an_amount_are_in_the_playbooks_currency() -> None:
    engine = sf.StageEngine(book("max = 80", "known(paid)"), rates=RATES)
    deal = started(engine, amount=HUNDRED, facts={"paid": sf.Money(100, "CAD")})  # 77.52 USD
    assert engine.review(deal, at=AT).criteria[0].verdict is sf.Verdict.YES

    more = sf.Amend(by="li", changes={"facts": {"paid": sf.Money(110, "CAD")}})
    decision = engine.decide(deal, more, at=AT)

    assert [it.code for it in decision.blockers] == ["fact_value"]
    assert "85.27 USD was given" in str(decision.blockers[0].fix)
    assert "85.27 美元" in decision.blockers[0].fix.get("zh")


@pytest.mark.parametrize("rates", [None, sf.Rates("USD"), sf.Rates.dated("USD", DATED)])
def test_a_missing_rate_raises_nowhere_and_does_not_block_its_correction(
    rates: sf.Rates | None,
) -> None:
    """M4: one mistyped currency neither breaks a list view nor keeps the deal from being mended."""
    engine = sf.StageEngine(book(rule="amount >= 50"), rates=rates)
    deal = started(engine, amount=sf.Money(100, "GBP"))

    review = engine.review(deal, at=AT)
    assert [it.message for it in review.problems] == [
        "there is no rate from GBP into USD, so that it is not known"
    ]
    assert review.criteria[0].verdict is sf.Verdict.UNKNOWN
    assert "there is no rate from GBP into USD" in str(review.blockers[0].fix)
    assert engine.available(deal, by="li", at=AT)
    assert not engine.decide(deal, sf.Advance(by="li"), at=AT).accepted

    mended = engine.decide(deal, sf.Amend(by="li", changes={"amount": sf.Money(100, "USD")}), at=AT)
    assert mended.accepted
    assert mended.opportunity.progress.amount_cuts == 0
    assert engine.review(mended.opportunity, at=AT).criteria[0].verdict is sf.Verdict.YES


def test_a_change_of_currency_at_equal_worth_is_no_cut() -> None:
    fields = 'fields = [{ name = "amount", rule = "amount >= before.amount", asks = "No cut" }]'
    engine = sf.StageEngine(book(top=f"[policy]\n{fields}\n"), rates=RATES)

    def changed(old: sf.Money, new: sf.Money) -> tuple[bool, int]:
        deal = started(engine, amount=old)
        plain = sf.StageEngine(book(), rates=RATES)
        loose = started(plain, amount=old)
        amend = sf.Amend(by="li", changes={"amount": new})
        cut = plain.decide(loose, amend, at=AT).require().progress.amount_cuts
        return engine.decide(deal, amend, at=AT).accepted, cut

    assert changed(sf.Money(110, "USD"), sf.Money(100, "EUR")) == (True, 0)
    assert changed(sf.Money(5, "USD"), sf.Money("4.55", "EUR")) == (True, 0)
    assert changed(sf.Money(5, "USD"), sf.Money("4", "EUR")) == (False, 1)
    assert changed(sf.Money(5, "USD"), sf.Money("4.54", "EUR")) == (False, 1)
    assert changed(sf.Money(5, "USD"), sf.Money("4.56", "EUR")) == (True, 0)


@given(
    st.decimals("0.01", "1e7", places=2),
    st.sampled_from(["JPY", "KWD", "EUR", "CNY"]),
    st.decimals("0.0001", "500", places=4),
)
def test_no_conversion_into_a_currency_and_its_minor_unit_is_a_cut(
    amount: object, currency: str, rate: object
) -> None:
    rates = sf.Rates("USD", {currency: str(rate)})
    old = sf.Money(str(amount), "USD")
    worth = rates.amount_in(currency, old)
    new = sf.Money(f"{worth:.6f}", currency)
    engine = sf.StageEngine(book(rule="known(amount)"), rates=rates)
    deal = sf.Opportunity(id="D-1", name="Mill", amount=old)
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    after = engine.decide(deal, sf.Amend(by="li", changes={"amount": new}), at=AT).require()
    assert after.progress.amount_cuts == 0


def test_the_rate_is_that_of_the_day_that_counts() -> None:
    """Case 7: 1,000 at 1.08 until March, at 1.10 after."""

    def worth(on: object, day: date | None) -> object:
        rates = sf.Rates.dated("USD", DATED, on=on)  # type: ignore[arg-type]
        deal = sf.Opportunity(id="1", name="x", amount=sf.Money(1000, "EUR"), expected_close_on=day)
        return sf.facts_of(deal, book(), at=AT, rates=rates).get("amount")

    march, later = date(2026, 3, 31), date(2026, 4, 1)
    assert (worth("expected_close_on", march), worth("expected_close_on", later)) == (1080, 1100)
    assert worth("today", march) == 1100
    assert worth("expected_close_on", None) is None
    assert worth(["expected_close_on", "today"], None) == 1100
    assert worth(["closed_on", "expected_close_on"], march) == 1080
    assert worth("expected_close_on", date(2025, 12, 31)) is None


@pytest.mark.parametrize(
    ("day", "said", "zh"),
    [
        (
            date(2025, 12, 31),
            "the rates of EUR begin on 2026-01-01, after 2025-12-31",
            "EUR 的汇率自 2026-01-01 起，晚于 2025-12-31",
        ),
        (
            None,
            "which rate counts depends on the expected close date, not known",
            "适用的汇率取决于预计成交日期，而其未知",
        ),
    ],
)
def test_a_rate_that_is_not_there_yet_is_unknown_with_its_reason(
    day: date | None, said: str, zh: str
) -> None:
    rates = sf.Rates.dated("USD", DATED, on="expected_close_on")
    engine = sf.StageEngine(book(rule="amount >= 50"), rates=rates)
    fields = {"amount": sf.Money(100, "EUR"), "expected_close_on": day}
    assert said in str(why(engine, **fields))
    assert zh in why(engine, **fields).get("zh")


def test_the_won_deal_keeps_the_rate_of_the_day_it_was_won() -> None:
    rates = sf.Rates.dated("USD", DATED, on=("closed_on", "today"))
    engine = sf.StageEngine(book(rule="known(amount)"), rates=rates)
    march, may = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    deal = sf.Opportunity(id="1", name="x", owner="li", amount=sf.Money(1000, "EUR"))
    for command in (sf.Start(by="li"), sf.Advance(by="li"), sf.Win(by="li")):
        decision = engine.decide(deal, command, at=march)
        if decision.accepted:
            deal = decision.opportunity
    assert deal.progress.outcome == "won"
    assert sf.facts_of(deal, engine.playbook, at=may, rates=rates)["amount"] == 1080


def test_amounts_of_records_are_converted_as_the_deals_is() -> None:
    playbook = book(rule="contract.amount >= amount", top='use_records = ["contract"]')
    engine = sf.StageEngine(playbook, rates=RATES)
    contract = Contract(number="1", customer="Acme", amount=sf.Money(100, "CAD"))

    assert verdict(engine, amount=HUNDRED, records=[contract]) == "yes"
    assert verdict(engine, amount=sf.Money(100, "USD"), records=[contract]) == "no"
    foreign = Contract(number="1", customer="Acme", amount=sf.Money(100, "GBP"))
    assert verdict(engine, amount=HUNDRED, records=[foreign]) == "unknown"
    assert "no rate from GBP into USD" in str(why(engine, amount=HUNDRED, records=[foreign]))


def test_sentences_name_the_currency_and_count_in_wan_in_chinese() -> None:
    engine = sf.StageEngine(book(rule="amount > 100_000"))
    fix = why(engine, amount=sf.Money("49999.99", "USD"))
    assert str(fix) == "the amount is 49,999.99 USD; it must be more than 100,000 USD"
    assert fix.get("zh") == "金额现为 49,999.99 美元，须高于 10 万美元"
    yuan = sf.Playbook.from_toml(
        BOOK.format(more="", rule="amount > 120_000_000", top="").replace('"USD"', '"CNY"')
    )
    fix = why(sf.StageEngine(yuan), amount=sf.Money("850000", "CNY"))
    assert fix.get("zh") == "金额现为 85 万元，须高于 1.2 亿元"


def test_hygiene_of_one_deal_tells_what_a_frame_tells() -> None:
    engine = sf.StageEngine(book(), rates=RATES)

    def told(**fields: object) -> dict[str, str]:
        found = engine.review(started(engine, **fields), at=AT).hygiene
        return {it.check: it.verdict.value for it in found if "convertible" in it.check}

    pounds = sf.Money(5, "GBP")
    assert told(amount=pounds, facts={"paid": pounds}) == {
        "hygiene.amount_convertible": "no",
        "hygiene.convertible.paid": "no",
    }
    assert told(amount=HUNDRED, facts={"paid": 5}) == {"hygiene.convertible.paid": "unknown"}
    assert told(amount=HUNDRED, facts={"paid": sf.Money(5, "EUR")}) == {}


def test_an_amount_that_no_record_says_rests_on_nothing_though_its_currency_is_known() -> None:
    playbook = sf.Playbook.from_toml("""
        id = "signing"
        version = "1"
        title = "Signing"
        currency = "USD"
        use_records = ["contract"]
        [[roles]]
        key = "boss"
        title = "Boss"
        [[stages]]
        key = "sign"
        title = "Sign"
          [[stages.exit]]
          key = "terms_fine"
          title = "The terms are fine"
          by = "boss"
          lapses_on = ["contract.instalments_sum"]
    """)
    contract = Contract(number="C-1", customer="Acme", amount=sf.Money(100, "CAD"))
    engine = sf.StageEngine(playbook)
    deal = started(engine, records=(contract,))

    fine = sf.Attest(by="li", role="boss", criterion="terms_fine")
    deal = engine.decide(deal, fine, at=AT).require()

    assert deal.progress.attestations[0].seen["contract.instalments_sum"] is None
    assert engine.review(deal, at=AT).criteria[0].verdict is sf.Verdict.YES


CLOSING = sf.Rates.dated("USD", DATED, on=("closed_on", "expected_close_on"))
EXPECTED = sf.Rates.dated("USD", DATED, on="expected_close_on")


@pytest.mark.parametrize(
    ("rates", "facts", "reason"),
    [
        (EXPECTED, {}, "which rate counts depends on the expected close date, not known"),
        (
            CLOSING,
            {},
            "depends on the day the deal was closed or the expected close date, not known",
        ),
        (EXPECTED, {"expected_close_on": "2025-12-31"}, "begin on 2026-01-01, after 2025-12-31"),
        (CLOSING, {"expected_close_on": date(2025, 12, 31)}, "after 2025-12-31"),
    ],
)
def test_a_host_gives_the_day_whose_rate_counts(
    rates: sf.Rates, facts: dict[str, object], reason: str
) -> None:
    engine = sf.StageEngine(book(rule="amount >= 108"), rates=rates)

    def review(**more: object) -> sf.Review:
        given_ = {"amount": sf.Money(100, "EUR"), **facts, **more}
        deal = sf.HostDeal.model_validate({"id": "D-1", "owner": "li", "facts": given_})
        return engine.review(engine.decide(deal, sf.Start(by="li"), at=AT).require(), at=AT)

    assert reason in review().problems[0].message
    assert review(expected_close_on="2026-01-01").criteria[0].verdict is sf.Verdict.YES


def test_a_number_of_a_host_is_in_the_playbooks_currency_only_beside_its_amount() -> None:
    engine = sf.StageEngine(book(rule="paid >= 80"))

    def said(**facts: object) -> str:
        deal = sf.HostDeal.model_validate({"id": "D-1", "owner": "li", "facts": facts})
        deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
        return engine.review(deal, at=AT).criteria[0].verdict.value

    assert said(paid=80, amount=100) == "yes"
    assert said(paid=80) == "unknown"
    assert said(**{"paid": 80, "amount.currency": "USD"}) == "unknown"


def test_hygiene_of_one_deal_asks_for_rates_that_begin_too_late() -> None:
    engine = sf.StageEngine(book(), rates=EXPECTED)

    def told(**fields: object) -> dict[str, str]:
        found = engine.review(started(engine, amount=sf.Money(5, "EUR"), **fields), at=AT).hygiene
        return {it.check: it.verdict.value for it in found if "convertible" in it.check}

    assert told(expected_close_on=date(2025, 12, 31)) == {"hygiene.amount_convertible": "no"}
    assert told() == {"hygiene.amount_convertible": "unknown"}
    assert told(expected_close_on=date(2026, 1, 1)) == {}
