"""A frame says of an approval, and of what lapsed, what the engine says of each deal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import facts_of
from salesflow.pipeline import Counts, check_pipeline
from tests.engine import test_approvals as offers

LATER = offers.NOW + timedelta(days=2)
CHECK = "exit.offer.discount_ok"
COURSES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["vp", "cfo"]), st.sampled_from(["go", "go", "kill"])),
        st.tuples(st.just("discount"), offers.PERCENTS),
    ),
    max_size=6,
)


def row_of(deal: sf.Opportunity, process: sf.StageEngine) -> dict[str, Any]:
    """What a host would export: where the deal stands, its facts, and what was said."""
    facts = facts_of(deal, process.playbook, at=LATER)
    names = (
        *("stage", "discount", "region", "done.discount_ok"),
        *("approval.discount_ok.vp", "approval.discount_ok.cfo"),
    )
    return {"id": deal.id, **{name: facts.get(name) for name in names}}


@pytest.mark.parametrize("kind", offers.KINDS)
@given(courses=st.lists(st.tuples(offers.PERCENTS, COURSES), min_size=1, max_size=4))
def test_a_snapshot_says_what_each_deal_says(
    kind: str, courses: list[tuple[float | None, list[tuple[str, Any]]]]
) -> None:
    process = offers.of_kind(kind, more='lapses_on = ["discount"]')
    criterion = process.playbook.criteria["discount_ok"]
    rows, verdicts = [], []
    for number, (percent, course) in enumerate(courses):
        deal = replaced(offers.started(process, percent), id=f"D-{number}")
        for what, value in course:
            command: sf.Command = sf.Attest(
                by="wang", role="vp", criterion="discount_ok", met=value == "go"
            )
            if what == "discount":
                command = offers.discount(value)
            elif kind != "attested":
                command = offers.go(what, verdict=value)
            deal = process.decide(deal, command, at=LATER).opportunity
        rows.append({**row_of(deal, process), "stage": "sign"})
        facts = facts_of(deal, process.playbook, at=LATER)
        applies = criterion.when is None or criterion.when.verdict(facts) is not sf.Verdict.NO
        verdicts += [criterion.check_rule.verdict(facts)] if applies else []
        passed = process.decide(deal, offers.ADVANCE, at=LATER).accepted
        assert passed is (not applies or verdicts[-1] is sf.Verdict.YES)
    schema = {
        "id": pl.String,
        "stage": pl.String,
        "discount": pl.Float64,
        "region": pl.String,
        **{name: pl.Boolean for name in rows[0] if "discount_ok" in name},
    }
    frame = pl.DataFrame(rows, schema=schema)
    for native in (frame.lazy(), frame.to_pandas()):
        report = check_pipeline(native, process.playbook, key="id", as_of=LATER.date())
        assert report.counts[CHECK] == Counts(
            yes=verdicts.count(sf.Verdict.YES),
            no=verdicts.count(sf.Verdict.NO),
            unknown=verdicts.count(sf.Verdict.UNKNOWN),
        )
