"""What backtest says of deals whose end is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import ibis
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from salesflow import Playbook, Rates
from salesflow.errors import ArgumentError, FrameError, UnknownName
from salesflow.pipeline import Backtest, Source, backtest
from salesflow.pipeline._backtest.stats import OutcomeTally, area_under_curve, calibrated, sliced
from salesflow.qualify import score
from tests.pipeline.conftest import ENGINES
from tests.spark_session import spark

Engine = Callable[[pl.DataFrame], Any]

SALVIRT = Path(__file__).parents[3] / "shared/data/salvirt_b2b/Salvirt_B2B_ML_dataset.csv"

PROCESS = """
id = "answers"
version = "1"
title = "Answers"
languages = ["en"]
currency = "USD"

[[facts]]
name = "segment"
kind = "choice"
choices = ["old", "new"]

[[checklists]]
key = "deal"
title = "Deal"
questions = [
  { key = "budget", title = "Is the budget allocated?" },
  { key = "rivals", title = "Are there competitors?" },
  { key = "purchasing", title = "Is a purchasing department in?" },
  { key = "growing", title = "Do they grow?" },
  { key = "by_people", title = "Did it come by way of people?" },
]

[[instruments]]
key = "questions"
title = "Questions asked"
checklist = "pair"

[[checklists]]
key = "pair"
title = "Pair"
questions = [{ key = "one", title = "One?" }, { key = "two", title = "Two?" }]

[[size_policy]]
when = "amount > 1"
instruments = ["questions"]

[[scorecards]]
key = "fit"
title = "Fit"
items = [
  { key = "budget", rule = "deal.budget", weight = 0.1, title = "Budget" },
  { key = "alone", rule = "not deal.rivals", weight = 0.2, title = "Alone", knock_out = true },
  { key = "large", rule = "amount >= 100 or deal.growing", weight = 2.5, title = "Large" },
  { key = "new", rule = 'segment == "new"', weight = 1.0, title = "New" },
]
bands = [
  { key = "poor", min = 0, title = "Poor" },
  { key = "good", min = 0.3, title = "Good" },
  { key = "best", min = 2.8, title = "Best" },
]

[[scorecards]]
key = "derived"
title = "Derived"
items = [
  { key = "asked", rule = "deal.unknown <= 3", weight = 1.0, title = "Known" },
  { key = "fit", rule = "score.fit.low >= 0.3", weight = 1.0, title = "Fit" },
  { key = "done", rule = "done.questions and deal.budget", weight = 1.0, title = "Done" },
]
bands = [
  { key = "low", min = 0, title = "Low" },
  { key = "high", min = 2, title = "High" },
]

[[scorecards]]
key = "timely"
title = "Timely"
items = [
  { key = "recent", rule = "days_since(last_activity_on) <= 30", weight = 1.0, title = "Recent" },
]
bands = [{ key = "low", min = 0, title = "Low" }, { key = "high", min = 1, title = "High" }]

