"""Scores and size policy over frames say of a row what they say of a single deal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Playbook, Rates, load_playbook
from salesflow.errors import ArgumentError, FrameError
from salesflow.pipeline import check_pipeline, required_instruments, score_frame
from salesflow.playbook import Scorecard
from salesflow.qualify import interval, score
from salesflow.rules import Rule
from tests.frame_engines import EVERY, rows_of

AS_OF = date(2026, 1, 31)

PROCESS = Playbook.from_toml("""
id = "scored"
version = "1"
title = "Scored"
currency = "USD"
[[facts]]
name = "references"
kind = "number"
[[stages]]
key = "only"
title = "Only"
[[stages]]
key = "last"
title = "Last"
[[instruments]]
key = "sheet"
title = "AnswerSheet"
checklist = "q"
[[instruments]]
key = "plan"
title = "Plan"
[[instruments]]
key = "board"
title = "Board paper"
[[size_policy]]
when = 'account.tier == "strategic"'
instruments = ["plan", "board"]
[[size_policy]]
when = "amount > 100_000"
instruments = ["plan"]
title = "Large"
[[size_policy]]
when = "score.inner.low >= 1 and amount > 50_000"
instruments = ["sheet"]
[[checklists]]
key = "q"
questions = [
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 3 },
  { key = "real", title = "Real?" },
  { key = "way", title = "Way", type = "choice", choices = ["road", "rail"] },
]
[[checklists]]
key = "s"
questions = [
  { key = "fit", title = "Fit", type = "scale", min = 1, max = 3, may_not_apply = true },
  { key = "real", title = "Real?", may_not_apply = true },
  { key = "way", title = "Way", type = "choice", choices = ["road", "rail"], may_not_apply = true },
]
[[checklists]]
key = "w"
title = "Where they apply"
questions = [
  { key = "sea", title = "By sea?" },
  { key = "port", title = "Port?", when = "w.sea" },
  { key = "depth", title = "Depth", type = "scale", min = 0, max = 2, when = "amount > 50_000" },
  { key = "rail", title = "Rail?", may_not_apply = true, when = "not w.sea and amount > 1" },
  { key = "kind", title = "Kind", type = "choice", choices = ["a", "b"], when = 'stage == "last"' },
]
[[scorecards]]
key = "sometimes"
title = "Sometimes"
items = [
  { key = "port", rule = "w.port", weight = 1.3, knock_out = true },
  { key = "no_port", rule = "not w.port", weight = -0.3 },
  { key = "depth", points = "w.depth", weight = 0.7 },
  { key = "rail", rule = 'w.rail or w.kind == "a"', weight = 3 },
  { key = "told", rule = "known(w.kind) and not not_applicable.w.rail", weight = 0.5 },
  { key = "clear", rule = "w.unknown == 0 and w.asked == 5", weight = 0.1 },
  { key = "share", rule = "w.share >= 0.5 and w.no == 0 and w.yes >= 1", weight = 0.2 },
]
bands = [{ key = "no", min = -1 }, { key = "some", min = 0.9 }, { key = "much", min = 3.2 }]
[[scorecards]]
key = "skips"
title = "Skips"
items = [
  { key = "fit", points = "s.fit", weight = 0.7 },
  { key = "real", rule = "s.real", weight = 1.3, knock_out = true },
  { key = "unreal", rule = "not s.real", weight = -0.3 },
  { key = "either", rule = 's.real or s.way == "rail"', weight = 3 },
  { key = "clear", rule = "s.unknown == 0 and s.share >= 0.5 and s.asked >= 2", weight = 0.1 },
]
bands = [{ key = "no", min = 0 }, { key = "some", min = 0.9 }, { key = "much", min = 3.2 }]
[[scorecards]]
key = "card"
title = "Card"
items = [
  { key = "fit", points = "q.fit", weight = 0.1 },
  { key = "real", rule = "q.real", weight = 0.2 },
  { key = "references", points = "references", weight = 0.3, max = 2.5 },
  { key = "absent", points = "probability", max = 1 },
  { key = "asked", rule = "q.asked >= 3 or done.sheet", weight = 0.7 },
  { key = "recent", rule = "days_since(created_on) <= 30", weight = 0.4 },
]
bands = [{ key = "low", min = 0 }, { key = "middle", min = 0.9 }, { key = "high", min = 1.7 }]
[[scorecards]]
key = "costly"
title = "Costly"
items = [
  { key = "fit", points = "q.fit", weight = -0.7 },
  { key = "real", rule = "q.real", weight = 2 },
  { key = "late", rule = 'q.real and stage == "last"', weight = -0.3 },
  { key = "way", rule = 'q.way == "road"', weight = -0.1 },
]
bands = [{ key = "no", min = 0 }, { key = "some", min = 0.5 }, { key = "much", min = 1.2 }]
[[scorecards]]
key = "inner"
title = "Inner"
items = [
  { key = "fit", points = "q.fit", weight = 1 },
  { key = "way", rule = 'q.way == "rail"', weight = 0.1 },
]
bands = [{ key = "no", min = 0 }, { key = "yes", min = 2 }]
[[scorecards]]
key = "strict"
title = "Strict"
items = [
  { key = "real", rule = "q.real", weight = 1, knock_out = true },
  { key = "inner", rule = "score.inner.high >= 2", weight = 2 },
  { key = "begun", rule = 'stage == "last"', weight = 0.5, knock_out = true },
  { key = "small", rule = "amount <= 100_000", weight = 0.25 },
]
bands = [{ key = "no_go", min = 0 }, { key = "go", min = 3 }]
""")

ROW = st.fixed_dictionaries(
    {
        "q.fit": st.sampled_from([None, 1.0, 2.0, 3.0]),
        "q.real": st.sampled_from([None, "+", "-", "?"]),
        "q.way": st.sampled_from([None, "road", "rail"]),
        "s.fit": st.sampled_from([None, 1.0, 3.0]),
        "not_applicable.s.fit": st.sampled_from([None, True, False]),
        "s.real": st.sampled_from([None, "+", "-", "?", "n/a"]),
        "s.way": st.sampled_from([None, "road", "rail", "n/a"]),
        "w.sea": st.sampled_from([None, "+", "-", "?"]),
        "w.port": st.sampled_from([None, "+", "-", "?"]),
        "w.depth": st.sampled_from([None, 0.0, 2.0]),
        "w.rail": st.sampled_from([None, "+", "-", "?", "n/a"]),
        "w.kind": st.sampled_from([None, "a", "b"]),
        "references": st.sampled_from([None, -1.0, 0.0, 0.5, 2.5, 9.0, float("inf")]),
        "stage": st.sampled_from(["only", "last", None]),
        "amount": st.sampled_from([None, 50_000.0, 50_000.01, 100_000.0, 100_000.01]),
        "account.tier": st.sampled_from([None, "strategic", "regular"]),
        "created_on": st.sampled_from([None, date(2026, 1, 1), date(2025, 12, 31)]),
    }
)
ROW = ROW.map(lambda row: {**row, "s.fit": None if row["not_applicable.s.fit"] else row["s.fit"]})
ROWS = st.lists(ROW, min_size=1, max_size=12)
SCHEMA = {
    "q.fit": pl.Float64,
    "q.real": pl.String,
    "q.way": pl.String,
    "s.fit": pl.Float64,
    "not_applicable.s.fit": pl.Boolean,
    "s.real": pl.String,
    "s.way": pl.String,
    "w.sea": pl.String,
    "w.port": pl.String,
    "w.depth": pl.Float64,
    "w.rail": pl.String,
    "w.kind": pl.String,
    "references": pl.Float64,
    "stage": pl.String,
    "amount": pl.Float64,
    "account.tier": pl.String,
    "created_on": pl.Date,
}
LAW_ENGINES: Mapping[str, Callable[[pl.DataFrame], Any]] = {
    name: EVERY[name] for name in ("polars lazy", "pandas", "duckdb")
}
FIXED = (
    dict.fromkeys(SCHEMA, None),
    {
        "q.fit": 3.0,
        "q.real": "+",
        "q.way": "rail",
        "references": 9.0,
        "stage": "last",
        "amount": 100_000.01,
        "account.tier": "regular",
        "created_on": AS_OF,
    },
    {
        "q.fit": 1.0,
        "q.real": "-",
        "q.way": None,
        "references": 0.5,
        "stage": "only",
        "amount": 50_000.01,
        "account.tier": None,
        "created_on": None,
    },
)


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.Series("id", range(len(rows))))


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a single deal's facts would be."""
    answers = [row["q.fit"], row["q.real"], row["q.way"]]
    facts = {**row, "q.asked": sum(answer is not None for answer in answers)}
    facts["done.sheet"] = None not in answers
    low, high = interval(PROCESS.scorecards["inner"], facts)
    skips = {**skips_of(row), **applying_of(row)}
    return {**facts, **skips, "score.inner.low": low, "score.inner.high": high}


