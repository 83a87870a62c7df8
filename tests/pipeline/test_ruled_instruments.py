"""A frame says of an instrument that follows from a rule what the engine says of each deal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.pipeline import Counts, check_pipeline, required_instruments, score_frame
from tests.engine.test_ruled_instruments import AT, BOOK
from tests.frame_engines import EVERY, rows_of

PROCESS: Final = sf.StageEngine(sf.Playbook.from_toml(BOOK))
LATER: Final = AT + timedelta(days=2)
LAW_ENGINES: Final[Mapping[str, Callable[[pl.DataFrame], Any]]] = {
    name: EVERY[name] for name in ("polars lazy", "pandas", "duckdb")
}
INSTRUMENTS: Final = ("plan", "survey", "folder", "talk", "news")
SCHEMA: Final = {
    "id": pl.String,
    "stage": pl.String,
    "amount": pl.Float64,
    "owner": pl.String,
    "sheet.pages": pl.Float64,
    "sheet.updated_on": pl.Date,
    "site.clear": pl.String,
    "site.access": pl.String,
    "track.legal": pl.String,
    "done.talk": pl.Boolean,
}
OWN: Final = {
    text: sf.Rule.parse(text, PROCESS.playbook.facts)
    for text in (
        *(f"done.{key}" for key in INSTRUMENTS),
        *(f"not done.{key}" for key in INSTRUMENTS),
        "known(done.plan)",
        "known(done.news)",
        "at_least(2, done.plan, done.survey, done.talk)",
        "score.card.low >= 3",
        "score.card.high < 4",
    )
}
DEALS: Final = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([None, 999, 1_000]),
        "owner": st.sampled_from(["li", None]),
        "pages": st.sampled_from([None, 2, 3]),
        "updated_on": st.sampled_from([None, date(2025, 12, 8), date(2025, 12, 7)]),
        "clear": st.sampled_from([None, "+", "?"]),
        "access": st.sampled_from([None, "-", "?"]),
        "agreed": st.booleans(),
        "talked": st.booleans(),
    }
)


def deal_of(number: int, said: Mapping[str, Any]) -> sf.Opportunity:
    """A deal on which all of this is on record."""
    facts = {"sheet.pages": said["pages"], "sheet.updated_on": said["updated_on"]}
    deal = sf.Opportunity.model_validate(
        {
            "id": f"D-{number}",
            "name": "Works",
            "owner": said["owner"],
            "amount": said["amount"] and {"amount": str(said["amount"]), "currency": "USD"},
            "facts": {name: value for name, value in facts.items() if value is not None},
        }
    )
    wanted: list[sf.Command] = [
        sf.Answer.model_validate({"by": "li", "question": f"site.{key}", "mark": said[key]})
        for key in ("clear", "access")
        if said[key] is not None
    ]
    wanted += [sf.MoveTrack(by="li", track="legal", state="agreed")] if said["agreed"] else []
    wanted += [sf.Complete(by="li", instrument="talk")] if said["talked"] else []
    for command in (sf.Start(by="li"), *wanted):
        deal = PROCESS.decide(deal, command, at=AT).require()
    return deal


def facts_of(deal: sf.Opportunity) -> dict[str, Any]:
    return dict(sf.facts_of(deal, PROCESS.playbook, at=LATER))


def frame_of(deals: list[sf.Opportunity], *without: str, **more: Any) -> pl.DataFrame:
    """What a host would export: facts, answers, and what people said."""
    rows = [
        {
            **{name: facts_of(deal).get(name) for name in SCHEMA},
            **{answer.question: answer.mark for answer in deal.progress.answers},
            "id": deal.id,
        }
        for deal in deals
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA).drop(*without)
    return frame.with_columns(**more)


def counts_of(verdicts: list[sf.Verdict]) -> Counts:
    yes, no = verdicts.count(sf.Verdict.YES), verdicts.count(sf.Verdict.NO)
    return Counts(yes=yes, no=no, unknown=len(verdicts) - yes - no)


def check_alike(native: Any, deals: list[sf.Opportunity]) -> None:
    report = check_pipeline(native, PROCESS.playbook, key="id", as_of=LATER.date(), checks=OWN)
    for text, rule in OWN.items():
        verdicts = [rule.verdict(facts_of(deal), LATER.date()) for deal in deals]
        assert report.counts[text] == counts_of(verdicts), text
    for key, required in PROCESS.playbook.required_instruments.items():
        if key == "talk":  # which nothing asks for
            continue
        asked = [required.verdict(facts_of(deal), LATER.date()) for deal in deals]
        done = [OWN[f"done.{key}"].verdict(facts_of(deal), LATER.date()) for deal in deals]
        found = [~needs | is_done for needs, is_done in zip(asked, done, strict=True)]
        assert report.counts[f"size.{key}"] == counts_of(found), key
    for deal, verdict in zip(deals, verdicts_of_the_gate(deals), strict=True):
        passed = PROCESS.decide(deal, sf.Advance(by="li"), at=LATER).accepted
        assert passed is (verdict is sf.Verdict.YES)


def verdicts_of_the_gate(deals: list[sf.Opportunity]) -> list[sf.Verdict]:
    rule = PROCESS.playbook.criteria["prepared"].check_rule
    return [rule.verdict(facts_of(deal), LATER.date()) for deal in deals]


@given(engine=st.sampled_from(sorted(LAW_ENGINES)), said=st.lists(DEALS, min_size=1, max_size=6))
def test_a_row_says_what_its_deal_says(engine: str, said: list[dict[str, Any]]) -> None:
    deals = [deal_of(number, each) for number, each in enumerate(said)]
    native = LAW_ENGINES[engine](frame_of(deals))

    check_alike(native, deals)

    scores = score_frame(native, PROCESS.playbook, "card", key="id", as_of=LATER.date())
    found = {row["id"]: (row["low"], row["high"]) for row in rows_of(scores.frame, "id")}
    expected = {deal.id: PROCESS.score(deal, "card", at=LATER) for deal in deals}
    assert found == {key: (score.low, score.high) for key, score in expected.items()}


SOME: Final = [
    {
        "amount": 1_000,
        "owner": "li",
        "pages": pages,
        "updated_on": None,
        "clear": "+",
        "access": access,
        "agreed": agreed,
        "talked": True,
    }
    for pages, access, agreed in ((3, "-", True), (2, None, False), (None, "?", True))
]


@pytest.mark.parametrize("engine", EVERY)
def test_every_engine_says_so(engine: str) -> None:
    deals = [deal_of(number, said) for number, said in enumerate(SOME)]
    check_alike(EVERY[engine](frame_of(deals)), deals)


def test_a_column_of_its_own_goes_before_the_rule() -> None:
    deals = [deal_of(number, said) for number, said in enumerate(SOME)]
    plan = pl.Series([None, True, False])
    frame = frame_of(deals, **{"done.plan": plan})

    report = check_pipeline(
        frame, PROCESS.playbook, key="id", as_of=LATER.date(), checks={"own": OWN["done.plan"]}
    )
    scores = score_frame(frame, PROCESS.playbook, "card", key="id", as_of=LATER.date())

    assert report.counts["own"] == Counts(yes=1, no=1, unknown=1)
    low = {row["id"]: row["low"] for row in rows_of(scores.frame, "id")}
    assert low == {"D-0": 0.0, "D-1": 4.0, "D-2": 0.0}
    scores = score_frame(
        frame.select("id", "done.plan"), PROCESS.playbook, "card", key="id", as_of=LATER.date()
    )
    assert scores.lacking == ("done.talk",)
    assert {row["id"]: row["low"] for row in rows_of(scores.frame, "id")}["D-1"] == 3.0


def test_where_a_column_is_missing_only_what_depends_on_it_is_not_known() -> None:
    deals = [deal_of(number, said) for number, said in enumerate(SOME)]
    own = {name: OWN[name] for name in ("done.plan", "known(done.plan)", "done.survey")}

    report = check_pipeline(
        frame_of(deals, "owner"), PROCESS.playbook, key="id", as_of=LATER.date(), checks=own
    )

    # Where the pages are too few it is certain; where they are enough the owner decides, who has no
    # column; and one row says nothing of the pages.
    assert report.counts["done.plan"] == Counts(yes=0, no=1, unknown=1, unchecked=1)
    assert report.partly_checked["done.plan"] == ("owner",)
    assert report.counts["known(done.plan)"] == Counts(yes=1, no=0, unknown=2)
    assert report.counts["done.survey"] == Counts(yes=2, no=1, unknown=0)


def test_where_none_of_its_columns_is_there_it_is_not_checked() -> None:
    deals = [deal_of(number, said) for number, said in enumerate(SOME)]
    frame = frame_of(deals, "owner", "sheet.pages")

    report = check_pipeline(
        frame, PROCESS.playbook, key="id", as_of=LATER.date(), checks={"own": OWN["done.plan"]}
    )

    assert "own" in report.not_checked


def test_a_size_policy_is_told_when_a_rule_takes_a_day() -> None:
    text = BOOK.replace('when = "amount >= 1_000"', 'when = "amount >= 1_000 and not done.news"')
    text = text.replace("instruments = true", 'by = "rep"')
    book = sf.Playbook.from_toml(text)
    deals = [deal_of(number, said) for number, said in enumerate(SOME)]

    needed = required_instruments(frame_of(deals), book, key="id", as_of=LATER.date())

    assert {row["plan"] for row in rows_of(needed.frame, "id")} == {"unknown"}
    with pytest.raises(sf.errors.ArgumentError, match="as_of"):
        required_instruments(frame_of(deals), book, key="id")


def test_a_criterion_that_was_met_on_another_day_is_not_asked_again() -> None:
    """As for a rule of its own that uses time: the deal has passed it."""
    deals = [deal_of(0, SOME[0])]
    frame = frame_of(deals).with_columns(stage=pl.lit("sign"))

    report = check_pipeline(frame, PROCESS.playbook, key="id", as_of=date(2027, 1, 1))

    assert "exit.prepare.prepared" not in report.counts
    timeless = sf.Playbook.from_toml(
        BOOK.replace("days_since(sheet.updated_on) <= 30", "known(owner)")
    )
    report = check_pipeline(frame, timeless, key="id", as_of=date(2027, 1, 1))
    assert report.counts["exit.prepare.prepared"].yes == 1


def test_a_checklist_is_complete_without_the_columns_of_questions_that_do_not_apply() -> None:
    playbook = sf.Playbook.from_toml("""
id = "p"
version = "1"
title = "T"
instruments = [{ key = "survey", title = "Survey", checklist = "q" }]
size_policy = [{ when = 'outcome == "none"', instruments = ["survey"] }]
[[stages]]
key = "a"
title = "A"
[[checklists]]
key = "q"
title = "Q"
questions = [
  { key = "g", title = "G" },
  { key = "p", title = "P", when = "amount > 100" },
]
""")
    columns = {"id": ["small", "big"], "stage": ["a", "a"], "amount": [10, 1_000]}
    for answered in ({}, {"q.p": pl.Series([None, None], dtype=pl.String)}):
        frame = pl.DataFrame({**columns, "q.g": ["+", "+"], **answered})
        report = sf.check_pipeline(frame, playbook, key="id", as_of=date(2026, 1, 5))
        found = report.findings().filter(pl.col("check") == "size.survey")["id"].to_list()
        assert (found, "size.survey" in report.not_checked) == (["big"], False)
