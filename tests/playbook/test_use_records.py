"""`use_records`: the facts that the records of a deal answer, in a playbook."""

from __future__ import annotations

import pytest

from salesflow.errors import InvalidPlaybook
from salesflow.facts import FactKind
from salesflow.playbook import Playbook
from salesflow.records import RECORD_GROUPS

TEXT = """
id = "x"
version = "1"
title = { en = "X", zh = "某流程" }
languages = ["en", "zh"]
use_records = ["plan", "contract"]
[[stages]]
key = "a"
title = { en = "A", zh = "甲" }
  [[stages.exit]]
  key = "planned"
  title = { en = "Planned", zh = "已计划" }
  rule = "plan.complete and contract.filing == 'filed'"
[[stages]]
key = "b"
title = { en = "B", zh = "乙" }
"""


def problems(text: str) -> dict[str, str]:
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    return {it.path: f"{it.message}; {it.hint}" for it in caught.value.problems}


def test_the_facts_of_the_groups_are_facts_of_the_playbook() -> None:
    playbook = Playbook.from_toml(TEXT)
    assert playbook.use_records == ("plan", "contract")
    named = {fact.name for key in ("plan", "contract") for fact in RECORD_GROUPS[key].facts}
    assert playbook.record_facts == named
    assert playbook.facts["plan.updated_on"].kind is FactKind.DAY
    assert playbook.facts["contract.filing"].choices == ("draft", "in_review", "filed")
    assert "risks.open" not in playbook.facts
    assert playbook.fact_titles["plan.complete"].zh == "项目计划是否完整"
    assert playbook.declared_facts == frozenset()
    assert playbook.warnings == ()


def test_it_goes_to_json_and_back_and_is_part_of_the_behaviour() -> None:
    playbook = Playbook.from_toml(TEXT)
    again = Playbook.from_json(playbook.to_json())
    assert again == playbook
    assert again.use_records == playbook.use_records
    more = Playbook.from_toml(TEXT.replace('"contract"]', '"contract", "risks"]'))
    assert more.digest != playbook.digest
    assert "use_records" in Playbook.json_schema()["properties"]  # type: ignore[operator]  # a dict


def test_a_playbook_without_records_has_none_of_their_facts() -> None:
    playbook = Playbook.from_toml('id="x"\nversion="1"\ntitle="X"\n[[stages]]\nkey="a"\ntitle="A"')
    assert playbook.use_records == ()
    assert playbook.record_facts == frozenset()


def test_a_group_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    told = problems(TEXT.replace('"contract"]', '"contract", "rissks", "plan"]'))
    assert told["use_records[2]"] == (
        'there is no group of record facts "rissks"; did you mean "risks"?'
    )
    assert "use_records[3]" in told  # each once


def test_a_rule_that_forgot_the_group_is_told_where_the_fact_is() -> None:
    told = problems(TEXT.replace('"plan", ', ""))
    assert told["stages.a.exit.planned.rule"].endswith('records answer it: use_records = ["plan"]')
    told = problems(TEXT.replace("plan.complete", "plan.compleet"))
    assert told["stages.a.exit.planned.rule"].endswith("did you mean plan.complete?")
    told = problems(TEXT.replace("plan.complete", "weather.fine"))
    assert "use_records" not in told["stages.a.exit.planned.rule"]


def test_a_fact_that_records_answer_cannot_be_declared() -> None:
    declared = '[[facts]]\nname = "plan.complete"\nkind = "flag"\n'
    assert problems(TEXT + declared)['facts."plan.complete".name'] == (
        'records answer "plan.complete": use_records has "plan"; '
        "use it as it is, or choose another name"
    )
    # Of another name, or of a group that is not used, it is the playbook's own.
    free = declared.replace("plan.complete", "plan.colour")
    other = declared.replace("plan.complete", "risks.open")
    for more in (free, other):
        Playbook.from_toml(TEXT + more)


def test_a_checklist_is_not_called_like_a_group_that_is_used() -> None:
    checklist = (
        '[[checklists]]\nkey = "{}"\ntitle = "C"\n'
        'questions = [{{ key = "complete", title = "Is it?" }}]\n'
    )
    assert "exist already" in problems(TEXT + checklist.format("plan"))["checklists.plan.key"]
    Playbook.from_toml(TEXT + checklist.format("risks"))


def test_a_group_that_no_rule_reads_is_a_warning() -> None:
    playbook = Playbook.from_toml(TEXT.replace('"contract"]', '"contract", "risks"]'))
    (warned,) = playbook.warnings
    assert (warned.path, warned.code) == ("use_records[2]", "unused")


def test_words_may_lapse_with_what_a_record_says_and_cadences_may_count_from_it() -> None:
    more = """
      [[stages.exit]]
      key = "agreed"
      title = { en = "Agreed", zh = "已同意" }
      by = "boss"
      lapses_on = ["contract.amount"]
    [[roles]]
    key = "boss"
    title = { en = "Boss", zh = "主管" }
    [[cadences]]
    key = "delivery"
    title = { en = "Ask about delivery", zh = "询问交付" }
    before = "contract.delivery_due_on"
    ahead = { days = 7 }
    """
    text = TEXT.replace('[[stages]]\nkey = "b"', more + '[[stages]]\nkey = "b"')
    playbook = Playbook.from_toml(text)
    assert playbook.criteria["agreed"].lapses_on == ("contract.amount",)
    assert playbook.cadences[0].before == "contract.delivery_due_on"