def skips_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of the checklist whose questions may not apply."""
    names = ("s.fit", "s.real", "s.way")
    out = {name: row.get(name) == "n/a" for name in names}
    out["s.fit"] = bool(row.get("not_applicable.s.fit"))
    said = {name: None if row.get(name) in ("n/a", "?") else row.get(name) for name in names}
    known = {name for name, value in said.items() if value is not None}
    return {
        **said,
        **{f"not_applicable.{name}": skips for name, skips in out.items()},
        "s.asked": sum(row.get(name) is not None or out[name] for name in names),
        "s.unknown": sum(name not in known and not out[name] for name in names),
        "s.share": None if out["s.real"] else float(said["s.real"] == "+"),
    }


def applying_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of the checklist whose questions have rules of their own, told by hand."""
    sea = {"+": True, "-": False}.get(row.get("w.sea") or "")
    amount, stage = row.get("amount"), row.get("stage")
    big, some = (None if amount is None else amount > limit for limit in (50_000, 1))
    land = None if sea is None or some is None else not sea and some
    applies = {
        "w.sea": True,
        "w.port": sea,
        "w.depth": big,
        "w.rail": False if sea or some is False else land,
        "w.kind": None if stage is None else stage == "last",
    }
    out = {name: it is False or row.get(name) == "n/a" for name, it in applies.items()}
    said = {name: None if out[name] or row.get(name) == "?" else row.get(name) for name in applies}
    marks = [said[name] for name in ("w.sea", "w.port", "w.rail") if not out[name]]
    return {
        **said,
        **{
            f"not_applicable.{name}": True if out[name] else None if it is None else False
            for name, it in applies.items()
        },
        "w.asked": sum(row.get(name) is not None or out[name] for name in applies),
        "w.unknown": sum(said[name] is None and not out[name] for name in applies),
        "w.yes": marks.count("+"),
        "w.no": marks.count("-"),
        "w.share": marks.count("+") / len(marks),
    }


