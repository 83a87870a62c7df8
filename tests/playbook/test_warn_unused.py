"""What a playbook declares, and whether anything in it uses that."""

from __future__ import annotations

import pytest

from salesflow.playbook import Playbook, lint

FILE = """
id = "x"
version = "1"
title = "X"
owner_role = "rep"
roles = [{ key = "rep", title = "Rep" }, { key = "boss", title = "Boss" }]
facts = [{ name = "span", kind = "number" }]
instruments = [{ key = "report", title = "Report" }]
checklists = [{ key = "site", questions = [{ key = "road", title = "Road" }] }]
ROW
[[scorecards]]
key = "fit"
items = [{ key = "owned", rule = "known(owner)" }]
bands = [{ key = "low", min = 0 }]
[[stages]]
key = "plan"
title = "Plan"
  [[stages.exit]]
  key = "asked"
  title = "Asked"
  rule = 'RULE'
"""
USING = {
    "roles.boss": ('nothing uses the role "boss"', "approval.boss"),
    "facts.span": ('no rule reads the fact "span", and it has no title for people', "span > 3"),
    "instruments.report": ('nothing uses the instrument "report"', "done.report"),
    "checklists.site": ('nothing uses the checklist "site"', "site.asked > 0"),
    "scorecards.fit": ('nothing uses the scorecard "fit"', "score.fit.low > 0"),
}


def text(rule: str, row: str = "") -> str:
    return FILE.replace("RULE", rule).replace("ROW", row)


@pytest.mark.parametrize("path", USING)
def test_what_nothing_uses_is_told_and_what_a_rule_reads_is_not(path: str) -> None:
    message, _ = USING[path]
    others = [rule for at, (_, rule) in USING.items() if at != path]

    (problem,) = lint(text(" and ".join(others)))
    assert (problem.path, problem.code, problem.message) == (path, "unused", message)
    assert problem.hint.endswith("or leave it out")
    every = text(" and ".join(rule for _, rule in USING.values()))
    assert lint(every) == Playbook.from_toml(every).warnings == ()


def test_there_are_more_ways_to_be_of_use_than_rules() -> None:
    used = text("known(owner)").replace("rule = 'known(owner)'", 'by = "boss"\ndecision = "fit"')
    used = used.replace('title = "Report"', 'title = "Report", checklist = "site"')
    used = used.replace('kind = "number"', 'kind = "number", title = "Span"')
    row = '[[size_policy]]\nwhen = "amount > 5"\ninstruments = ["report"]'
    assert lint(used.replace("[[scorecards]]", f"{row}\n[[scorecards]]")) == ()


def test_a_policy_of_a_field_uses_its_fact() -> None:
    others = [rule for at, (_, rule) in USING.items() if at != "facts[0]"]
    policy = '[policy]\nfields = [{ name = "span", roles = ["boss"] }]'
    assert lint(text(" and ".join(others), policy)) == ()


def test_what_the_package_has_may_be_used_as_it_is() -> None:
    used = 'use_checklists = ["tas"]\nuse_scorecards = ["bant"]\n'
    every = used + text(" and ".join(rule for _, rule in USING.values()))
    assert lint(every) == ()
    assert Playbook.from_json(Playbook.from_toml(every).to_json()).warnings == ()


def test_of_a_playbook_with_errors_nobody_knows_what_it_would_use() -> None:
    assert [problem.severity for problem in lint(text("spam > 3"))] == ["error"]
