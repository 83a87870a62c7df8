"""Criteria that apply only sometimes: in the engine, in a review, and in frames."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import InvalidPlaybook
from salesflow.pipeline import check_pipeline, required_instruments

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOK = """
id = "works"
version = "1"
title = "Works"
roles = [{ key = "legal", title = "Legal counsel" }]
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "reviewed"
  title = "Legal has reviewed it"
  by = "legal"
  when = "amount > 25_000"
  [[stages.exit]]
  key = "margin_kept"
  title = "The margin is kept"
  rule = "probability >= 0.5"
  when = 'account.tier == "named"'
[[stages]]
key = "sign"
title = "Sign"
"""
ENGINE = sf.StageEngine(sf.Playbook.from_toml(BOOK))


def deal(amount: int | None, tier: str | None = "regular", **fields: Any) -> sf.Opportunity:
    given = {
        "id": "D-1",
        "name": "Works",
        "account": {"name": "Acme", "tier": tier},
        "amount": amount and {"amount": amount, "currency": "USD"},
        **fields,
    }
    started = sf.Opportunity.model_validate(given)
    return ENGINE.decide(started, sf.Start(by="li"), at=NOW).require()


def missing(deal: sf.Opportunity) -> dict[str, sf.Blocker]:
    blockers = ENGINE.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    return {blocker.key: blocker for blocker in blockers}


def test_what_does_not_apply_is_not_asked_for() -> None:
    assert missing(deal(20_000)) == {}
    assert set(missing(deal(30_000))) == {"reviewed"}
    assert set(missing(deal(20_000, "named", probability=0.4))) == {"margin_kept"}


def test_what_applies_is_explained_without_an_invitation_to_make_it_not_apply() -> None:
    blocker = missing(deal(30_000))["reviewed"]
    assert blocker.fix.get("en") == "The legal counsel has to attest it"

    blocker = missing(deal(20_000, "named", probability=0.4))["margin_kept"]
    assert dict(blocker.seen) == {"probability": 0.4}
    assert "tier" not in blocker.fix.get("en")


def test_where_it_is_not_known_whether_it_applies_the_fact_that_decides_is_named() -> None:
    blocker = missing(deal(None))["reviewed"]

    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert dict(blocker.seen) == {"amount": None}
    assert blocker.fix.get("en").startswith("It is not known whether this applies: ")
    assert blocker.fix.get("zh").startswith("尚不清楚此项是否适用：")


def test_what_holds_need_not_be_known_to_apply() -> None:
    unknown = deal(20_000, None, probability=0.9)
    assert missing(unknown) == {}


def test_a_review_shows_what_does_not_apply_as_such_and_does_not_count_it() -> None:
    review = ENGINE.review(deal(20_000, None, probability=0.2), at=NOW)
    shown = {item.criterion.key: (item.applies, item.met) for item in review.criteria}

    assert shown == {
        "reviewed": (sf.Verdict.NO, False),
        "margin_kept": (sf.Verdict.UNKNOWN, False),
    }


def test_frames_do_not_count_the_rows_to_which_a_criterion_does_not_apply() -> None:
    frame = pl.DataFrame(
        {
            "id": ["small", "done", "open", "unknown"],
            "stage": ["sign"] * 4,
            "amount": [20_000.0, 30_000.0, 30_000.0, None],
            "done.reviewed": [None, True, False, None],
        }
    )
    report = check_pipeline(frame, ENGINE.playbook, key="id", as_of=date(2026, 3, 2))
    counts = report.counts["exit.plan.reviewed"]

    assert (counts.yes, counts.no, counts.unknown) == (1, 1, 1)
    assert "exit.plan.margin_kept" in report.not_checked


AMOUNTS = st.sampled_from([None, 20_000.0, 30_000.0])


@given(
    amount=AMOUNTS,
    tier=st.sampled_from([None, "named", "regular"]),
    probability=st.sampled_from([None, 0.2, 0.7]),
    attested=st.sampled_from([None, True, False]),
)
def test_a_frame_says_of_a_row_what_the_engine_says_of_the_deal(
    amount: float | None, tier: str | None, probability: float | None, attested: bool | None
) -> None:
    one = deal(int(amount) if amount else None, tier, probability=probability)
    if attested is not None:
        word = sf.Attest(by="wu", role="legal", criterion="reviewed", met=attested)
        one = ENGINE.decide(one, word, at=NOW).require()
    row = {
        "id": "D-1",
        "stage": "sign",
        "amount": amount,
        "account.tier": tier,
        "probability": probability,
        "done.reviewed": attested,
    }
    types = {"amount": pl.Float64, "probability": pl.Float64, "done.reviewed": pl.Boolean}
    schema = {**dict.fromkeys(row, pl.String), **types}
    frame = pl.DataFrame([row], schema=schema)
    report = check_pipeline(frame, ENGINE.playbook, key="id", as_of=date(2026, 3, 2))

    for status in ENGINE.review(one, at=NOW).criteria:
        counts = report.counts[f"exit.plan.{status.criterion.key}"]
        seen = [counts.yes, counts.no, counts.unknown]
        applies = status.applies is not sf.Verdict.NO
        verdicts = (sf.Verdict.YES, sf.Verdict.NO, sf.Verdict.UNKNOWN)
        assert seen == [int(applies and status.verdict is verdict) for verdict in verdicts]


def test_a_mistake_in_a_condition_is_told_where_it_is() -> None:
    with pytest.raises(sf.errors.InvalidPlaybook) as caught:
        sf.Playbook.from_toml(BOOK.replace("amount > 25_000", "amout > 25_000"))

    (problem,) = caught.value.problems
    assert problem.path == "stages.plan.exit.reviewed.when"


def test_a_condition_is_part_of_the_behaviour() -> None:
    other = sf.Playbook.from_toml(BOOK.replace("25_000", "26_000"))

    assert other.digest != ENGINE.playbook.digest
    assert sf.Playbook.from_json(other.to_json()).criteria == other.criteria


PARTS = """
id = "parts"
version = "1"
title = "Parts"
[[facts]]
name = "abroad"
kind = "flag"
title = { en = "The customer is abroad", zh = "客户在境外" }
[[instruments]]
key = "plan"
title = "Plan"
[[instruments]]
key = "export_file"
title = "Export file"
when = "abroad"
[[size_policy]]
when = "amount > 100_000"
instruments = ["plan", "export_file"]
[[cadences]]
key = "customs_call"
title = "Call customs"
every = { weeks = 1 }
when = "abroad"
[[stages]]
key = "plan_it"
title = "Plan it"
  [[stages.exit]]
  key = "planned"
  title = "The planning is complete"
  instruments = true
  [[stages.forms]]
  key = "origin"
  title = "Certificate of origin"
  when = "abroad"
  [[stages.forms]]
  key = "sheet"
  title = "Sheet"