def expected(card: Scorecard, row: Mapping[str, Any]) -> dict[str, Any]:
    found = score(PROCESS, card, facts_of(row), AS_OF)
    return {
        "low": found.low,
        "high": found.high,
        "verdict": found.verdict,
        "coverage": found.coverage,
        "unknown": len(found.unknown),
        **{f"item.{each.key}": each.verdict.value for each in found.contributions},
    }


def size_of(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = facts_of(row)
    found: dict[str, Any] = {
        key: rule.verdict(facts).value for key, rule in PROCESS.required_instruments.items()
    }
    verdicts = [each.when.verdict(facts).value for each in PROCESS.size_policy]
    first = next((i for i, verdict in enumerate(verdicts) if verdict != "no"), None)
    if first is None:
        return {**found, "row": "none"}
    holds = verdicts[first] == "yes"
    return {**found, "row": str(PROCESS.size_policy[first].when) if holds else None}


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without their key, and with one sort of missing value."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items() if name != "id"}
        for row in rows
    ]


@given(
    engine=st.sampled_from(sorted(LAW_ENGINES)),
    key=st.sampled_from(sorted(PROCESS.scorecards)),
    rows=ROWS,
)
def test_a_row_is_scored_as_a_single_deal_is(
    engine: str, key: str, rows: list[dict[str, Any]]
) -> None:
    native = LAW_ENGINES[engine](frame_of(rows))

    found = score_frame(native, PROCESS, key, key="id", as_of=AS_OF, items=True)

    card = PROCESS.scorecards[key]
    assert plain(rows_of(found.frame, "id")) == [expected(card, row) for row in rows]
    assert dict(found.unreadable) == {}


