"""Laws: a check says of a row what its rule says of the record, and no row is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Playbook, Rule, Verdict
from salesflow.pipeline import Counts, check_pipeline
from salesflow.rules.columns import Columns, Numbers, Rails
from tests.frame_engines import EVERY
from tests.pipeline.conftest import lies_after
from tests.pipeline.deals_sample import rows_of

AS_OF = date(2026, 1, 31)

Deals = Callable[..., pl.DataFrame]
Engine = Callable[[pl.DataFrame], Any]

days = st.one_of(st.none(), st.integers(-60, 60).map(lambda n: AS_OF + timedelta(days=n)))
flags = st.sampled_from([True, False, None])
marks = st.sampled_from(["+", "-", "?", None, "oui", "YES", "否"])
READ = {"YES": "+", "否": "-"}

changes = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(
            ["qualify", "propose", "draft", "offer", "sign", "deliver", "won", "lost", None]
        ),
        "amount": st.sampled_from([None, float("nan"), 49_999.99, 50_000.0, 100_000.0, 100_000.01]),
        "owner": st.sampled_from(["li.wei", " ", None]),
        "probability": st.sampled_from([None, 0.0, 0.1, 0.35, 0.5, 1.0]),
        "created_on": days,
        "entered_stage_on": days,
        "entered_sub_stage_on": days,
        "expected_close_on": days,
        "closed_on": days,
        "contacts.total": st.sampled_from([None, 0, 1, 2]),
        "bant.budget": marks,
        "bant.need": marks,
        "done.sponsor_met": flags,
        "done.offer_accepted": flags,
        "done.plan": flags,
        "waived.sponsor_met": flags,
    }
)
frames = st.lists(changes, min_size=0, max_size=8)

OWN = (
    "score.fit.low >= 2.5",
    "score.fit.high < 2.6",
    "0.3 <= score.fit.high <= 2.8",
    "at_least(2, bant.budget, bant.need, known(amount), done.plan)",
    'stage in ("qualify", "sign") and not days_since(created_on) > 30',
    'outcome != "won" or known(closed_on)',
    # Longer than what stays an expression of its own.
    "done.plan or " + " or ".join(f"amount == {40_000 + 500 * n}" for n in range(30)),
    "known(owner) and " + " and ".join(f"amount > {n}" for n in range(49_980, 50_010)),
    "at_least(9, " + ", ".join(f"contacts.total >= {n % 3}" for n in range(20)) + ")",
)


def facts_of(row: Mapping[str, Any], process: Playbook) -> dict[str, Any]:
    """What a single deal's facts would be."""
    facts = {name: READ.get(value, value) for name, value in row.items() if value != "oui"}
    stage = row["stage"]
    facts["outcome"] = {"won": "won", "deliver": "won", "lost": "lost", None: None}.get(
        stage, "none"
    )
    facts["stage"] = {"draft": "propose", "offer": "propose"}.get(stage, stage)
    known = [facts.get(f"bant.{key}") for key in ("budget", "need")]
    facts["bant.asked"] = sum(mark is not None for mark in known)
    low = high = 0.0
    for item in process.scorecards["fit"].items:
        verdict = item.rule.verdict(facts)
        low += item.weight if verdict is Verdict.YES else 0.0
        high += item.weight if verdict is not Verdict.NO else 0.0
    return {**facts, "score.fit.low": low, "score.fit.high": high}


@given(engine_name=st.sampled_from(["polars", "pandas", "pyarrow"]), data=frames)
def test_a_check_says_of_a_row_what_its_rule_says_of_the_record(
    engine_name: str, data: list[Mapping[str, Any]], process: Playbook, deals: Deals
) -> None:
    frame = deals(*data) if data else deals()
    native: dict[str, Callable[[], Any]] = {
        "polars": frame.lazy,
        "pandas": frame.to_pandas,
        "pyarrow": frame.to_arrow,
    }
    rules = {text: Rule.parse(text, process.facts) for text in OWN}

    report = check_pipeline(native[engine_name](), process, key="id", as_of=AS_OF, checks=rules)

    stood = [row for row in frame.rows(named=True) if not lies_after(row, AS_OF)]
    rows = [facts_of(row, process) for row in stood]
    assert (report.rows, report.later) == (len(rows), len(frame) - len(rows))
    for text, rule in rules.items():
        verdicts = [rule.verdict(row, AS_OF) for row in rows]
        assert report.counts[text] == Counts(
            yes=verdicts.count(Verdict.YES),
            no=verdicts.count(Verdict.NO),
            unknown=verdicts.count(Verdict.UNKNOWN),
        ), text


