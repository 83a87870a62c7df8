"""What deals count as in a frame, and what a commitment is at odds with: as a review has it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FrameError
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.pipeline._checks.catalogue import left_checks
from salesflow.pipeline._frames.stages import Places
from salesflow.qualify._passed import required_behind
from tests.pipeline.conftest import classic, relation
from tests.pipeline.deals_sample import rows_of
from tests.pipeline.test_stage_checks_laws import (
    FAR,
    FLAGS,
    NOW,
    findings,
    frame_of,
    names_at,
    processes,
    row_of,
    walked,
)

CATEGORIES = ("closed", *FORECAST_CATEGORIES)
BOOK = sf.load_playbook("optimized_sales_process")


def categories(frame: Any, book: sf.Playbook) -> dict[str, str | None]:
    """What each row counts as, by rules that ask for it; None where that is not known."""
    checks = {
        name: sf.Rule.parse(f'forecast.category != "{name}"', book.facts) for name in CATEGORIES
    }
    report = sf.check_pipeline(frame, book, key="id", as_of=NOW.date(), checks=checks)
    found: dict[str, str | None] = {}
    for row in rows_of(report.findings()):
        if row["check"] in checks:
            found[row["id"]] = row["check"] if row["verdict"] == "no" else None
    return found


@pytest.mark.parametrize("engine", [lambda frame: frame, classic, relation, pl.DataFrame.lazy])
def test_what_a_row_counts_as_follows_from_its_stage_and_its_outcome(engine: Any) -> None:
    rows = [
        *[("close", None, "none"), ("opportunity_validation", None, "none")],
        *[("opportunity_validation", "technical_win", None), ("demand_generation", None, None)],
        *[
            ("close", "order", "lost"),
            ("close", "booking", "won"),
            ("account_expansion", None, None),
        ],
        *[("lost", None, None), ("won", None, None), (None, None, None)],
    ]
    schema = dict.fromkeys(["stage", "sub_stage", "outcome"], pl.String())
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("id")
    frame = frame.with_columns(pl.col("id").cast(pl.String))

    found = categories(engine(frame), BOOK)

    assert [found[f"{number}"] for number in range(len(rows))] == [
        *["commit", "best_case", "best_case", "pipeline"],
        *["omitted", "closed", "closed", "omitted", "closed", None],
    ]


def test_a_deal_that_has_ended_without_an_outcome_counts_as_nothing() -> None:
    frame = pl.DataFrame({"id": ["1", "2"], "stage": ["close", "close"], "ended": [True, False]})

    assert categories(frame, BOOK) == {"1": "omitted", "2": "commit"}


def test_calls_are_columns_and_their_words_are_read_in_any_language() -> None:
    frame = pl.DataFrame(
        {"id": ["1", "2", "3"], "stage": "close", "call": ["Best case", "承诺", "?"]}
    )
    rule = sf.Rule.parse('forecast.manager_call == "commit"', BOOK.facts)
    report = sf.check_pipeline(
        frame,
        BOOK,
        key="id",
        as_of=NOW.date(),
        columns={"forecast.manager_call": "call"},
        checks={"called": rule},
    )

    assert (report.counts["called"].yes, report.counts["called"].no) == (1, 1)
    assert report.counts["called"].unknown == 1


def test_no_column_holds_what_follows_from_the_stage() -> None:
    frame = pl.DataFrame({"id": ["1"], "stage": ["close"], "forecast.category": ["Omitted"]})
    assert categories(frame, BOOK) == {"1": "commit"}

    with pytest.raises(FrameError) as caught:
        sf.check_pipeline(
            frame.rename({"forecast.category": "said"}),
            BOOK,
            key="id",
            as_of=NOW.date(),
            columns={"forecast.category": "said"},
        )
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("columns['forecast.category']", "derived")


def test_columns_of_calls_are_suggested_and_one_of_categories_is_not() -> None:
    frame = pl.DataFrame(
        {
            "id": ["1", "2"],
            "stage": ["close", "demand_generation"],
            "Forecast Category": ["Commit", "Closed"],
            "Manager forecast": ["Best Case", "Omitted"],
        }
    )
    mapping = sf.pipeline.suggest(frame, BOOK).mapping

    assert dict(mapping.columns) == {"forecast.manager_call": "Manager forecast"}


@st.composite
def forecast(draw: st.DrawFn, book: sf.Playbook) -> sf.Playbook:
    """The same process, with categories here and there."""
    document: dict[str, Any] = json.loads(book.to_json())
    said = st.none() | st.sampled_from(FORECAST_CATEGORIES)
    for stage in document["stages"]:
        for place in (stage, *stage.get("sub_stages", [])):
            if (category := draw(said)) is not None:
                place["forecast"] = category
    return sf.Playbook.from_json(json.dumps(document))


@FAR
@given(data=st.data())
def test_a_deal_and_its_row_count_as_the_same(data: st.DataObject) -> None:
    book = data.draw(forecast(data.draw(processes())))
    deal = data.draw(walked(book))
    if deal.progress.stage is None:
        return

    said = sf.facts_of(deal, book, at=NOW + timedelta(days=1))["forecast.category"]
    review = sf.StageEngine(book).review(deal, at=NOW + timedelta(days=1))

    assert review.forecast_calls.category == said
    assert categories(frame_of([row_of(deal, book)]), book) == {"D-0": said}


@FAR
@given(data=st.data())
def test_what_a_commitment_is_at_odds_with_is_what_its_row_lacks(data: st.DataObject) -> None:
    """Of all that is asked again of the row, what does not ask where the deal stands."""
    book = data.draw(processes())
    deal = data.draw(walked(book))
    if deal.progress.stage is None or deal.progress.outcome != "none" or deal.progress.ended:
        return
    engine, at = sf.StageEngine(book), NOW + timedelta(days=1)
    facts = {name: data.draw(st.sampled_from([True, False, None])) for name in FLAGS}
    known = {name: value for name, value in facts.items() if value is not None}
    deny = [
        sf.Attest(by="li", role="rep", criterion=item.key, met=False)
        for item in book.criteria.values()
        if item.kind == "attested" and data.draw(st.booleans())
    ]
    call = sf.CallForecast(by="li", category="commit", reason="They promised")
    for command in (sf.Amend(by="li", changes={"facts": known}), *deny, call):
        deal = engine.decide(deal, command, at=at).require()

    said = engine.review(deal, at=at).forecast_calls
    here = book.position(deal.progress.position or "")
    own = {name for side in ("entry", "exit") for name in names_at(here, side)}
    lacking = findings(frame_of([row_of(deal, book)]), book)

    assert sorted((it.criterion.key, it.verdict.value) for it in said.at_odds) == sorted(
        (check.rpartition(".")[2], verdict) for _, check, verdict in lacking if check not in own
    )


@given(st.data())
def test_checks_of_what_deals_have_left_are_those_that_a_review_asks(data: st.DataObject) -> None:
    book = data.draw(processes())
    places = Places(book).by_key

    for position in book.positions:
        code = places[position.key].code
        checks = {
            check.key.rpartition(".")[2]
            for check in left_checks(book)
            if any(code in (scope.codes or ()) for scope in check.scopes)
        }
        assert checks == {it.criterion.key for it in required_behind(book)[position.key]}


SKIPPING = sf.Playbook.from_toml("""
id = "skipping"
version = "1"
title = "Stages that may be left out"
roles = [{ key = "rep", title = "Rep" }]
policy = { skip = { roles = ["rep"], criteria = "waived" } }