[[stages]]
key = "sign"
title = "Sign"
"""
OTHER = sf.StageEngine(sf.Playbook.from_toml(PARTS))
amounts = st.sampled_from([None, 100_000.0, 120_000.0])
flags = st.sampled_from([None, True, False])


def walked(amount: float | None, abroad: bool | None, *done: str) -> sf.Opportunity:
    deal = sf.Opportunity(
        id="D-1",
        name="Works",
        amount=None if amount is None else sf.Money(str(amount), "USD"),
        facts={} if abroad is None else {"abroad": abroad},
    )
    for command in (
        sf.Start(by="li"),
        *(sf.Complete(by="li", instrument=instrument) for instrument in done),
    ):
        deal = OTHER.decide(deal, command, at=NOW).require()
    return deal


def lacking(deal: sf.Opportunity) -> set[str]:
    blockers = OTHER.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    return {part.key for blocker in blockers for part in blocker.because}


def test_an_instrument_that_does_not_apply_is_neither_missing_nor_done() -> None:
    at_home = walked(120_000, False, "plan")

    assert lacking(at_home) == set()
    shown = {
        item.instrument.key: (item.required, item.applies)
        for item in OTHER.review(at_home, at=NOW).instruments
    }
    assert shown == {
        "plan": (sf.Verdict.YES, sf.Verdict.YES),
        "export_file": (sf.Verdict.NO, sf.Verdict.NO),
    }


def test_an_instrument_of_which_it_is_not_known_blocks_with_the_fact_that_decides() -> None:
    assert lacking(walked(120_000, None, "plan")) == {"abroad"}
    assert lacking(walked(120_000, None, "plan", "export_file")) == set()
    assert lacking(walked(120_000, True, "plan")) == {"export_file"}
    assert lacking(walked(100_000, None)) == set()


def test_a_cadence_is_due_only_where_it_applies_and_says_what_decides() -> None:
    (duty,) = OTHER.review(walked(None, True), at=NOW).due
    assert duty.depends_on == ()
    assert OTHER.review(walked(None, False), at=NOW).due == ()

    (open_duty,) = OTHER.review(walked(None, None), at=NOW).due
    assert open_duty.depends_on == ("abroad",)
    assert open_duty.reason.get("en").endswith(
        "; whether it applies depends on what is not known: The customer is abroad."
    )
    assert "客户在境外" in open_duty.reason.get("zh")


@pytest.mark.parametrize(
    ("abroad", "applies", "depends_on"),
    [
        (True, sf.Verdict.YES, ()),
        (False, sf.Verdict.NO, ()),
        (None, sf.Verdict.UNKNOWN, ("abroad",)),
    ],
)
def test_a_form_is_shown_with_whether_it_applies(
    abroad: bool | None, applies: sf.Verdict, depends_on: tuple[str, ...]
) -> None:
    forms = OTHER.review(walked(None, abroad), at=NOW).forms

    assert [(form.form.key, form.applies, form.depends_on) for form in forms] == [
        ("origin", applies, depends_on),
        ("sheet", sf.Verdict.YES, ()),
    ]


@pytest.mark.law
@given(amounts, flags, flags, flags)
def test_a_frame_asks_for_the_instruments_that_the_engine_asks_for(
    amount: float | None, abroad: bool | None, plan: bool | None, export: bool | None
) -> None:
    done = [key for key, said in (("plan", plan), ("export_file", export)) if said]
    deal = walked(amount, abroad, *done)
    row = {
        "id": ["D-1"],
        "stage": ["plan_it"],
        "amount": pl.Series([amount], dtype=pl.Float64),
        "abroad": pl.Series([abroad], dtype=pl.Boolean),
        "done.plan": [plan is True],
        "done.export_file": [export is True],
    }

    report = check_pipeline(pl.DataFrame(row), OTHER.playbook, key="id", as_of=NOW.date())
    needed = required_instruments(pl.DataFrame(row), OTHER.playbook, key="id")

    shown = {item.instrument.key: item for item in OTHER.review(deal, at=NOW).instruments}
    for key in ("plan", "export_file"):
        wanted = shown[key].required.value if key in shown else "no"
        assert needed.frame[key].to_list() == [wanted]
        counts = report.counts[f"size.{key}"]
        assert counts.rows == (key == "plan" or abroad is not False)
        in_order = wanted == "no" or key in done
        assert counts.yes == (counts.rows and in_order)
    unmet = bool(lacking(deal))
    assert unmet == any(
        report.counts[f"size.{key}"].yes < report.counts[f"size.{key}"].rows
        for key in ("plan", "export_file")
    )


def test_conditions_in_a_circle_are_refused() -> None:
    circle = PARTS.replace(
        'title = "Export file"\nwhen = "abroad"', 'title = "Export file"\nwhen = "done.planned"'
    )

    with pytest.raises(InvalidPlaybook, match=r"in a circle: done\.planned"):
        sf.Playbook.from_toml(circle)
