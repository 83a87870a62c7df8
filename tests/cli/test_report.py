"""What was found, in each format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.cli import _report
from salesflow.cli._report import Change, Result
from salesflow.errors import Problem
from tests.cli.conftest import SMALL, Run
from tests.hostile import TEXTS, is_seen

RESULTS = (
    Result(
        "a.toml",
        (
            Problem(
                "stages.talk.key", "it is missing", 'add key = "…"', "missing", line=3, column=5
            ),
            Problem("", "it looks odd", severity="warning", line=7),
        ),
        changes=(Change(2, "wins = True", "wins = true"),),
    ),
    Result("b.cases.toml", cases=3),
)


def test_people_read_one_line_for_each_problem(capsys: pytest.CaptureFixture[str]) -> None:
    _report.text(RESULTS, "en")
    assert capsys.readouterr().out.splitlines() == [
        "a.toml:2: mended",
        "  - wins = True",
        "  + wins = true",
        'a.toml:3:5: error: stages.talk.key: it is missing; add key = "…"',
        "a.toml:7: warning: it looks odd",
        "a.toml: 1 error, 1 warning",
        "b.cases.toml: 3 cases, all as expected",
    ]
    _report.text(RESULTS, "zh")
    assert capsys.readouterr().out.splitlines()[4:] == [
        "a.toml:7: 警告：it looks odd",
        "a.toml: 1 个错误，1 个警告",
        "b.cases.toml: 3 个案例，结果均符合预期",
    ]


def test_programs_read_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    _report.json(RESULTS, "zh")
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], found["warnings"]) == (1, 1)
    first, second = found["files"]
    assert second == {"file": "b.cases.toml", "cases": 3, "changes": [], "problems": []}
    assert first["changes"] == [{"line": 2, "before": "wins = True", "after": "wins = true"}]
    assert first["problems"][0] == {
        "path": "stages.talk.key",
        "line": 3,
        "column": 5,
        "severity": "error",
        "code": "missing",
        "message": "it is missing",
        "hint": 'add key = "…"',
    }


def test_github_shows_problems_beside_the_lines_of_a_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _report.github(RESULTS, "en")
    assert capsys.readouterr().out.splitlines() == [
        '::error file=a.toml,line=3,col=5::stages.talk.key: it is missing; add key = "…"',
        "::warning file=a.toml,line=7::it looks odd",
        "2 files checked: 1 error, 1 warning",
    ]


COMMAND = re.compile(r"::(error|warning) file=([^,:\r\n]*)(?:,line=(\d+))?(?:,col=(\d+))?::(.*)")
NAMES = st.sampled_from(TEXTS) | st.text(min_size=1, max_size=20)


def unescaped(said: str) -> str:
    """As the runner of GitHub Actions reads a value."""
    for sign, written in {":": "%3A", ",": "%2C", "\n": "%0A", "\r": "%0D", "%": "%25"}.items():
        said = said.replace(written, sign)
    return said


@pytest.mark.law
@given(name=NAMES, said=NAMES)
def test_no_name_and_no_text_is_a_command_of_its_own(name: str, said: str) -> None:
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lines.append)
        _report.github((Result(name, (Problem(said, said, line=1),)), Result(name)), "en")

    assert len(lines) == 2
    assert all(is_seen(line) for line in lines)
    found = COMMAND.fullmatch(lines[0])
    assert found is not None
    assert found[1] == "error"
    assert is_seen(found[5])
    assert "\n" not in lines[0]
    assert lines[1] == "2 files checked: 1 error, 0 warnings"
    if is_seen(name) and name.isprintable():
        assert unescaped(found[2]) == name


@pytest.mark.parametrize("name", ["::error::x.toml", "  ::stop-commands::x.toml"])
def test_a_name_cannot_begin_a_command_where_people_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(SMALL, encoding="utf-8")
    for words in (["check", name], ["check", "."], ["check", "--format", "github", name]):
        out = run(*words).out
        assert out
        assert not any(line.lstrip().startswith("::") for line in out.splitlines())


# What SARIF 2.1.0 requires of the parts that are written here.
REGION = {
    "type": "object",
    "properties": {
        "startLine": {"type": "integer", "minimum": 1},
        "startColumn": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "properties": {
        "physicalLocation": {
            "type": "object",
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string"}},
                    "required": ["uri"],
                    "additionalProperties": False,
                },
                "region": REGION,
            },
            "required": ["artifactLocation"],
            "additionalProperties": False,
        },
        "logicalLocations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"fullyQualifiedName": {"type": "string"}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
            "additionalProperties": False,
        },
        "locations": {"type": "array", "items": LOCATION},
    },
    "required": ["message"],
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "rules": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}},
                "required": ["id"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["name"],
    "additionalProperties": False,
}
SARIF: Final = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "tool": {
                        "type": "object",
                        "properties": {"driver": DRIVER},
                        "required": ["driver"],
                        "additionalProperties": False,
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
                "required": ["tool"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}


def sarif(results: tuple[Result, ...], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    _report.sarif(results, "en")
    found = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SARIF).validate(found)
    (run,) = found["runs"]
    return dict(run)


def test_sarif_says_rule_level_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    run = sarif(RESULTS, capsys)
    assert run["results"] == [
        {
            "ruleId": "missing",
            "ruleIndex": 1,
            "level": "error",
            "message": {"text": 'stages.talk.key: it is missing; add key = "…"'},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a.toml"},
                        "region": {"startLine": 3, "startColumn": 5},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "stages.talk.key"}],
                }
            ],
        },
        {
            "ruleId": "invalid",
            "ruleIndex": 0,
            "level": "warning",
            "message": {"text": "it looks odd"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a.toml"},
                        "region": {"startLine": 7},
                    }
                }
            ],
        },
    ]


@pytest.mark.parametrize("name", ["a b:c/ü%.toml", "流程.toml", "x\udcff.toml", "<stdin>", "a\nb"])
def test_a_name_is_a_uri_in_sarif(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = sarif((Result(name, (Problem("", "m"),)),), capsys)
    (uri,) = re.findall(r"'uri': '([^']*)'", str(run))
    assert re.fullmatch(r"[\w/.%~-]+", uri, re.ASCII)
    assert unquote(uri, errors="surrogateescape") == name


def test_a_whole_path_is_a_uri_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a b.toml"
    assert path.as_uri() in str(sarif((Result(str(path), (Problem("", "m"),)),), capsys))


def test_nothing_found_is_a_run_without_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert sarif((), capsys)["results"] == []


@pytest.mark.parametrize("format", ["json", "github", "sarif"])
def test_what_cannot_be_read_is_in_every_report(run: Run, tmp_path: Path, format: str) -> None:  # noqa: A002 - the option
    code, out, err = run("check", "--format", format, tmp_path / "none.toml")
    assert (code, err) == (2, "")
    assert "no such file" in out


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("format", ["text", "json", "github", "sarif"])
def test_no_text_of_a_stranger_speaks_to_a_terminal(run: Run, text: str, format: str) -> None:  # noqa: A002 - the option
    document = json.dumps({"id": text, "version": "1", "title": text, text: text, "stages": [text]})
    code, out, _ = run(
        "check", "-", f"--stdin-name={text}.json", "--format", format, stdin=document
    )
    assert code == 1
    assert all(is_seen(line) for line in out.splitlines())
    if format in ("json", "sarif"):
        json.loads(out)
