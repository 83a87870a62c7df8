"""What a row says twice of how its deal ended is compared, and an ended deal is not open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.pipeline import Counts, PipelineReport, check_pipeline, metrics
from tests.pipeline.conftest import PROCESS
from tests.pipeline.deals_sample import rows_of

AS_OF = date(2026, 1, 31)
BOOK = sf.Playbook.from_toml(PROCESS)
Engine = Callable[[pl.DataFrame], Any]
SAID = ("hygiene.outcome_agrees", "hygiene.ended_has_outcome")


def frame(names: str, *rows: tuple[str | None, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=names.split(), orient="row")


def check(data: Any, book: sf.Playbook = BOOK) -> PipelineReport[Any]:
    return check_pipeline(data, book, key="id", as_of=AS_OF)


def found(report: PipelineReport[Any]) -> list[tuple[str, str]]:
    """The deals that these checks say no of."""
    assert all(report.counts[name].unknown == 0 for name in SAID if name in report.counts)
    rows = rows_of(report.findings())
    return sorted((row["id"], row["check"]) for row in rows if row["check"] in SAID)


DIFFER = frame(
    "id stage outcome owner amount",
    ("1", "Won", "lost", "a", None),
    ("2", "Lost", "won", "a", None),
    ("3", "Won", "open", "a", None),
    ("4", "Closed Won", "赢单", "a", None),
    ("5", "Lost", None, "a", None),
    ("6", "qualify", "lost", "a", None),
    ("7", None, "lost", "a", None),
).with_columns(amount=pl.lit(10.0))


def test_a_stage_and_an_outcome_that_differ_are_told(engine: Engine) -> None:
    """The newcomer's file: nothing was found in it."""
    report = check(engine(DIFFER))

    assert found(report) == [(deal, SAID[0]) for deal in "123"]
    # Asked only where both say it.
    assert report.counts[SAID[0]] == Counts(yes=1, no=3, unknown=0)
    figures = metrics(engine(DIFFER), BOOK, key="id", as_of=AS_OF)
    assert [figures.won.value, figures.lost.value, figures.open.value] == [3, 4, 0]


def test_it_says_what_to_do_in_both_languages() -> None:
    report = check(DIFFER.with_columns(ended=pl.lit("yes")))

    assert report.message(SAID[0]) == (
        "The stage and the outcome say the same of how the deal ended. If no: correct the one that "
        "is wrong on record, the stage or the outcome: the stage (stage), the outcome (outcome)."
    )
    assert report.message(SAID[0], "zh") == (
        "阶段与结果对项目如何结束的说法一致。若不符合：请更正阶段与结果中记录有误的一项：所处阶段（stage）、结果（outcome）。"
    )
    assert "in the outcome (outcome); where the deal goes on" in report.message(SAID[1])
    assert "若项目仍在进行" in report.message(SAID[1], "zh")


ENDED = frame(
    "id stage ended amount owner",
    ("1", "propose", "yes", None, None),
    ("2", "propose", "no", None, None),
    ("3", "propose", None, None, None),
    ("4", "Won", "yes", None, None),
    ("5", "Won", "no", None, None),
    ("6", "propose", "perhaps", None, None),
).with_columns(amount=pl.lit(None, dtype=pl.Float64))


def test_a_deal_that_has_ended_is_not_open(engine: Engine) -> None:
    """Its owner and its amount were asked for, and figures counted it."""
    report = check(engine(ENDED))

    assert found(report) == [("1", SAID[1])]
    assert report.counts[SAID[1]] == Counts(yes=1, no=1, unknown=0)
    asked = [row["id"] for row in rows_of(report.findings()) if "owner_known" in row["check"]]
    assert sorted(asked) == ["2", "3", "6"]
    assert report.counts["hygiene.known_values.ended"].no == 1
    figures = metrics(engine(ENDED), BOOK, key="id", as_of=AS_OF)
    assert [figures.open.value, figures.won.value, figures.lost.value] == [3, 2, 0]


def test_without_such_columns_nothing_is_compared_and_nothing_is_missing() -> None:
    report = check(DIFFER.drop("outcome"))

    assert report.titles.keys().isdisjoint(SAID)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["qualify", "deliver", "won", "lost", "disqualified", None]),
            st.sampled_from(["none", "won", "lost", "disqualified", None]),
            st.sampled_from(["yes", "no", None]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_row_says_at_most_one_end_or_is_told(
    rows: list[tuple[str | None, str | None, str | None]],
) -> None:
    named = [(str(number), *row) for number, row in enumerate(rows)]
    data = frame("id stage outcome ended", *named).with_columns(owner=pl.lit("li"))
    ends = {"won": "won", "deliver": "won", "lost": "lost", "disqualified": "disqualified"}
    wrong = []
    still = 0
    for deal, stage, outcome, ended in named:
        here = ends.get(stage or "")
        if here and outcome and outcome != here:
            wrong.append((deal, SAID[0]))
        if not here and outcome in {"none", None}:
            still += ended != "yes"
            # Where nothing says where it is, nothing says that it has no outcome, either.
            wrong += [(deal, SAID[1])] * (ended == "yes" and bool(stage or outcome))
    report = check(data)

    told = rows_of(report.findings())
    assert sorted(
        (row["id"], row["check"]) for row in told if row["check"] in SAID and row["verdict"] == "no"
    ) == sorted(wrong)
    assert report.counts["hygiene.owner_known"].rows == still
    if None not in data["stage"].to_list():
        assert metrics(data, BOOK, key="id", as_of=AS_OF).open.value == still


MAY_END: sf.Playbook = sf.Playbook.from_toml(
    """
id = "projects"
version = "1"
title = { en = "Projects", zh = "项目" }
languages = ["en", "zh"]
currency = "USD"

[[stages]]
key = "study"
title = { en = "Study", zh = "调研" }

[[stages]]
key = "sale"
title = { en = "Sale", zh = "销售" }
wins = true

[[moves]]
from = "study"
to = "sale"

[[moves]]
from = "study"
to = "ended"
"""
)


@pytest.mark.parametrize("ended", [True, False])
def test_the_review_of_a_deal_asks_the_same(ended: bool) -> None:
    """Where a process lets deals end without having been won, one that did lacks no outcome."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    engine = sf.StageEngine(MAY_END)
    deal = sf.Opportunity(id="1", name="Study")
    commands: list[sf.Command] = [sf.Start(by="li")]
    if ended:
        commands.append(sf.MoveTo(by="li", stage="ended"))
    for command in commands:
        deal = engine.decide(deal, command, at=at).opportunity
    assert (deal.progress.ended, deal.progress.outcome) == (ended, "none")

    told = {it.check for it in engine.review(deal, at=at).hygiene}
    known = sf.facts_of(deal, MAY_END, at=at)
    row = {name: known.get(name) for name in ("stage", "outcome", "ended", "owner")}
    data = pl.DataFrame([{"id": "1", **row}], schema_overrides={"owner": pl.String})
    report = check(data, MAY_END)

    assert ("hygiene.owner_known" in told) is not ended
    assert report.counts["hygiene.owner_known"].rows == int(not ended)
    assert SAID[1] not in {*told, *report.titles}
