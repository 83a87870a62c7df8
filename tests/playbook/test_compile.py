"""What a playbook says once it is loaded."""

from __future__ import annotations

import copy
import pickle

import pytest

from salesflow.errors import UnknownName
from salesflow.facts import STANDARD_FACTS, FactKind
from salesflow.playbook import Playbook, Span
from salesflow.rules import Rule, Verdict


def test_it_has_what_its_file_says(bridge: Playbook) -> None:
    assert (bridge.id, bridge.version, bridge.currency) == ("bridge_building", "2.1.0", "EUR")
    assert bridge.title.zh == "桥梁项目"
    assert bridge.languages == ("en", "zh")
    assert bridge.owner_role == "sales_rep"
    assert [text.en for text in bridge.avoid] == ["Selling on price"]
    assert bridge.roles["manager"].note is not None
    assert [stage.key for stage in bridge.stages] == [
        "survey",
        "design",
        "second_opinion",
        "contract",
        "building",
    ]
    survey = bridge.stage("survey")
    assert (survey.probability, survey.max_days, survey.cycle) == (0.1, 30, 1)
    assert survey.guidance.methods[0].en == "Ask the neighbours"
    assert survey.duties["sales_rep"][0].zh == "走访现场"
    assert bridge.stage("contract").wins
    assert bridge.hygiene.activity_days == 45
    assert bridge.hygiene.pushes == 2
    assert bridge.reasons["too_dear"].notes
    assert bridge.checklists["site"].questions[0].section == "land"
    assert bridge.instruments["full_check"].checklist == "site"


def test_a_criterion_is_of_one_of_four_kinds(bridge: Playbook) -> None:
    found = {
        criterion.key: criterion
        for position in bridge.positions
        for criterion in (*position.entry, *position.exit)
    }
    kinds = {key: criterion.kind for key, criterion in found.items()}
    assert kinds == {
        "customer_named": "computed",
        "ground_known": "computed",
        "site_visited": "attested",
        "sketch_liked": "attested",
        "planning_done": "instruments",
        "go_ahead": "decision",
        "contract_signed": "attested",
    }
    assert found["site_visited"].advisory
    assert found["site_visited"].rule is None
    assert str(found["site_visited"].check_rule) == "done.site_visited"
    assert found["go_ahead"].scorecard == "go_no_go"
    assert str(found["go_ahead"].rule) == "done.go_ahead"
    assert found["ground_known"].check_rule is found["ground_known"].rule


def test_positions_are_stages_without_sub_stages_and_sub_stages(bridge: Playbook) -> None:
    assert [position.key for position in bridge.positions] == [
        "survey",
        "sketch",
        "detail",
        "second_opinion",
        "contract",
        "building",
    ]
    sketch, detail = bridge.position("sketch"), bridge.position("detail")
    assert [criterion.key for criterion in sketch.exit] == ["sketch_liked"]
    assert [criterion.key for criterion in detail.exit] == ["planning_done", "go_ahead"]
    assert (sketch.probability, detail.probability) == (0.4, 0.5)
    assert (sketch.cycle, detail.cycle) == (2, 2.5)
    assert sketch.title.en == "Sketch"
    assert bridge.position("design") is sketch
    assert bridge.initial.key == "survey"


def test_the_first_move_from_a_position_is_the_main_one(bridge: Playbook) -> None:
    assert bridge.next_of("survey") == "sketch"
    assert bridge.next_of("sketch") == "detail"
    assert bridge.next_of("detail") == "contract"
    assert bridge.next_of("building") is None
    assert [(move.source, move.target) for move in bridge.moves if move.rule] == [
        ("detail", "second_opinion")
    ]
    assert [stage.key for stage in bridge.stages if stage.final] == ["building"]


def test_must_have_left_is_what_every_path_goes_through(bridge: Playbook) -> None:
    left = [position.key for position in bridge.must_have_left("contract")]
    assert left == ["survey", "sketch", "detail"]
    assert bridge.must_have_left("survey") == ()
    assert [position.key for position in bridge.must_have_left("design")] == ["survey"]


def test_the_first_row_of_the_size_policy_that_holds_decides(bridge: Playbook) -> None:
    required = bridge.required_instruments
    big = {"account.tier": "strategic", "amount": 1_000_000}
    middle = {"account.tier": "regular", "amount": 100_000}
    small = {"account.tier": "regular", "amount": 99_999}
    assert {key: rule.verdict(big) for key, rule in required.items()} == {
        "load_plan": Verdict.YES,
        "full_check": Verdict.YES,
    }
    assert required["load_plan"].verdict(middle) is Verdict.NO
    assert required["full_check"].verdict(middle) is Verdict.YES
    assert required["full_check"].verdict(small) is Verdict.NO
    assert required["full_check"].verdict({"amount": 5}) is Verdict.UNKNOWN


def test_the_instruments_criterion_asks_for_what_is_required_and_nothing_else(
    bridge: Playbook,
) -> None:
    rule = bridge.position("detail").exit[0].check_rule
    middle: dict[str, object] = {"account.tier": "regular", "amount": 100_000}
    assert rule.verdict({**middle, "done.full_check": False}) is Verdict.NO
    assert rule.verdict({**middle, "done.full_check": True}) is Verdict.YES
    assert rule.verdict({"account.tier": "regular", "amount": 1}) is Verdict.YES
    assert rule.verdict({"amount": 100_000}) is Verdict.UNKNOWN
    everything: dict[str, object] = {"done.full_check": True, "done.load_plan": True}
    assert rule.verdict(everything) is Verdict.YES


