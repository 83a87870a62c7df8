"""Facts and roles of a deal that its playbook does not know: told, and never dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import FactError, Problem
from salesflow.schedule import Duty

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


def told(problems: Iterable[Problem]) -> dict[str, str]:
    return {problem.path: f"{problem.message}; {problem.hint}" for problem in problems}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a typo": ({"facts": {"margn": 0.2}}, "facts.margn", 'did you mean "margin"?'),
    "what follows": ({"facts": {"stage": "talk"}}, "facts.stage", "cannot be given"),
    "another's word": ({"facts": {"done.agreed": True}}, "facts.done.agreed", "cannot be given"),
    "a wrong kind": ({"facts": {"margin": "much"}}, "facts.margin", "number"),
    "no day": ({"facts": {"visit_on": "soon"}}, "facts.visit_on", "write 2026-01-31"),
    "an unknown role": ({"team": {"wang": "bos"}}, "team[0].roles[0]", 'did you mean "boss"?'),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_playbook_does_not_know_is_told_when_it_enters(name: str) -> None:
    fields, path, words = WRONG[name]
    adopt = sf.Adopt(by="li", stage="talk", entered_on=NOW.date())
    uses: tuple[Callable[[Any], object], ...] = (
        lambda new: ENGINE.decide(new, sf.Start(by="li"), at=NOW),
        lambda new: ENGINE.decide(new, adopt, at=NOW),
        lambda new: ENGINE.available(new, by="li", at=NOW),
        lambda new: ENGINE.score(new, "fit", at=NOW),
        lambda new: sf.facts_of(new, BOOK, at=NOW),
        lambda _new: ENGINE.decide(deal(), sf.Amend(by="li", changes=fields), at=NOW),
    )
    for new in (
        sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", **fields}),
        sf.HostDeal.model_validate({"id": "D-1", **fields}),
    ):
        for use in uses:
            with pytest.raises(FactError, match="does not fit the playbook 'shop'") as caught:
                use(new)
            assert words in told(caught.value.problems)[path]
        problems = {it.path: it for it in ENGINE.review(new, at=NOW).problems}
        assert problems[path].severity == "error"


@pytest.mark.parametrize("host", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_what_the_playbook_does_not_know_is_told_in_every_review(name: str, host: bool) -> None:
    fields, path, words = WRONG[name]
    review = ENGINE.review(deal(host, **fields), at=NOW)

    assert words in told(review.problems)[path]


@pytest.mark.parametrize("name", [name for name in WRONG if "role" not in name])
def test_facts_of_a_hosts_own_record_fit_wherever_they_are_used(name: str) -> None:
    fields, path, words = WRONG[name]
    wrong = deal(host=True, **fields)
    uses: tuple[Callable[[], object], ...] = (
        lambda: ENGINE.decide(wrong, sf.Advance(by="li"), at=NOW),
        lambda: ENGINE.available(wrong, by="li", at=NOW),
        lambda: ENGINE.score(wrong, "fit", at=NOW),
        lambda: sf.facts_of(wrong, BOOK, at=NOW),
    )
    for use in uses:
        with pytest.raises(FactError, match="does not fit the playbook 'shop'") as caught:
            use()
        assert words in told(caught.value.problems)[path]


def test_a_deal_goes_on_with_what_an_earlier_playbook_left_and_every_answer_says_so() -> None:
    left = deal(facts={"old_fact": 1, "site": "garden"}, team={"wang": "clerk"})
    refused = ENGINE.decide(left, sf.Advance(by="li"), at=NOW)
    rest = sf.Hold(by="li", resume_when="x", review_on=NOW.date())
    rests = ENGINE.decide(left, rest, at=NOW)
    amended = ENGINE.decide(left, sf.Amend(by="li", changes={"next_step": "Call"}), at=NOW)

    assert (refused.accepted, rests.accepted, amended.accepted) == (False, True, True)
    for answer in (refused, rests, amended, ENGINE.review(left, at=NOW)):
        assert {it.path: it.severity for it in answer.problems} == {
            "facts.old_fact": "warning",
            "facts.site": "warning",
            "team[0].roles[0]": "warning",
        }
    assert ENGINE.score(left, "fit", at=NOW).problems == refused.problems
    assert ENGINE.score(left, "fit", at=NOW).if_answered({"margin": 0.2}).low == 1


def test_a_decision_tells_of_the_deal_as_it_is_afterwards() -> None:
    left = deal(facts={"old_fact": 1})
    mended = ENGINE.decide(left, sf.Amend(by="li", changes={"facts": {"site": "home"}}), at=NOW)
    assert mended.problems == ()

    newer = BOOK.to_json().replace(
        '"version": "1"', '"version": "2", "migrations": [{"from": "1"}]'
    )
    newer = newer.replace("margin", "profit")
    engine = sf.StageEngine(sf.Playbook.from_json(newer))
    moved = engine.decide(deal(facts={"margin": 0.2}), sf.Migrate(by="li"), at=NOW)
    assert moved.accepted
    assert [it.path for it in moved.problems] == ["facts.margin"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = {"facts": {"margn": 1, "visit_on": "soon", "ended": True}, "team": {"a": ["bos", "x"]}}
    new = sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", **wrong})
    with pytest.raises(FactError) as caught:
        ENGINE.decide(new, sf.Start(by="li"), at=NOW)
    assert set(told(caught.value.problems)) == {
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
    other = ENGINE.decide(wrong, sf.Amend(by="li", changes={"next_step": "Call"}), at=NOW)
    assert other.accepted  # what was there before is no matter of this change


@given(
    st.dictionaries(
        st.sampled_from(["margin", "site", "visit_on", "margn", "stage", "amount"]),
        st.sampled_from([0.2, 20, True, "home", "garden", "2026-01-09", "soon"]),
    ),
    st.sampled_from([{}, {"wang": "boss"}, {"wang": "clerk"}]),
    st.booleans(),
    st.booleans(),
)
def test_a_review_finds_errors_exactly_where_everything_else_raises(
    facts: dict[str, Any], team: dict[str, str], host: bool, new: bool
) -> None:
    begun = {"progress": sf.Progress()} if new else {}
    drawn = deal(host, facts=facts, team=team, **begun)
    problems = ENGINE.review(drawn, at=NOW).problems
    errors = {it.path for it in problems if it.severity == "error"}
    command = sf.Start(by="li") if new else sf.Advance(by="li")
    uses: tuple[Callable[[], Any], ...] = (
        lambda: ENGINE.decide(drawn, command, at=NOW).problems,
        lambda: ENGINE.score(drawn, "fit", at=NOW).problems,
        lambda: ENGINE.available(drawn, by="li", at=NOW) and problems,
        lambda: sf.facts_of(drawn, BOOK, at=NOW) and problems,
    )
    for use in uses:
        try:
            told_too = use()
            raised = set()
        except FactError as error:
            told_too = problems
            raised = {problem.path for problem in error.problems}
        assert errors == raised
        assert told_too == problems


EXACT: dict[str, tuple[dict[str, Any], str, str]] = {
    "a currency like one": (
        {"facts": {"price.currency": "EURO"}},
        "'EURO' is not a currency of ISO 4217",
        'did you mean "EUR"?',
    ),
    "a currency like none": (
        {"facts": {"price.currency": "q" * 30}},
        f"'{'q' * 20}' is not a currency of ISO 4217",
        'give a code such as "USD"',
    ),
    "a role like none": (
        {"team": {"wang": "q" * 90}},
        f'the playbook has no role "{"q" * 80}"',
        "there are boss",
    ),
    "a fact like none": (
        {"facts": {"q" * 30: 1}},
        "the playbook has no such fact",
        f"it knows: called_at, {', '.join(f'f{number:02}' for number in range(19))}",
    ),
    "a text that is no day": (
        {"facts": {"visit_on": "q" * 90}},
        f"'{'q' * 80}' is not a day",
        "write 2026-01-31",
    ),
    "a text that is no moment": (
        {"facts": {"called_at": "soon"}},
        "'soon' is not an instant",
        "write 2026-01-31",
    ),
}
WIDE = BOOK.to_json().replace(
    '"facts": [',
    '"facts": [{"name": "price", "kind": "money"}, {"name": "called_at", "kind": "instant"}, '
    + "".join(f'{{"name": "f{number:02}", "kind": "flag"}}, ' for number in range(30)),
)
WIDE_ENGINE = sf.StageEngine(sf.Playbook.from_json(WIDE))


@pytest.mark.parametrize("name", EXACT)
def test_what_does_not_fit_is_told_in_short_with_what_would(name: str) -> None:
    fields, message, hint = EXACT[name]
    new = sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", **fields})
    (problem,) = WIDE_ENGINE.review(new, at=NOW).problems

    assert (problem.message, problem.hint) == (message, hint)


def test_a_moment_is_read_with_its_time() -> None:
    facts = {"called_at": "2026-01-04T23:30:00+00:00", "visit_on": "2026-01-04"}
    new = sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", "facts": facts})
    known = sf.facts_of(new, WIDE_ENGINE.playbook, at=NOW)

    assert known["called_at"] == datetime(2026, 1, 4, 23, 30, tzinfo=UTC)
    assert known["visit_on"] == date(2026, 1, 4)


def test_a_playbook_that_knows_no_facts_has_nothing_to_offer() -> None:
    book = sf.Playbook.from_toml(
        'id = "y"\nversion = "1"\ntitle = "Y"\nstages = [{ key = "a", title = "A" }]'
    )
    new = sf.Opportunity(id="D-1", name="Shop", facts={"margin": 1})
    (problem,) = sf.StageEngine(book).review(new, at=NOW).problems

    assert (problem.message, problem.hint) == ("the playbook has no such fact", "")


@pytest.mark.parametrize(
    ("wrong", "end"),
    [
        ({f"margn{number}": 1 for number in range(20)}, 'did you mean "margin"?'),
        ({f"margn{number}": 1 for number in range(21)}, ""),
    ],
)
def test_the_nearest_name_is_looked_for_twenty_times_at_most(
    wrong: dict[str, Any], end: str
) -> None:
    new = sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", "facts": wrong})
    problems = WIDE_ENGINE.review(new, at=NOW).problems
    assert len(problems) == len(wrong)
    assert problems[19].hint == 'did you mean "margin"?'
    assert problems[-1].hint == end

    after = {**wrong, "price.currency": "EURO"}
    new = sf.Opportunity.model_validate({"id": "D-1", "name": "Shop", "facts": after})
    hint = WIDE_ENGINE.review(new, at=NOW).problems[-1].hint
    assert hint == 'give a code such as "USD"'


@pytest.mark.parametrize("facts", [{"old": 1, "margin": 0.2}, {"margin": 0.2, "old": 1}])
def test_what_an_earlier_playbook_left_hides_nothing_of_what_stands_beside_it(
    facts: dict[str, Any],
) -> None:
    assert ENGINE.score(deal(facts=facts), "fit", at=NOW).low == 1


DUE = BOOK.to_json().replace(
    '"stages": [',
    '"cadences": [{"key": "visit", "title": "Visit", "before": "visit_on", "ahead": {"days": 7}}], '
    '"stages": [',
)


def test_what_is_due_is_not_told_of_facts_of_another_kind() -> None:
    engine = sf.StageEngine(sf.Playbook.from_json(DUE))
    new = sf.Opportunity(id="D-1", name="Shop")
    begun = engine.decide(new, sf.Start(by="li"), at=NOW).require()

    def due(**facts: Any) -> tuple[Duty, ...]:
        host = sf.HostDeal(id="D-1", progress=begun.progress, facts=facts)
        return engine.due(host, at=NOW)

    assert [duty.due_on for duty in due(margin=0.2, visit_on="2026-01-09")] == [date(2026, 1, 2)]
    with pytest.raises(FactError, match="facts of the wrong kind") as caught:
        due(visit_on="soon", margin=sf.Money(5, "USD"))
    assert told(caught.value.problems) == {
        "visit_on": "'soon' is not a day; write 2026-01-31",
        "margin": "5 USD is money and not a number; give a number",
    }
