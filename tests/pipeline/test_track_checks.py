"""What the states of tracks ask for on the way in, asked again of the rows of a frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FrameError
from salesflow.pipeline import Counts, PipelineReport, check_pipeline

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
AS_OF = NOW.date()

TEXT = """
id = "works"
version = "1"
title = "Works"
owner_role = "rep"
[policy]
waive = "on"
[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售" }
[[roles]]
key = "counsel"
title = "Counsel"
[[facts]]
name = "foreign"
kind = "flag"
title = { en = "Abroad", zh = "境外" }
[[facts]]
name = "margin"
kind = "number"
title = { en = "The margin", zh = "利润率" }
[[scorecards]]
key = "fit"
title = "Fit"
items = [{ key = "begun", title = "Begun", rule = 'track.legal == "open"' }]
bands = [{ key = "low", title = "Low", min = 0 }]
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "close"
title = "Close"
  [[stages.exit]]
  key = "all_done"
  title = "Everything is done"
  rule = 'track.legal == "filed" and track.security in ("passed", "not_applicable")'

[[tracks]]
key = "legal"
title = { en = "Legal review", zh = "法务审核" }
back = "on"
  [[tracks.states]]
  key = "open"
  title = "Open"
  to = ["in_review"]
    [[tracks.states.entry]]
    key = "asked_again"
    title = "It is asked again"
    by = "rep"
  [[tracks.states]]
  key = "in_review"
  title = { en = "In review", zh = "审核中" }
  to = ["open", "signed", "refused"]
    [[tracks.states.entry]]
    key = "draft_sent"
    title = { en = "The draft is with the lawyers", zh = "草案已交法务" }
    by = "rep"
    [[tracks.states.entry]]
    key = "was_open"
    title = "It was open"
    rule = 'track.legal == "open" and score.fit.low >= 0'
    [[tracks.states.entry]]
    key = "by_score"
    title = "It was open by the score"
    rule = "score.fit.low >= 1"
    [[tracks.states.entry]]
    key = "in_talk"
    title = "The deal is talked about"
    rule = 'stage == "talk"'
    [[tracks.states.entry]]
    key = "lately"
    title = "Something happened lately"
    rule = "not days_since(last_activity_on) > 9"
    advisory = true
  [[tracks.states]]
  key = "signed"
  title = { en = "Signed", zh = "已签署" }
  to = ["filed"]
    [[tracks.states.entry]]
    key = "terms_agreed"
    title = "Counsel agrees to the terms"
    judgement = { roles = ["counsel"] }
    [[tracks.states.entry]]
    key = "margin_fine"
    title = { en = "The margin is fine abroad", zh = "境外利润率达标" }
    rule = "margin > 5"
    when = "foreign"
    [[tracks.states.entry]]
    key = "margin_good"
    title = "The margin is good"
    rule = "margin > 20"
    advisory = true
  [[tracks.states]]
  key = "filed"
  title = "Filed"
  [[tracks.states]]
  key = "refused"
  title = "Refused"

[[tracks]]
key = "security"
title = "Security review"
when = "foreign"
  [[tracks.states]]
  key = "asked"
  title = "Asked"
  [[tracks.states]]
  key = "passed"
  title = "Passed"
    [[tracks.states.entry]]
    key = "legal_begun"
    title = "Legal has begun"
    rule = 'track.legal != "open" or margin > 9'
"""
BOOK = sf.Playbook.from_toml(TEXT)
COLUMNS: dict[str, Any] = {
    "id": pl.String,
    "stage": pl.String,
    "foreign": pl.Boolean,
    "margin": pl.Float64,
    "track.legal": pl.String,
    "track.security": pl.String,
    "done.draft_sent": pl.Boolean,
    "done.terms_agreed": pl.Boolean,
    "waived.margin_fine": pl.Boolean,
}
ROW = {"stage": "talk", "foreign": True, "margin": 8.0, "done.draft_sent": True}

Engine = Callable[[pl.DataFrame], Any]


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """A frame of the columns above; each row differs in what is said of it."""
    table = [{**ROW, "id": f"D-{n}", **row} for n, row in enumerate(rows, start=1)]
    return pl.DataFrame(table, schema=COLUMNS)


def report(*rows: dict[str, Any]) -> PipelineReport[pl.DataFrame]:
    return check_pipeline(frame(*rows), BOOK, key="id", as_of=AS_OF)


LEGAL = ("open", "in_review", "signed", "filed", "refused", None, "sined")


def test_every_state_but_the_first_is_a_check_of_each_criterion_that_still_has_to_hold() -> None:
    found = report()
    checks = {key: found.severities[key] for key in found.titles if found.groups[key] == "track"}

    assert checks == {
        "track.legal.in_review.draft_sent": "error",
        "track.legal.signed.terms_agreed": "error",
        "track.legal.signed.margin_fine": "error",
        "track.legal.signed.margin_good": "warning",
        "track.security.passed.legal_begun": "error",
    }
    title = found.titles["track.legal.in_review.draft_sent"]
    assert title.en == "Legal review (In review): The draft is with the lawyers"
    assert title.zh == "法务审核（审核中）：草案已交法务"


def test_a_row_is_asked_what_every_way_to_its_state_asked_for(engine: Engine) -> None:
    rows = [{"track.legal": state, "done.draft_sent": None} for state in LEGAL]
    made = check_pipeline(engine(frame(*rows)), BOOK, key="id", as_of=AS_OF)

    # In review, signed, filed and refused; where nobody knows, nothing is asked.
    assert made.counts["track.legal.in_review.draft_sent"] == Counts(yes=0, no=0, unknown=4)
    assert made.counts["track.legal.signed.margin_fine"] == Counts(yes=2, no=0, unknown=0)
    assert made.counts["track.legal.signed.margin_good"] == Counts(yes=0, no=2, unknown=0)
    assert made.counts["track.security.passed.legal_begun"].rows == 0


def test_waivers_and_conditions_count_as_they_do_on_leaving_a_stage(engine: Engine) -> None:
    rows: list[dict[str, Any]] = [
        {"margin": 3.0},
        {"margin": None},
        {"margin": 3.0, "waived.margin_fine": True},
        {"margin": 3.0, "foreign": False},
        {"margin": 3.0, "foreign": None},
        {"margin": 8.0, "foreign": None},
        {"margin": 3.0, "stage": "won"},
        {"margin": 3.0, "track.legal": "not_applicable"},
    ]
    made = check_pipeline(
        engine(frame(*({"track.legal": "filed", **row} for row in rows))),
        BOOK,
        key="id",
        as_of=AS_OF,
    )

    # Without the deal at home, and the one to which the track does not apply.
    assert made.counts["track.legal.signed.margin_fine"] == Counts(yes=2, no=2, unknown=2)


def test_every_engine_counts_the_same(every: Engine) -> None:
    rows = [
        {"track.legal": legal, "track.security": security, "margin": margin}
        for legal in LEGAL
        for security in ("asked", "passed", "not_applicable", None)
        for margin in (None, 3.0, 30.0)
    ]
    made = check_pipeline(every(frame(*rows)), BOOK, key="id", as_of=AS_OF)
    checked = {key: made.counts[key] for key in made.counts if key.startswith("track.")}

    assert checked == {
        "track.legal.in_review.draft_sent": Counts(yes=48, no=0, unknown=0),
        "track.legal.signed.terms_agreed": Counts(yes=0, no=0, unknown=24),
        "track.legal.signed.margin_fine": Counts(yes=8, no=8, unknown=8),
        "track.legal.signed.margin_good": Counts(yes=8, no=8, unknown=8),
        "track.security.passed.legal_begun": Counts(yes=15, no=1, unknown=5),
    }


def test_without_the_column_of_the_track_nothing_is_checked() -> None:
    rows = frame({"track.legal": "signed"})
    made = check_pipeline(rows.drop("track.legal", "done.draft_sent"), BOOK, key="id", as_of=AS_OF)

    assert made.not_checked["track.legal.in_review.draft_sent"] == (
        "done.draft_sent",
        "track.legal",
    )
    assert made.not_checked["track.legal.signed.margin_fine"] == ("track.legal",)
    with pytest.raises(FrameError, match=r"track\.legal: no column holds this fact"):
        check_pipeline(rows.drop("track.legal"), BOOK, key="id", as_of=AS_OF, missing="error")


def test_the_message_says_what_to_do() -> None:
    made = report({"track.legal": "signed", "margin": 3.0})

    assert made.message("track.legal.signed.margin_fine") == (
        "Legal review (Signed): The margin is fine abroad. "
        "That is: “Abroad” is no or The margin is more than 5. "
        "If no: the track went on without it; make up for it, take the track back, or have it "
        "waived. If unknown: find out and fill in what is missing of these: “Abroad” (foreign), "
        "The margin (margin)."
    )
    assert made.message("track.legal.in_review.draft_sent", "zh") == (
        "法务审核（审核中）：草案已交法务。"
        "若不符合：未满足此条件该并行事项就已推进；请补做、将其退回，或申请豁免。"
        "若未知：请向销售确认，并记录为 done.draft_sent。"
    )


def test_a_limit_may_be_of_all_tracks_together() -> None:
    made = report({"track.legal": "signed", "margin": 3.0})

    assert {it.check for it in made.failed({"track": 0})} == {
        "track.legal.signed.terms_agreed",
        "track.legal.signed.margin_fine",
        "track.legal.signed.margin_good",
    }


VALUES = st.sampled_from([None, 3, 8, 30])
FLAGS = st.sampled_from([None, True, False])
COMMANDS = st.one_of(
    st.sampled_from(
        [
            sf.MoveTrack(by="zhao", track=track.key, state=state.key)
            for track in BOOK.tracks.values()
            for state in track.states
        ]
    ),
    st.builds(
        lambda met: sf.Attest(by="li", criterion="draft_sent", met=met),
        st.sampled_from([True, False]),
    ),
    st.builds(
        lambda verdict: sf.Judge(by="zhao", role="counsel", verdict=verdict, point="terms_agreed"),
        st.sampled_from(["go", "kill"]),
    ),
    st.builds(
        lambda margin, foreign: sf.Amend(
            by="li",
            changes={
                "facts": {
                    name: value
                    for name, value in (("margin", margin), ("foreign", foreign))
                    if value is not None
                }
            },
        ),
        VALUES,
        FLAGS,
    ),
    st.sampled_from(
        [
            sf.Waive(by="li", criterion="margin_fine", reason="small"),
            sf.Attest(by="li", criterion="asked_again"),
            sf.Advance(by="li"),
        ]
    ),
)


@settings(deadline=None)
@given(tried=st.lists(COMMANDS, min_size=4, max_size=25))
def test_a_track_that_the_engine_let_in_is_not_said_to_lack_anything(
    tried: list[sf.Command],
) -> None:
    engine = sf.StageEngine(BOOK)
    deal = sf.Opportunity.model_validate(
        {"id": "D", "name": "D", "owner": "li", "team": {"zhao": "counsel"}}
    )
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    entered: dict[str, str] = {}
    rows = []
    for minutes, command in enumerate(tried, start=1):
        at = NOW + timedelta(minutes=minutes)
        before = {key: deal.progress.track(key) for key in BOOK.tracks}
        decision = engine.decide(deal, command, at=at)
        deal = decision.opportunity
        stay = before.get(command.track) if isinstance(command, sf.MoveTrack) else None
        if not (decision.events and isinstance(command, sf.MoveTrack) and stay):
            continue
        if command.state in BOOK.tracks[command.track].ways(stay.state):
            facts = sf.facts_of(deal, BOOK, at=at)
            entered[f"D-{minutes}"] = f"track.{command.track}.{command.state}."
            rows.append({**{name: facts.get(name) for name in COLUMNS}, "id": f"D-{minutes}"})
    found = check_pipeline(pl.DataFrame(rows, schema=COLUMNS), BOOK, key="id", as_of=AS_OF)
    lacking = [
        (row["id"], row["check"])
        for row in found.findings().to_dicts()
        if row["verdict"] == "no" and row["severity"] == "error"
    ]

    assert [it for it in lacking if it[1].startswith(entered[it[0]])] == []