EVERY_WAY: Mapping[str, list[Any]] = {
    "w.sea": [None, "+", "-"],
    "w.port": [None, "+", "?"],
    "w.depth": [None, 2.0],
    "w.rail": [None, "+", "-", "n/a"],
    "w.kind": [None, "a"],
    "stage": [None, "only", "last"],
    "amount": [None, 50_000.0, 50_000.01],
}


@pytest.mark.law
@pytest.mark.parametrize("engine", LAW_ENGINES)
def test_what_applies_in_a_row_is_what_applies_to_a_single_deal(engine: str) -> None:
    """Every answer, be it asked for or not, in every situation that decides what applies."""
    nothing: dict[str, Any] = dict.fromkeys(SCHEMA)
    rows = [
        nothing | dict(zip(EVERY_WAY, values, strict=True))
        for values in product(*EVERY_WAY.values())
    ]

    native = LAW_ENGINES[engine](frame_of(rows))
    found = score_frame(native, PROCESS, "sometimes", key="id", as_of=AS_OF, items=True)

    card = PROCESS.scorecards["sometimes"]
    assert plain(rows_of(found.frame, "id")) == [expected(card, row) for row in rows]


@given(engine=st.sampled_from(sorted(LAW_ENGINES)), rows=ROWS)
def test_a_row_needs_the_instruments_that_a_single_deal_needs(
    engine: str, rows: list[dict[str, Any]]
) -> None:
    found = required_instruments(LAW_ENGINES[engine](frame_of(rows)), PROCESS, key="id")

    assert plain(rows_of(found.frame, "id")) == [size_of(row) for row in rows]


@pytest.mark.parametrize("engine", EVERY)
def test_every_engine_scores_and_sizes_alike_in_the_frames_own_kind(engine: str) -> None:
    rows = [dict(row) for row in FIXED]
    native = EVERY[engine](frame_of(rows))

    strict = score_frame(native, PROCESS, "strict", key="id", items=True)
    needed = required_instruments(native, PROCESS, key="id")

    assert type(strict.frame) is type(needed.frame) is type(native)
    card = PROCESS.scorecards["strict"]
    assert plain(rows_of(strict.frame, "id")) == [expected(card, row) for row in rows]
    assert plain(rows_of(needed.frame, "id")) == [size_of(row) for row in rows]
    assert strict.rows == needed.rows == len(rows)


def test_a_question_that_does_not_apply_needs_no_column_and_no_readable_value() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "w.sea": ["-", "+", "-"],
            "w.rail": ["-", "bad", "bad"],
            "stage": ["only", "only", "only"],
            "amount": [2.0, 2.0, 2.0],
        }
    )
    rules = {"all": Rule.parse("w.unknown == 0", PROCESS.facts)}
    rules["asked"] = Rule.parse("w.asked == 5", PROCESS.facts)
    rules["rail"] = Rule.parse("not_applicable.w.rail", PROCESS.facts)

    found = score_frame(frame, PROCESS, "sometimes", key="id", items=True)
    wide = check_pipeline(frame, PROCESS, key="id", as_of=AS_OF, checks=rules).wide

    assert found.lacking == ("w.port", "w.depth", "w.kind")
    assert found.unreadable == {"w.rail": 1}  # by sea there is no rail, whatever stands there
    assert found.frame["item.clear"].to_list() == ["yes", "no", "no"]
    assert wide["all"].to_list() == ["yes", "no", "no"]
    assert wide["asked"].to_list() == ["yes", "no", "no"]
    assert wide["rail"].to_list() == ["no", "yes", "no"]


