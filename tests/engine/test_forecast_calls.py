"""What owner and manager call the forecast of a deal: who may, what stands, what a review says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

import salesflow as sf
from salesflow.domain import ForecastCall
from salesflow.engine.review import ForecastCalls
from tests.engine.conftest import BANK, NOW, Walk

CALLING = 'retract = ["sales_manager"]\ncall_forecast = ["sales_manager"]'
TEXT = BANK.replace('retract = ["sales_manager"]', CALLING)
BOOK = sf.Playbook.from_toml(TEXT)
COMMIT = sf.CallForecast(by="li.wei", category="commit", reason="The CIO gave his word")
OMIT = sf.CallForecast(by="wang", category="omitted", reason="No tender before summer")


@pytest.fixture
def process() -> sf.StageEngine:
    return sf.StageEngine(BOOK)


@pytest.fixture
def open_deal(process: sf.StageEngine, deal: sf.Opportunity) -> Walk:
    """In the second stage of three."""
    return Walk(process, deal).proposed()


def refused(walk: Walk, command: sf.Command) -> list[tuple[str, str]]:
    """The codes and keys for which a command is refused, which changes nothing."""
    before = walk.deal
    decision = walk.do(command)
    assert (decision.accepted, decision.events, decision.opportunity) == (False, (), before)
    return [(blocker.code, blocker.key) for blocker in decision.blockers]


def test_the_owner_and_a_manager_call_it_each_for_themselves(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()
    called_at = open_deal.at
    open_deal.do(OMIT).require()

    owner, manager = open_deal.deal.progress.forecast_calls
    assert owner == ForecastCall(
        caller="owner",
        category="commit",
        reason="The CIO gave his word",
        by="li.wei",
        at=called_at,
        stage="propose",
    )
    assert (manager.caller, manager.category, manager.by) == ("manager", "omitted", "wang")
    facts = sf.facts_of(open_deal.deal, BOOK, at=open_deal.at)
    assert facts["forecast.category"] == "pipeline"
    assert (facts["forecast.owner_call"], facts["forecast.manager_call"]) == ("commit", "omitted")
    assert open_deal.engine.replay(open_deal.events) == open_deal.deal.progress


def test_a_call_stands_until_another_one_whatever_stage_the_deal_comes_to(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()
    open_deal.do(sf.Advance(by="li.wei")).require()
    (call,) = open_deal.deal.progress.forecast_calls
    assert (open_deal.deal.progress.stage, call.stage) == ("sign", "propose")

    # The same word in another stage, or for another reason, is another call.
    open_deal.do(COMMIT).require()
    open_deal.do(sf.CallForecast(by="li.wei", category="best_case", reason="He left")).require()
    (call,) = open_deal.deal.progress.forecast_calls
    assert (call.category, call.stage, call.reason) == ("best_case", "sign", "He left")


def test_a_call_of_an_earlier_day_that_is_recorded_late_does_not_undo_a_later_one(
    open_deal: Walk,
) -> None:
    open_deal.do(COMMIT).require()
    late = {"by": "li.wei", "category": "omitted", "reason": "Then", "occurred_at": NOW}
    open_deal.do(sf.CallForecast.model_validate(late)).require()

    assert [it.category for it in open_deal.deal.progress.forecast_calls] == ["commit"]


@pytest.mark.parametrize("how", ["lost", "won", "disqualified"])
def test_no_call_stands_once_the_deal_is_closed(open_deal: Walk, how: str) -> None:
    open_deal.do(COMMIT).require()
    if how == "won":
        open_deal.do(sf.Advance(by="li.wei")).require()
        for criterion in ("order_in", "contract_in"):
            open_deal.do(sf.Attest(by="li.wei", criterion=criterion)).require()
            open_deal.do(sf.Advance(by="li.wei")).require()
        assert not open_deal.deal.progress.ended
    else:
        reason = {"reason": "price", "by": "li.wei"}
        kind = sf.Lose if how == "lost" else sf.Disqualify
        open_deal.do(kind.model_validate(reason)).require()

    assert open_deal.deal.progress.forecast_calls == ()
    facts = sf.facts_of(open_deal.deal, BOOK, at=open_deal.at)
    assert facts["forecast.category"] == ("closed" if how == "won" else "omitted")
    assert facts["forecast.owner_call"] is None
    code = "already_closed" if how == "won" else "ended"
    assert [it for it, _ in refused(open_deal, COMMIT)] == [code]


def test_a_deal_that_is_taken_back_is_called_anew(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()
    open_deal.do(sf.Lose(by="li.wei", reason="price")).require()
    taken_back = sf.Retract(by="wang", role="sales_manager", note="The wrong deal")
    open_deal.do(taken_back).require()

    assert open_deal.deal.progress.forecast_calls == ()
    open_deal.do(COMMIT).require()


def test_a_deal_that_has_not_started_is_not_called(
    process: sf.StageEngine, deal: sf.Opportunity
) -> None:
    walk = Walk(process, deal)

    assert refused(walk, COMMIT) == [("not_started", "stage")]
    facts = sf.facts_of(deal, BOOK, at=NOW)
    assert (facts["forecast.category"], facts["forecast.owner_call"]) == (None, None)


def test_a_call_that_says_nothing_new_is_refused(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()

    assert refused(open_deal, COMMIT) == [("already_called", "owner")]


def test_who_is_neither_the_owner_nor_in_a_permitted_role_calls_nothing(open_deal: Walk) -> None:
    for by, role in (("zhao", None), ("zhao", "sales_rep"), ("li.ming", None)):
        call = sf.CallForecast(by=by, role=role, category="commit", reason="I know them")
        assert refused(open_deal, call) == [("role", "sales_manager")]
    claimed = sf.CallForecast(by="zhao", role="sales_manager", category="commit", reason="So")
    assert open_deal.do(claimed).accepted  # the policy takes roles as they are claimed


def test_without_a_policy_only_the_owner_calls(walk: Walk) -> None:
    walk.proposed()
    blockers = walk.do(OMIT).blockers

    (blocker,) = blockers
    assert (blocker.code, blocker.key) == ("not_owner", "call_forecast")
    assert blocker.fix.en == "Let the deal's owner call it; policy.call_forecast says who else may"
    assert blocker.fix.get("zh").startswith("请由项目负责人判断")
    assert walk.do(COMMIT).accepted


def test_whoever_stands_in_for_the_owner_makes_the_owners_call(open_deal: Walk) -> None:
    until = (NOW + timedelta(days=9)).date()
    open_deal.do(sf.Delegate(by="li.wei", role="sales_rep", to="sun", until=until)).require()
    decision = open_deal.do(sf.CallForecast(by="sun", category="commit", reason="As Li says"))

    (event,) = decision.events
    assert event.on_behalf_of == "li.wei"
    (call,) = decision.opportunity.progress.forecast_calls
    assert (call.caller, call.by) == ("owner", "sun")
    page = open_deal.engine.review(open_deal.deal, at=open_deal.at)._repr_html_()
    assert "sun called it commit on 2026-01-05, in Propose, as the owner:" in page


def test_a_deal_without_an_owner_is_called_by_managers_only(
    process: sf.StageEngine, deal: sf.Opportunity
) -> None:
    walk = Walk(process, deal.model_copy(update={"owner": None}))
    walk.do(sf.Start(by="li.wei")).require()

    assert refused(walk, COMMIT) == [("role", "sales_manager")]
    assert walk.do(OMIT).accepted


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"category": "sure", "reason": "So"}, "category"),
        ({"category": "closed", "reason": "So"}, "category"),
        ({"category": "commit"}, "reason"),
        ({"category": "commit", "reason": " "}, "reason"),
        ({"reason": "So"}, "category"),
    ],
)
def test_an_unknown_category_and_a_call_without_a_reason_are_no_commands(
    given: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        sf.read_command({"kind": "CallForecast", "by": "li.wei", **given})

    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


def test_a_call_is_one_of_the_things_that_a_person_can_do(open_deal: Walk) -> None:
    found = [
        (it.by, it.fields["category"], it.allowed, it.needs)
        for by in ("li.wei", "zhao")
        for it in open_deal.engine.available(open_deal.deal, by=by, at=open_deal.at)
        if it.kind is sf.CallForecast
    ]

    names = ("commit", "best_case", "pipeline", "omitted")
    assert found[:4] == [("li.wei", name, True, ("reason",)) for name in names]
    assert found[4:] == [("zhao", name, False, ()) for name in names]


def test_a_renamed_stage_keeps_the_calls_that_were_made_in_it(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()
    newer = TEXT.replace('version = "1.0.0"', 'version = "2.0.0"').replace(
        'key = "propose"', 'key = "offer"'
    )
    newer += '[[migrations]]\nfrom = "1.0.0"\nstages = { propose = "offer" }\n'
    engine = sf.StageEngine(sf.Playbook.from_toml(newer))
    moved = engine.decide(open_deal.deal, sf.Migrate(by="li.wei"), at=open_deal.at).require()

    assert [call.stage for call in moved.progress.forecast_calls] == ["offer"]


def test_calls_stay_behind_when_a_deal_comes_under_another_process(open_deal: Walk) -> None:
    open_deal.do(COMMIT).require()
    other = sf.StageEngine(sf.Playbook.from_toml(TEXT.replace('id = "bank"', 'id = "other"')))
    adopt = sf.Adopt(by="li.wei", stage="propose", entered_on=date(2026, 1, 6))
    moved = other.decide(open_deal.deal, adopt, at=NOW + timedelta(days=2)).require()

    assert moved.progress.forecast_calls == ()


def test_a_stored_progress_without_calls_is_read(open_deal: Walk) -> None:
    stored = open_deal.deal.model_dump(mode="json")
    del stored["progress"]["forecast_calls"]

    assert sf.Opportunity.model_validate(stored) == open_deal.deal


def test_a_review_says_what_the_three_say_otherwise(open_deal: Walk) -> None:
    said = open_deal.engine.review(open_deal.deal, at=open_deal.at).forecast_calls
    assert (said.category, said.owner, said.manager, said.differences) == (
        *("pipeline", None, None),
        (),
    )
    open_deal.do(COMMIT).require()
    open_deal.do(OMIT).require()
    said = open_deal.engine.review(open_deal.deal, at=open_deal.at).forecast_calls

    assert [it.en for it in said.differences] == [
        "By its stage it is pipeline; its owner calls it commit",
        "By its stage it is pipeline; the manager calls it omitted",
        "Its owner calls it commit; the manager calls it omitted",
    ]
    assert [it.get("zh") for it in said.differences] == [
        "按阶段为“管道”，负责人判断为“承诺”",
        "按阶段为“管道”，经理判断为“不计入”",
        "负责人判断为“承诺”，经理判断为“不计入”",
    ]
    assert said.owner is not None
    assert said.owner.reason == "The CIO gave his word"


def test_a_commitment_lists_what_does_not_hold_any_more_of_what_lies_behind(
    open_deal: Walk,
) -> None:
    def at_odds() -> list[tuple[str, str]]:
        said = open_deal.engine.review(open_deal.deal, at=open_deal.at).forecast_calls
        return [(it.criterion.key, it.verdict.value) for it in said.at_odds]

    open_deal.do(sf.Answer(by="li.wei", question="bant.budget", mark="-")).require()
    open_deal.do(sf.Attest(by="li.wei", criterion="sponsor_met", met=False)).require()
    assert at_odds() == []  # it is not committed
    open_deal.do(COMMIT).require()
    assert at_odds() == [("budget_known", "no"), ("sponsor_met", "no")]
    open_deal.do(sf.Answer(by="li.wei", question="bant.budget", mark="?")).require()
    assert at_odds() == [("budget_known", "unknown"), ("sponsor_met", "no")]

    # What the present stage asks for on the way out is not asked yet, nor is advice.
    open_deal.do(sf.Answer(by="li.wei", question="bant.budget", mark="+")).require()
    assert at_odds() == [("sponsor_met", "no")]
    open_deal.do(sf.CallForecast(by="li.wei", category="pipeline", reason="Not any more")).require()
    assert at_odds() == []


def test_what_was_waived_is_not_at_odds(process: sf.StageEngine, deal: sf.Opportunity) -> None:
    text = TEXT.replace("call_forecast =", 'waive = "on"\ncall_forecast =')
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(text)), deal).proposed()
    walk.do(COMMIT).require()
    walk.do(sf.Attest(by="li.wei", criterion="sponsor_met", met=False)).require()
    walk.do(sf.Waive(by="wang", criterion="sponsor_met", reason="He is ill")).require()

    assert walk.engine.review(walk.deal, at=walk.at).forecast_calls.at_odds == ()


def test_a_stage_that_is_commit_itself_is_at_odds_without_any_call(
    process: sf.StageEngine, deal: sf.Opportunity
) -> None:
    walk = Walk(process, deal)
    adopt = sf.Adopt(by="li.wei", stage="contract", entered_on=date(2026, 1, 2))
    walk.do(adopt).require()
    said = walk.engine.review(walk.deal, at=walk.at).forecast_calls

    assert said.category == "commit"
    assert [(it.criterion.key, it.verdict.value) for it in said.at_odds] == [
        ("budget_known", "unknown"),
        ("sponsor_met", "unknown"),
        ("go", "unknown"),
        ("sized_plan", "unknown"),
        ("order_in", "unknown"),
    ]


def test_a_notebook_shows_calls_with_their_reasons_and_what_speaks_against(
    open_deal: Walk,
) -> None:
    open_deal.do(sf.Attest(by="li.wei", criterion="sponsor_met", met=False)).require()
    open_deal.do(COMMIT).require()
    page = open_deal.engine.review(open_deal.deal, at=open_deal.at)._repr_html_()

    assert "In the forecast by its stage:" in page
    assert "li.wei called it commit on 2026-01-05, in Propose, as the owner:" in page
    assert "The CIO gave his word" in page
    assert "By its stage it is pipeline; its owner calls it commit" in page
    assert "Committed, though not so today of what lies behind it:" in page
    assert "The sponsor was met" in page


def test_a_rule_may_ask_for_a_call(process: sf.StageEngine, deal: sf.Opportunity) -> None:
    asked = '[[stages.exit]]\n  key = "sized_plan"'
    called = 'rule = \'forecast.manager_call == "commit"\'\n  title = "The manager commits"'
    text = TEXT.replace(asked, f'[[stages.exit]]\n  key = "committed"\n  {called}\n  {asked}')
    walk = Walk(sf.StageEngine(sf.Playbook.from_toml(text)), deal).proposed()

    (blocker,) = walk.do(sf.Advance(by="li.wei")).blockers
    assert (blocker.key, blocker.because[0].title.en) == (
        "committed",
        'the manager\'s forecast call is "commit"',
    )
    walk.do(sf.CallForecast(by="wang", category="commit", reason="I asked them")).require()
    walk.do(sf.Advance(by="li.wei")).require()


def test_only_two_that_are_said_and_differ_are_told() -> None:
    def call(caller: str, category: str) -> ForecastCall:
        fields = {"caller": caller, "category": category, "reason": "So", "by": "li", "at": NOW}
        return ForecastCall.model_validate({**fields, "stage": "propose"})

    def told(category: str | None, **calls: str) -> list[str | None]:
        made = {caller: call(caller, name) for caller, name in calls.items()}
        said = ForecastCalls.model_validate({"category": category, **NOBODY, **made})
        return [text.en for text in said.differences]

    assert told("commit", owner="commit", manager="commit") == []
    assert told(None, owner="commit") == []
    assert told(None, owner="commit", manager="omitted") == [
        "Its owner calls it commit; the manager calls it omitted"
    ]
    assert told("commit", owner="commit", manager="omitted") == [
        "By its stage it is commit; the manager calls it omitted",
        "Its owner calls it commit; the manager calls it omitted",
    ]


NOBODY = {"owner": None, "manager": None}
