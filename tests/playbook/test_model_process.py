"""What a deal may do beside advancing, judgements, moves of every sort, forms, migrations."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from transitions import Machine, MachineError

from salesflow.errors import InvalidPlaybook, UnknownName
from salesflow.facts import FactKind
from salesflow.playbook import Permission, Playbook, Policy, SkipPolicy, lint

OFF = Permission(allowed=False)
ON = Permission(allowed=True)


def only(*roles: str) -> Permission:
    return Permission(roles=roles, note=True)


LINE = {
    "id": "x",
    "version": "1",
    "title": "X",
    "stages": [{"key": key, "title": key} for key in ("one", "two", "three")],
}


def line(**more: object) -> Playbook:
    return Playbook.from_json(json.dumps(LINE | more))


def test_the_policy_permits_nobody_everybody_or_some_roles(harbour: Playbook) -> None:
    assert harbour.policy == Policy(
        skip=SkipPolicy(roles=("manager",), note=True),
        back=ON,
        reopen=only("manager", "director"),
        start_later=SkipPolicy(allowed=False),
        waive=only("manager"),
    )
    assert line().policy == Policy()
    assert Policy().skip == SkipPolicy(allowed=False)


def test_skipping_says_what_becomes_of_the_criteria_of_what_is_passed_by() -> None:
    asked = line(policy={"skip": {"criteria": "asked"}, "start_later": "on"}).policy
    assert asked.skip == SkipPolicy(criteria="asked")
    assert asked.start_later == SkipPolicy(criteria="waived") == SkipPolicy()
    assert (asked.skip.waives, asked.start_later.waives, Policy().skip.waives) == (
        False,
        True,
        False,
    )
    told = line(policy={"skip": {"criteria": "waived"}})
    assert told.digest == line(policy={"skip": {}}).digest
    with pytest.raises(InvalidPlaybook, match="asked, waived"):
        line(policy={"skip": {"criteria": "forgotten"}})
    with pytest.raises(InvalidPlaybook, match="criteria"):
        line(policy={"back": {"criteria": "asked"}})


def test_where_a_deal_has_certainly_been_depends_on_what_may_be_passed_by() -> None:
    def left(**policy: str) -> list[str]:
        return [place.key for place in line(policy=policy).certainly_left("three")]

    assert left() == ["one", "two"]
    assert left(skip="on") == ["one"]
    assert left(start_later="on") == left(skip="on", start_later="on") == []
    keys = [place.key for place in line().between("one", "three")]
    assert keys == ["two"]
    assert [place.key for place in line().between(None, "three")] == ["one", "two"]


def test_a_policy_that_permits_nothing_is_no_policy() -> None:
    nothing = line(policy={"skip": "off", "waive": "off"})
    assert nothing == line()
    assert nothing.digest == line().digest
    assert "policy" not in nothing.to_json()


def test_who_may_waive_is_said_by_the_criterion_or_else_by_the_policy(harbour: Playbook) -> None:
    waive = {key: criterion.waive for key, criterion in harbour.criteria.items()}
    assert waive == {
        "quay_known": OFF,
        "worth_it": only("manager"),
        "drawing_right": only("director"),
        "signed": only("manager"),
        "anybody_glad": ON,
        "all_glad": only("manager"),
        "outline_agreed": only("manager"),
        "rejection_written": only("director"),
        "handed_over": only("manager"),
        "port_grows": only("manager"),
    }


def test_a_judgement_says_who_counts_and_how_many_it_takes(harbour: Playbook) -> None:
    judged = {
        key: (item.roles, item.needed, item.consulted)
        for key, item in harbour.criteria.items()
        if item.kind == "judgement"
    }
    assert judged == {
        "worth_it": (("rep", "manager", "engineer"), 2, ()),
        "drawing_right": (("engineer",), 1, ("rep", "manager")),
        "anybody_glad": (("rep", "manager"), 1, ()),
        "all_glad": (("rep", "manager"), 2, ()),
    }
    assert str(harbour.criteria["worth_it"].check_rule) == "done.worth_it"
    assert harbour.criteria["worth_it"].rule == harbour.criteria["worth_it"].check_rule


def test_a_decision_is_taken_by_one_role(bridge: Playbook) -> None:
    decided = bridge.criteria["go_ahead"]
    assert (decided.roles, decided.needed) == (("manager",), 1)
    attested = bridge.criteria["contract_signed"]
    assert (attested.roles, attested.needed, attested.waive) == ((), 0, OFF)


def test_criteria_of_moves_are_criteria_like_others(harbour: Playbook) -> None:
    assert harbour.stage_of["quay_known"] == "lead"
    assert harbour.stage_of["drawing_right"] == "design"
    assert harbour.stage_of["outline_agreed"] == "design"
    assert harbour.stage_of["rejection_written"] == "contract"
    assert harbour.stage_of["port_grows"] == "service"
    assert set(harbour.stage_of) == set(harbour.criteria)
    for key in harbour.criteria:
        assert harbour.facts[f"done.{key}"].kind is FactKind.FLAG
        assert harbour.facts[f"waived.{key}"].kind is FactKind.FLAG


def test_moves_lead_on_back_and_to_the_end(harbour: Playbook) -> None:
    ways = {
        position.key: [
            (move.target, [item.key for item in move.criteria])
            for move in harbour.moves_from(position.key)
        ]
        for position in harbour.positions
    }
    assert ways == {
        "lead": [("outline", [])],
        "outline": [("drawing", ["outline_agreed"]), ("ended", [])],
        "drawing": [("contract", [])],
        "contract": [("service", []), ("outline", ["rejection_written"])],
        "service": [("ended", ["handed_over"])],
    }
    assert [
        move for position in harbour.positions for move in harbour.moves_from(position.key)
    ] == (sorted(harbour.moves, key=lambda move: list(ways).index(move.source)))
    assert harbour.moves_from("design") == harbour.moves_from("outline")
    with pytest.raises(UnknownName, match='Did you mean "service"'):
        harbour.moves_from("servise")


def test_the_process_goes_on_unless_its_main_move_is_to_the_end(harbour: Playbook) -> None:
    assert [harbour.next_of(position.key) for position in harbour.positions] == [
        "outline",
        "drawing",
        "contract",
        "service",
        None,
    ]
    assert [position.key for position in harbour.positions if position.final] == [
        "outline",
        "service",
    ]
    assert [stage.key for stage in harbour.stages if stage.final] == ["service"]


def test_a_new_deal_is_no_way_of_this_one(harbour: Playbook) -> None:
    (loop,) = harbour.loops
    assert (loop.source, loop.target, loop.new_deal) == ("service", "lead", True)
    assert [item.key for item in loop.criteria] == ["port_grows"]
    assert loop not in harbour.moves
    assert harbour.must_have_left("lead") == ()


def test_only_ways_of_the_deal_itself_count_as_left(harbour: Playbook) -> None:
    left = [position.key for position in harbour.must_have_left("service")]
    assert left == ["lead", "outline", "drawing", "contract"]
    assert [position.key for position in harbour.must_have_left("outline")] == ["lead"]


def test_a_line_stays_a_line_with_ends_and_loops() -> None:
    playbook = line(
        moves=[
            {"from": "one", "to": "ended"},
            {"from": "three", "to": "one", "new_deal": True},
            {"from": "two", "to": "two", "new_deal": True},
        ]
    )
    assert [playbook.next_of(key) for key in ("one", "two", "three")] == ["two", "three", None]
    assert [move.target for move in playbook.moves_from("one")] == ["two", "ended"]
    assert playbook.moves_from("three") == ()
    assert [stage.final for stage in playbook.stages] == [True, False, True]


def test_a_stage_has_forms_and_the_phase_of_the_customer(harbour: Playbook) -> None:
    lead = harbour.stage("lead")
    assert lead.buying_phase is not None
    assert lead.buying_phase.zh == "意识到需求"
    (form,) = lead.forms
    assert (form.key, [str(field) for field in form.fields]) == (
        "visit_report",
        ["Whom we met", "What they need"],
    )
    assert harbour.stage("contract").forms == ()
    goal = harbour.stage("design").sub_stages[0].goal
    assert str(goal) == "One page that all agree on"


def test_a_migration_says_what_is_called_otherwise(harbour: Playbook) -> None:
    first, second = harbour.migrations
    assert first.from_version == "1.0.0"
    assert first.stages == {"sketch": "outline", "talk": "lead"}
    assert first.criteria == {"quay_measured": "quay_known", "storm_study": "wind_study"}
    assert first.questions == {"site.long": "quay.length"}
    assert (second.from_version, dict(second.stages)) == ("1.1.0", {})
    with pytest.raises(TypeError):
        first.stages["x"] = "lead"  # type: ignore[index]


def test_roles_that_only_judge_or_waive_need_no_declaration() -> None:
    criterion = {
        "key": "c",
        "title": "C",
        "judgement": {"roles": ["rep", "boss"]},
        "waive": ["chief"],
    }
    playbook = line(
        policy={"skip": ["head"], "back": "on"},
        moves=[{"from": "one", "to": "ended", "criteria": [criterion]}],
    )
    assert list(playbook.roles) == ["head", "rep", "boss", "chief"]
    assert [problem.path for problem in playbook.warnings] == [
        "policy.skip[0]",
        "moves[0].criteria.c.judgement.roles[0]",
        "moves[0].criteria.c.judgement.roles[1]",
        "moves[0].criteria.c.waive[0]",
    ]


# What is replaced in harbour.toml, by what, and the problem: path, code, a part of the sentence.
MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "a switch that is true": (
        'back = "on"',
        "back = true",
        "policy.back",
        "type",
        "a list of roles",
    ),
    "a switch of another word": (
        'back = "on"',
        'back = "manager"',
        "policy.back",
        "choice",
        'roles are a list: ["manager"]',
    ),
    "a permission of nobody": ('["manager"]', "[]", "policy.skip", "empty", "at least 1"),
    "an unknown switch": ('back = "on"', 'bak = "on"', "policy.bak", "unknown_key", '"back"'),
    "an unknown role in the policy": (
        '"manager", "director"]',
        '"manager", "directer"]',
        "policy.reopen[1]",
        "unknown_name",
        'did you mean "director"?',
    ),
    "a role twice in the policy": (
        '"manager", "director"]',
        '"manager", "manager"]',
        "policy.reopen[1]",
        "duplicate",
        "twice",
    ),
    "an unknown role that waives": (
        'waive = ["director"]',
        'waive = ["boss"]',
        "stages.design.sub_stages.drawing.exit.drawing_right.waive[0]",
        "unknown_name",
        "boss",
    ),
    "a waiver of a wrong type": (
        'waive = "off"',
        "waive = 1",
        "stages.lead.exit.quay_known.waive",
        "type",
        '"off", "on", a list of roles or a table, not 1',
    ),
    "an unknown role that judges": (
        '["rep", "manager", "engineer"]',
        '["rep", "manager", "enginer"]',
        "stages.lead.exit.worth_it.judgement.roles[2]",
        "unknown_name",
        "engineer",
    ),
    "a role that judges twice": (
        '["rep", "manager", "engineer"]',
        '["rep", "manager", "rep"]',
        "stages.lead.exit.worth_it.judgement.roles[2]",
        "duplicate",
        "twice",
    ),
    "nobody judges": (
        '["rep", "manager", "engineer"]',
        "[]",
        "stages.lead.exit.worth_it.judgement.roles",
        "empty",
        "at least 1",
    ),
    "a judgement without roles": (
        'roles = ["rep", "manager", "engineer"], quorum = 2',
        "quorum = 2",
        "stages.lead.exit.worth_it.judgement.roles",
        "missing",
        "needs it",
    ),
    "a quorum that cannot be reached": (
        "quorum = 2",
        "quorum = 4",
        "stages.lead.exit.worth_it.judgement.quorum",
        "unreachable",
        "4 must say go, but only 3 roles judge",
    ),
    "a quorum of nobody": (
        "quorum = 2",
        "quorum = 0",
        "stages.lead.exit.worth_it.judgement.quorum",
        "range",
        "from 1",
    ),
    "a quorum of half a role": (
        "quorum = 2",
        "quorum = 1.5",
        "stages.lead.exit.worth_it.judgement.quorum",
        "type",
        "whole number",
    ),
    "a quorum of another word": (
        "quorum = 2",
        'quorum = "most"',
        "stages.lead.exit.worth_it.judgement.quorum",
        "choice",
        "all, any",
    ),
    "a quorum of truth": (
        "quorum = 2",
        "quorum = true",
        "stages.lead.exit.worth_it.judgement.quorum",
        "type",
        '"all", "any" or a number',
    ),
    "a role decides that does not judge": (
        'decides = "engineer"',
        'decides = "director"',
        "stages.design.sub_stages.drawing.exit.drawing_right.judgement.decides",
        "unknown_name",
        "among those that judge",
    ),
    "a quorum and a role that decides": (
        'decides = "engineer"',
        'decides = "engineer", quorum = "any"',
        "stages.design.sub_stages.drawing.exit.drawing_right.judgement",
        "conflict",
        "exclude each other",
    ),
    "a judgement and a rule": (
        "quorum = 2 }",
        'quorum = 2 }\n  rule = "known(owner)"',
        "stages.lead.exit.worth_it",
        "conflict",
        "rule and judgement exclude each other",
    ),
    "a criterion of a move with a key that is taken": (
        'key = "outline_agreed"',
        'key = "quay_known"',
        "moves[1].criteria.quay_known.key",
        "duplicate",
        "see stages.lead.exit.quay_known.key",
    ),
    "a bad rule of a move's criterion": (
        "known(next_step)",
        "known(next_stop)",
        "moves[4].criteria.rejection_written.rule",
        "name",
        "next_step",
    ),
    "a criterion of a move that nobody knows": (
        '"客户同意概要" }\n  by = "rep"',
        '"客户同意概要" }',
        "moves[1].criteria.outline_agreed",
        "missing",
        "add rule, by, decision, judgement, approval or instruments",
    ),
    "a move to where nothing is": (
        'to = "ended"',
        'to = "endet"',
        "moves[5].to",
        "unknown_name",
        'did you mean "ended"?',
    ),
    "a move from the end": (
        'from = "outline"\nto = "ended"',
        'from = "ended"\nto = "lead"',
        "moves[6].from",
        "unknown_name",
        "ended",
    ),
    "two moves to the end": (
        'from = "outline"\nto = "ended"',
        'from = "service"\nto = "ended"',
        "moves[6]",
        "duplicate",
        "moves[5]",
    ),
    "a new deal of an unknown stage": (
        'to = "lead"\nnew_deal',
        'to = "leads"\nnew_deal',
        "moves[7].to",
        "unknown_name",
        "lead",
    ),
    "a new deal that has ended": (
        'to = "lead"\nnew_deal',
        'to = "ended"\nnew_deal',
        "moves[7].to",
        "conflict",
        "a new deal begins in a stage",
    ),
    "a stage that only new deals begin in": (
        'from = "contract"\nto = "service"',
        'from = "contract"\nto = "service"\nnew_deal = true',
        "stages.service",
        "unreachable",
        'no move leads to "service"',
    ),
    "a form twice": (
        "[[stages.forms]]",
        '[[stages.forms]]\n  key = "visit_report"\n  title = "X"\n  [[stages.forms]]',
        "stages.lead.forms[1].key",
        "duplicate",
        "form",
    ),
    "a migration to a stage that is not there": (
        'sketch = "outline"',
        'sketch = "outlines"',
        "migrations[0].stages.sketch",
        "unknown_name",
        'did you mean "outline"?',
    ),
    "a migration to a criterion that is not there": (
        'quay_measured = "quay_known"',
        'quay_measured = "quay"',
        "migrations[0].criteria.quay_measured",
        "unknown_name",
        "criterion or instrument",
    ),
    "a migration to a question that is not there": (
        '"quay.length"',
        '"quay.lenght"',
        'migrations[0].questions."site.long"',
        "unknown_name",
        "quay.length",
    ),
    "a migration of a question without quotes": (
        '"site.long" =',
        "site.long =",
        "migrations[0].questions.site",
        "type",
        "in quotes",
    ),
    "a migration of no question": (
        '"site.long" =',
        '"long" =',
        "migrations[0].questions.long",
        "key",
        'not a question such as "tas.access"',
    ),
    "a migration of a number": (
        'sketch = "outline"',
        "sketch = 3",
        "migrations[0].stages.sketch",
        "type",
        "a key, not 3",
    ),
    "a migration that is a list": (
        'stages = { sketch = "outline", talk = "lead" }',
        'stages = ["outline"]',
        "migrations[0].stages",
        "type",
        "a table of old and new names",
    ),
    "two migrations from one version": (
        'from = "1.1.0"',
        'from = "1.0.0"',
        "migrations[1].from",
        "duplicate",
        "see migrations[0].from",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_such_a_mistake_is_reported_where_it_is(mistake: str, harbour_text: str) -> None:
    old, new, path, code, said = MISTAKES[mistake]
    assert old in harbour_text
    text = harbour_text.replace(old, new, 1)
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    found = [problem for problem in caught.value.problems if problem.path == path]
    assert any(problem.code == code and said in str(problem) for problem in found), caught.value
    assert lint(text)[: len(caught.value.problems)] == caught.value.problems


def test_such_mistakes_are_reported_all_at_once(harbour_text: str) -> None:
    together = [
        "a switch that is true",
        "an unknown role that waives",
        "a quorum that cannot be reached",
        "a role decides that does not judge",
        "a bad rule of a move's criterion",
        "a move to where nothing is",
        "a migration to a stage that is not there",
        "two migrations from one version",
    ]
    text = harbour_text
    for mistake in together:
        text = text.replace(*MISTAKES[mistake][:2], 1)
    assert {problem.path for problem in lint(text)} >= {MISTAKES[name][2] for name in together}


def test_a_flood_of_renamed_keys_is_cut_off() -> None:
    stages = {f"s{i}": "one" for i in range(501)}
    text = json.dumps(LINE | {"migrations": [{"from": "0", "stages": stages}]})
    assert [(problem.path, problem.code) for problem in lint(text, format="json")] == [
        ("migrations[0].stages", "too_many")
    ]


def test_the_main_move_is_the_first_that_leads_on_in_whatever_order_they_are_listed() -> None:
    moves = [
        {"from": "one", "to": "two"},
        {"from": "two", "to": "one"},
        {"from": "two", "to": "three"},
    ]
    for listed in (moves, moves[::-1]):
        made = line(moves=listed)
        assert [move.target for move in made.moves_from("two")] == ["three", "one"]
        assert made.next_of("two") == "three"
        assert made.warnings == ()


def test_moves_to_the_end_are_the_trigger_end(harbour: Playbook) -> None:
    machine: Any = Machine(**harbour.to_transitions())
    machine.advance()
    machine.end()
    assert machine.state == "ended"
    machine.set_state("service")
    machine.advance()
    assert machine.state == "ended"
    machine.set_state("service")
    machine.end()
    assert machine.state == "ended"
    machine.set_state("contract")
    machine.move_to_outline()
    assert machine.state == "outline"
    machine.set_state("contract")
    with pytest.raises(MachineError):
        machine.end()
    assert not hasattr(machine, "move_to_lead")


def drawn(harbour: Playbook, **path: Any) -> list[str]:
    return [row.strip() for row in harbour.diagram(**path).splitlines()]


def test_the_diagram_shows_ends_and_new_deals(harbour: Playbook) -> None:
    rows = drawn(harbour)
    assert "outline --> drawing : agreed" in rows
    assert "contract --> design : rejected" in rows
    assert "outline --> [*] : a study only" in rows
    assert rows.count("service --> [*]") == 1
    assert 'state "New deal#58; Lead" as NewDeal1' in rows
    assert "service --> NewDeal1 : the next crane" in rows
    assert "class NewDeal1 new_deal" in rows
    assert any(re.fullmatch(r"classDef new_deal .*stroke-dasharray:.*", row) for row in rows)
    assert "service --> lead" not in rows
    assert 'state "新项目：线索" as NewDeal1' in drawn(harbour, lang="zh")


def test_the_diagram_shows_the_path_of_a_deal(harbour: Playbook) -> None:
    assert not [row for row in drawn(harbour) if "visited" in row or "current" in row]
    rows = drawn(harbour, visited=["lead", "design", "contract", "lead"], current="contract")
    assert [row for row in rows if row.startswith("class ")] == [
        "class lead,outline visited",
        "class contract current",
        "class NewDeal1 new_deal",
    ]
    assert sorted(row.split()[1] for row in rows if row.startswith("classDef ")) == [
        "current",
        "new_deal",
        "visited",
    ]
    rows = drawn(harbour, current="design", blocked=True)
    assert rows.index("class outline current") < rows.index("class outline blocked")
    assert drawn(harbour, blocked=True) == drawn(harbour)


def test_the_path_of_a_deal_that_has_migrated_is_drawn_as_far_as_it_is_there(
    harbour: Playbook, bridge: Playbook
) -> None:
    rows = drawn(harbour, visited=["talk", "sketch", "forgotten"], current="drawing")
    assert "class lead,outline visited" in rows
    with pytest.raises(UnknownName):
        harbour.diagram(current="sketch")
    with pytest.raises(UnknownName):
        bridge.diagram(visited=["forgotten"])


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("note", "note_"),
        ("note_", "note__"),
        ("scale", "scale_"),
        ("acctitle", "acctitle_"),
        ("one_start", "one_start_"),
        ("root_end", "root_end_"),
        ("notes", "notes"),
    ],
)
def test_a_state_is_called_as_nothing_of_the_diagrams_own(key: str, state: str) -> None:
    playbook = line(stages=[{"key": key, "title": "Change the direction TB: x"}])
    assert drawn(playbook, current=key)[1:] == [
        f"[*] --> {state}",
        f'state "Change the direction#32;TB#58; x" as {state}',
        f"{state} --> [*]",
        "classDef current fill:#ddebf7,stroke:#2e75b6,stroke-width:3px",
        f"class {state} current",
    ]


def test_the_schema_describes_permissions_judgements_and_migrations() -> None:
    schema: Any = Playbook.json_schema()
    properties = schema["properties"]
    switch, roles, conditions = properties["policy"]["properties"]["skip"]["anyOf"]
    assert switch == {"enum": ["off", "on"]}
    assert roles["minItems"] == 1
    plain = {"roles", "note", "stages", "rule", "asks", "when"}
    assert set(conditions["properties"]) == {*plain, "criteria"}
    *_, conditions = properties["policy"]["properties"]["back"]["anyOf"]
    assert set(conditions["properties"]) == plain
    criterion = properties["moves"]["items"]["properties"]["criteria"]["items"]
    assert criterion == properties["stages"]["items"]["properties"]["exit"]["items"]
    words, count = criterion["properties"]["judgement"]["properties"]["quorum"]["anyOf"]
    assert words == {"enum": ["all", "any"]}
    assert (count["type"], count["minimum"]) == ("integer", 1)
    renamed = properties["migrations"]["items"]["properties"]["stages"]
    assert renamed["additionalProperties"]["pattern"] == "^[a-z][a-z0-9_]*$"
    assert renamed["maxProperties"] == 500