@pytest.mark.parametrize(("as_of", "word"), [(date(2026, 5, 31), "yes"), (AS_OF, "no")])
def test_a_question_may_apply_to_no_row_at_all(as_of: date, word: str) -> None:
    """Its rule reads the day alone, and says the same of every row."""
    playbook = Playbook.from_toml("""
        id = "seasons"
        version = "1"
        title = "Seasons"
        stages = [{ key = "only", title = "Only" }]
        [[checklists]]
        key = "c"
        [[checklists.questions]]
        key = "fit"
        title = "Fit?"
        [[checklists.questions]]
        key = "ice"
        title = "Ice?"
        when = 'today < date("2026-05-01")'
        """)
    frame = pl.DataFrame({"id": [1], "stage": ["only"], "c.fit": ["+"], "c.ice": [None]})
    rules = ("c.asked == 2", "c.unknown == 0", "c.share == 1")
    checks = {rule: Rule.parse(rule, playbook.facts) for rule in rules}

    found = check_pipeline(frame, playbook, key="id", as_of=as_of, checks=checks)

    assert [found.wide[rule][0] for rule in rules] == [word] * 3


def test_what_cannot_be_read_is_unknown_and_counted_by_fact() -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3, 4, 5],
            "q.real": ["+", "oui", "ja", None, "?"],
            "amount": [1.0, 60_000.0, 60_000.0, 60_000.0, None],
            "amount.currency": ["USD", "EUR", "JPY", None, "JPY"],
        }
    )
    rates = Rates(base="USD", rates={"EUR": 2})

    strict = score_frame(frame, PROCESS, "strict", key="id", rates=rates, items=True)
    needed = required_instruments(
        frame.with_columns(pl.lit("regular").alias("account.tier")), PROCESS, key="id", rates=rates
    )

    assert strict.unreadable == {"q.real": 2, "amount": 2}
    assert strict.lacking == ("q.fit", "q.way", "stage")
    assert strict.frame["item.real"].to_list() == ["yes", *["unknown"] * 4]
    assert strict.frame["item.small"].to_list() == ["yes", "no", *["unknown"] * 3]
    assert needed.unreadable == {"amount": 2}
    assert needed.frame["plan"].to_list() == ["no", "yes", *["unknown"] * 3]


def test_words_and_labels_are_mapped_as_in_a_check() -> None:
    frame = pl.DataFrame(
        {"id": [1, 2], "ok?": ["Yes", "No"], "Phase": ["1. Last", "1. Last"], "stage": ["x", "y"]}
    )

    found = score_frame(
        frame,
        PROCESS,
        "strict",
        key="id",
        stage="Phase",
        stages={"1. Last": "last"},
        columns={"q.real": "ok?"},
        values={"q.real": {"Yes": "+", "No": "-"}},
        items=True,
    )

    assert found.frame.select("item.real", "item.begun").rows() == [("yes", "yes"), ("no", "yes")]
    assert found.frame["verdict"].to_list() == ["undecided", "no_go"]


def test_the_stage_is_not_looked_at_where_nothing_asks_for_it() -> None:
    frame = pl.DataFrame({"id": [1], "q.fit": [3.0], "stage": ["nobody knows"]})

    assert score_frame(frame, PROCESS, "inner", key="id").frame["low"].to_list() == [3.0]
    with pytest.raises(FrameError, match="'nobody knows' is not a stage"):
        score_frame(frame, PROCESS, "strict", key="id")


def test_points_that_the_frame_has_already_are_counted_all_the_same() -> None:
    frame = pl.DataFrame({"id": [1], "q.fit": [3.0], "score.inner.low": [77.0]})

    assert score_frame(frame, PROCESS, "inner", key="id").frame["low"].to_list() == [3.0]


def test_a_lazy_frame_stays_lazy() -> None:
    frame = frame_of([dict(FIXED[1])]).lazy()

    assert isinstance(score_frame(frame, PROCESS, "inner", key="id").frame, pl.LazyFrame)
    assert isinstance(required_instruments(frame, PROCESS, key="id").frame, pl.LazyFrame)


