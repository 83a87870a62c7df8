"""Start, adopt, advance, win and lose, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import salesflow as sf
from salesflow.errors import (
    ClockError,
    UnknownName,
)
from tests.engine.course import NOW, PLAYBOOK, Course

if TYPE_CHECKING:
    from tests.engine.conftest import Walk


def keys(decision: sf.Decision[sf.Opportunity]) -> list[str]:
    return [blocker.key for blocker in decision.blockers]


def test_a_new_deal_starts_in_the_first_stage(walk: Walk) -> None:
    decision = walk.do(sf.Start(by="li.wei"))
    assert decision.accepted
    assert [event.payload.kind for event in decision.events] == ["started"]
    assert walk.deal.progress.stage == "qualify"
    assert walk.deal.progress.version == 1


def test_a_deal_starts_only_once(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    refused = walk.do(sf.Start(by="li.wei"))
    assert [blocker.code for blocker in refused.blockers] == ["already_started"]


def test_nothing_happens_to_a_deal_before_its_start(walk: Walk) -> None:
    for command in (
        sf.Advance(by="li.wei"),
        sf.Win(by="li.wei"),
        sf.Lose(by="li.wei", reason="price"),
        sf.Attest(by="li.wei", criterion="sponsor_met"),
        sf.Answer(by="li.wei", question="bant.need", mark="+"),
        sf.Complete(by="li.wei", instrument="plan"),
        sf.Judge(by="wang", role="sales_manager", verdict="go"),
    ):
        assert [blocker.code for blocker in walk.do(command).blockers] == ["not_started"]


def test_a_refused_advance_names_every_unmet_required_criterion_at_once(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    refused = walk.do(sf.Advance(by="li.wei"))
    assert keys(refused) == ["budget_known", "sponsor_met", "go"]
    assert [blocker.code for blocker in refused.blockers] == ["computed", "attested", "decision"]
    assert refused.events == ()
    assert refused.opportunity is walk.deal


def test_a_blocker_says_what_ought_to_hold_what_was_seen_and_who_can_change_it(walk: Walk) -> None:
    walk.do(sf.Start(by="li.wei"))
    budget, sponsor, go = walk.do(sf.Advance(by="li.wei")).blockers
    assert budget.seen == {"bant.budget": None}
    assert budget.title.zh == "预算与金额已明确"
    assert (sponsor.role, go.role) == ("sales_rep", "sales_manager")
    assert sponsor.fix.en == "The sales representative has to attest it"
    assert go.fix.zh == "须由销售经理决定：继续、放弃或暂缓"


def test_entry_criteria_of_the_next_stage_block_too_and_show_the_alternatives(
    walk_with: Callable[..., Walk],
) -> None:
    walk = walk_with(facts={"margin": 0.05}).qualified()
    (blocker,) = walk.do(sf.Advance(by="li.wei")).blockers
    assert blocker.key == "margin_ok"
    assert blocker.needed == 1
    assert {alternative.key for alternative in blocker.any_of} == {"margin", "account.tier"}
    assert blocker.seen == {"margin": 0.05, "account.tier": "regular"}


def test_an_advance_with_everything_met_moves_on(walk: Walk) -> None:
    decision = walk.qualified().do(sf.Advance(by="li.wei"))
    assert decision.require().progress.stage == "propose"
    (event,) = decision.events
    assert event.payload.model_dump(exclude_none=True) == {
        "kind": "stage_entered",
        "stage": "propose",
        "from_stage": "qualify",
        "how": "move",
    }


def test_the_instrument_that_the_size_asks_for_blocks_until_it_is_complete(walk: Walk) -> None:
    walk.qualified().do(sf.Advance(by="li.wei")).require()
    (blocker,) = walk.do(sf.Advance(by="li.wei")).blockers
    assert (blocker.key, blocker.code) == ("sized_plan", "instruments")
    assert [part.key for part in blocker.because] == ["plan"]
    walk.do(sf.Complete(by="li.wei", instrument="plan")).require()
    assert walk.do(sf.Advance(by="li.wei")).accepted


def test_an_unknown_amount_blocks_with_the_question_for_the_amount(
    walk_with: Callable[..., Walk],
) -> None:
    walk = walk_with(amount=None)
    walk.do(sf.Adopt(by="li.wei", stage="propose", entered_on=date(2026, 1, 2))).require()
    (blocker,) = walk.do(sf.Advance(by="li.wei")).blockers
    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert "amount" in blocker.seen


def test_a_small_deal_needs_no_instrument(walk_with: Callable[..., Walk]) -> None:
    walk = walk_with(amount=sf.Money("49999.99", "USD"))
    walk.do(sf.Adopt(by="li.wei", stage="propose", entered_on=date(2026, 1, 2))).require()
    assert walk.do(sf.Advance(by="li.wei")).accepted


def test_sub_stages_are_places_of_their_own(walk: Walk) -> None:
    walk.proposed().do(sf.Advance(by="li.wei")).require()
    assert (walk.deal.progress.stage, walk.deal.progress.sub_stage) == ("sign", "order")
    assert keys(walk.do(sf.Advance(by="li.wei"))) == ["order_in"]
    walk.do(sf.Attest(by="li.wei", criterion="order_in"))
    walk.do(sf.Advance(by="li.wei")).require()
    assert (walk.deal.progress.stage, walk.deal.progress.sub_stage) == ("sign", "contract")


def test_leaving_the_winning_stage_wins_the_deal_and_it_goes_on(walk: Walk) -> None:
    walk.won()
    assert walk.deal.progress.outcome == "won"
    assert walk.deal.progress.stage == "deliver"
    assert not walk.deal.progress.ended
    assert [event.payload.kind for event in walk.events[-2:]] == ["won", "stage_entered"]


def test_advance_from_the_last_stage_ends_the_deal(walk: Walk) -> None:
    walk.won().do(sf.Attest(by="li.wei", criterion="accepted"))
    decision = walk.do(sf.Advance(by="li.wei"))
    assert [event.payload.kind for event in decision.events] == ["ended"]
    assert walk.deal.progress.ended
    assert walk.deal.progress.outcome == "won"
    after = walk.do(sf.Advance(by="li.wei"))
    assert [blocker.code for blocker in after.blockers] == ["ended"]


def test_win_asks_for_everything_its_stage_still_needs(walk: Walk) -> None:
    walk.proposed().do(sf.Advance(by="li.wei")).require()
    assert keys(walk.do(sf.Win(by="li.wei"))) == ["order_in", "contract_in"]
    for criterion in ("order_in", "contract_in"):
        walk.do(sf.Attest(by="li.wei", criterion=criterion))
    assert walk.do(sf.Win(by="li.wei")).accepted
    assert (walk.deal.progress.outcome, walk.deal.progress.sub_stage) == ("won", "order")
    assert [b.code for b in walk.do(sf.Win(by="li.wei")).blockers] == ["already_closed"]


def test_a_deal_is_not_won_outside_the_winning_stage(walk: Walk) -> None:
    refused = walk.qualified().do(sf.Win(by="li.wei"))
    assert [blocker.code for blocker in refused.blockers] == ["not_winning_stage"]


def test_a_deal_on_its_way_is_adopted_where_it_stands(walk: Walk) -> None:
    walk.do(sf.Adopt(by="li.wei", stage="sign", entered_on=date(2025, 12, 1))).require()
    assert walk.deal.progress.position == "order"
    facts = sf.facts_of(walk.deal, walk.engine.playbook, at=walk.at)
    assert facts["entered_stage_on"] == date(2025, 12, 1)
    assert facts["reached.propose"] is True
    assert facts["reached.deliver"] is None


def test_a_lost_deal_may_be_adopted_with_its_outcome(walk: Walk) -> None:
    adopt = sf.Adopt(by="li.wei", stage="sign", entered_on=date(2025, 12, 1), outcome="lost")
    assert walk.do(adopt).require().progress.ended


def test_a_deal_is_not_adopted_in_the_future_or_in_a_stage_that_is_not_there(walk: Walk) -> None:
    with pytest.raises(ClockError, match="in the future"):
        walk.do(sf.Adopt(by="li.wei", stage="sign", entered_on=date(2027, 1, 1)))
    with pytest.raises(UnknownName, match='Did you mean "sign"'):
        walk.do(sf.Adopt(by="li.wei", stage="signn", entered_on=date(2025, 1, 1)))


@pytest.mark.parametrize(
    ("money", "needed"),
    [
        (sf.Money("45454.54", "EUR"), []),  # 49,999.99 USD
        (sf.Money("45454.55", "EUR"), ["bant_sheet"]),  # 50,000.01 USD
        (sf.Money("90909.09", "EUR"), ["bant_sheet"]),  # 100,000.00 USD
        (sf.Money("90909.10", "EUR"), ["plan"]),  # 100,000.01 USD
    ],
)
def test_another_currency_is_converted_at_the_thresholds(
    bank: sf.Playbook, deal: sf.Opportunity, money: sf.Money, needed: list[str]
) -> None:
    engine = sf.StageEngine(bank, rates=sf.Rates(base="USD", rates={"EUR": "1.10"}))
    deal = deal.model_copy(update={"amount": money})
    review = engine.review(deal, at=NOW)
    assert [
        item.instrument.key for item in review.instruments if item.required is sf.Verdict.YES
    ] == needed


@pytest.mark.parametrize("rates", [None, sf.Rates(base="USD", rates={"CNY": "0.14"})])
def test_an_amount_without_a_rate_is_not_known_and_says_why(
    bank: sf.Playbook, deal: sf.Opportunity, rates: sf.Rates | None
) -> None:
    engine = sf.StageEngine(bank, rates=rates)
    deal = deal.model_copy(update={"amount": sf.Money("90000", "EUR")})
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()
    big = sf.Rule.parse("amount > 100", bank.facts)

    assert big.verdict(sf.facts_of(deal, bank, at=NOW, rates=rates)) is sf.Verdict.UNKNOWN
    review = engine.review(deal, at=NOW)
    assert [(it.path, it.code) for it in review.problems] == [("amount", "missing_rate")]
    assert "no rate from EUR into USD" in review.problems[0].message
    engine.score(deal, next(iter(bank.scorecards)), at=NOW)
    # Whoever corrects the mistake is not kept from it.
    changes: Any = {"amount": {"amount": "5", "currency": "USD"}}
    mended = engine.decide(deal, sf.Amend(by="li.wei", changes=changes), at=NOW).require()
    assert mended.progress.amount_cuts == 0
    assert engine.review(mended, at=NOW).problems == ()


def test_a_gate_that_needs_an_amount_without_a_rate_says_what_lacks() -> None:
    text = """
    id = "x"
    version = "1"
    title = "X"
    currency = "USD"
    [[stages]]
    key = "a"
    title = "A"
    exit = [{ key = "big", title = "It is big", rule = "amount > 100" }]
    """
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Works", amount=sf.Money("90", "GBP"))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    [blocker] = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    assert blocker.verdict is sf.Verdict.UNKNOWN
    assert str(blocker.fix).endswith("(there is no rate from GBP into USD) is not known")
    assert "没有 GBP 到 USD 的汇率" in blocker.fix.get("zh")


def test_a_named_way_beside_the_main_one_asks_for_the_same_gate() -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    refused = course.do(sf.MoveTo(by="li", stage="training"))
    assert [blocker.key for blocker in refused.blockers] == ["agreed"]
    for role in ("rep", "legal"):
        course.do(sf.Judge(by="li", role=role, verdict="go")).require()
    assert course.do(sf.MoveTo(by="li", stage="training")).accepted
    course.check()


def test_stages_in_any_order_end_when_all_were_reached() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="training")).require()
    refused = course.do(sf.MoveTo(by="li", stage="care"))
    assert [blocker.key for blocker in refused.blockers] == ["both_done"]
    course.do(sf.MoveTo(by="li", stage="pilot")).require()
    course.do(sf.MoveTo(by="li", stage="care")).require()
    ended = course.do(sf.Advance(by="li"))
    assert [event.payload.kind for event in ended.events] == ["won", "ended"]
    assert ended.events[-1].payload.model_dump()["opens"] == ("design",)
    course.check()


def test_a_rule_on_a_move_blocks_it_with_the_values_seen() -> None:
    course = Course().reviewed()
    course.do(sf.MoveTo(by="li", stage="pilot")).require()
    (blocker,) = course.do(sf.MoveTo(by="li", stage="care")).blockers
    assert blocker.seen == {"reached.training": False}


def test_a_rejected_solution_goes_back_without_the_gate_it_failed() -> None:
    course = Course().designed()
    course.do(sf.Advance(by="li")).require()
    course.do(sf.Judge(by="li", role="rep", verdict="kill")).require()
    back = course.do(sf.MoveTo(by="li", stage="design"))
    assert back.events[0].payload.model_dump()["how"] == "back"
    course.check()


def test_skipping_ahead_takes_the_policys_role_a_reason_and_the_gate_that_is_left() -> None:
    course = Course().designed()
    assert course.codes(sf.MoveTo(by="li", stage="pilot")) == ["role", "why_missing"]
    skip = sf.MoveTo(by="wang", stage="pilot", note="The customer insists")
    decision = course.do(skip)
    assert decision.events[0].payload.model_dump()["how"] == "skip"
    course.check()
    fresh = Course()
    fresh.do(sf.Start(by="li")).require()
    assert [b.key for b in fresh.do(skip).blockers] == ["designed", "safe"]


def test_going_back_without_a_named_way_is_for_the_policy_to_allow() -> None:
    course = Course().reviewed()
    course.do(sf.Advance(by="li")).require()
    decision = course.do(sf.MoveTo(by="li", stage="design"))
    assert decision.events[0].payload.model_dump()["how"] == "back"
    strict = sf.StageEngine(sf.Playbook.from_toml(PLAYBOOK.replace('back = "on"', 'back = "off"')))
    deal = sf.Opportunity(id="D", name="N")
    adopt = sf.Adopt(by="li", stage="pilot", entered_on=NOW.date())
    deal = strict.decide(deal, adopt, at=NOW).require()
    refused = strict.decide(deal, sf.MoveTo(by="li", stage="design"), at=NOW)
    assert [blocker.code for blocker in refused.blockers] == ["not_allowed"]


def test_a_deal_does_not_move_to_where_it_is_or_to_nowhere() -> None:
    course = Course().designed()
    assert course.codes(sf.MoveTo(by="li", stage="design")) == ["already_there"]
    assert course.codes(sf.MoveTo(by="li", stage="ended")) == ["no_end_here"]
    with pytest.raises(UnknownName, match='Did you mean "pilot"'):
        course.do(sf.MoveTo(by="li", stage="pilott"))


def test_starting_in_a_later_stage_is_for_the_policy_to_allow() -> None:
    course = Course()
    assert course.codes(sf.Start(by="li", stage="pilot")) == ["not_allowed"]
    lenient = sf.StageEngine(
        sf.Playbook.from_toml(PLAYBOOK.replace('start_later = "off"', 'start_later = "on"'))
    )
    started = lenient.decide(course.deal, sf.Start(by="li", stage="pilot"), at=NOW)
    assert started.require().progress.stage == "pilot"


def test_nobody_skips_past_the_stage_where_deals_are_won() -> None:
    text = PLAYBOOK.replace('key = "pilot"\n', 'key = "pilot"\nwins = true\n')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D", name="N", owner="li", team={"wang": "manager"})
    adopt = sf.Adopt(by="li", stage="review", entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()
    for role in ("rep", "manager"):
        deal = engine.decide(deal, sf.Judge(by="x", role=role, verdict="go"), at=NOW).require()
    skip = sf.MoveTo(by="wang", stage="care", note="Hurry")
    assert [b.code for b in engine.decide(deal, skip, at=NOW).blockers] == ["winning_skipped"]


FORK = """
id = "fork"
version = "1"
title = "Fork"
[[stages]]
key = "design"
title = "Design"
  [[stages.exit]]
  key = "drawn"
  title = "It is drawn"
  rule = "known(owner)"
