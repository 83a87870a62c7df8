"""Milestone selling, as a playbook, says what its document says, and marks what it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from itertools import pairwise

import pytest

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.playbook import Playbook, lint_file
from tests.playbooks.case_records import records_of

FILES = files("salesflow.playbooks")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES = (
    "planning_and_appointment",
    "visit_and_survey",
    "first_proposal",
    "demo_and_exchange",
    "needs_analysis_and_solution",
    "project_evaluation",
    "negotiation",
    "signing",
)
TITLES = (
    "客户规划与邀约",
    "客户拜访与初步调研",
    "提交初步方案",
    "方案演示与技术交流",
    "需求分析与正式方案设计",
    "项目评估",
    "商务谈判",
    "签约成交",
)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    with as_file(FILES / "milestone_selling.toml") as path:
        return Playbook.from_file(path)


def texts(value: object) -> Iterator[dict[str, str]]:
    """Every text in the JSON of a playbook, however deep."""
    if isinstance(value, dict):
        if value and value.keys() <= {"en", "zh"}:
            yield value
        else:
            for inner in value.values():
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_the_file_has_no_problems_at_all() -> None:
    with as_file(FILES / "milestone_selling.toml") as path:
        assert lint_file(path) == ()


def test_there_are_eight_stages_in_the_order_of_the_document(playbook: Playbook) -> None:
    assert tuple(stage.key for stage in playbook.stages) == STAGES
    assert tuple(stage.title.get("zh") for stage in playbook.stages) == TITLES


def test_each_stage_has_its_own_buying_phase_of_the_customer_beside_it(playbook: Playbook) -> None:
    phases = [stage.buying_phase for stage in playbook.stages]

    assert None not in phases
    assert len(set(phases)) == 8


def test_each_stage_is_entered_with_exactly_one_milestone(playbook: Playbook) -> None:
    for stage in playbook.stages:
        (milestone,) = stage.entry
        assert not milestone.advisory, stage.key
        assert milestone.reading, stage.key
        assert milestone.title.get("en").startswith("Milestone: "), stage.key
        assert milestone.title.get("zh").startswith("里程碑："), stage.key


def test_each_stage_is_left_with_everything_done_and_the_customers_commitment(
    playbook: Playbook,
) -> None:
    for stage in playbook.stages:
        done, commitment = (item for item in stage.exit if not item.advisory)
        assert done.key.endswith("_tasks_done")
        assert done.title.get("en").startswith("All tasks of ")
        assert commitment.key.startswith("committed_to_") or stage.key == "signing"
        assert done.kind == "attested"
        assert commitment.kind == ("computed" if stage.key == "signing" else "attested")
        assert not done.reading
        assert commitment.reading or stage.key == "signing"


def test_the_last_commitment_is_the_signature(playbook: Playbook) -> None:
    assert [item.key for item in playbook.stage("signing").exit if not item.advisory] == [
        "signing_tasks_done",
        "contract_signed",
    ]


def test_the_chance_to_win_rises_with_every_stage(playbook: Playbook) -> None:
    chances = [stage.probability for stage in playbook.stages]

    assert None not in chances
    assert all(a < b for a, b in pairwise(chance for chance in chances if chance is not None))
    assert max(chance for chance in chances if chance is not None) < 1


def test_what_is_not_in_the_document_is_marked_in_every_source(playbook: Playbook) -> None:
    assert playbook.source is not None
    for source in (playbook.source, *(stage.source for stage in playbook.stages)):
        assert source is not None
        assert "common practice" in source.get("en")
        assert "our reading" in source.get("en")
        assert "业内通行做法" in source.get("zh")


def test_what_is_ours_is_told_in_the_playbook(playbook: Playbook) -> None:
    said = " ".join(text.get("en") for text in playbook.readings)

    for word in ("buying phases", "commitments", "probabilities", "deliverables"):
        assert word in said, word
    assert playbook.policy.reading
    assert playbook.roles["sales_rep"].reading
    assert all(reason.reading for reason in playbook.reasons.values())
    assert all(item.reading for item in playbook.criteria.values() if item.advisory)
    assert all(stage.duties_by_reading == ("sales_rep",) for stage in playbook.stages)


def test_both_languages_have_the_same_name_for_it(playbook: Playbook) -> None:
    assert playbook.title.get("en").startswith("Milestone selling: ")
    assert playbook.title.get("zh").startswith("里程碑销售：")


def test_every_stage_has_goal_deliverable_and_duties(playbook: Playbook) -> None:
    for stage in playbook.stages:
        assert stage.goal is not None
        assert stage.deliverables
        assert stage.duties["sales_rep"]


def test_only_going_back_is_permitted_beside_going_on(playbook: Playbook) -> None:
    policy = playbook.policy

    assert policy.back.allowed
    assert not policy.skip.allowed
    assert not policy.start_later.allowed
    assert not policy.reopen.allowed
    assert not policy.waive.allowed


def test_nobody_may_waive_anything(playbook: Playbook) -> None:
    assert not any(item.waive.allowed for item in playbook.criteria.values())


def test_a_deal_is_won_by_signing(playbook: Playbook) -> None:
    assert [stage.key for stage in playbook.stages if stage.wins] == ["signing"]
    assert playbook.next_of("signing") is None


def test_every_text_is_in_english_and_in_chinese(playbook: Playbook) -> None:
    found = list(texts(json.loads(playbook.to_json())))

    assert len(found) > 80
    for text in found:
        assert text.keys() == {"en", "zh"}, text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text["zh"]), text
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text["en"]), text


@pytest.mark.parametrize("garbled", ["旳", "伴随", "拟定", "协议", "推动流程", "向下发展"])
def test_nothing_garbled_came_over_from_the_copy(garbled: str) -> None:
    assert garbled not in (FILES / "milestone_selling.toml").read_text(encoding="utf-8")


def test_chinese_words_have_chinese_punctuation_between_them() -> None:
    content = (FILES / "milestone_selling.toml").read_text(encoding="utf-8")
    mixed = [
        a + b + c
        for a, b, c in zip(content, content[1:], content[2:], strict=False)
        if "\u4e00" <= a <= "\u9fff" and b in ",;:?!()" and "\u4e00" <= c <= "\u9fff"
    ]

    assert mixed == []


# Deals in it


def test_a_deal_does_not_begin_before_its_customer_is_named(playbook: Playbook) -> None:
    engine = sf.StageEngine(playbook)
    nobody = sf.Opportunity(id="D-1", name="A lead", owner="li.wei")
    acme = nobody.model_copy(update={"account": sf.Account(name="Acme")})

    refused = engine.decide(nobody, sf.Start(by="li.wei"), at=NOW)
    accepted = engine.decide(acme, sf.Start(by="li.wei"), at=NOW)

    assert [blocker.key for blocker in refused.blockers] == ["target_customer_named"]
    assert accepted.accepted


@pytest.mark.parametrize(("stage", "following"), [*pairwise(STAGES), ("signing", None)])
def test_a_gate_asks_for_tasks_commitment_and_the_milestone_of_the_next_stage(
    playbook: Playbook, stage: str, following: str | None
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage=stage, entered_on=NOW.date())
    deal = engine.decide(deal, adopt, at=NOW).require()

    decision = engine.decide(deal, sf.Advance(by="li.wei"), at=NOW)

    wanted = [item.key for item in playbook.stage(stage).exit if not item.advisory]
    wanted += [item.key for item in playbook.stage(following).entry] if following else []
    assert [blocker.key for blocker in decision.blockers] == wanted


def test_facts_that_are_on_record_are_advised_and_not_required(playbook: Playbook) -> None:
    advised = [item.key for item in playbook.criteria.values() if item.advisory]

    assert advised == [
        "contact_on_record",
        "amount_on_record",
        "signing_day_on_record",
    ]


REACHED = {
    "first_visit_made": ("visit",),
    "first_proposal_submitted": ("presentation",),
    "first_exchange_held": ("showcase",),
    "needs_talks_begun": ("interview",),
    "contract_text_agreed": ("minutes", "contract_text"),
}
"""The records that show a milestone; the others are attested."""


def reached(engine: sf.StageEngine, deal: sf.Opportunity, milestone: str) -> sf.Opportunity:
    if milestone in REACHED:
        known = records_of("milestone_selling")
        new = tuple(known[name] for name in REACHED[milestone])
        return replaced(deal, records=(*deal.records, *new))
    return engine.decide(deal, sf.Attest(by="li.wei", criterion=milestone), at=NOW).require()


def test_a_review_tells_the_stage_to_which_the_criteria_that_are_met_lead(
    playbook: Playbook,
) -> None:
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(
        id="D-1", name="Core banking", owner="li.wei", account=sf.Account(name="Acme")
    )
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=NOW).require()

    def stands() -> str | None:
        found = engine.review(deal, at=NOW).stands_at
        return None if found is None else found.key

    stood = [stands()]
    for stage, following in pairwise(playbook.stages):
        deal = reached(engine, deal, following.entry[0].key)
        assert stands() == stage.key  # a milestone without tasks and commitment is not enough
        for item in stage.exit:
            if not item.advisory:
                deal = reached(engine, deal, item.key)
        stood.append(stands())

    assert stood == [*STAGES]
    assert deal.progress.stage == STAGES[0]
