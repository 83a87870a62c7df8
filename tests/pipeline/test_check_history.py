"""What a log of stages is found to do that the playbook does not allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest

import salesflow as sf
from salesflow import Playbook
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import HistoryReport, check_history
from tests.pipeline.conftest import classic, relation

LINE = """
id = "line"
version = "1"
title = "A line"
languages = ["en"]

[[stages]]
key = "qualify"
title = "Qualify"
max_days = 10

[[stages]]
key = "propose"
title = "Propose"
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
  [[stages.sub_stages]]
  key = "offer"
  title = "Offer"
  max_days = 5

[[stages]]
key = "sign"
title = "Sign"
wins = true

[[stages]]
key = "deliver"
title = "Deliver"
"""

ANY_ORDER = """
id = "any_order"
version = "1"
title = "Any order at the end"
languages = ["en"]

[[stages]]
key = "qualify"
title = "Qualify"

[[stages]]
key = "legal"
title = "Legal"
final = true

[[stages]]
key = "security"
title = "Security"
final = true
""" + "".join(
    f'[[moves]]\nfrom = "{source}"\nto = "{target}"\n'
    for source, target in (
        ("qualify", "legal"),
        ("qualify", "security"),
        ("legal", "security"),
        ("security", "legal"),
    )
)


def playbook(text: str = LINE, **policy: str) -> Playbook:
    allowed = "[policy]\n" + "".join(f'{name} = "{value}"\n' for name, value in policy.items())
    return Playbook.from_toml(text + allowed)


def log(*labels: str | None, days: Sequence[int] | None = None) -> pl.DataFrame:
    days = days or range(1, len(labels) + 1)
    return pl.DataFrame(
        {
            "case:concept:name": ["D-1"] * len(labels),
            "concept:name": list(labels),
            "time:timestamp": [datetime(2026, 1, day, 9, tzinfo=UTC) for day in days],
        }
    )


def found(report: HistoryReport[pl.DataFrame]) -> list[tuple[Any, ...]]:
    return report.deviations.sort("at").select("kind", "from", "to").rows()


def check(*labels: str, book: Playbook | None = None, **more: Any) -> list[tuple[Any, ...]]:
    return found(check_history(log(*labels), book or playbook(), **more))


def test_a_deal_that_follows_the_process_has_no_deviation() -> None:
    report = check_history(log("qualify", "draft", "offer", "sign", "won", "deliver"), playbook())

    assert found(report) == []
    assert (report.moves, report.fitness, report.conforming) == (5, 1.0, 1)
    assert set(report.counts.values()) == {0}
    assert report.summary().endswith("No deviations were found.")


def test_the_names_of_process_mining_tools_are_the_defaults() -> None:
    assert check_history(log("qualify"), playbook()).cases.columns[0] == "case:concept:name"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("draft",), [("without_predecessor", None, "draft")]),
        (("won",), [("without_predecessor", None, "won")]),
        (("qualify", "sign"), [("skipped", "qualify", "sign")]),
        (("qualify", "draft", "sign"), [("skipped", "draft", "sign")]),
        (("qualify", "won"), [("skipped", "qualify", "won")]),
        (("qualify", "ended"), [("skipped", "qualify", "ended")]),
        (("qualify", "draft", "qualify"), [("moved_back", "draft", "qualify")]),
        (
            ("qualify", "draft", "qualify", "draft"),
            [("moved_back", "draft", "qualify"), ("loop", "qualify", "draft")],
        ),
        (("qualify", "lost", "draft"), [("after_end", "lost", "draft")]),
        (("qualify", "lost", "won"), [("after_end", "lost", "won")]),
        (("qualify", "disqualified", "ended", "qualify"), [("after_end", "ended", "qualify")]),
        (("qualify", "propose", "sign", "won", "draft"), [("after_end", "won", "draft")]),
        (("qualify", "propose", "sign", "deliver", "lost"), [("after_end", "deliver", "lost")]),
        (("qualify", "propose", "sign", "deliver", "won", "ended"), []),
        (("qualify", "coffee", "draft"), [("unknown_label", None, "coffee")]),
    ],
)
def test_each_way_out_of_the_process_has_its_name(
    labels: tuple[str, ...], expected: list[tuple[Any, ...]]
) -> None:
    assert check(*labels) == expected


def test_a_log_may_name_stages_where_the_playbook_has_sub_stages() -> None:
    assert check("qualify", "propose", "sign") == []
    assert check("qualify", "propose", "offer", "propose", "sign") == []
    assert check("qualify", "propose", "qualify", "offer", book=playbook(back="on")) == [
        ("skipped", "qualify", "offer")
    ]


def test_an_event_that_says_the_same_again_is_no_move() -> None:
    # So do histories of a CRM when an amount changes.
    report = check_history(log("qualify", "qualify", "qualify", "draft", "draft"), playbook())

    assert (report.rows, report.moves, report.fitness, found(report)) == (5, 1, 1.0, [])


def test_stages_in_any_order_at_the_end_conform_where_the_playbook_says_so() -> None:
    book = playbook(ANY_ORDER)

    for labels in (
        ("qualify", "legal", "security", "ended"),
        ("qualify", "security", "legal", "won"),
        ("qualify", "legal", "security", "legal", "security", "won"),
    ):
        assert check(*labels, book=book) == []
    assert check("qualify", "won", book=book) == [("skipped", "qualify", "won")]


def test_a_stage_that_no_way_leads_to_from_here_is_entered_without_its_predecessor() -> None:
    book = playbook(ANY_ORDER.replace('[[moves]]\nfrom = "legal"\nto = "security"\n', ""))

    assert check("qualify", "legal", "security", book=book) == [
        ("without_predecessor", "legal", "security")
    ]


def test_what_the_policy_permits_conforms() -> None:
    assert check("qualify", "sign", book=playbook(skip="on")) == []
    assert check("qualify", "draft", "qualify", "draft", book=playbook(back="on")) == []
    assert check("sign", book=playbook(start_later="on")) == []
    assert check("qualify", "lost", "qualify", "draft", book=playbook(reopen="on")) == []


def test_a_stage_that_may_be_come_back_into_conforms_and_no_other() -> None:
    text = """
    id = "x"
    version = "1"
    title = "X"
    stages = [
      { key = "a", title = "A", back = "on" },
      { key = "b", title = "B" },
      { key = "c", title = "C" },
    ]
    """
    book = Playbook.from_toml(text)

    assert check("a", "b", "a", "b", book=book) == []
    assert check("a", "b", "c", "b", book=book) == [("moved_back", "c", "b")]
    # The third stage is come to again by way of the first one.
    assert check("a", "b", "c", "b", "c", book=book) == [("moved_back", "c", "b")]
    once = Playbook.from_toml(text.replace('"on"', '"off"'))
    assert check("a", "b", "a", "b", book=once) == [("moved_back", "b", "a"), ("loop", "a", "b")]


def test_a_way_back_out_of_a_winning_stage_is_no_win() -> None:
    text = """
    id = "x"
    version = "1"
    title = "X"
    stages = [
      { key = "a", title = "A" },
      { key = "b", title = "B", wins = true, sub_stages = [
        { key = "b1", title = "B1" }, { key = "b2", title = "B2" } ] },
      { key = "c", title = "C" },
    ]
    moves = [{ from = "a", to = "b" }, { from = "b", to = "c" }, { from = "b1", to = "a" }]
    """
    book = Playbook.from_toml(text)

    assert check("a", "b1", "a", "won", book=book) == [("skipped", "a", "won")]
    assert check("a", "b1", "b2", "won", book=book) == []
    assert check("a", "b1", "won", book=book) == []  # Win asks for all of the way from there


def test_a_policy_leads_only_to_where_the_deal_has_been() -> None:
    back = check("draft", "qualify", book=playbook(back="on", start_later="on"))
    again = check("qualify", "lost", "draft", book=playbook(reopen="on"))

    assert back == [("moved_back", "draft", "qualify")]
    assert again == [("after_end", "lost", "draft")]


def test_a_stay_longer_than_allowed_is_found_with_its_days() -> None:
    events = log("qualify", "draft", "offer", days=(1, 12, 13))

    report = check_history(events, playbook(), as_of=date(2026, 1, 19))

    rows = report.deviations.select("kind", "from", "to", "days").sort("days").rows()
    assert rows == [("too_long", "offer", None, 6.0), ("too_long", "qualify", "draft", 11.0)]


def test_without_a_day_nobody_says_how_long_open_deals_have_been_there() -> None:
    assert check_history(log("qualify"), playbook()).counts["too_long"] == 0


def test_repeated_events_do_not_begin_a_stay_anew() -> None:
    events = log("qualify", "qualify", "draft", days=(1, 8, 13))

    assert check_history(events, playbook()).deviations["days"].to_list() == [12.0]


def test_days_begin_where_the_caller_says() -> None:
    times = [datetime(2026, 1, 1, 23, 30, tzinfo=UTC), datetime(2026, 1, 12, 0, 30, tzinfo=UTC)]
    events = log("qualify", "draft").with_columns(pl.Series("time:timestamp", times))

    assert check_history(events, playbook(), tz="UTC").counts["too_long"] == 1
    assert check_history(events, playbook(), tz="Asia/Shanghai").counts["too_long"] == 0


def test_events_at_the_same_time_are_taken_in_the_order_of_the_process_and_reported() -> None:
    events = log("offer", "draft", "qualify", days=(2, 2, 1))

    assert found(check_history(events, playbook())) == [("tied", "draft", "offer")]


def test_a_column_that_numbers_the_events_shows_times_that_go_back() -> None:
    events = log("qualify", "draft", "offer", days=(1, 5, 3)).with_columns(no=pl.Series([7, 8, 9]))

    report = check_history(events.reverse(), playbook(), order="no")

    assert found(report) == [("out_of_order", "draft", "offer")]
    assert found(check_history(events, playbook())) == [
        ("skipped", "qualify", "offer"),
        ("moved_back", "offer", "draft"),
    ]


def test_the_order_of_rows_means_nothing() -> None:
    events = log("qualify", "draft", "qualify", "sign", "lost", "won")
    expected = found(check_history(events, playbook()))

    assert len(expected) == 3
    for seed in range(4):
        shuffled = events.sample(fraction=1, shuffle=True, seed=seed)
        assert found(check_history(shuffled, playbook())) == expected


def test_edges_are_counted_and_say_whether_they_are_allowed() -> None:
    events = pl.concat(
        log(*labels).with_columns(pl.lit(name).alias("case:concept:name"))
        for name, labels in {
            "a": ("qualify", "draft", "offer"),
            "b": ("qualify", "draft"),
            "c": ("qualify", "sign"),
        }.items()
    )
    report = check_history(events, playbook())

    assert set(report.edges.select("from", "to", "count", "allowed").rows()) == {
        ("qualify", "draft", 2, True),
        ("draft", "offer", 1, True),
        ("qualify", "sign", 1, False),
    }
    assert report.fitness == 0.75
    assert (report.cases_total, report.conforming) == (3, 2)
    assert dict(report.cases.select("case:concept:name", "fitness").rows()) == {
        "a": 1.0,
        "b": 1.0,
        "c": 0.0,
    }


def test_the_most_frequent_deviations_come_first_in_the_summary_too() -> None:
    events = pl.concat(
        log(*labels).with_columns(pl.lit(f"D-{number}").alias("case:concept:name"))
        for number, labels in enumerate([("qualify", "sign")] * 3 + [("qualify", "Kaffee")])
    )
    report = check_history(events, playbook())

    assert [(each.kind, each.count) for each in report.frequent] == [
        ("skipped", 3),
        ("unknown_label", 1),
    ]
    assert report.unknown_labels == {"Kaffee": 1}
    assert report.summary().splitlines() == [
        "4 cases, 8 events; 0 cases conform to the process",
        "3 moves; the process allows 0.0% of them",
        "Events whose label nobody explained: 1; say what it is, or that it does not matter",
        "",
        "                events  from → to",
        "stages skipped       3  qualify → sign",
        "unknown label        1  Kaffee",
    ]
    assert "跳过阶段" in report.summary("zh")
    assert repr(report).startswith("<HistoryReport: 4 cases")


def test_one_of_a_thing_is_no_plural_and_a_missing_label_is_called_so() -> None:
    events = log("qualify", None, "propose")
    report = check_history(events, playbook())

    assert repr(report) == "<HistoryReport: 1 case, 1 move, 1 deviation, 0 cases conform>"
    assert report.summary().splitlines() == [
        "1 case, 3 events; 0 cases conform to the process",
        "1 move; the process allows 100.0% of it",
        "Events whose label nobody explained: 1; say what it is, or that it does not matter",
        "",
        "               events  from → to",
        "unknown label       1  (missing)",
    ]
    assert report.summary("zh").splitlines()[-1].endswith("（缺失）")
    alone = check_history(log("qualify"), playbook())
    assert alone.summary().splitlines()[0] == "1 case, 1 event; 1 case conforms to the process"


def test_a_summary_in_a_language_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownName, match="language"):
        check_history(log("qualify"), playbook()).summary("french")


@pytest.mark.parametrize("engine", [lambda frame: frame, pl.DataFrame.lazy, classic, relation])
def test_a_number_of_an_event_that_is_nan_is_none(engine: Callable[[pl.DataFrame], Any]) -> None:
    events = log("qualify", "propose").with_columns(number=pl.Series([1.0, float("nan")]))

    with pytest.raises(FrameError, match="order: 1 of 2 events have no number"):
        check_history(engine(events), playbook(), order="number")


def test_a_column_of_numbers_that_is_not_there_is_told_with_the_nearest() -> None:
    events = log("qualify").with_columns(number=pl.lit(1))

    with pytest.raises(FrameError, match="there is no column 'numbr'; did you mean \"number\""):
        check_history(events, playbook(), order="numbr")


def test_labels_are_mapped_as_everywhere() -> None:
    stages = {"Phase 1": "qualify", "Done": "ended", "Gone": "lost"}

    assert check("Phase 1", "Gone", "Done", stages=stages) == []


NATIVE: dict[str, Callable[[pl.DataFrame], Any]] = {
    "lazy": pl.DataFrame.lazy,
    "pandas": pl.DataFrame.to_pandas,
    "pandas nullable": lambda events: events.to_pandas().convert_dtypes(),
    "pandas arrow": lambda events: events.to_arrow().to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": pl.DataFrame.to_arrow,
    "duckdb": relation,
}


@pytest.mark.parametrize("kind", NATIVE)
def test_what_comes_back_is_of_the_kind_that_went_in(kind: str) -> None:
    events = log("qualify", "sign", "qualify").with_columns(
        pl.col("time:timestamp").dt.replace_time_zone(None)
    )
    native = NATIVE[kind](events)

    report = check_history(native, playbook())

    assert report.counts["skipped"] == report.counts["moved_back"] == 1
    for frame in (report.deviations, report.cases, report.edges):
        assert type(frame) is type(native)
    assert report.deviations is report.deviations


def test_the_frame_of_the_caller_is_not_changed() -> None:
    events = log("qualify", "sign").to_pandas()
    events.index = pd.Index([5, 5])
    before = events.copy()

    assert len(check_history(events, playbook()).cases) == 1

    pd.testing.assert_frame_equal(events, before)


def test_an_empty_log_has_nothing_to_say() -> None:
    report = check_history(log("qualify").head(0), playbook())

    assert (report.rows, report.cases_total, report.moves, report.fitness) == (0, 0, 0, None)
    assert report.deviations.is_empty()
    assert report.cases.is_empty()
    assert report.edges.is_empty()


def test_a_case_of_one_event_has_no_fitness() -> None:
    assert check_history(log("qualify"), playbook()).cases["fitness"].to_list() == [None]


def test_everything_that_is_wrong_with_the_call_is_said_at_once() -> None:
    events = pl.DataFrame({"deal": ["a"], "phase": ["x"], "when": ["2026-01-01"]})

    with pytest.raises(ArgumentError) as caught:
        check_history(
            events,
            playbook(),
            case="dael",
            stage="phase",
            at="when",
            order="no",
            stages={"x": "qualfy"},
            tz="Mars",
        )

    paths = [problem.path for problem in caught.value.problems]
    assert sorted(paths) == ["case", "order", "stages['x']", "tz", "when"]
    assert 'did you mean "deal"' in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ({"as_of": "2026-01-01", "stages": []}, ["stages", "as_of"]),
        ({"as_of": datetime(2026, 1, 1), "case": 3}, ["as_of", "case"]),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(
    arguments: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_history(log("qualify"), playbook(), **arguments)

    assert [problem.path for problem in caught.value.problems] == paths


def test_the_day_of_a_moment_is_that_in_the_zone() -> None:
    late = datetime(2026, 1, 11, 16, tzinfo=UTC)  # the twelfth in Shanghai

    assert check("qualify", as_of=late) == []
    assert check("qualify", as_of=late, tz="Asia/Shanghai") == [("too_long", "qualify", None)]


def test_something_else_than_a_playbook_or_a_frame_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must be a Playbook, not a str"):
        check_history(log("qualify"), "line")  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        check_history([1], playbook())  # type: ignore[arg-type]


def test_events_without_case_or_time_are_counted_and_refused() -> None:
    events = log("qualify", "draft", "offer").with_columns(
        pl.Series("case:concept:name", ["a", None, " "]),
        pl.Series("time:timestamp", [None, datetime(2026, 1, 1, tzinfo=UTC), None]),
    )

    with pytest.raises(FrameError) as caught:
        check_history(events, playbook())

    assert [str(problem) for problem in caught.value.problems] == [
        "case:concept:name: 2 of 3 events have no case; every event needs one",
        "at: 2 of 3 events have no time; leave them out, or give them one",
    ]


def test_a_log_in_which_no_label_is_known_is_a_mistake_of_the_call() -> None:
    with pytest.raises(FrameError, match="'Qualifying' is not a stage"):
        check_history(log("Qualifying", "Signed up"), playbook())


def test_a_column_of_times_without_any_time_is_refused() -> None:
    events = log("qualify").with_columns(pl.lit(None).alias("time:timestamp"))

    with pytest.raises(FrameError, match="no event has a time"):
        check_history(events, playbook())


def test_a_column_that_the_report_has_too_is_refused() -> None:
    with pytest.raises(FrameError, match="the result has a column 'kind' of its own"):
        check_history(log("qualify").rename({"case:concept:name": "kind"}), playbook(), case="kind")


def test_names_with_dots_quotes_and_chinese_characters_are_names() -> None:
    names = {"case:concept:name": 'a."b"', "concept:name": "阶段", "time:timestamp": "t`1"}
    events = log("qualify", "sign").rename(names)

    report = check_history(events, playbook(), case='a."b"', stage="阶段", at="t`1")

    assert report.counts["skipped"] == 1


def test_the_summary_says_what_to_do_about_labels_that_nobody_explained() -> None:
    events = log("qualify", "Kaffee", "Kaffee", "draft")
    report = check_history(events, playbook())
    said = "Events whose label nobody explained: 2; say what it is, or that it does not matter"

    assert said in report.summary()
    assert "标签未说明的记录：2 条" in report.summary("zh")
    ignoring = check_history(events, playbook(), ignore=["Kaffee"])
    assert said not in ignoring.summary()
    assert (ignoring.conforming, ignoring.ignored) == (1, {"Kaffee": 2})


def test_labels_that_are_missing_are_unknown() -> None:
    events = log("qualify", "draft").with_columns(pl.Series("concept:name", ["qualify", None]))

    report = check_history(events, playbook())

    assert report.unknown_labels == {"": 1}
    assert report.counts["unknown_label"] == 1


def test_the_function_is_where_the_package_says() -> None:
    assert sf.pipeline.check_history is check_history


def test_what_an_engine_cannot_do_is_said_without_its_traceback() -> None:
    year = pl.col("concept:name").str.to_date("%Y").cast(pl.String)
    events = log("qualify", "draft").lazy().with_columns(year.alias("concept:name"))

    with pytest.raises(FrameError, match="could not work this out"):
        check_history(events, playbook())


def test_a_column_of_words_does_not_number_events() -> None:
    with pytest.raises(FrameError, match="'concept:name' holds no numbers"):
        check_history(log("qualify"), playbook(), order="concept:name")


def test_events_without_a_number_are_refused() -> None:
    events = log("qualify", "draft").with_columns(no=pl.Series([1, None]))

    with pytest.raises(FrameError, match="1 of 2 events have no number"):
        check_history(events, playbook(), order="no")


def test_an_empty_log_may_have_columns_without_a_type() -> None:
    events = log("qualify").head(0).with_columns(pl.lit(None).alias("time:timestamp"))

    assert check_history(events, playbook()).cases_total == 0