def test_its_facts_are_the_standard_ones_and_those_of_its_parts(bridge: Playbook) -> None:
    kinds = {
        "span_metres": FactKind.NUMBER,
        "ground": FactKind.CHOICE,
        "site.access": FactKind.FLAG,
        "site.asked": FactKind.NUMBER,
        "site.unknown": FactKind.NUMBER,
        "done.site_visited": FactKind.FLAG,
        "done.load_plan": FactKind.FLAG,
        "waived.go_ahead": FactKind.FLAG,
        "approval.manager": FactKind.FLAG,
        "score.go_no_go.low": FactKind.NUMBER,
        "reached.design": FactKind.FLAG,
        "reached.sketch": FactKind.FLAG,
    }
    assert {name: bridge.facts[name].kind for name in kinds} == kinds
    assert set(STANDARD_FACTS) <= set(bridge.facts)
    assert str(bridge.fact_titles["span_metres"]) == "Span in metres"
    assert bridge.fact_titles["site.permit"].zh == "有许可吗?"
    assert bridge.facts["ground"].choices == ("rock", "sand")
    assert bridge.facts["stage"].choices == tuple(stage.key for stage in bridge.stages)
    assert bridge.facts["sub_stage"].choices == ("sketch", "detail")
    Rule.parse('reached("sketch") and stage == "design"', bridge.facts)


def test_a_score_item_without_a_title_has_that_of_its_question(bridge: Playbook) -> None:
    card = bridge.scorecards["go_no_go"]
    assert [item.title.en for item in card.items] == ["Can lorries get there?", "Permit"]
    assert card.total == 5
    assert [band.key for band in card.bands] == ["no_go", "go"]


def test_a_cadence_has_one_span_and_a_trigger(bridge: Playbook) -> None:
    visit, invite = bridge.cadences
    assert (visit.trigger, visit.every) == ("stage_entered", Span(months=2))
    assert (invite.trigger, invite.ahead, invite.before) == (
        "won",
        Span(weeks=2),
        "expected_close_on",
    )


def test_an_unknown_stage_is_named_with_the_nearest(bridge: Playbook) -> None:
    with pytest.raises(UnknownName, match='Did you mean "survey"'):
        bridge.stage("servey")
    with pytest.raises(UnknownName, match='Did you mean "sketch"'):
        bridge.position("sketsh")


def test_it_cannot_be_changed_or_made_by_hand(bridge: Playbook) -> None:
    with pytest.raises(AttributeError, match="never changes"):
        bridge.version = "3"
    with pytest.raises(AttributeError, match="never changes"):
        del bridge.version
    with pytest.raises(AttributeError):
        bridge.stages[0].key = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        bridge.roles["x"] = bridge.roles["manager"]  # type: ignore[index]
    with pytest.raises(TypeError, match="from_toml"):
        Playbook()


def test_copies_and_pickles_are_equal(bridge: Playbook) -> None:
    assert copy.deepcopy(bridge) is copy.copy(bridge) is bridge
    again = pickle.loads(pickle.dumps(bridge))  # noqa: S301 - our own bytes
    assert again == bridge
    assert hash(again) == hash(bridge)
    assert bridge != "bridge_building"
    assert repr(bridge) == "<Playbook bridge_building 2.1.0: 5 stages>"


def test_a_list_that_is_left_out_is_taken_from_what_is_used() -> None:
    playbook = Playbook.from_toml(
        """
        id = "acme_direct"
        version = "1.0.0"
        currency = "USD"
        title = { en = "Acme direct sales", zh = "直销流程" }
        [[stages]]
        key = "qualify"
        title = { en = "Qualify", zh = "资格确认" }
          [[stages.exit]]
          key = "sponsor_met"
          title = { en = "The sponsor was met in person", zh = "已当面拜访决策人" }
          by = "sales_rep"
        [[size_policy]]
        when = "amount > 100_000"
        instruments = ["opportunity_plan"]
        """
    )
    assert playbook.roles["sales_rep"].title.en == "Sales rep"
    assert playbook.instruments["opportunity_plan"].title.en == "Opportunity plan"
    assert {problem.code for problem in playbook.warnings} == {"undeclared"}


def test_a_shared_checklist_is_included_in_full() -> None:
    text = """
        id = "x"
        version = "1"
        title = "X"
        use_checklists = ["tas"]
        stages = [{ key = "one", title = "One" }]
        """
    playbook = Playbook.from_toml(text)
    assert len(playbook.checklists["tas"].questions) == 20
    assert "use_checklists" not in playbook.to_json()
    assert "compelling_event" in playbook.to_json()
    assert playbook.content_digest != Playbook.from_toml(text.replace('"tas"', "")).content_digest


def test_roles_that_are_not_declared_are_found_wherever_they_are_named() -> None:
    playbook = Playbook.from_toml(
        """
        id = "x"
        version = "1"
        title = "X"
        owner_role = "owner"
        stages = [
          { key = "one", title = "One", duties = [{ role = "helper", items = ["Help"] }] },
        ]
        cadences = [{ key = "c", title = "C", role = "caller", every = { days = 1 } }]
        """
    )
    assert list(playbook.roles) == ["owner", "helper", "caller"]
    assert playbook.cadences[0].trigger == "started"
    assert [problem.path for problem in playbook.warnings] == [
        "owner_role",
        "stages.one.duties[0].role",
        "cadences.c.role",
    ]