[[stages]]
key = "go"
title = "Go"
  [[stages.entry]]
  key = "approved"
  title = "Approved by the boss"
  by = "boss"
[[stages]]
key = "no_go"
title = "No go"
[[moves]]
from = "design"
to = "go"
rule = "amount > 1_000"
title = { en = "Large", zh = "大" }
[[moves]]
from = "design"
to = "no_go"
rule = "amount <= 1_000"
[[moves]]
from = "design"
to = "ended"
"""


def fork(
    amount: int | None = None, owner: str | None = "li"
) -> tuple[sf.StageEngine, sf.Opportunity]:
    money = None if amount is None else sf.Money(amount, "USD")
    engine = sf.StageEngine(sf.Playbook.from_toml(FORK))
    deal = sf.Opportunity(id="D", name="N", owner=owner, amount=money)
    return engine, engine.decide(deal, sf.Start(by="li"), at=NOW).require()


def test_advancing_takes_the_first_way_that_is_open() -> None:
    engine, deal = fork(amount=500)
    review = engine.review(deal, at=NOW)

    assert [item.criterion.key for item in review.criteria] == ["drawn", "design>no_go"]
    assert review.blockers == ()
    assert [(item.target and item.target.key, item.allowed) for item in review.moves] == [
        ("go", False),
        ("no_go", True),
        (None, True),
    ]
    there = engine.decide(deal, sf.Advance(by="li"), at=NOW).require()
    assert there.progress.stage == "no_go"


def test_where_no_way_is_open_each_says_by_its_name_what_it_lacks() -> None:
    engine, deal = fork(amount=None)
    (blocker,) = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers

    assert (blocker.code, blocker.needed, blocker.verdict) == ("any_of", 1, sf.Verdict.UNKNOWN)
    assert [str(way.title) for way in blocker.any_of] == [
        "Large: Large; Approved by the boss",
        "On to: No go: This way is open",
    ]
    assert [[item.key for item in way.because] for way in blocker.any_of] == [
        ["design>go", "approved"],
        ["design>no_go"],
    ]
    assert "boss has to attest it; or On to: No go: " in str(blocker.fix)
    review = engine.review(deal, at=NOW)
    assert review.blockers == (blocker,)
    keys = [item.criterion.key for item in review.criteria]
    assert keys == ["drawn", "design>go", "approved", "design>no_go"]
    # Nobody ends a deal by advancing where there are other ways on, but the end is open.
    assert [item.allowed for item in review.moves] == [False, False, True]


def test_what_all_ways_ask_for_is_said_once_and_alone_where_it_is_all_that_one_lacks() -> None:
    engine, deal = fork(amount=None, owner=None)
    blockers = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    assert [(item.code, item.key) for item in blockers] == [("computed", "drawn"), ("any_of", "")]
    engine, deal = fork(amount=500, owner=None)
    (blocker,) = engine.decide(deal, sf.Advance(by="li"), at=NOW).blockers
    assert blocker.key == "drawn"


def test_a_deal_is_won_by_whichever_way_on_is_open() -> None:
    text = FORK.replace('key = "design"\n', 'key = "design"\nwins = true\n', 1)
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    found = []
    for amount in (500, None):
        money = None if amount is None else sf.Money(amount, "USD")
        deal = sf.Opportunity(id="D", name="N", owner="li", amount=money)
        deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
        found.append(engine.decide(deal, sf.Win(by="li"), at=NOW))
    assert found[0].require().progress.ended is False
    # What the next stage asks of whoever enters it is no matter of winning.
    (blocker,) = found[1].blockers
    assert [[item.key for item in way.because] for way in blocker.any_of] == [
        ["design>go"],
        ["design>no_go"],
    ]


PASSED_BY = """
id = "profile"
version = "1"
title = "Profile"
[policy]
skip = {{ criteria = "{criteria}" }}
start_later = {{ criteria = "{criteria}" }}
[[stages]]
key = "s1"
title = "S1"
exit = [{{ key = "situation", title = "The situation is known", rule = "known(source)" }}]
[[stages]]
key = "s2"
title = "S2"
entry = [{{ key = "named", title = "Named", rule = "known(account.name)" }}]
exit = [
  {{ key = "impact", title = "The impact is known", rule = "known(next_step)" }},
  {{ key = "nice", title = "Nice to know", rule = "known(amount)", advisory = true }},
]
[[stages]]
key = "s3"
title = "S3"
entry = [{{ key = "owned", title = "It has an owner", rule = "known(owner)" }}]
"""


@pytest.mark.parametrize("criteria", ["asked", "waived"])
def test_what_stages_that_are_passed_by_ask_for_is_asked_or_waived(criteria: str) -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(PASSED_BY.format(criteria=criteria)))
    deal = sf.Opportunity(id="D", name="N")
    between = ["named", "impact"] if criteria == "asked" else []

    later = engine.decide(deal, sf.Start(by="li", stage="s3"), at=NOW)
    before = ["situation", *between] if criteria == "asked" else []
    assert [item.key for item in later.blockers] == [*before, "owned"]
    started = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    skip = sf.MoveTo(by="li", stage="s3")
    assert [item.key for item in engine.decide(started, skip, at=NOW).blockers] == [
        "situation",
        *between,
        "owned",
    ]
    (listed,) = [
        item
        for item in engine.available(started, by="li", at=NOW)
        if item.fields == {"stage": "s3"} and item.kind is sf.MoveTo
    ]
    assert [item.key for item in listed.blockers] == ["situation", *between, "owned"]
    known = {"owner": "li", "source": "Fair", "next_step": "Call", "account": {"name": "Acme"}}
    full = sf.Opportunity.model_validate({"id": "D", "name": "N", **known})
    assert engine.decide(full, sf.Start(by="li", stage="s3"), at=NOW).accepted


def test_only_what_every_way_leads_through_is_passed_by() -> None:
    text = (
        PASSED_BY.format(criteria="asked")
        + """
    [[stages]]
    key = "s4"
    title = "S4"
    """
    )
    ways = ("s1", "s2"), ("s1", "s3"), ("s2", "s4"), ("s3", "s4")
    text += "".join(f'[[moves]]\nfrom = "{source}"\nto = "{to}"\n' for source, to in ways)
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    started = engine.decide(sf.Opportunity(id="D", name="N"), sf.Start(by="li"), at=NOW).require()
    refused = engine.decide(started, sf.MoveTo(by="li", stage="s4"), at=NOW)
    assert [item.key for item in refused.blockers] == ["situation"]