[[stages]]
key = "sell"
title = "Sell"
wins = true
"""

MARKS: Mapping[object, object] = {"Yes": "+", "No": "-", "Unknown": "?"}


@pytest.fixture(scope="module")
def answers() -> Playbook:
    return Playbook.from_toml(PROCESS)


def deals(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "outcome": ["Won", "Won", "Lost", "Lost", None],
            "deal.budget": ["+", "+", "-", "?", "+"],
            "deal.rivals": ["-", "-", "+", "-", "-"],
            "amount": [500.0, 200.0, 50.0, None, 10.0],
            **columns,
        }
    )


def rates(result: Backtest) -> dict[str, float | None]:
    return {key: part.win_rate for key, part in result.by_band.items()}


# ------------------------------------------------------------------------------------- real data


@pytest.mark.skipif(not SALVIRT.exists(), reason="the Salvirt data is not there")
@pytest.mark.parametrize("kind", ["polars", "polars lazy", "pandas", "dask", "ibis", "pyspark"])
def test_real_deals_are_won_less_often_the_less_is_known(kind: str, answers: Playbook) -> None:
    read: Mapping[str, Callable[[], Any]] = {
        "polars": lambda: pl.read_csv(SALVIRT, separator=";"),
        "polars lazy": lambda: pl.scan_csv(SALVIRT, separator=";"),
        "pandas": lambda: pd.read_csv(SALVIRT, sep=";"),
        "dask": lambda: dd.read_csv(SALVIRT, sep=";"),
        "ibis": lambda: ibis.memtable(pl.read_csv(SALVIRT, separator=";").to_arrow()),
        "pyspark": lambda: spark().read.csv(str(SALVIRT), sep=";", header=True),
    }
    people = {"Joint past", "Referral"}
    others = {"Media", "Direct mail", "Online form", "Event", "Other"}

    result = backtest(
        read[kind](),
        answers.checklists["deal"],
        outcome="Status",
        columns={
            "deal.budget": "Budgt_alloc",
            "deal.rivals": "Competitors",
            "deal.purchasing": "Purch_dept",
            "deal.growing": "Growth",
            "deal.by_people": "Source",
        },
        values={
            **dict.fromkeys(("deal.budget", "deal.rivals", "deal.purchasing"), MARKS),
            "deal.growing": {"Growth": True, "Stable": False, "Slow down": False, "Unknown": None},
            "deal.by_people": {
                **dict.fromkeys(people, True),
                **dict.fromkeys(others, False),
                "Unknown": None,
            },
        },
    )

    found = result.by_unknown
    assert (result.rows, result.deals, result.won, result.left_out) == (448, 448, 227, 0)
    assert {number: part.deals for number, part in found.items()} == {
        0: 372, 1: 51, 2: 17, 3: 5, 4: 3
    }  # fmt: skip
    assert [round(100 * (part.win_rate or 0), 1) for part in found.values()] == [
        56.5, 27.5, 17.6, 0, 0
    ]  # fmt: skip
    budget = result.questions["budget"]
    assert [
        round(100 * (part.win_rate or 0), 1) for part in (budget.yes, budget.no, budget.unknown)
    ] == [54.3, 53.4, 13.9]
    assert (budget.yes.deals, budget.no.deals, budget.unknown.deals) == (219, 193, 36)
    assert result.by_band == {}
    assert result.not_asked == ()


# --------------------------------------------------------------------------------- what it counts


def test_every_engine_gives_the_same_numbers(engine: Engine, answers: Playbook) -> None:
    result = backtest(engine(deals()), answers, card="fit")

    assert (result.rows, result.deals, result.won, result.left_out) == (5, 4, 2, 1)
    # The last one may be poor or good: nobody knows the budget or the amount.
    assert {key: (part.deals, part.won) for key, part in result.by_band.items()} == {
        "poor": (1, 0),
        "good": (0, 0),
        "best": (2, 2),
        "undecided": (1, 0),
    }
    assert {key: (part.deals, part.won) for key, part in result.by_unknown.items()} == {
        0: (3, 2),
        2: (1, 0),
    }
    assert result.auc is not None
    assert result.auc.value == 1.0
    large = result.questions["large"]
    assert (large.yes.won, large.no.deals, large.unknown.deals) == (2, 1 - 1, 2)
    assert large.difference is None
    assert result.questions["budget"].difference == 1.0
    assert result.not_asked == ("deal.growing", "segment")


def test_a_question_without_a_column_counts_nowhere(answers: Playbook) -> None:
    result = backtest(deals(), answers, card="fit")

    assert set(result.questions) == {"budget", "alone", "large"}
    assert max(result.by_unknown) == 2


def test_a_scorecard_by_itself_gives_what_the_playbook_gives(answers: Playbook) -> None:
    frame = deals(segment=["new", "old", "new", "neither", "old"])

    values: Mapping[str, Mapping[object, object]] = {"segment": {"neither": None}}
    alone = backtest(frame, answers.scorecards["fit"], values=values)

    assert alone == backtest(frame, answers, card="fit", values=values)
    # What stands for nothing is not known.
    assert alone.questions["new"].unknown.deals == 1


def test_with_a_playbook_there_are_facts_that_follow_from_others(answers: Playbook) -> None:
    frame = deals(
        **{"pair.one": ["+", "+", "+", None, "+"], "pair.two": ["-", "?", None, "+", "+"]}
    )

    result = backtest(frame, answers, card="derived")

    found = {key: (part.yes.deals, part.no.deals) for key, part in result.questions.items()}
    assert found == {"asked": (3, 1), "fit": (2, 2), "done": (2, 2)}
    assert {number: part.deals for number, part in result.by_unknown.items()} == {0: 4}


def test_a_checklist_of_a_playbook_can_be_named(answers: Playbook) -> None:
    result = backtest(deals(), answers, card="deal")

    assert result == backtest(deals(), answers.checklists["deal"])
    assert result.card == "deal"


def test_amounts_are_converted_where_a_playbook_says_into_what(answers: Playbook) -> None:
    frame = deals(**{"amount.currency": ["EUR", "EUR", "USD", "JPY", "USD"]})

    result = backtest(frame, answers, card="fit", rates=Rates(base="USD", rates={"EUR": "0.1"}))

    assert result.questions["large"].yes.deals == 0
    with pytest.raises(FrameError, match=r"amount\.currency: there is a column for it"):
        backtest(frame, answers.scorecards["fit"])


def test_a_card_that_uses_time_needs_a_day(answers: Playbook) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 20), None, date(2025, 1, 1), None]
    frame = deals(last_activity_on=days)

    result = backtest(frame, answers.scorecards["timely"], as_of=date(2026, 1, 31))

    assert result.questions["recent"].yes.won == 2
    with pytest.raises(FrameError, match="as_of: the card uses time; say the day"):
        backtest(frame, answers.scorecards["timely"])
    nested = Playbook.from_toml(PROCESS.replace("deal.unknown <= 3", "score.timely.low >= 1"))
    with pytest.raises(FrameError, match="as_of: the card uses time; say the day"):
        backtest(frame, nested, card="derived")


def test_points_may_count_what_is_still_possible(answers: Playbook) -> None:
    sure = backtest(deals(), answers, card="deal")
    possible = backtest(deals(), answers, card="deal", points="high")
    middle = backtest(deals(), answers, card="deal", points="middle")

    assert [part.points_from for part in sure.calibration] == [0.0, 1.0]
    # Three of the five questions have no column, so that all of them are still possible.
    assert [part.points_from for part in possible.calibration] == [4.0]
    assert [part.points_from for part in middle.calibration] == [2.0, 2.5]


# ----------------------------------------------------------------------------------- the outcome

GERMAN: dict[str, str] = {
    "Gewonnen": "won",
    "Verloren": "lost",
    "raus": "disqualified",
    "offen": "none",
}
SAID: dict[str, Any] = {"lost": "x", "pending": "y"}


@pytest.mark.parametrize(
    ("outcome", "options"),
    [
        ([" WON ", "Closed Won", "closed lost", "Disqualified", ""], {}),
        ([True, True, False, False, None], {}),
        ([1, 1, 0, 0, None], {}),
        ([1.0, 1.0, 0.0, 0.0, float("nan")], {}),
        (["S", "P", "n", "n", "o"], {"won": {"S", "P"}, "lost": "n", "pending": ["o"]}),
        ([1, 1, 2, 3, 4], {"won": 1, "lost": [2, 3], "pending": 4}),
        (["won", "won", "lost", "lost", "none"], {"won": ["won"]}),
        (["won", "won", "lost", "lost", "Open"], {}),
        (["true", "TRUE", "false", "False", None], {}),
        (["1", "1", "0", "0", ""], {}),
        (["是", "yes", "否", "no", "进行中"], {}),
        (["yes", "yes", "no", "n", "?"], {"pending": "?"}),
        (["Gewonnen", " gewonnen", "Verloren", "raus", "offen"], {"values": {"outcome": GERMAN}}),
        ([7, 7, 8, 8, 9], {"values": {"outcome": {7: "won", 8: "lost", 9: None}}}),
        ([True, True, False, False, None], {"values": {"outcome": {True: "won"}}}),
        (["Won", "Won", "x", "x", "y"], {"values": {"outcome": {"x": "none"}}, **SAID}),
    ],
)
def test_outcomes_are_texts_booleans_or_numbers(
    outcome: list[Any], options: dict[str, Any], engine: Engine, answers: Playbook
) -> None:
    frame = engine(deals(outcome=pl.Series(outcome, strict=False)))

    result = backtest(frame, answers, card="fit", **options)

    assert (result.deals, result.won, result.left_out) == (4, 2, 1)
    assert result.by_band["best"].won == 2


def test_categories_are_outcomes_too(answers: Playbook) -> None:
    frame = deals().with_columns(pl.col("outcome").cast(pl.Categorical))

    assert backtest(frame, answers, card="fit").won == 2
    assert backtest(deals().to_pandas().astype({"outcome": "category"}), answers, card="fit").won


@pytest.mark.parametrize(
    "outcome", [[date(2026, 1, 1)] * 5, [["Won"]] * 5, pl.Series([object()] * 5, dtype=pl.Object)]
)
def test_other_types_are_no_outcomes(outcome: Any, answers: Playbook) -> None:
    with pytest.raises(FrameError, match=r"outcome: a column of type .* holds no outcomes"):
        backtest(deals(outcome=outcome), answers, card="fit")


def test_objects_are_no_outcomes(answers: Playbook) -> None:
    mixed: list[Any] = ["Won", 3, None, object(), 1.5]
    frame = deals().to_pandas().assign(outcome=mixed)

    with pytest.raises(FrameError, match="outcome: a column of type Object holds no outcomes"):
        backtest(frame, answers, card="fit")


def test_outcomes_that_nobody_explained_are_all_listed(engine: Engine, answers: Playbook) -> None:
    frame = engine(deals(outcome=["Won", "Wonn", "Lost", "maybe", "maybe"]))

    with pytest.raises(FrameError) as raised:
        backtest(frame, answers, card="fit")

    any_of = "won=['maybe'] or lost=['maybe'] or pending=['maybe']"
    assert sorted(str(problem) for problem in raised.value.problems) == [
        "outcome: 'Wonn' is not a known outcome (1 row); say which it is: won=['Wonn']",
        f"outcome: 'maybe' is not a known outcome (2 rows); say which it is: {any_of}",
    ]
    assert {problem.code for problem in raised.value.problems} == {"unknown_outcome"}


def test_an_outcome_that_is_denied_is_not_taken_for_what_is_said_of_it(answers: Playbook) -> None:
    frame = deals(outcome=["Gut", "Gut?", "✗ Gut", "Nicht gut", "Schlecht"])

    with pytest.raises(FrameError) as raised:
        backtest(frame, answers, card="fit", won="Gut", lost="Schlecht")

    hints = {problem.hint for problem in raised.value.problems}
    assert hints == {
        f"say which it is: won=[{it!r}] or lost=[{it!r}] or pending=[{it!r}]"
        for it in ("Gut?", "✗ Gut", "Nicht gut")
    }


def test_what_a_source_says_of_outcomes_holds_for_a_backtest_too(answers: Playbook) -> None:
    """Its words were left out, as those of a fact that is not read."""
    frame = deals(outcome=["Gewonnen", "Gewonnen", "Verloren", "raus", "offen"])
    frame = frame.rename({"outcome": "Ende"})
    source = Source(frame, columns={"outcome": "Ende"}, values={"outcome": GERMAN})

    result = backtest(source, answers, card="fit")

    assert (result.won, result.deals, result.left_out) == (2, 4, 1)
    wrong = backtest(source, answers, card="fit", values={"outcome": {"raus": "won"}})
    assert (wrong.won, wrong.deals) == (3, 4)
    with pytest.raises(FrameError, match=r"values\['outcome'\]\['raus'\]: outcome has no value"):
        backtest(source, answers, card="fit", values={"outcome": {"raus": "out"}})


def test_a_column_of_names_is_no_outcome(answers: Playbook) -> None:
    names = [f"D-{number}" for number in range(1_500)]
    frame = pl.DataFrame({"outcome": names, "deal.budget": "+"})

    with pytest.raises(FrameError, match="more than 1,000 different labels"):
        backtest(frame, answers, card="fit")


@pytest.mark.parametrize(
    "frame",
    [
        deals().clear(),
        deals(outcome=pl.Series([None] * 5, dtype=pl.String)),
        deals(outcome=pl.Series([None] * 5, dtype=pl.Null)),
        deals(outcome=["Open"] * 5),
    ],
)
def test_without_an_outcome_there_is_nothing_to_test(
    frame: pl.DataFrame, engine: Engine, answers: Playbook
) -> None:
    with pytest.raises(FrameError, match=r"no row has an outcome|the frame has no rows"):
        backtest(engine(frame), answers, card="fit")


def test_deals_that_all_ended_alike_have_no_area_and_no_lift_beyond_one(
    engine: Engine, answers: Playbook
) -> None:
    lost = backtest(engine(deals(outcome=["Lost"] * 5)), answers, card="fit")
    won = backtest(engine(deals(outcome=["Won"] * 5)), answers, card="fit")

    assert (lost.auc, won.auc) == (None, None)
    assert {part.lift for part in lost.by_band.values()} == {None}
    assert {part.lift for part in won.by_band.values()} == {1.0, None}
    assert "AUC" not in lost.summary()


def test_one_row_is_enough(engine: Engine, answers: Playbook) -> None:
    result = backtest(engine(deals().head(1)), answers, card="fit")

    assert (result.deals, result.win_rate, result.auc) == (1, 1.0, None)
    assert len(result.calibration) == 1


# ------------------------------------------------------------------------------------- bad input


def test_everything_that_is_wrong_is_said_at_once(engine: Engine, answers: Playbook) -> None:
    frame = engine(deals(amount=["much"] * 5, other=[1, 2, 3, 4, 5]))

    with pytest.raises(FrameError) as raised:
        backtest(
            frame,
            answers,
            card="fit",
            outcome="status",
            columns={
                "deal.budjet": "other",
                "deal.budget": "bugdet",
                "stage": "other",
                "outcome": "other",
            },
            values={"deal.rivals": {"Yes": "sure"}},
        )

    paths = [problem.path for problem in raised.value.problems]
    assert sorted(paths) == [
        "columns['deal.budget']",
        "columns['deal.budjet']",
        "columns['outcome']",
        "columns['stage']",
        "outcome",
        "values['deal.rivals']['Yes']",
    ]
    with pytest.raises(FrameError, match="cannot be the money amount"):
        backtest(frame, answers, card="fit")


def test_answers_are_not_read_from_the_outcome(answers: Playbook) -> None:
    with pytest.raises(FrameError, match="this column holds the outcome"):
        backtest(deals(), answers, card="fit", columns={"deal.budget": "outcome"})
    peeking = Playbook.from_toml(PROCESS.replace('"not deal.rivals"', "'outcome == \"won\"'"))
    with pytest.raises(FrameError, match=r"scorecard\.alone: it reads outcome"):
        backtest(deals(), peeking, card="fit")


def test_a_card_needs_at_least_one_question_with_a_column(answers: Playbook) -> None:
    with pytest.raises(FrameError, match=r"no column holds an answer: deal\.budget, deal\.rivals"):
        backtest(deals().select("outcome"), answers, card="deal")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": 3}, "outcome: an int names no column"),
        ({"columns": ["a"]}, "columns: must be a mapping, not a list"),
        ({"values": {"deal.budget": "Yes"}}, "values"),
        ({"points": "best"}, 'points: must be "low" or "high" or "middle", not \'best\''),
        ({"bins": 0}, "bins: must be between 1 and 1,000, not 0"),
        (
            {"confidence": 1.0},
            "confidence: 1.0 is not a confidence level; give a number between 0 and 1",
        ),
        ({"confidence": "x" * 999}, f"confidence: '{'x' * 39} is not a confidence level"),
        ({"as_of": "2026-01-01"}, "as_of: must be a day, not a str"),
        ({"rates": {"EUR": 1}}, "rates: must be a Rates, not a dict"),
        ({"tz": "Mars"}, "tz"),
        ({"card": "fitt"}, 'did you mean "fit"'),
        ({"card": []}, "card: must be the key of a card, not a list; one of fit, derived"),
        ({"points": []}, "points: must be"),
        ({"card": None}, "the playbook has 3 scorecards; say which: card= one of fit, derived"),
        ({"won": "yes", "lost": "yes"}, "'yes' is won too"),
        ({"won": [None]}, "None is not a label"),
        ({"lost": date(2026, 1, 1)}, "is not a label"),
        ({"pending": [["open"]]}, "['open'] is not a label"),
        ({"columns": {"deal.budget": 3}}, "an int names no column"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    options: dict[str, Any], message: str, answers: Playbook
) -> None:
    with pytest.raises((ArgumentError, FrameError)) as raised:
        backtest(deals(), answers, **{"card": "fit", **options})

    assert message in str(raised.value)


@pytest.mark.parametrize("key", ["nope", "deal"])
def test_a_card_is_chosen_of_a_playbook_alone(key: str, answers: Playbook) -> None:
    with pytest.raises(ArgumentError, match="card: this chooses a card of a playbook"):
        backtest(deals(), answers.checklists["deal"], card=key)
    with pytest.raises(ArgumentError, match="card: this chooses a card of a playbook"):
        backtest(deals(), answers.scorecards["fit"], card=key)


def test_answers_that_nobody_explained_are_not_counted_as_unknown(
    answers: Playbook, engine: Engine
) -> None:
    more = {"deal.budget": ["oui", "+", "ja", "?", "ja"], "segment": ["new", "?", "", None, "odd"]}
    frame = engine(deals(**more))

    with pytest.raises(FrameError) as raised:
        backtest(frame, answers, card="fit")

    # The last deal has not ended, so that its answers are not looked at.
    assert [(each.path, each.message) for each in raised.value.problems] == [
        ("deal.budget", "'ja' stands for nothing (1 row)"),
        ("deal.budget", "'oui' stands for nothing (1 row)"),
        ("segment", "'?' stands for nothing (1 row)"),
    ]
    values: Mapping[str, Mapping[object, object]]
    values = {"deal.budget": {"oui": "+", "ja": "+"}, "segment": {"?": None}}
    result = backtest(frame, answers, card="fit", values=values)
    assert result.questions["budget"].yes.deals == 3


def test_a_missing_answer_among_numbers_is_not_to_be_explained(answers: Playbook) -> None:
    frame = deals(**{"deal.budget": [1.0, float("nan"), 0.0, None, 7.0]})

    result = backtest(frame, answers, card="fit", values={"deal.budget": {1: True, 0: False}})

    assert result.questions["budget"].unknown.deals == 2


@pytest.mark.parametrize("what", [None, "fit", {"fit": 1}])
def test_only_cards_and_playbooks_are_tested(what: Any) -> None:
    with pytest.raises(ArgumentError, match="must be a scorecard, checklist or playbook"):
        backtest(deals(), what)


def test_a_frame_that_its_engine_cannot_compute_is_refused(answers: Playbook) -> None:
    broken = deals().lazy().with_columns(pl.col("outcome").str.to_integer())
    late = deals().lazy().with_columns(amount=pl.col("deal.budget").str.to_integer())

    for frame in (broken, late):
        with pytest.raises(
            FrameError, match=r"The engine of the frame \(polars\) could not work this out"
        ):
            backtest(frame, answers, card="fit")


def test_names_of_columns_may_be_anything(engine: Engine, answers: Playbook) -> None:
    odd = {"outcome": 'the "end".x', "deal.budget": "预算 ' 1", "deal.rivals": "a b;--"}
    frame = engine(deals().rename(odd))
    outcome = odd.pop("outcome")

    result = backtest(frame, answers, card="fit", outcome=outcome, columns=odd)

    assert result == backtest(deals(), answers, card="fit")


def test_only_frames_are_read(answers: Playbook) -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        backtest([1, 2], answers, card="fit")


# ------------------------------------------------------------------------------------ the report


def test_the_summary_says_what_matters_in_both_languages(answers: Playbook) -> None:
    result = backtest(deals(), answers, card="fit")

    assert result.summary() == (
        "fit: 4 deals with an outcome, 50.0% won; 1 without\n"
        "AUC 1.000\n"
        "\n"
        "band       deals  win rate  lift\n"
        "poor           1      0.0%  0.00\n"
        "good           0         -     -\n"
        "best           2    100.0%  2.00\n"
        "undecided      1      0.0%  0.00\n"
        "\n"
        "unknown answers  deals  win rate  lift\n"
        "0                    3     66.7%  1.33\n"
        "2                    1      0.0%  0.00\n"
        "\n"
        "win rate by answer (deals)         yes        no   unknown\n"
        "Budget                      100.0% (2)  0.0% (1)  0.0% (1)\n"
        "Alone                        66.7% (3)  0.0% (1)         -\n"
        "Large                       100.0% (2)         -  0.0% (2)\n"
        "\n"
        "Without a column: deal.growing, segment"
    )
    assert "4 个项目已有结果" in result.summary("zh")
    one = backtest(deals().head(1), answers, card="fit")
    assert one.summary().startswith("fit: 1 deal with an outcome, 100.0% won; 0 without")
    assert repr(one) == "<Backtest of fit: 1 deal, 1 won>"


def test_tables_and_languages_that_there_are_not_are_refused(answers: Playbook) -> None:
    result = backtest(deals(), answers, card="fit")

    with pytest.raises(UnknownName, match=r"There is no table 'band'\. Did you mean \"by_band\""):
        result.records("band")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="language"):
        result.summary("french")
    assert repr(result) == "<Backtest of fit: 4 deals, 2 won, AUC 1.000>"


def test_the_tables_become_frames(answers: Playbook) -> None:
    result = backtest(deals(), answers, card="fit")

    assert pl.DataFrame(result.records("by_band")).columns[:3] == ["label", "deals", "won"]
    assert pl.DataFrame(result.records("by_unknown"))["unknown"].to_list() == [0, 2]
    assert pd.DataFrame(result.records("calibration"))["deals"].sum() == 4
    questions = pl.DataFrame(result.records())
    assert result.records("questions") == result.records()
    assert questions.filter(question="budget", answer="yes")["win_rate"].to_list() == [1.0]


def test_the_frame_is_not_changed(answers: Playbook) -> None:
    frame = deals().to_pandas()
    before = frame.copy(deep=True)

    backtest(frame, answers, card="fit")

    pd.testing.assert_frame_equal(frame, before)


# ---------------------------------------------------------------------------------------- laws


MARK = st.sampled_from(["+", "-", "?", None])
ROW = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["Won", "Lost"]),
        "deal.budget": MARK,
        "deal.rivals": MARK,
        "deal.growing": MARK,
        "amount": st.sampled_from([None, 50.0, 100.0]),
        "segment": st.sampled_from([None, "old", "new"]),
    }
)


@given(name=st.sampled_from(sorted(ENGINES)), rows=st.lists(ROW, min_size=1, max_size=25))
def test_a_frame_is_scored_as_its_deals_are(
    name: str, rows: list[dict[str, Any]], answers: Playbook
) -> None:
    types = dict.fromkeys(("deal.budget", "deal.rivals", "deal.growing", "segment"), pl.String)
    frame = pl.DataFrame(rows, schema={"outcome": pl.String, **types, "amount": pl.Float64})
    scored = [score(answers, answers.scorecards["fit"], row) for row in rows]

    result = backtest(ENGINES[name](frame), answers, card="fit")

    bands = Counter(each.verdict for each in scored)
    assert {key: part.deals for key, part in result.by_band.items() if part.deals} == bands
    unknown = Counter(len(each.unknown) for each in scored)
    assert {number: part.deals for number, part in result.by_unknown.items()} == unknown
    won = [row["outcome"] == "Won" for row in rows]
    points = [round(each.low, 9) for each in scored]
    assert sum(part.won for part in result.by_band.values()) == sum(won)
    expected = _area(points, won)
    assert (result.auc.value if result.auc else None) == pytest.approx(expected)


def _area(points: list[float], won: list[bool]) -> float | None:
    """Every pair of a won deal and a lost one, counted."""
    pairs = [
        1.0 if p > q else 0.5 if p == q else 0.0
        for p, w in zip(points, won, strict=True)
        for q, v in zip(points, won, strict=True)
        if w and not v
    ]
    return sum(pairs) / len(pairs) if pairs else None


TALLIES = st.dictionaries(
    st.integers(0, 30).map(float),
    st.tuples(st.integers(1, 20), st.integers(0, 20)).map(lambda t: (max(t), min(t))),
    min_size=1,
    max_size=12,
)


@given(tallies=TALLIES)
def test_the_interval_is_delongs(tallies: dict[float, OutcomeTally]) -> None:
    won = [points for points, (_, n) in tallies.items() for _ in range(n)]
    lost = [points for points, (deals, n) in tallies.items() for _ in range(deals - n)]

    found = area_under_curve(tallies, 0.95)

    if not won or not lost:
        assert found is None
        return
    assert found is not None
    above = [[(p > q) + (p == q) / 2 for q in lost] for p in won]
    of_won = [sum(row) / len(lost) for row in above]
    of_lost = [sum(column) / len(won) for column in zip(*above, strict=True)]
    assert found.value == pytest.approx(sum(of_won) / len(won))
    if found.standard_error is not None:
        variance = pd.Series(of_won).var() / len(won) + pd.Series(of_lost).var() / len(lost)
        assert found.standard_error**2 == pytest.approx(variance)
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(tallies=TALLIES)
def test_the_area_is_that_of_scikit_learn(tallies: dict[float, OutcomeTally]) -> None:
    points = [each for each, (deals, _) in tallies.items() for _ in range(deals)]
    won = [number < n for deals, n in tallies.values() for number in range(deals)]

    found = area_under_curve(tallies, 0.95)

    if found is None:
        assert len(set(won)) == 1
    else:
        assert found.value == pytest.approx(roc_auc_score(won, points))


@given(tallies=TALLIES, bins=st.integers(1, 12))
def test_the_calibration_takes_every_deal_once_and_in_order(
    tallies: dict[float, OutcomeTally], bins: int
) -> None:
    found = calibrated(tallies, 30.0, bins, 0.9)

    assert len(found) <= bins
    assert sum(part.deals for part in found) == sum(deals for deals, _ in tallies.values())
    assert sum(part.won for part in found) == sum(won for _, won in tallies.values())
    edges = [edge for part in found for edge in (part.points_from, part.points_to)]
    assert edges == sorted(edges)
    assert all(0 <= part.share <= 1 for part in found)


def test_an_interval_of_wilson_is_the_published_one() -> None:
    part = sliced("", (10, 8), (20, 8), 0.95)

    # Newcombe 1998 and every table since: 8 of 10.
    assert (part.low, part.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert part.lift == 2.0
    assert (sliced("", (3, 0), (20, 8), 0.95).low, sliced("", (3, 3), (20, 8), 0.95).high) == (0, 1)
    assert sliced("", (0, 0), (20, 8), 0.95).win_rate is None
