"""The command speaks Chinese: every sentence that it tells of files is in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow._data import read_data
from salesflow._translation import error_in, translated, words_in
from salesflow.errors import InvalidPlaybook, Problem, RuleError, UnknownName
from salesflow.playbook import lint
from salesflow.rules import Rule
from tests.playbook.test_check import MISTAKES
from tests.playbook.test_planted import MISTAKES as PLANTED
from tests.playbook.test_planted import Mistake as Planted
from tests.playbook.test_planted import text_of
from tests.rules.test_slips import FACTS, ONE_SLIP, REMEDIES

PACKAGE: Final = Path("src/salesflow")
CATALOGUE: Final[Mapping[str, str]] = read_data("salesflow", "problems.zh.toml")
ROOMS: Final = ("playbook", "rules", "testing", "cli", "pipeline/_checks", "pipeline/_files")
FILES: Final = (
    "_entry_points.py",
    *(f"pipeline/_frames/{name}.py" for name in ("engines", "frame_columns", "key_and_stage")),
    *(f"pipeline/_frames/{name}.py" for name in ("labels", "mapping", "mapping_file", "stages")),
    *(f"pipeline/_frames/{name}.py" for name in ("amounts", "value_maps")),
    *(f"pipeline/exports/{name}.py" for name in ("_date_columns", "_dates", "_number_columns")),
    "pipeline/exports/_numbers.py",
)
"""What the command asks of a map, of checks and of a file of deals."""
NOT_SHOWN: Final = frozenset({"_diff", "columns", "since.py", "views.py", "report.py"})
"""Comparisons speak both languages; the rest is told to programs."""
TOLD: Final = frozenset(
    {"add", "taken", "wrong_type", "warning", "Problem", "problem_at", "_problem", "_refuse"}
    | {"_wrong", "_Differs", "Slip", "Construction"}
    | {"InvalidPlaybook", "InvalidMapping", "InvalidChecks", "InvalidCases", "UnknownName"}
    | {"FrameError", "PluginError", "PluginConflict", "note"}
)
SPELT: Final = {
    "The playbook7 has 7 error7:": 'The playbook "small" has 2 errors:',
    "7 cannot be read as a table.": "'deals.csv' cannot be read as a table.",
    "could not be checked7: no column holds 7": "could not be checked: no column holds a",
    "7 without a key": "2 rows without a key",
    "7 on several rows: 77": "2 keys stand on several rows: 'A' (2 times)",
}
"""Sentences whose parts are more than names, as they are said."""
HAN: Final = re.compile("[\u4e00-\u9fff]")
GAP: Final = re.compile(r"\{\d+\}")
# What only joins sentences has its parts translated; the same with what may be left out is a
# sentence of its own.
_JOINED: Final = re.compile(r"[\W\d]*|this can never hold\W*|this holds whatever the values are\W*")
_KINDS: Final = re.compile("7 is 7 and 7 is 7")  # it is there for each kind of the first
CODE: Final = re.compile(r'use_\w+ = \["[^"]*"\]')

Names: TypeAlias = dict[str, list[ast.expr]]


def said(problem: Problem) -> tuple[str, str]:
    found = translated(problem, "zh")
    return found.message, found.hint


def templates(node: ast.expr, names: Names, deep: int = 2) -> Iterator[str]:
    """What an expression may say, with a number in braces for each part that varies."""
    match node:
        case ast.Constant(value=str(words)):
            yield words
        case ast.JoinedStr():
            gaps = 0
            words = ""
            for part in node.values:
                if isinstance(part, ast.Constant):
                    words += str(part.value)
                else:
                    words += f"{{{gaps}}}"
                    gaps += 1
            yield words
        case ast.IfExp():
            yield from templates(node.body, names, deep)
            yield from templates(node.orelse, names, deep)
        case ast.Name(id=name) if deep:
            for value in names.get(name, []):
                yield from templates(value, names, deep - 1)
        case ast.Call(func=ast.Attribute(value=template, attr="format")):
            for words in templates(template, names, deep):
                yield re.sub(r"\{[a-z_]+\}", "{0}", words).replace("{{", "{").replace("}}", "}")
        case _:
            pass


def assigned(body: list[ast.stmt]) -> Names:
    found: Names = {}
    for node in (it for statement in body for it in ast.walk(statement)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
            case _:
                pass
    return found


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that the readers of playbooks, rules and cases tell, and where it is."""
    files = [PACKAGE / name for name in FILES]
    for room in (*(sorted((PACKAGE / room).rglob("*.py")) for room in ROOMS), files):
        for path in room:
            if NOT_SHOWN & {*path.parts}:
                continue
            tree = ast.parse(path.read_text("utf-8"))
            consts = assigned([it for it in tree.body if not isinstance(it, ast.ClassDef)])
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef):
                    continue
                names = {**consts, **assigned(function.body)}
                for call in ast.walk(function):
                    if not isinstance(call, ast.Call):
                        continue
                    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                    if name not in TOLD:
                        continue
                    given_words = [
                        it.value for it in call.keywords if it.arg in ("message", "hint")
                    ]
                    for argument in (*call.args, *given_words):
                        for words in templates(argument, names):
                            if " " in words.strip():
                                yield f"{path}:{call.lineno}", words


