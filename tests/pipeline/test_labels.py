"""Labels as files have them: every function reads them alike, and tells what it read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, load_playbook
from salesflow.errors import FrameError
from salesflow.pipeline import (
    Counts,
    FrameMapping,
    PipelineReport,
    Source,
    backtest,
    check_history,
    check_pipeline,
    metrics,
    required_instruments,
    score_frame,
    snapshots,
)
from salesflow.pipeline.exports import salesforce
from tests.frame_engines import rows_of

AS_OF = date(2026, 1, 31)
BOOK = load_playbook("optimized_sales_process")

Engine = Callable[[pl.DataFrame], Any]

TWINS = Playbook.from_toml(
    """
    id = "twins"
    version = "1"
    languages = ["en", "zh"]
    title = { en = "Twins", zh = "双子" }
    currency = "USD"
    [[checklists]]
    key = "q"
    title = { en = "Questions", zh = "问题" }
    questions = [
      { key = "fit", title = { en = "Fit?", zh = "合适？" } },
      { key = "may", title = { en = "May it?", zh = "可以？" }, may_not_apply = true },
    ]
    [[scorecards]]
    key = "score"
    title = { en = "Score", zh = "评分" }
    items = [{ key = "fit", rule = "q.fit", weight = 1, title = { en = "Fit", zh = "合适" } }]
    bands = [
      { key = "poor", min = 0, title = { en = "Poor", zh = "差" } },
      { key = "good", min = 1, title = { en = "Good", zh = "好" } },
    ]
    [[stages]]
    key = "first_call"
    title = { en = "1. Call", zh = "初次拜访" }
    [[stages]]
    key = "second_call"
    title = { en = "2. Call", zh = "再次拜访" }
    [[stages]]
    key = "signing"
    title = { en = "Signing", zh = "成交" }
    wins = true
    final = true
    """
)


def staged(*labels: str | None, **columns: list[Any]) -> pl.DataFrame:
    ids = [f"D-{number}" for number in range(len(labels))]
    return pl.DataFrame({"id": ids, "stage": [*labels], **columns})


def checked(frame: Any, playbook: Playbook = BOOK, **options: Any) -> Any:
    return check_pipeline(frame, playbook, **{"key": "id", "as_of": AS_OF, **options})


READ: Mapping[str, str] = {
    "Closed Won": "won",
    "Closed - Won": "won",
    "赢单": "won",
    "Closed Lost": "lost",
    "已放弃": "lost",
    "CLOSE": "close",
    "close ": "close",
    "Close": "close",
    "收单": "close",
    "3 - Demand Generation": "demand_generation",
    "第二阶段：营造需求": "demand_generation",
    "Commercial Negotiation": "commercial_negotiation",
    "ＯＲＤＥＲ": "order",
}


def test_labels_of_stages_are_read_and_told_on_every_engine(every: Engine) -> None:
    report = checked(every(staged(*READ, "won", None, " ")))

    assert report.labels == {"stage": READ}
    places = {row["id"]: row["stage"] for row in rows_of(report.wide, "id")}
    assert [places[f"D-{n}"] for n in range(len(READ) + 1)] == [*READ.values(), "won"]


def test_the_same_labels_mean_the_same_in_every_function(engine: Engine) -> None:
    frame = staged(*READ, outcome=[*("none" for _ in READ)])
    keys = frame.with_columns(pl.col("stage").replace(READ))

    found = metrics(engine(frame), BOOK, key="id", as_of=AS_OF)

    assert found.labels == {"stage": READ}
    plain = metrics(engine(keys), BOOK, key="id", as_of=AS_OF)
    assert found.model_copy(update={"labels": plain.labels}) == plain
    assert (plain.labels, found.won.value, found.lost.value) == ({}, 3, 2)
    assert checked(engine(frame)).counts == checked(engine(keys)).counts


def known_values(report: PipelineReport[Any]) -> dict[str, Counts]:
    """By fact, of how many rows its value is one that it can have."""
    head = "hygiene.known_values."
    found = {name: count for name, count in report.counts.items() if name.startswith(head)}
    return {name.removeprefix(head): count for name, count in found.items()}


def test_flags_tiers_and_outcomes_are_read(engine: Engine) -> None:
    answers: dict[str, list[Any]] = {
        "tas.access_to_funds": ["YES", "no ", "是", "否", "1", "True"],
        "tas.compelling_event": ["+", "Unknown", "?", "未知", None, "√"],
        "account.tier": ["Named", "NAMED", "战略客户", "regular", " ", None],
        "outcome": ["Open", "Closed Won", "输单", "Disqualified", None, "won"],
    }
    frame = staged(*["demand_generation"] * 6, **answers)

    report = checked(engine(frame))

    assert report.labels == {
        "tas.access_to_funds": {
            "YES": "yes", "no ": "no", "是": "yes", "否": "no", "1": "yes", "True": "yes",
        },
        "tas.compelling_event": {"Unknown": "unknown", "未知": "unknown", "√": "yes"},
        "account.tier": {"Named": "named", "NAMED": "named", "战略客户": "strategic"},
        "outcome": {
            "Open": "none", "Closed Won": "won", "输单": "lost", "Disqualified": "disqualified",
        },
    }  # fmt: skip
    assert known_values(report) == dict.fromkeys(answers, Counts(yes=6, no=0, unknown=0))
    found = metrics(engine(frame), BOOK, key="id", as_of=AS_OF)
    assert (found.won.value, found.lost.value, found.disqualified.value) == (2, 1, 1)
    assert found.labels == {"outcome": report.labels["outcome"]}


def test_what_nobody_can_read_is_left_as_it_is(engine: Engine) -> None:
    frame = staged("close", "close", **{"account.tier": ["Named", "gold"]})

    report = checked(engine(frame))

    assert report.labels == {"account.tier": {"Named": "named"}}
    assert known_values(report)["account.tier"].no == 1


def test_the_commonest_labels_are_not_refused_with_their_opposite() -> None:
    labels = ["Qualified", "Closed", "Closed Lost - Price", "Demand Generating", "Not won"]

    with pytest.raises(FrameError) as caught:
        checked(staged(*labels, "Closed Won", "Closed Lost"))

    assert {problem.hint for problem in caught.value.problems} == {
        'say which it is: stages={"Qualified": "…"}',
        'say which it is: stages={"Closed": "…"}',
        'say which it is: stages={"Closed Lost - Price": "lost"}',
        'say which it is: stages={"Demand Generating": "demand_generation"}',
        'say which it is: stages={"Not won": "…"}',
    }


FUNNEL = Playbook.from_toml(
    """
    id = "funnel"
    version = "1"
    title = "Funnel"
    currency = "USD"
    stages = [
      { key = "prospect", title = "Prospect" },
      { key = "qualified", title = "Qualified" },
      { key = "tech", title = "Technical evaluation" },
      { key = "close", title = "Close", wins = true, final = true },
    ]
    """
)
HINTS = {
    "Won by competitor": "lost",
    "竞争对手赢单": "lost",
    **dict.fromkeys(["Wasn't won", "Won: 0", "Ex-Qualified", "Noclose", "Qualified/Disqualified"]),
    **dict.fromkeys(["✗ Closed Won", "Won ✗", "× 成交", "Qualified ✗", "Won?", "Won (0%)"]),
}


def test_what_is_denied_is_refused_without_its_opposite_on_every_engine(every: Engine) -> None:
    with pytest.raises(FrameError) as caught:
        checked(every(staged(*HINTS, "❌ Lost", "Qualified out", "Closed won (100%)")), FUNNEL)

    assert {problem.hint for problem in caught.value.problems} == {
        f'say which it is: stages={{"{label}": "{meant or "…"}"}}' for label, meant in HINTS.items()
    }


def test_what_is_said_of_a_label_is_not_said_of_it_with_a_mark() -> None:
    frame, said = staged("Won", "WON", "Won?", "won ✗"), {"Won": "tech", "Won?": "prospect"}

    with pytest.raises(FrameError) as caught:
        checked(frame, FUNNEL, stages=said)
    report = checked(frame.head(3), FUNNEL, stages=said)

    assert [problem.message for problem in caught.value.problems] == [
        "'won ✗' is not a stage (1 row)"
    ]
    assert report.labels == {"stage": {"WON": "tech"}}


TARGETS = {
    "unqualified": None,
    "un_qualified": None,
    "notlost": None,
    "Closed": None,
    "dis-qualified": "disqualified",
    "qualify": "qualified",
    "closed_lost": "lost",
}


def test_what_a_mapping_names_is_not_taken_for_its_opposite() -> None:
    text = "[stages]\n" + "".join(f'"{word}" = "{word}"\n' for word in TARGETS)
    text += '[values.outcome]\nx = "notwon"\ny = "closed"\nz = "Closed won"\n'
    text += '[values."account.tier"]\nx = "irregular"\ny = "regulr"\n'
    source = Source(staged("prospect"), FrameMapping.from_toml(text), key="id")

    with pytest.raises(FrameError) as caught:
        check_pipeline(source, FUNNEL, as_of=AS_OF)

    hints = {problem.path: problem.hint for problem in caught.value.problems}
    there = "there are prospect, qualified, tech, close, won, lost, disqualified"
    listed = 'write one of "none", "won", "lost", "disqualified", or None'
    assert hints == {
        **{
            f"stages[{word!r}]": f'did you mean "{meant}"?' if meant else there
            for word, meant in TARGETS.items()
        },
        "values['outcome']['x']": listed,
        "values['outcome']['y']": listed,
        "values['outcome']['z']": 'did you mean "won"?',
        "values['account.tier']['x']": 'write one of "regular", "named", "strategic", or None',
        "values['account.tier']['y']": 'did you mean "regular"?',
    }


def test_a_label_that_fits_two_is_refused_with_both() -> None:
    with pytest.raises(FrameError) as caught:
        checked(staged("Call", "成交", "1. CALL", "signing"), TWINS)

    assert {(problem.message, problem.hint) for problem in caught.value.problems} == {
        (
            "'Call' fits 'first_call' and 'second_call' (1 row)",
            'say which it is: stages={"Call": "first_call"}',
        ),
        (
            "'成交' fits 'signing' and 'won' (1 row)",
            'say which it is: stages={"成交": "signing"}',
        ),
    }
    said = {"成交": "won", "Call": "second_call"}
    report = checked(staged("Call", "成交", "1. CALL", "signing"), TWINS, stages=said)
    assert report.labels == {"stage": {"1. CALL": "first_call"}}


def test_what_the_caller_says_counts_more_than_any_reading(engine: Engine) -> None:
    frame = staged(
        "Closed Won", "CLOSED WON", "close", **{"tas.access_to_funds": ["Yes", "YES", "N"]}
    )

    report = checked(
        engine(frame),
        stages={"Closed Won": "lost"},
        values={"tas.access_to_funds": {"Yes": False, "n": None}},
    )

    assert report.labels == {
        "stage": {"CLOSED WON": "lost"},
        "tas.access_to_funds": {"YES": "no", "N": "missing"},
    }
    assert {row["stage"] for row in rows_of(report.wide, "id")} == {"lost", "close"}


def test_a_question_that_does_not_apply_may_be_written_in_any_way(engine: Engine) -> None:
    answers = {"q.may": ["n/a", "N/A", "不适用"], "q.fit": ["y", "N", ""]}
    frame = staged(*["first_call"] * 3, **answers)

    report = checked(engine(frame), TWINS)

    assert report.labels == {
        "q.may": {"N/A": "n/a", "不适用": "n/a"},
        "q.fit": {"N": "no", "y": "yes"},
    }
    assert known_values(report) == dict.fromkeys(answers, Counts(yes=3, no=0, unknown=0))


def test_scores_and_the_size_policy_read_labels(engine: Engine) -> None:
    frame = staged("CALL 1", "x", "y", **{"q.fit": ["Yes", "nope", "否"]})

    found = score_frame(engine(frame), TWINS, "score", key="id")

    assert found.labels == {"q.fit": {"Yes": "yes", "否": "no"}}
    assert found.unreadable == {"q.fit": 1}
    verdicts = {row["id"]: row["verdict"] for row in rows_of(found.frame, "id")}
    assert verdicts == {"D-0": "good", "D-1": "undecided", "D-2": "poor"}
    sized = pl.DataFrame({"id": [1, 2], "account.tier": ["STRATEGIC", "普通客户"], "amount": 1.0})
    needed = required_instruments(engine(sized), BOOK, key="id")
    assert needed.labels == {"account.tier": {"STRATEGIC": "strategic", "普通客户": "regular"}}


def log(*labels: str, previous: list[str | None] | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "case:concept:name": ["D-1"] * len(labels),
            "concept:name": [*labels],
            "time:timestamp": [datetime(2026, 1, n + 1, tzinfo=UTC) for n in range(len(labels))],
        }
    )
    return frame.with_columns(previous=pl.Series(previous)) if previous else frame


def test_histories_read_labels_and_tell_them(every: Engine, request: pytest.FixtureRequest) -> None:
    events = log("Signing", "FIRST CALL", "Lost - price", "HELD", "Closed Won")
    if "dask" in request.node.callspec.id:
        with pytest.raises(FrameError, match="Dask cannot put the events of a case in order"):
            check_history(every(events), TWINS)
        return

    report = check_history(every(events), TWINS)

    read = {"Signing": "signing", "FIRST CALL": "first_call", "HELD": "held", "Closed Won": "won"}
    assert report.labels == {"stage": read}
    assert report.unknown_labels == {"Lost - price": 1}
    plain = check_history(every(events.with_columns(pl.col("concept:name").replace(read))), TWINS)
    assert (report.counts, report.moves, report.frequent) == (
        plain.counts,
        plain.moves,
        plain.frequent,
    )


def test_what_changes_lead_from_is_read_too_and_a_day_changes_nothing() -> None:
    events = log("2. Call", "signing", "赢单", previous=["1. call", "Second-Call", None])

    whole = check_history(events, TWINS, previous="previous")
    early = check_history(events, TWINS, previous="previous", as_of=date(2026, 1, 1))

    assert (whole.counts["gap"], whole.unknown_labels, whole.moves) == (0, {}, 3)
    assert early.labels == whole.labels
    figures = metrics(staged("won"), TWINS, key="id", as_of=date(2026, 1, 2), history=whole)
    assert figures.stages["second_call"].entered.value == 1


def test_snapshots_read_labels_and_refuse_what_is_unclear() -> None:
    found = snapshots(log("1. Call", "Closed Won"), TWINS, days=[date(2026, 1, 1), AS_OF])

    assert found.sort("day")["stage"].to_list() == ["first_call", "won"]
    with pytest.raises(FrameError, match=r"'Call' fits 'first_call' and 'second_call' \(1 event\)"):
        snapshots(log("Call", "won"), TWINS, days=AS_OF)


def test_a_backtest_reads_outcomes_and_answers(engine: Engine) -> None:
    frame = pl.DataFrame(
        {
            "outcome": ["Closed - Won", "赢单", "ABANDONED", "lost", "In progress"],
            "q.fit": ["Yes", "是", "no", "-", "maybe"],
        }
    )

    result = backtest(engine(frame), TWINS, card="score")

    assert (result.deals, result.won, result.left_out) == (4, 2, 1)
    assert result.questions["fit"].yes.won == result.questions["fit"].yes.deals == 2
    # The last deal has not ended, so that its answer is not looked at.
    assert result.labels == {
        "outcome": {
            "Closed - Won": "won", "赢单": "won", "ABANDONED": "lost", "In progress": "pending",
        },
        "q.fit": {"Yes": "yes", "是": "yes", "no": "no"},
    }  # fmt: skip
    pending = ["Closed won", "赢单", "in progress"]
    said = backtest(engine(frame), TWINS, card="score", won="abandoned", pending=pending)
    assert (said.won, said.deals, said.labels["outcome"]["ABANDONED"]) == (1, 2, "won")


def test_flags_of_exports_are_read(engine: Engine) -> None:
    deals = pl.DataFrame(
        {
            "Id": ["1", "2", "3", "4"],
            "StageName": "x",
            "CloseDate": "2026-01-01",
            "IsClosed": ["TRUE ", "是", "N", "-"],
            "IsWon": ["Y", "否", "false", ""],
        }
    )

    turned = salesforce.opportunities(engine(deals.head(3)))

    assert {row["id"]: row["outcome"] for row in rows_of(turned, "id")} == {
        "1": "won",
        "2": "lost",
        "3": "none",
    }
    with pytest.raises(FrameError, match="IsClosed: 1 value is neither true nor false"):
        salesforce.opportunities(engine(deals))


def test_more_labels_than_anybody_writes_are_not_read_one_by_one() -> None:
    names = [f"Stage {number}: {number:04} something" for number in range(1_500)]

    with pytest.raises(FrameError) as caught:
        checked(staged(*names, "CLOSE"))

    assert len(caught.value.problems) == 50


@given(st.lists(st.sampled_from([*READ, "won", "close"]), min_size=1, max_size=6))
def test_a_frame_is_what_it_is_with_the_keys_that_its_labels_stand_for(labels: list[str]) -> None:
    frame = staged(*labels)

    report = checked(frame)
    plain = checked(frame.with_columns(pl.col("stage").replace(READ)))

    assert report.counts == plain.counts
    used = {label: READ[label] for label in labels if label in READ}
    assert report.labels == ({"stage": used} if used else {})