[[stages]]
key = "talk"
title = "Talk"

[[stages]]
key = "pilot"
title = "Pilot"
exit = [{ key = "works", title = "The pilot works", rule = "margin > 0" }]

[[stages]]
key = "sign"
title = "Sign"
forecast = "commit"
wins = true

[[facts]]
name = "margin"
kind = "number"
title = "Margin"
""")


@pytest.mark.parametrize("engine", [lambda frame: frame, classic, relation])
def test_a_commitment_is_not_at_odds_with_a_stage_that_was_left_out(engine: Any) -> None:
    """Of one that was in the pilot it is; where nobody knows, what does not hold is unknown."""
    process = sf.StageEngine(SKIPPING)
    by: dict[str, Any] = {"by": "li", "role": "rep"}

    def after(*commands: sf.Command) -> sf.Opportunity:
        deal = sf.Opportunity(id="D", name="D", account=sf.Account(name="A"), facts={"margin": 1})
        for command in commands:
            deal = process.decide(deal, command, at=NOW).require()
        amend = sf.Amend(by="li", changes={"facts": {"margin": -1}})
        return process.decide(deal, amend, at=NOW).require()

    start, ahead = sf.Start(**by), sf.Advance(**by)
    deals = {
        "was there": after(start, ahead, ahead),
        "left it out": after(start, sf.MoveTo(**by, stage="sign")),
        "who knows": after(sf.Adopt(**by, stage="sign", entered_on=NOW.date())),
    }
    frame = pl.DataFrame(
        {
            "id": list(deals),
            "stage": ["sign"] * 3,
            "margin": [-1.0] * 3,
            "reached.pilot": [True, False, None],
        }
    )
    found = sf.pipeline.forecast(engine(frame), SKIPPING, key="id", as_of=NOW.date()).at_odds()

    expected = {"was there": "no", "who knows": "unknown"}
    assert {row["id"]: row["verdict"] for row in rows_of(found)} == expected
    for name, deal in deals.items():
        said = process.review(deal, at=NOW).forecast_calls
        assert (said.category, said.owner) == ("commit", None)
        assert [(name, it.verdict.value) for it in said.at_odds] == [
            (key, verdict) for key, verdict in expected.items() if key == name
        ]


def test_a_marketing_project_counts_once_it_is_won_and_not_before() -> None:
    """As its reading says."""
    day, book = date(2026, 7, 5), sf.load_playbook("marketing_project")
    deals = pl.DataFrame(
        {
            "id": ["a", "b"],
            "stage": ["evaluation", "won"],
            "amount": [100.0, 50.0],
            "probability": [0.9, None],
            "expected_close_on": [day, None],
            "closed_on": [None, day],
        }
    )

    total = sf.pipeline.forecast(deals, book, key="id", as_of=day).total

    assert (total.closed.amount, total.open.amount, total.weighted.value) == (50.0, 0.0, 0.0)
