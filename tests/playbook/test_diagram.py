"""The picture, the graph for transitions, and the JSON Schema."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from transitions import Machine, MachineError

from salesflow.errors import UnknownName
from salesflow.playbook import Playbook


def test_the_diagram_of_a_graph_with_sub_stages(bridge: Playbook) -> None:
    assert bridge.diagram() == (
        "stateDiagram-v2\n"
        "    [*] --> survey\n"
        '    state "Survey" as survey\n'
        '    state "Design" as design {\n'
        "        [*] --> sketch\n"
        '        state "2 Sketch" as sketch\n'
        '        state "2.5 Detail" as detail\n'
        "        sketch --> detail\n"
        "        detail --> [*]\n"
        "    }\n"
        '    state "Second opinion" as second_opinion\n'
        '    state "Contract" as contract\n'
        '    state "Building" as building\n'
        "    survey --> design\n"
        "    design --> contract\n"
        "    design --> second_opinion : in doubt\n"
        "    second_opinion --> contract\n"
        "    contract --> building\n"
        "    building --> [*]\n"
    )


def test_the_diagram_speaks_both_languages(bridge: Playbook) -> None:
    assert 'state "勘察" as survey' in bridge.diagram("zh")
    assert "第二意见" in bridge.diagram(lang="zh")
    wrong: Any = "german"
    with pytest.raises(UnknownName, match="language"):
        bridge.diagram(wrong)


def test_labels_cannot_break_out_of_the_diagram() -> None:
    playbook = Playbook.from_json(
        json.dumps(
            {
                "id": "x",
                "version": "1",
                "title": "X",
                "stages": [
                    {"key": "note", "title": 'a" as b\n%% --> {c}; <script>'},
                    {"key": "end", "title": "End: #1"},
                ],
            }
        )
    )
    lines = playbook.diagram().splitlines()
    assert lines[2] == (
        '    state "a#34; as b #37;#37; --#62; #123;c#125;#59; #60;script#62;" as note_'
    )
    assert lines[3] == '    state "End#58; #35;1" as end_'
    assert lines[4] == "    note_ --> end_"
    assert re.fullmatch(r"[^\n]*", lines[2])


def test_a_machine_of_transitions_walks_the_main_moves(bridge: Playbook) -> None:
    machine: Any = Machine(**bridge.to_transitions())
    walked = [machine.state]
    while machine.state != "ended":
        machine.advance()
        walked.append(machine.state)
    assert walked == ["survey", "sketch", "detail", "contract", "building", "ended"]
    with pytest.raises(MachineError):
        machine.advance()
    assert not hasattr(machine, "to_survey")


def test_a_machine_of_transitions_takes_a_detour(bridge: Playbook) -> None:
    machine: Any = Machine(**bridge.to_transitions())
    machine.advance()
    machine.advance()
    machine.move_to_second_opinion()
    machine.advance()
    assert machine.state == "contract"


def test_a_final_stage_with_moves_on_can_end(bridge_text: str) -> None:
    text = bridge_text.replace('key = "second_opinion"', 'key = "second_opinion"\nfinal = true', 1)
    playbook = Playbook.from_toml(text)
    machine: Any = Machine(**playbook.to_transitions())
    machine.set_state("second_opinion")
    machine.end()
    assert machine.state == "ended"
    assert playbook.diagram().count("second_opinion --> [*]") == 1


def test_the_schema_names_every_key_that_is_read(bridge: Playbook) -> None:
    schema: Any = Playbook.json_schema()
    properties = schema["properties"]
    assert set(json.loads(bridge.to_json())) <= set(properties)
    # A file that extends another says only what it changes; any other has to be whole.
    assert schema["else"] == {"$ref": "#/$defs/whole"}
    assert schema["$defs"]["whole"]["required"] == ["id", "version", "title", "stages"]
    whole = schema["$defs"]["whole"]["properties"]
    assert whole["stages"]["items"]["required"] == ["key", "title"]
    assert set(whole) == set(properties)
    stage = properties["stages"]["items"]
    assert "required" not in stage
    assert stage["additionalProperties"] is False
    assert stage["properties"]["sub_stages"]["items"]["properties"]["exit"]["maxItems"] == 100
    assert {"EUR", "CNY"} <= set(properties["currency"]["enum"])
    json.dumps(schema)
    schema.clear()
    assert Playbook.json_schema() != {}
