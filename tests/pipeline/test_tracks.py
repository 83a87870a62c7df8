"""Tracks in frames: their facts are columns, their limits are checks, their log is a process."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import polars as pl
import pytest

import salesflow as sf
from salesflow.errors import FrameError, UnknownName
from salesflow.pipeline import check_history
from tests.engine.legal_track import NEWBIZ, NOW, Deal

BOOK = sf.Playbook.from_toml(NEWBIZ)


def in_close(known: bool | None, legal: str) -> Deal:
    """A deal before its last gate, with the legal review in some state."""
    deal = Deal(facts={} if known is None else {"personal_data": known}).started()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    deal.do(sf.Attest(by="li", criterion="champion_found")).require()
    deal.do(sf.Advance(by="li")).require()
    if legal != "open":
        deal.do(sf.Judge(by="zhao", role="counsel", verdict="go", point="terms_agreed")).require()
        assert deal.legal(legal) == []
    return deal


DEALS = [
    in_close(known, legal)
    for known in (True, False, None)
    for legal in ("open", "in_review", "signed", "refused")
]


def rows(at: date) -> pl.DataFrame:
    """What facts_of says of the deals, as a table."""
    names = [name for key in BOOK.tracks for name in (f"track.{key}", f"track.{key}.entered_on")]
    days = [name for name in names if name.endswith("_on")]
    facts = [sf.facts_of(deal.deal, BOOK, at=deal.at) for deal in DEALS]
    table = [
        {"id": i, "stage": found["stage"], **{name: found.get(name) for name in names}}
        for i, found in enumerate(facts)
    ]
    schema = dict.fromkeys(days, pl.Date) | dict.fromkeys(set(names) - set(days), pl.String)
    return pl.DataFrame(table, schema_overrides=schema)


@pytest.mark.parametrize("criterion", ["contract_agreed", "security_agreed"])
def test_a_rule_on_a_track_says_of_a_frame_what_the_gate_says_of_the_deal(criterion: str) -> None:
    rule = BOOK.criteria[criterion].check_rule
    report = sf.check_pipeline(
        rows(NOW.date()), BOOK, key="id", as_of=NOW.date(), checks={"own": rule}
    )
    found = report.findings().filter(pl.col("check") == "own")
    seen = dict(zip(found["id"], found["verdict"], strict=True))

    for i, deal in enumerate(DEALS):
        blockers = deal.engine.review(deal.deal, at=deal.at).blockers
        told = [blocker.verdict.value for blocker in blockers if blocker.key == criterion]
        assert ([seen[i]] if i in seen else []) == told


@pytest.mark.parametrize(("days", "late"), [(10, False), (11, True)])
def test_the_limit_of_a_state_is_a_check_that_agrees_with_the_review(days: int, late: bool) -> None:
    day = NOW.date() + timedelta(days=days)
    report = sf.check_pipeline(rows(day), BOOK, key="id", as_of=day)
    found = report.findings().filter(pl.col("check") == "hygiene.track_age_legal")
    reviewed = [
        i
        for i, deal in enumerate(DEALS)
        for status in deal.engine.review(deal.deal, at=deal.at + timedelta(days=days)).tracks
        if status.track.key == "legal" and status.is_late
    ]

    assert sorted(found["id"]) == reviewed
    assert bool(reviewed) is late
    assert report.counts["hygiene.track_age_legal"].rows == 3  # those that are in review
    assert report.severities["hygiene.track_age_legal"] == "warning"


def test_a_deal_that_a_track_does_not_apply_to_has_no_limit_of_it() -> None:
    day = NOW.date() + timedelta(days=90)
    report = sf.check_pipeline(rows(day), BOOK, key="id", as_of=day)
    found = report.findings().filter(pl.col("check") == "hygiene.track_age_security")

    assert {DEALS[i].deal.facts["personal_data"] for i in found["id"] if DEALS[i].deal.facts} == {
        True
    }


def test_without_the_columns_of_a_track_its_limit_is_not_checked() -> None:
    report = sf.check_pipeline(
        rows(NOW.date()).drop("track.legal.entered_on"), BOOK, key="id", as_of=NOW.date()
    )

    assert report.not_checked["hygiene.track_age_legal"] == ("track.legal.entered_on",)


def test_a_state_that_the_track_does_not_have_is_no_known_value() -> None:
    frame = rows(NOW.date()).with_columns(pl.lit("sined").alias("track.legal"))
    report = sf.check_pipeline(frame, BOOK, key="id", as_of=NOW.date())

    assert report.counts["hygiene.known_values.track.legal"].no == len(DEALS)


def log(*deals: Deal) -> pl.DataFrame:
    """The log of the legal review, as `Progress.tracks` keeps it."""
    return pl.DataFrame(
        [
            {"deal": f"D-{i}", "state": stay.state, "at": stay.entered_at, "number": number}
            for i, deal in enumerate(deals)
            for number, stay in enumerate(deal.deal.progress.tracks)
            if stay.track == "legal"
        ]
    )


def test_the_log_of_a_track_is_read_like_a_log_of_stages() -> None:
    deal = in_close(None, "in_review")
    deal.do(sf.MoveTrack(by="zhao", track="legal", state="open"), days=12).require()
    report = check_history(
        log(deal, *DEALS[:4]),
        BOOK,
        case="deal",
        stage="state",
        at="at",
        order="number",
        track="legal",
        as_of=deal.at.date(),
    )

    assert (report.cases_total, report.moves, report.fitness) == (5, 5, 1.0)
    assert report.counts["too_long"] == 2  # it was in review for 12 days, another one still is
    assert report.playbook.id == "legal"


def test_a_track_that_jumps_ahead_of_its_ways_is_found() -> None:
    frame = pl.DataFrame(
        {
            "deal": ["a", "a", "b", "b"],
            "state": ["asked", "again", "asked", "passed"],
            "at": [date(2026, 1, day) for day in (1, 2, 1, 2)],
        }
    )
    report = check_history(frame, BOOK, case="deal", stage="state", at="at", track="security")

    assert report.counts["without_predecessor"] + report.counts["skipped"] == 1
    assert report.conforming == 1


def test_a_track_that_nobody_knows_is_told() -> None:
    frame = pl.DataFrame({"deal": ["a"], "state": ["open"], "at": [date(2026, 1, 1)]})
    checked = partial(check_history, case="deal", stage="state", at="at")

    with pytest.raises(UnknownName, match="legal"):
        checked(frame, BOOK, track="leagl")
    with pytest.raises(FrameError, match="cannot be checked"):
        checked(frame.with_columns(state=pl.lit("talk")), BOOK, track="legal")
