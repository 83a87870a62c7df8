"""What is read of a playbook: `explain`, `facts`, `diagram`, `schema`, `list`, `diff`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import salesflow as sf
from salesflow.documents import handbook
from salesflow.playbook import diff
from salesflow.playbooks import BUILT_IN
from salesflow.testing import CaseFile
from tests.cli.conftest import BRIDGE, SMALL, Run
from tests.hostile import TEXTS, is_seen


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_prints_the_handbook(run: Run, lang: sf.text.Language) -> None:
    expected = handbook(sf.Playbook.from_file(BRIDGE), lang)
    assert run("explain", BRIDGE, "--lang", lang) == (0, expected, "")
    assert run("explain", "-", "--lang", lang, stdin=BRIDGE.read_bytes()).out == expected


def test_a_playbook_in_another_language_is_read_in_it(run: Run) -> None:
    text = SMALL.replace('"The budget is known"', '{ en = "The budget", de = "Das Budget" }')
    for command in ("explain", "facts"):
        assert "Das Budget" in run(command, "-", "--lang", "de", stdin=text).out
        assert "Das Budget" not in run(command, "-", stdin=text).out
    assert "Talk" in run("diagram", "-", "--lang", "pt-BR", stdin=text).out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_diagram_prints_the_picture(run: Run, lang: sf.text.Language) -> None:
    expected = sf.load_playbook("project_tracking").diagram(lang)
    assert run("diagram", "project_tracking", "--lang", lang) == (0, expected, "")


def test_schema_prints_both_schemas(run: Run, tmp_path: Path) -> None:
    assert json.loads(run("schema").out) == sf.Playbook.json_schema()
    assert json.loads(run("schema", "--cases").out) == CaseFile.json_schema()
    path = tmp_path / "salesflow.json"
    assert run("schema", "--output", path) == (0, "", "")
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_list_names_every_playbook(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()][: len(BUILT_IN)] == [*BUILT_IN]
    found = json.loads(run("list", "--format", "json").out)["playbooks"]
    assert [it["id"] for it in found] == [info.id for info in sf.available_playbooks()]
    assert found[0]["title"]["zh"]


def test_diff_says_what_changes_and_how_deals_go_on(run: Run, small: Path) -> None:
    later = small.with_name("later.toml")
    text = SMALL.replace('version = "1"', 'version = "2"').replace("amount > 0", "amount > 5")
    later.write_text(text, encoding="utf-8")
    expected = diff(sf.Playbook.from_file(small), sf.Playbook.from_file(later))

    assert run("diff", small, later) == (0, expected.to_text("en"), "")
    assert run("diff", small, later, "--lang", "zh").out == expected.to_text("zh")
    assert run("diff", small, later, "--migration").out == expected.migration()
    assert json.loads(run("diff", small, later, "--format", "json").out) == expected.to_dict()
    assert "amount" in expected.to_text("en")
    path = small.with_name("migration.toml")
    assert run("diff", small, later, "--migration", "-o", path) == (0, "", "")
    assert path.read_text(encoding="utf-8") == expected.migration()
    assert run("diff", small, "no_such_process").code == 2


@pytest.mark.parametrize("command", ["explain", "facts", "diagram"])
def test_what_cannot_be_read_is_told(run: Run, command: str, small: Path, tmp_path: Path) -> None:
    for word in (tmp_path / "none.toml", "no_such_process", tmp_path):
        code, out, err = run(command, word)
        assert (code, out) == (2, "")
        assert err.rstrip().endswith(".")
    small.write_text(SMALL.replace("amount > 0", "amout > 0"), encoding="utf-8")
    code, out, err = run(command, small)
    assert (code, out) == (1, "")
    assert "did you mean amount?" in err


def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    code, out, err = run("diagram", "project_tracking", "-o", tmp_path)
    assert (code, out) == (2, "")
    assert "cannot be written" in err


def facts(run: Run, *words: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("facts", *words, "--format", "json").out)[
        "facts"
    ]
    return found


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_fact_is_listed_and_can_be_written_in_a_rule(run: Run, key: str) -> None:
    playbook = sf.load_playbook(key)
    found = facts(run, key)
    assert [it["name"] for it in found] == [*playbook.facts]
    for it in found:
        rule = (
            sf.Rule.parse(f"known({it['written']})", facts=playbook.facts)
            if not str(it["written"]).startswith("reached(")
            else sf.Rule.parse(str(it["written"]), facts=playbook.facts)
        )
        assert rule.facts == {it["name"]}


@pytest.mark.parametrize("key", BUILT_IN)
def test_only_what_the_author_gave_no_title_has_none(run: Run, key: str) -> None:
    declared = sf.load_playbook(key).declared_facts
    assert [
        it["name"] for it in facts(run, key) if it["title"] is None and it["name"] not in declared
    ] == []


def test_a_fact_says_where_it_comes_from(run: Run) -> None:
    found = {it["name"]: (it["source"], it["of"]) for it in facts(run, BRIDGE)}
    assert found["amount"] == ("standard", None)
    assert set(found.values()) >= {("standard", None)}
    playbook = sf.Playbook.from_file(BRIDGE)
    for name in playbook.declared_facts:
        assert found[name] == ("declared", None)
    for criterion in playbook.criteria:
        assert found[f"done.{criterion}"] == ("criterion", criterion)
    for name, (group, _) in playbook.record_readers.items():
        assert found[name] == ("record", group.key)
    for name, question in playbook.questions.items():
        checklist = name.removesuffix(f".{question.key}")
        assert found[name] == ("checklist", checklist)
    for role in playbook.roles:
        assert found[f"approval.{role}"] == ("role", role)
    for card in playbook.scorecards:
        assert found[f"score.{card}.low"] == ("scorecard", card)
    for stage in playbook.stages:
        assert found[f"reached.{stage.key}"] == ("stage", stage.key)


def test_facts_are_filtered_by_words_of_their_names_and_titles(run: Run) -> None:
    line = "account.tier  choice  standard  the account's tier  regular, named, strategic\n"
    assert run("facts", "project_tracking", "ACCOUNT", "tier") == (0, line, "")
    assert run("facts", "project_tracking", "客户级别").out == line
    values = "普通客户（regular）、命名客户（named）、战略客户（strategic）"
    zh = f"account.tier  choice  标准  客户级别  {values}\n"
    assert run("facts", "project_tracking", "account", "tier", "--lang", "zh").out == zh
    assert run("facts", "project_tracking", "战略客户", "--lang", "zh").out == zh


def test_words_of_choices_are_listed_with_their_titles(run: Run, small: Path) -> None:
    title = '{ en = "Market penetration", zh = "市场渗透" }'
    choices = f'[{{ key = "market_penetration", title = {title} }}, "other"]'
    goal = f'[[facts]]\nname = "goal"\nkind = "choice"\nchoices = {choices}\n'
    small.write_text(SMALL + goal, encoding="utf-8")

    assert "Market penetration (market_penetration), other\n" in run("facts", small, "goal").out
    zh = run("facts", small, "市场渗透", "--lang", "zh").out
    assert "市场渗透（market_penetration）、other\n" in zh
    (found,) = facts(run, small, "goal")
    assert found["choices"] == ["market_penetration", "other"]
    assert found["choice_titles"] == {
        "market_penetration": {"en": "Market penetration", "zh": "市场渗透"}
    }
    assert "市场渗透（`market_penetration`）" in run("explain", small, "--lang", "zh").out


def test_no_fact_of_these_words_is_told(run: Run) -> None:
    code, out, err = run("facts", "project_tracking", "no such thing")
    assert (code, out, err) == (1, "", "no fact has all of: no such thing\n")


@pytest.mark.parametrize("command", ["explain", "facts", "diagram"])
@pytest.mark.parametrize("text", TEXTS)
def test_no_title_speaks_to_a_terminal(run: Run, command: str, text: str) -> None:
    document = {
        "id": "x",
        "version": "1",
        "title": text,
        "facts": [{"name": "x.y", "kind": "text", "title": text}],
        "stages": [{"key": "talk", "title": text}],
    }
    code, out, _ = run(
        command, "-", *(["x.y"] if command == "facts" else []), stdin=json.dumps(document)
    )
    assert code == (0 if out else 1)
    assert is_seen(out)