def test_every_sentence_for_authors_is_in_the_catalogue() -> None:
    missing: dict[str, str] = {}
    for place, words in sentences():
        shown = GAP.sub("7", words)
        shown = SPELT.get(shown, shown)
        joined = _JOINED.fullmatch(shown.replace("7", "")) or CODE.fullmatch(shown)
        if said(Problem("", shown))[0] == shown and not joined and not _KINDS.fullmatch(shown):
            missing.setdefault(words, place)

    assert missing == {}


def test_what_a_name_may_be_of_is_in_the_catalogue() -> None:
    sources = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))

    for kind in set(re.findall(r'UnknownName\(\s*"([^"]+)"', sources)):
        told = error_in(UnknownName(kind, "x", ["y", "z"]), "zh")
        assert re.fullmatch("没有[^a-zA-Z]+“x”。可用：y, z。", told), kind


def test_an_error_is_told_with_its_problems_each_with_its_line() -> None:
    problem = Problem("demo.by", 'there is no role "sdr"', "write a rule", line=3, column=9)
    error = InvalidPlaybook("The playbook has 1 error:", problems=[problem])

    assert error_in(error, "zh").splitlines() == [
        "该流程有 1 个错误：",
        "  - 第 3 行第 9 列：demo.by：没有角色“sdr”；请写规则",
    ]
    assert error_in(error, "en") == error_in(error, "de") == str(error)
    many = InvalidPlaybook("The playbook has 99 errors:", problems=[problem] * 99)
    assert error_in(many, "zh").endswith("  - ……另有 79 项")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("this must be a list, not a table", "这里须是列表，而不是表"),
        ("this must be a list, not 7", "这里须是列表，而不是 7"),
        (
            "'no such file or directory' cannot be read as a table.",
            "“no such file or directory”无法作为表格读取。",
        ),
    ],
)
def test_a_part_is_set_as_chinese_is(english: str, chinese: str) -> None:
    assert words_in(english, "zh") == chinese


def test_both_sides_of_the_catalogue_have_the_same_parts() -> None:
    for english, chinese in CATALOGUE.items():
        assert sorted(GAP.findall(english)) == sorted(GAP.findall(chinese)), english
        assert HAN.search(chinese) or CODE.fullmatch(english), english


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_playbook_is_told_in_chinese(mistake: str, bridge_text: str) -> None:
    old, new, *_ = MISTAKES[mistake]

    for problem in lint(bridge_text.replace(old, new, 1), lang="zh"):
        assert HAN.search(problem.message), problem
        assert not problem.hint or HAN.search(problem.hint), problem


@pytest.mark.parametrize("mistake", PLANTED, ids=[mistake["what"] for mistake in PLANTED])
def test_a_planted_mistake_is_told_in_chinese(mistake: Planted) -> None:
    planted = text_of(mistake["playbook"]).replace(mistake["old"], mistake["new"], 1)

    for problem in lint(planted, lang="zh"):
        assert HAN.search(problem.message), problem
        assert not problem.hint or HAN.search(problem.hint) or CODE.search(problem.hint), problem


@pytest.mark.parametrize("slip", [*ONE_SLIP, *REMEDIES], ids=lambda slip: str(slip[0]))
def test_a_slip_in_a_rule_is_told_in_chinese(slip: tuple[str, ...]) -> None:
    with pytest.raises(RuleError) as caught:
        Rule.parse(slip[0], facts=FACTS)

    for problem in caught.value.problems:
        for words in said(problem):
            assert not words or HAN.search(words), problem


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_somebody_wrote_stays_as_it_is(name: str, near: str) -> None:
    problem = Problem("", f'there is no role "{name}"', f'did you mean "{near}"?')
    told = translated(problem, "zh")

    assert told.message == problem.message.replace('there is no role "', "没有角色“")[:-1] + "”"
    assert near not in told.hint or told.hint.startswith("是否想写“")


@given(st.text(max_size=200))
def test_a_sentence_that_nobody_knows_stays_english(words: str) -> None:
    problem = Problem("", f"zzz {words}", words)

    assert translated(problem, "zh").message == problem.message
    assert translated(problem, "en") is problem
    assert translated(problem, "de") is problem


def test_a_hostile_sentence_takes_one_pass() -> None:
    name = '" is not "' * 400
    problem = Problem("", f'there is no role "{name}"')

    assert translated(problem, "zh").message.startswith("没有角色“")


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(UnknownName, match="There is no language 'chinese'"):
        lint("", lang="chinese")
    assert sf.playbook.lint("", lang="zh")[0].message
