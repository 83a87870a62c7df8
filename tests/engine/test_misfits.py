"""Facts and roles of a deal that its playbook does not know: told, and never dropped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FactError, Problem

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "shop"
version = "1"
title = "Shop"
roles = [{ key = "boss", title = "Boss" }]
facts = [
  { name = "margin", kind = "number", max = 0.5, unit = "percent", title = "Margin" },
  { name = "site", kind = "choice", choices = ["office", "home"], title = "Site" },
  { name = "visit_on", kind = "day", title = "Visit" },
]
[[stages]]
key = "talk"
title = "Talk"
exit = [
  { key = "told", title = "Told", rule = "known(margin) and known(site) and known(visit_on)" },
  { key = "agreed", title = "Agreed", by = "boss" },
]
[[scorecards]]
key = "fit"
items = [{ key = "big", title = "Big", rule = "margin > 0.1" }]
bands = [{ key = "all", min = 0 }]
""")
ENGINE = sf.StageEngine(BOOK)


def deal(host: bool = False, **fields: Any) -> Any:
    clean = sf.Opportunity(id="D-1", name="Shop", owner="li")
    started = ENGINE.decide(clean, sf.Start(by="li"), at=NOW).require()
    if host:
        return sf.HostDeal.model_validate({"id": "D-1", "progress": started.progress, **fields})
    return sf.Opportunity.model_validate({**started.model_dump(), **fields})


def told(problems: tuple[Problem, ...] | list[Problem]) -> dict[str, str]:
    return {problem.path: f"{problem.message}; {problem.hint}" for problem in problems}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a typo": ({"facts": {"margn": 0.2}}, "facts.margn", 'did you mean "margin"?'),
    "what follows": ({"facts": {"stage": "talk"}}, "facts.stage", "cannot be given"),
    "another's word": ({"facts": {"done.agreed": True}}, "facts.done.agreed", "cannot be given"),
    "a wrong kind": ({"facts": {"margin": "much"}}, "facts.margin", "number"),
    "no day": ({"facts": {"visit_on": "soon"}}, "facts.visit_on", "write 2026-01-31"),
    "an unknown role": ({"team": {"wang": "bos"}}, "team[0].roles[0]", 'did you mean "boss"?'),
}


@pytest.mark.parametrize("host", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_what_the_playbook_does_not_know_is_told_wherever_the_deal_is_used(
    name: str, host: bool
) -> None:
    fields, path, words = WRONG[name]
    wrong = deal(host, **fields)
    uses = (
        lambda: ENGINE.decide(wrong, sf.Advance(by="li"), at=NOW),
        lambda: ENGINE.available(wrong, by="li", at=NOW),
        lambda: ENGINE.score(wrong, "fit", at=NOW),
        lambda: sf.facts_of(wrong, BOOK, at=NOW),
    )
    for use in uses:
        with pytest.raises(FactError, match="does not fit the playbook 'shop'") as caught:
            use()
        assert words in told(list(caught.value.problems))[path]
    # A list of deals is shown all the same.
    review = ENGINE.review(wrong, at=NOW)
    assert words in told(review.problems)[path]
    assert [problem.severity for problem in review.problems] == ["error"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = deal(facts={"margn": 1, "visit_on": "soon", "ended": True}, team={"a": ["bos", "x"]})
    with pytest.raises(FactError) as caught:
        ENGINE.decide(wrong, sf.Advance(by="li"), at=NOW)
    assert set(told(list(caught.value.problems))) == {
        "facts.margn",
        "facts.visit_on",
        "facts.ended",
        "team[0].roles[0]",
        "team[0].roles[1]",
    }


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"site": "garden"}, "give one of office, home"), ({"margin": 20}, "enter 0.2, not 20")],
)
def test_a_value_outside_its_list_or_limits_counts_as_missing_and_is_told(
    facts: dict[str, Any], words: str
) -> None:
    review = ENGINE.review(deal(facts=facts), at=NOW)
    [(path, said)] = told(review.problems).items()
    assert path == f"facts.{next(iter(facts))}"
    assert "counts as missing" in said
    assert words in said
    assert [problem.severity for problem in review.problems] == ["warning"]


def test_an_amendment_mends_the_deal() -> None:
    wrong = deal(facts={"margn": 0.2})
    changes: Any = {"facts": {"margin": 0.2, "site": "home", "visit_on": date(2026, 1, 9)}}
    mended = ENGINE.decide(wrong, sf.Amend(by="li", changes=changes), at=NOW).require()
    assert ENGINE.review(mended, at=NOW).problems == ()
    with pytest.raises(FactError):
        ENGINE.decide(wrong, sf.Amend(by="li", changes={"facts": {"margn": 0.3}}), at=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["margin", "site", "visit_on", "margn", "stage", "amount"]),
        st.sampled_from([0.2, 20, True, "home", "garden", "2026-01-09", "soon"]),
    ),
    st.booleans(),
)
def test_a_review_finds_errors_exactly_where_a_command_raises(
    facts: dict[str, Any], host: bool
) -> None:
    drawn = deal(host, facts=facts)
    errors = {it.path for it in ENGINE.review(drawn, at=NOW).problems if it.severity == "error"}
    try:
        ENGINE.decide(drawn, sf.Advance(by="li"), at=NOW)
        raised = set()
    except FactError as error:
        raised = {problem.path for problem in error.problems}
    assert errors == raised