def test_the_policy_agrees_with_the_checks_of_size() -> None:
    playbook = load_playbook("optimized_sales_process")
    frame = pl.DataFrame(
        {
            "id": range(6),
            "stage": "opportunity_plan",
            "amount": [40_000.0, 50_000.0, 100_000.0, 100_000.01, None, 7.0],
            "account.tier": ["regular", "regular", "regular", "regular", "regular", "named"],
            **{f"done.{key}": False for key in playbook.instruments},
        }
    )

    needed = required_instruments(frame, playbook, key="id").frame
    wide = check_pipeline(frame, playbook, key="id", as_of=AS_OF).wide

    flipped = {"yes": "no", "no": "yes", "unknown": "unknown"}
    for key in playbook.instruments:
        assert [flipped[word] for word in needed[key]] == wide[f"size.{key}"].to_list()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"card": "crad"}, "card: there is no scorecard 'crad'; did you mean \"card\"?"),
        ({"card": None}, "card: there is no scorecard None"),
        ({"playbook": "x"}, "playbook: must be a Playbook, not a str"),
        ({"key": "idd"}, "key: there is no column 'idd'; did you mean \"id\"?"),
        ({"key": "low"}, "key: the result has a column 'low' of its own"),
        ({"card": "card", "as_of": None}, "as_of: must be a day, not None"),
        ({"as_of": "today"}, "as_of: must be a day, not a str"),
        ({"columns": {"q.fitt": "q.fit"}}, "there is no fact 'q.fitt'; did you mean \"q.fit\"?"),
        ({"stage": "phase"}, "stage: there is no column 'phase'"),
        ({"rates": 3}, "rates: must be a Rates, not an int"),
        ({"values": 3}, "values: must be a mapping, not an int"),
        ({"tz": "Mars"}, "tz: must name a time zone, not 'Mars'"),
        ({"frame": pl.DataFrame({"id": [1, 1], "q.fit": [1.0, 2.0]})}, "1 key stands on several"),
        ({"frame": pl.DataFrame({"id": [None], "q.fit": [1.0]})}, "1 row without a key"),
        ({"frame": pl.DataFrame({"id": [1]})}, "no column holds any of q.fit, q.way"),
        ({"frame": 3}, "cannot be read as a data frame"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(change: dict[str, Any], message: str) -> None:
    given = {
        "frame": pl.DataFrame({"id": [1], "q.fit": [1.0], "low": [1]}),
        "playbook": PROCESS,
        "card": "inner",
        "key": "id",
        **change,
    }
    frame, playbook, card = given.pop("frame"), given.pop("playbook"), given.pop("card")

    with pytest.raises((ArgumentError, FrameError)) as caught:
        score_frame(frame, playbook, card, **given)
    assert message in str(caught.value)


def test_everything_that_is_wrong_comes_at_once() -> None:
    frame = pl.DataFrame({"id": [1, 1], "q.real": [[1], [2]]})

    with pytest.raises(ArgumentError) as caught:
        score_frame(
            frame,
            PROCESS,
            "strict",
            key="id",
            as_of="x",  # type: ignore[arg-type]
            columns={"amount": "a"},
            stages={"x": "lats"},
        )

    assert len(caught.value.problems) == 5


def test_a_playbook_without_a_size_policy_is_refused() -> None:
    playbook = Playbook.from_toml(
        'id = "a"\nversion = "1"\ntitle = "A"\n[[stages]]\nkey = "x"\ntitle = "X"'
    )

    with pytest.raises(ArgumentError, match="it has no size policy"):
        required_instruments(pl.DataFrame({"id": [1]}), playbook, key="id")


def test_names_of_columns_may_have_dots_quotes_and_chinese_characters() -> None:
    frame = pl.DataFrame({'客户."编号"': ["a"], "q.fit ": [3.0]})

    found = score_frame(frame, PROCESS, "inner", key='客户."编号"', columns={"q.fit": "q.fit "})

    assert found.frame.columns[0] == '客户."编号"'
    assert repr(found) == "<DealFrame: 1 deal, unreadable values: none, 1 fact without a column>"


def test_a_frame_without_rows_gives_one_without_rows() -> None:
    frame = frame_of([])

    assert score_frame(frame, PROCESS, "inner", key="id").frame.rows() == []
    assert required_instruments(frame, PROCESS, key="id").frame.height == 0