def test_what_many_rules_share_is_computed_once(process: Playbook) -> None:
    shared = " or ".join(f"amount == {n}" for n in range(30))
    columns = Columns({"amount": Numbers(nw.col("amount"))})

    def rails(text: str) -> Rails:
        return columns.rails(Rule.parse(text, process.facts).core(None))

    def width() -> int:
        frame = nw.from_native(pl.LazyFrame({"amount": [1.0]}))
        return len(columns.apply(frame).collect_schema())

    alone = rails(shared)
    before = width()
    within = [rails(f"({shared}) and amount < {n}") for n in range(100, 120)]

    assert rails(shared) is alone
    assert width() == before + len(within)  # of what is new in each, NO follows from its YES
    assert max(len(repr(each.yes)) for each in within) < 200


@given(data=frames)
def test_every_row_that_a_check_applies_to_is_counted_once_and_found_if_it_is_not_yes(
    data: list[Mapping[str, Any]], process: Playbook, deals: Deals
) -> None:
    frame = deals(*data) if data else deals()

    report = check_pipeline(frame, process, key="id", as_of=AS_OF)

    stages = [row["stage"] for row in frame.rows(named=True) if not lies_after(row, AS_OF)]
    rows = {
        "open": sum(stage not in {"deliver", "won", "lost"} for stage in stages),
        "won": sum(stage in {"deliver", "won"} for stage in stages),
        "lost": stages.count("lost"),
    }
    scope = {
        "hygiene.owner_known": rows["open"],
        "hygiene.won_probability": rows["won"],
        "hygiene.lost_probability": rows["lost"],
        "hygiene.closed_date_known": rows["won"] + rows["lost"],
        "hygiene.known_values.bant.need": len(stages),
        "size.plan": rows["open"],
        "exit.propose.offer_accepted": stages.count("sign") + rows["won"],
        "exit.draft.draft_reviewed": stages.count("sign") + stages.count("offer") + rows["won"],
        "hygiene.stage_age": stages.count("qualify"),
        "hygiene.sub_stage_age": stages.count("draft"),
    }
    assert {name: report.counts[name].rows for name in scope} == scope
    found = nw.from_native(report.findings())
    for name, count in report.counts.items():
        assert min(count.yes, count.no, count.unknown) >= 0
        verdicts = found.filter(nw.col("check") == name)["verdict"].to_list()
        assert (verdicts.count("no"), verdicts.count("unknown")) == (count.no, count.unknown)
    assert len(found) == sum(count.no + count.unknown for count in report.counts.values())
    assert not found.select("id", "check").is_duplicated().any()


# A query takes some of them seconds, however few rows it reads: few frames, of many rows.
FEW = settings(max_examples=max(2, settings().max_examples // 25))


@pytest.mark.parametrize("engine_name", ["duckdb", "ibis", "pyspark"])
@FEW
@given(data=st.lists(changes, min_size=1, max_size=60))
def test_slow_engines_find_what_polars_finds(
    engine_name: str, data: list[Mapping[str, Any]], process: Playbook, deals: Deals
) -> None:
    frame = deals(*data)
    own = {text: Rule.parse(text, process.facts) for text in OWN[:6]}

    report = check_pipeline(EVERY[engine_name](frame), process, key="id", as_of=AS_OF, checks=own)
    other = check_pipeline(frame, process, key="id", as_of=AS_OF, checks=own)

    assert report.counts == other.counts
    assert report.not_checked == other.not_checked
    found = {tuple(row.values()) for row in rows_of(report.findings())}
    assert found == set(other.findings().rows())


@given(data=frames, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(
    data: list[Mapping[str, Any]], seed: Any, process: Playbook, deals: Deals
) -> None:
    frame = deals(*data) if data else deals()
    order = list(range(len(frame)))
    seed.shuffle(order)

    report = check_pipeline(frame, process, key="id", as_of=AS_OF)
    other = check_pipeline(frame[order], process, key="id", as_of=AS_OF)

    assert report.counts == other.counts
    assert set(report.findings().rows()) == set(other.findings().rows())
