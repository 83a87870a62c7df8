"""What check_pipeline says of deals that are in order, and of those that are not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

import salesflow as sf
from salesflow import Fact, FactKind, Playbook, Rates, Rule
from salesflow.engine import facts_of
from salesflow.facts import STANDARD_FACTS
from salesflow.money import round_to_cents
from salesflow.pipeline import Counts, PipelineReport, check_history, check_pipeline

AS_OF = date(2026, 1, 31)

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]


def check(frame: Any, process: Playbook, **options: Any) -> PipelineReport[Any]:
    return check_pipeline(frame, process, **{"key": "id", "as_of": AS_OF, **options})


def found(report: PipelineReport[Any]) -> set[tuple[str, str, str]]:
    rows = nw.from_native(report.findings()).lazy().collect().rows(named=True)
    return {(row["id"], row["check"], row["verdict"]) for row in rows}


def test_a_deal_in_order_has_no_findings(engine: Engine, deals: Deals, process: Playbook) -> None:
    report = check(engine(deals({})), process)

    assert found(report) == set()
    assert {name for name, count in report.counts.items() if count.rows} >= {
        "size.plan",
        "size.questions",
        "hygiene.close_date_not_past",
        "hygiene.known_values.bant.need",
        "hygiene.stage_age",
    }


def test_findings_have_the_callers_key_and_the_frames_own_type(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = engine(deals({}, {"owner": " "}))

    findings = check(frame, process).findings()

    assert type(findings) is type(frame)
    assert nw.from_native(findings).lazy().collect().rows(named=True) == [
        {
            "id": "D-2",
            "stage": "qualify",
            "check": "hygiene.owner_known",
            "severity": "error",
            "verdict": "no",
        }
    ]


def test_deals_are_asked_for_the_exits_of_the_stages_they_have_left_however_they_ended(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"stage": "qualify", "done.sponsor_met": False},
        {"stage": "propose", "done.sponsor_met": False},
        {"stage": "draft", "done.draft_reviewed": None},
        {"stage": "offer", "done.draft_reviewed": None},
        {"stage": "sign", "done.offer_accepted": False},
        {"stage": "deliver", "done.sponsor_met": False, "probability": 1.0},
        {"stage": "won", "done.offer_accepted": None, "probability": 1.0},
        {"stage": "lost", "done.sponsor_met": False},
    )

    report = check(engine(frame), process)

    exits = {each for each in found(report) if each[1].startswith("exit.")}
    assert exits == {
        ("D-2", "exit.qualify.sponsor_met", "no"),
        ("D-4", "exit.draft.draft_reviewed", "unknown"),
        ("D-5", "exit.propose.offer_accepted", "no"),
        ("D-6", "exit.qualify.sponsor_met", "no"),
        ("D-7", "exit.propose.offer_accepted", "unknown"),
    }
    assert report.counts["exit.qualify.sponsor_met"] == Counts(yes=4, no=2, unknown=0)
    assert report.counts["exit.draft.draft_reviewed"] == Counts(yes=3, no=0, unknown=1)


def test_a_rule_that_uses_time_is_not_asked_again_after_the_stage(
    deals: Deals, process: Playbook
) -> None:
    report = check(deals({"stage": "sign"}), process)

    assert "exit.qualify.met_lately" not in {*report.counts, *report.not_checked}


def test_a_criterion_that_is_advisory_is_a_warning(deals: Deals, process: Playbook) -> None:
    report = check(deals({"stage": "offer", "bant.budget": "-"}), process)

    assert report.severities["exit.qualify.fits"] == "warning"
    assert ("D-1", "exit.qualify.fits", "no") in found(report)


def test_exits_are_titled_by_what_has_them(deals: Deals, process: Playbook) -> None:
    titles = check(deals({"stage": "sign"}), process).titles

    assert titles["exit.draft.draft_reviewed"].en == "Draft: The draft was reviewed"
    assert titles["exit.propose.offer_accepted"].zh == "方案：报价已接受"


def test_a_waiver_is_respected_and_an_unknown_one_is_none(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"stage": "sign", "done.sponsor_met": False, "waived.sponsor_met": True},
        {"stage": "sign", "done.sponsor_met": None, "waived.sponsor_met": True},
        {"stage": "sign", "done.sponsor_met": False, "waived.sponsor_met": False},
        {"stage": "sign", "done.sponsor_met": False, "waived.sponsor_met": None},
        {"stage": "sign", "done.sponsor_met": None, "waived.sponsor_met": None},
    )

    report = check(engine(frame), process)

    assert report.counts["exit.qualify.sponsor_met"] == Counts(yes=2, no=2, unknown=1)


@pytest.mark.parametrize(
    ("amount", "plan", "asked", "size"),
    [
        (49_999.99, None, None, {}),
        (50_000.0, None, None, {"size.questions": "no"}),
        (100_000.0, None, "?", {}),
        (100_000.01, None, "?", {"size.plan": "unknown"}),
        (100_000.01, False, "?", {"size.plan": "no"}),
        (100_000.01, True, None, {}),
        (None, None, "?", {"size.plan": "unknown"}),
        (None, True, None, {"size.questions": "unknown"}),
    ],
)
def test_a_deal_has_what_its_size_asks_for(
    amount: float | None,
    plan: bool | None,
    asked: str | None,
    size: dict[str, str],
    deals: Deals,
    process: Playbook,
) -> None:
    frame = deals({"amount": amount, "done.plan": plan, "bant.need": asked})

    assert {
        name: verdict for _, name, verdict in found(check(frame, process)) if "size" in name
    } == size


def test_open_deals_are_compared_with_the_longest_that_was_won(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    won = {"stage": "won", "probability": 1.0, "created_on": date(2025, 1, 1)}
    frame = deals(
        {**won, "closed_on": date(2025, 3, 1)},  # 59 days
        {**won, "closed_on": date(2025, 2, 1)},
        {**won, "closed_on": None},
        {**won, "stage": "lost", "closed_on": date(2025, 12, 1)},
        {"created_on": date(2025, 12, 3)},  # 59 days
        {"created_on": date(2025, 12, 2)},
        {"created_on": None},
    )

    counts = check(engine(frame), process).counts["hygiene.deal_age"]

    assert counts == Counts(yes=1, no=1, unknown=1)


def test_a_deal_that_was_closed_before_it_was_created_has_no_cycle(
    deals: Deals, process: Playbook
) -> None:
    wrong = {"stage": "won", "created_on": date(2026, 1, 9), "closed_on": date(2026, 1, 1)}
    same_day = {**wrong, "closed_on": date(2026, 1, 9)}

    alone = check_pipeline(deals({}, wrong), process, key="id", as_of=AS_OF)
    beside = check_pipeline(deals({}, wrong, same_day), process, key="id", as_of=AS_OF)

    assert alone.not_checked["hygiene.deal_age"] == ("longest_won_cycle",)
    assert beside.counts["hygiene.deal_age"] == Counts(yes=0, no=1, unknown=0)


def test_without_a_won_deal_there_is_no_longest_one(deals: Deals, process: Playbook) -> None:
    report = check(deals({}), process)

    assert "hygiene.deal_age" not in report.counts
    assert report.not_checked["hygiene.deal_age"] == ("longest_won_cycle",)


def test_checks_without_columns_are_listed_and_counted_nowhere(
    deals: Deals, process: Playbook
) -> None:
    report = check(deals({}, without=["owner", "bant.budget", "created_on"]), process)

    assert report.not_checked["hygiene.owner_known"] == ("owner",)
    assert report.not_checked["hygiene.deal_age"] == ("created_on", "closed_on")[:1]
    # `bant.budget and known(amount)` can still be a no.
    assert "exit.qualify.budget_confirmed" in report.counts
    assert not set(report.not_checked) & set(report.counts)


def test_the_callers_own_rules_apply_to_all_rows(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    big = Rule.parse("amount >= 50_000", process.facts)
    won = Rule.parse('outcome == "won"', process.facts)
    later = Rule.parse('stage in ("propose", "sign") or reached("sign")', process.facts)
    frame = deals({"amount": 50_000.0}, {"stage": "won", "amount": None}, {"stage": "draft"})

    report = check(engine(frame), process, checks={"big": big, "won": won, "later": later})

    assert report.counts["big"] == Counts(yes=1, no=1, unknown=1)
    assert report.counts["won"] == Counts(yes=1, no=2, unknown=0)
    assert report.counts["later"] == Counts(yes=2, no=0, unknown=1)
    assert report.titles["big"].zh == "amount 不低于 50,000"


def test_labels_columns_and_values_are_mapped(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"phase ": "1. Engaging", "金额 (USD)": 60_000, "budget.ok?": "Yes", "tier": "Key"},
        {"phase ": 'Closed "Won"', "金额 (USD)": None, "budget.ok?": "No", "tier": "regular"},
        {"phase ": "1. Engaging", "金额 (USD)": 1, "budget.ok?": "Unknown", "tier": "odd"},
        without=["stage", "amount", "bant.budget"],
    )

    report = check(
        engine(frame),
        process,
        stage="phase ",
        columns={"amount": "金额 (USD)", "bant.budget": "budget.ok?", "account.tier": "tier"},
        stages={"1. Engaging": "offer", 'Closed "Won"': "won"},
        values={
            "bant.budget": {"Yes": "+", "No": False, "Unknown": "?"},
            "account.tier": {"Key": "strategic"},
        },
        checks={
            "budget": Rule.parse("bant.budget", process.facts),
            "tier": Rule.parse('account.tier == "strategic"', process.facts),
            "asked": Rule.parse("bant.asked == 2", process.facts),
            "unknown": Rule.parse("bant.unknown == 1", process.facts),
        },
    )

    assert report.counts["budget"] == Counts(yes=1, no=1, unknown=1)
    assert report.counts["tier"] == Counts(yes=1, no=1, unknown=1)
    assert report.counts["asked"] == Counts(yes=3, no=0, unknown=0)
    assert report.counts["unknown"] == Counts(yes=1, no=2, unknown=0)
    assert report.counts["hygiene.known_values.account.tier"] == Counts(yes=2, no=1, unknown=0)
    assert report.counts["hygiene.known_values.bant.budget"] == Counts(yes=3, no=0, unknown=0)


def test_flags_may_be_numbers_where_the_caller_says_what_they_mean(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({"met": 1}, {"met": 0}, {"met": None}, without=["done.sponsor_met"])

    report = check(
        engine(frame),
        process,
        columns={"done.sponsor_met": "met"},
        values={"done.sponsor_met": {1: True, 0: False}},
        checks={"met": Rule.parse("done.sponsor_met", process.facts)},
    )

    assert report.counts["met"] == Counts(yes=1, no=1, unknown=1)


def test_a_text_is_never_taken_for_true(deals: Deals, process: Playbook) -> None:
    frame = deals({"met": "nein"}, {"met": "+"}, without=["done.sponsor_met"])

    report = check(
        frame,
        process,
        columns={"done.sponsor_met": "met"},
        checks={"met": Rule.parse("done.sponsor_met", process.facts)},
    )

    assert report.counts["met"] == Counts(yes=1, no=0, unknown=1)
    assert ("D-1", "hygiene.known_values.done.sponsor_met", "no") in found(report)


def test_an_outcome_of_its_own_column_closes_a_deal(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"stage": "sign", "outcome": "Closed lost"},
        {"stage": "sign", "outcome": None},
        {"stage": "won", "outcome": None, "probability": 1.0},
        {"stage": None, "outcome": "none"},
        {"stage": None, "outcome": None},
    )

    report = check(
        engine(frame),
        process,
        values={"outcome": {"Closed lost": "lost"}},
        checks={
            "open": Rule.parse('outcome == "none"', process.facts),
            "reached": Rule.parse('reached("sign")', process.facts),
        },
    )

    assert report.counts["open"] == Counts(yes=2, no=2, unknown=1)
    assert report.counts["reached"] == Counts(yes=3, no=0, unknown=2)
    assert report.counts["hygiene.owner_known"].rows == 3
    assert report.counts["hygiene.lost_probability"] == Counts(yes=0, no=1, unknown=0)
    # Each of the three has come through it, the one that was lost in the next stage as well.
    assert report.counts["exit.propose.offer_accepted"].rows == 3


def test_a_column_of_the_sub_stage_tells_more_than_the_stage(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"stage": "propose", "sub_stage": "offer"},
        {"stage": "propose", "sub_stage": "draft"},
        {"stage": "propose", "sub_stage": None},
        {"stage": "qualify", "sub_stage": "offer"},
    )

    report = check(engine(frame), process)

    assert report.counts["exit.draft.draft_reviewed"].rows == 1
    assert report.counts["exit.qualify.sponsor_met"].rows == 3


def test_an_empty_column_of_the_sub_stage_takes_nothing_away(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({"stage": "offer", "sub_stage": None})
    offer = Rule.parse('sub_stage == "offer"', process.facts)

    report = check(engine(frame), process, checks={"offer": offer})

    assert report.counts["offer"] == Counts(yes=1, no=0, unknown=0)


def test_a_sub_stage_outside_its_list_is_found(deals: Deals, process: Playbook) -> None:
    report = check(deals({"sub_stage": "drafft"}), process)

    assert ("D-1", "hygiene.known_values.sub_stage", "no") in found(report)


@pytest.mark.parametrize("kind", ["enum", "categorical"])
def test_categories_are_texts_wherever_texts_may_be(
    kind: str, engine: Engine, deals: Deals, process: Playbook
) -> None:
    def typed(name: str, frame: pl.DataFrame) -> pl.Series:
        words = frame[name].cast(pl.String)
        found = words.unique(maintain_order=True).drop_nulls()
        return words.cast(pl.Enum(found) if kind == "enum" else pl.Categorical)

    frame = deals(
        {"owner": "li", "account.tier": "named", "done.plan": "+"},
        {"stage": "propose", "owner": " ", "account.tier": "odd", "done.plan": "-"},
        without=["done.plan"],
    ).with_columns(pl.Series("done.plan", ["+", "-"]))
    names = ["id", "stage", "owner", "account.tier", "done.plan", "bant.need"]
    rules = {
        "tier": Rule.parse('account.tier == "named"', process.facts),
        "plan": Rule.parse("done.plan", process.facts),
    }

    report = check(
        engine(frame.with_columns([typed(name, frame) for name in names])), process, checks=rules
    )

    assert report.counts == check(frame, process, checks=rules).counts
    assert ("D-2", "hygiene.owner_known", "no") in found(report)
    assert report.counts["plan"] == Counts(yes=1, no=1, unknown=0)


def test_ordered_categories_of_pandas_are_texts(process: Playbook) -> None:
    frame = pd.DataFrame({"id": [1, 2], "stage": ["sign", "qualify"], "owner": ["b", "a"]})
    for name in ("stage", "owner"):
        frame[name] = pd.Categorical(frame[name], ordered=True)

    assert check(frame, process).counts["hygiene.owner_known"] == Counts(yes=2, no=0, unknown=0)


def test_a_moment_is_checked_on_its_day_in_the_zone(deals: Deals, process: Playbook) -> None:
    late = datetime(2026, 1, 31, 23, tzinfo=UTC)

    assert check(deals({}), process, as_of=late).as_of == AS_OF
    assert check(deals({}), process, as_of=late, tz="Asia/Shanghai").as_of == date(2026, 2, 1)


def test_where_the_planning_is_waived_none_of_it_is_missing(engine: Engine, deals: Deals) -> None:
    process = Playbook.from_toml(
        """
        id = "waived"
        version = "1"
        title = "Waived"
        currency = "USD"
        [[size_policy]]
        when = "amount > 100"
        instruments = ["plan"]
        [[stages]]
        key = "one"
        title = "One"
          [[stages.exit]]
          key = "planned"
          title = "Planned"
          instruments = true
        [[stages]]
        key = "two"
        title = "Two"
        """
    )
    frame = deals(
        *(
            {"stage": "two", "amount": 500.0, "done.plan": False, "waived.planned": waived}
            for waived in (True, False, None)
        )
    )

    report = check(engine(frame), process)

    assert report.counts["exit.one.planned"] == Counts(yes=1, no=2, unknown=0)
    assert report.counts["size.plan"] == Counts(yes=1, no=2, unknown=0)


def test_a_frame_without_any_currency_has_unknown_amounts(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    amount = Rule.parse("known(amount)", process.facts)

    report = check(engine(deals({"amount.currency": None})), process, checks={"amount": amount})

    assert report.counts["amount"] == Counts(yes=0, no=1, unknown=0)
    assert report.counts["hygiene.amount_convertible"] == Counts(yes=0, no=0, unknown=1)


def test_an_amount_is_given_whether_or_not_there_is_a_rate_for_it(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals(
        {"amount": 60_000.0, "amount.currency": "EUR"},
        {"amount": 60_000.0, "amount.currency": None},
        {"amount": None, "amount.currency": "USD"},
    )

    report = check(engine(frame), process)

    assert report.counts["hygiene.amount_known"] == Counts(yes=2, no=1, unknown=0)
    assert report.counts["hygiene.amount_convertible"] == Counts(yes=1, no=1, unknown=1)


def test_facts_of_another_playbook_have_no_column(deals: Deals, process: Playbook) -> None:
    facts = STANDARD_FACTS.extended(
        [
            Fact("score.other.low", FactKind.NUMBER),
            Fact("done.other", FactKind.FLAG),
            Fact("margin", FactKind.NUMBER),
        ]
    )
    text = "score.other.low > 3 or done.other or margin > 1"

    report = check(deals({}), process, checks={"other": Rule.parse(text, facts)})

    assert report.not_checked["other"] == (
        "done.other",
        "margin",
        "score.other.low",
    )


def test_amounts_are_converted_and_one_without_a_rate_is_unknown(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    rates = Rates(base="USD", rates={"EUR": "1.1", "CNY": "0.14"})
    frame = deals(
        {"amount": 100_000.0, "amount.currency": "USD"},
        {"amount": 90_909.09, "amount.currency": "EUR"},  # 99,999.999, to cents: 100,000.00
        {"amount": 90_909.10, "amount.currency": "EUR"},
        {"amount": 714_285.72, "amount.currency": "CNY"},  # 100,000.0008, to cents: 100,000.00
        {"amount": 90_000.0, "amount.currency": "GBP"},
        {"amount": 90_000.0, "amount.currency": None},
        {"amount": None, "amount.currency": "GBP"},
    )
    rules = {
        "at most": Rule.parse("amount <= 100_000", process.facts),
        "exactly": Rule.parse("amount == 100_000", process.facts),
    }

    report = check(engine(frame), process, rates=rates, checks=rules)

    assert report.counts["at most"] == Counts(yes=3, no=1, unknown=3)
    assert report.counts["exactly"] == Counts(yes=3, no=1, unknown=3)
    assert report.counts["hygiene.amount_convertible"] == Counts(yes=5, no=1, unknown=1)


def test_a_converted_amount_is_that_of_a_single_deal_to_the_last_bit(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    rates = Rates(base="USD", rates={"EUR": "1.17"})
    amounts = [7_919 * n / 100 for n in range(1, 200)]
    rate = float(rates.rate("EUR", "USD"))
    frame = deals(*({"amount": each, "amount.currency": "EUR"} for each in amounts))
    expected = [round_to_cents(each * rate) for each in amounts]
    frame = frame.with_columns(expected=pl.Series(expected))
    facts = process.facts.extended([Fact("expected", FactKind.MONEY)])

    same = {"same": Rule.parse("amount == expected", facts)}
    report = check(engine(frame), process, rates=rates, checks=same, currency="USD")

    assert report.counts["same"] == Counts(yes=len(amounts), no=0, unknown=0)


@pytest.mark.parametrize(
    ("name", "fact"), [("stage_age", "entered_stage_on"), ("probability_near_stage", "probability")]
)
def test_limits_of_each_stage_are_not_checked_without_what_they_limit(
    name: str, fact: str, deals: Deals, process: Playbook
) -> None:
    report = check(deals({}, without=[fact]), process)

    assert report.not_checked[f"hygiene.{name}"] == (fact,)


def test_a_process_that_is_not_a_line_asks_only_for_what_every_way_goes_through(
    deals: Deals,
) -> None:
    stages = "".join(
        f"""
        [[stages]]
        key = "{key}"
        title = "{key.title()}"
        final = {"true" if key == "end" else "false"}
          [[stages.exit]]
          key = "{key}_done"
          title = "Done"
          by = "rep"
        """
        for key in ("start", "left", "right", "end")
    )
    moves = "".join(
        f'[[moves]]\nfrom = "{source}"\nto = "{target}"\n'
        for source, target in (
            ("start", "left"),
            ("start", "right"),
            ("left", "end"),
            ("right", "end"),
        )
    )
    process = Playbook.from_toml(
        'id = "fork"\nversion = "1"\ntitle = "Fork"\ncurrency = "USD"\n'
        '[[roles]]\nkey = "rep"\ntitle = "Rep"\n' + stages + moves
    )
    frame = deals({"stage": "end", **{f"done.{key}_done": None for key in ("start", "left")}})

    report = check(frame, process)

    exits = {name for name in (*report.counts, *report.not_checked) if name.startswith("exit.")}
    # The last two of deals that are won, which this one is not.
    assert exits == {"exit.start.start_done", "exit.end.end_done"}
    assert report.counts["exit.start.start_done"].rows == 1
    assert "exit.end.end_done" in report.not_checked


@pytest.mark.parametrize("rows", [0, 1])
def test_a_frame_of_hardly_any_rows_is_checked(
    rows: int, engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = engine(deals(*[{}] * rows).with_columns(pl.col("amount").cast(pl.Float64)))

    report = check(frame, process)

    assert report.rows == rows
    assert {count.rows for count in report.counts.values()} <= {0, 1}
    assert found(report) == set()


def test_columns_without_any_value_are_missing_values_whatever_their_type(
    engine: Engine, deals: Deals, process: Playbook
) -> None:
    frame = deals({}, {})
    empty = [name for name in frame.columns if name not in {"id", "stage"}]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in empty)

    report = check(engine(frame), process)

    assert report.counts["hygiene.amount_known"] == Counts(yes=0, no=2, unknown=0)
    assert report.counts["hygiene.close_date_not_past"] == Counts(yes=0, no=0, unknown=2)
    assert report.counts["hygiene.known_values.bant.need"] == Counts(yes=2, no=0, unknown=0)


def test_polars_columns_of_type_null_are_missing_values(deals: Deals, process: Playbook) -> None:
    frame = deals({}, {}).with_columns(amount=None, owner=None, closed_on=None)

    report = check(frame, process)

    assert report.counts["hygiene.amount_known"] == Counts(yes=0, no=2, unknown=0)
    assert report.counts["hygiene.owner_known"] == Counts(yes=0, no=2, unknown=0)


def test_the_frame_is_left_as_it_was(engine: Engine, deals: Deals, process: Playbook) -> None:
    frame = engine(deals({}, {"owner": None}))
    before = nw.from_native(frame).lazy().collect().rows()

    check(frame, process).findings()

    assert nw.from_native(frame).lazy().collect().rows() == before


def test_findings_are_made_once(deals: Deals, process: Playbook) -> None:
    report = check(deals({"owner": None}), process)

    assert report.findings() is report.findings()


def test_a_lazy_frame_is_not_collected_for_its_findings(deals: Deals, process: Playbook) -> None:
    assert isinstance(check(deals({"owner": None}).lazy(), process).findings(), pl.LazyFrame)


def test_days_of_moments_begin_in_the_callers_zone(process: Playbook) -> None:
    # 16:00 on the 30th in London is midnight, and the 31st, in Shanghai.
    frame = pd.DataFrame(
        {
            "id": [1],
            "stage": ["qualify"],
            "expected_close_on": pd.to_datetime(["2026-01-30T16:00:00+00:00"]),
        }
    )

    def counts(tz: str) -> Counts:
        return check(frame, process, tz=tz).counts["hygiene.close_date_not_past"]

    assert counts("UTC") == Counts(yes=0, no=1, unknown=0)
    assert counts("Asia/Shanghai") == Counts(yes=1, no=0, unknown=0)


def test_the_summary_reads_well_in_both_languages(deals: Deals, process: Playbook) -> None:
    report = check(deals({}, {"owner": None}, without=["next_step"]), process)

    english, chinese = report.summary(), report.summary("zh")

    assert "2 deals on 2026-01-31" in english
    assert "error   1        0    1  Somebody owns the deal  [hygiene.owner_known]" in english
    assert "next_step" in english
    assert "已有负责人" in chinese
    assert "缺少" in chinese
    assert "nothing" in check(deals({}), process).summary().lower()
    assert repr(report).startswith("<PipelineReport: 2 rows")


def test_a_report_without_findings_says_of_how_many_checks_that_is_so(
    deals: Deals, process: Playbook
) -> None:
    report = check(deals({}).select("id", "stage"), process)
    asked, all_ = len(report.counts), len(report.counts) + len(report.not_checked)

    assert (asked, len(report.not_checked) > 10) == (1, True)
    assert f"Nothing was found by the 1 of {all_} checks that have their columns." in str(report)
    assert f"{all_} 项检查中只有 1 项具备所需的数据列" in report.summary("zh")
    assert "没有发现问题" not in report.view(lang="zh")
    assert f"no violations in 1 of {all_} checks" in report.view()


def test_a_short_summary_is_short_about_missing_columns_too(
    deals: Deals, process: Playbook
) -> None:
    report = check(deals({}).select("id", "stage"), process)
    missing = report.summary().partition("these facts have no column:\n")[2].splitlines()
    short = report.summary(top=2).partition("these facts have no column:\n")[2].splitlines()

    assert len(missing) > 5
    assert short[:2] == missing[:2]
    assert len(short) == 3
    assert re.fullmatch(r"  … and \d+ more", short[2])
    assert "……另有" in report.summary("zh", top=2)


SPICED = """
id = "spiced_by_stage"
version = "1"
title = "Stage by stage"
policy = { skip = %s }
stages = [
  { key = "s1", title = "S1", exit = [
    { key = "situation", title = "The situation is known", rule = "known(source)" } ] },
  { key = "s2", title = "S2", exit = [
    { key = "impact", title = "The impact is known", rule = "known(next_step)" } ] },
  { key = "s3", title = "S3" },
]
"""


@pytest.mark.parametrize("policy", ['"on"', '{ criteria = "asked" }', '"off"'])
def test_a_skip_has_one_answer_from_the_engine_the_check_and_the_history(policy: str) -> None:
    book = sf.Playbook.from_toml(SPICED % policy)
    engine = sf.StageEngine(book)
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    deal = sf.Opportunity(id="D-1", name="Works", source="Fair")
    deal = engine.decide(deal, sf.Start(by="li"), at=now).require()
    skipped = engine.decide(deal, sf.MoveTo(by="li", stage="s3"), at=now)
    row = {"id": ["D-1"], "stage": ["s3"], "source": ["Fair"], "next_step": [None]}
    frame = pl.DataFrame(row, schema_overrides={"next_step": pl.String})

    def counts(frame: pl.DataFrame) -> dict[str, Counts]:
        report = check_pipeline(frame, book, key="id", as_of=date(2026, 1, 5))
        return {key: report.counts[key] for key in ("exit.s1.situation", "exit.s2.impact")}

    steps = pl.DataFrame({"id": ["D-1"] * 2, "to": ["s1", "s3"], "at": [date(2026, 1, 5)] * 2})
    history = check_history(
        steps.with_row_index("no"), book, case="id", stage="to", at="at", order="no"
    )
    held, violated = Counts(yes=1, no=0, unknown=0), Counts(yes=0, no=1, unknown=0)
    assert history.counts["skipped"] == (policy == '"off"')
    assert skipped.accepted == (policy == '"on"')
    if policy != '"on"':
        assert counts(frame) == {"exit.s1.situation": held, "exit.s2.impact": violated}
        return
    # Nobody knows whether the deal was in the second stage; where that is known, it decides.
    assert counts(frame) == {
        "exit.s1.situation": held,
        "exit.s2.impact": Counts(yes=0, no=0, unknown=1),
    }
    was_there = facts_of(skipped.opportunity, book, at=now)["reached.s2"]
    assert was_there is False
    told = frame.with_columns(pl.lit(was_there).alias("reached.s2"))
    assert counts(told)["exit.s2.impact"] == Counts(yes=0, no=0, unknown=0)
    been = frame.with_columns(pl.lit(value=True).alias("reached.s2"))
    assert counts(been)["exit.s2.impact"] == violated
    done = frame.with_columns(pl.lit("Call").alias("next_step"))
    assert counts(done)["exit.s2.impact"] == held
    report = check_pipeline(frame.drop("next_step"), book, key="id", as_of=date(2026, 1, 5))
    assert report.not_checked["exit.s2.impact"] == ("next_step",)
    said = check_pipeline(frame, book, key="id", as_of=date(2026, 1, 5)).message("exit.s2.impact")
    assert said.endswith("a column reached.s2 says whether it was there.")


def test_where_a_deal_may_start_later_it_need_not_have_been_in_any_stage_before() -> None:
    later = SPICED.replace("skip = %s", 'start_later = "on"')
    book = sf.Playbook.from_toml(later)
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["s3"], "source": [None], "next_step": ["Call"]})
    frame = frame.with_columns(pl.col("source").cast(pl.String))
    been = sf.Rule.parse('reached("s1")', facts=book.facts)
    report = check_pipeline(frame, book, key="id", as_of=date(2026, 1, 5), checks={"been": been})

    assert report.counts["exit.s1.situation"] == Counts(yes=0, no=0, unknown=1)
    assert report.counts["exit.s2.impact"] == Counts(yes=1, no=0, unknown=0)
    assert report.counts["been"] == Counts(yes=0, no=0, unknown=1)
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    deal = sf.Opportunity(id="D-1", name="Works")
    adopt = sf.Adopt(by="li", stage="s3", entered_on=date(2026, 1, 5))
    adopted = sf.StageEngine(book).decide(deal, adopt, at=now).require()
    assert facts_of(adopted, book, at=now).get("reached.s1") is None
