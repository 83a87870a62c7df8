"""`salesflow test`: cases, run where they lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from salesflow.playbooks import BUILT_IN
from tests.cli.conftest import CASES, SMALL, Run

WRONG = CASES.replace('stage = "sign"', 'stage = "talk"')


@pytest.fixture
def cases(small: Path) -> Path:
    return small.with_suffix(".cases.toml")


def test_a_playbook_stands_for_the_cases_beside_it(run: Run, small: Path, cases: Path) -> None:
    for words in ([cases], [small], [small.parent], [small, cases, small.parent]):
        assert run("test", *words) == (0, f"{cases}: 2 cases, all as expected\n", "")
    assert run("test", small, "--lang", "zh").out == f"{cases}: 2 个案例，结果均符合预期\n"


def test_a_case_that_comes_otherwise_is_told_at_its_line(
    run: Run, small: Path, cases: Path
) -> None:
    cases.write_text(WRONG, encoding="utf-8")

    code, out, err = run("test", small)

    assert (code, err) == (1, "")
    first, last = out.splitlines()
    assert first.startswith(f'{cases}:10:20: error: "A deal with a budget goes on", expect.stage: ')
    assert last == f"{cases}: 1 error, 0 warnings"
    annotation = run("test", small, "--format", "github").out.splitlines()[0]
    assert annotation.startswith(f"::error file={cases},line=10,col=20::")
    (found,) = json.loads(run("test", small, "--format", "json").out)["files"]
    assert (found["cases"], found["problems"][0]["line"]) == (2, 10)


def test_cases_that_are_not_understood_are_told_all_at_once(
    run: Run, small: Path, cases: Path
) -> None:
    cases.write_text(
        CASES.replace("expect = { stage", "expect = { stag").replace('"start"', '"begin"', 1),
        encoding="utf-8",
    )

    code, out, _ = run("test", small)

    assert code == 1
    assert out.count("a key is missing" if "a key is missing" in out else "no such key") == 2
    assert "begin" in out


def test_cases_of_a_broken_playbook_are_not_run(run: Run, small: Path, cases: Path) -> None:
    small.write_text(SMALL.replace("amount > 0", "amout > 0"), encoding="utf-8")
    code, out, _ = run("test", small)
    assert code == 1
    assert "its playbook has errors; check that first" in out
    small.unlink()
    code, out, err = run("test", cases)
    assert (code, out) == (2, "")
    assert "there is no playbook beside these cases" in err


def test_a_playbook_without_cases_says_where_they_would_be(
    run: Run, small: Path, cases: Path
) -> None:
    cases.unlink()
    code, out, err = run("test", small)
    assert (code, out) == (2, "")
    assert "write small.cases.toml" in err
    assert run("test", small.with_name("none.toml")).code == 2


def test_cases_that_are_typed_in_belong_to_the_playbook_beside_their_name(
    run: Run, cases: Path
) -> None:
    said = run("check", "-", "--stdin-name", cases, stdin=WRONG)
    assert said.code == 1
    assert said.out.startswith(f"{cases}:10:20: error: ")


@pytest.mark.parametrize("key", BUILT_IN[:1])
def test_a_built_in_playbook_has_its_cases_with_it(run: Run, key: str) -> None:
    code, out, err = run("test", key)
    assert (code, err) == (0, "")
    assert out.endswith(" cases, all as expected\n")


def test_only_a_playbook_that_is_named_has_to_have_cases(
    run: Run, small: Path, cases: Path
) -> None:
    other = small.with_name("other.toml")
    other.write_text(SMALL.replace('"small"', '"other"'), encoding="utf-8")
    whole = f"{cases}: 2 cases, all as expected\n"
    assert run("test", small.parent) == (0, whole, "")
    assert run("test", "--only-playbooks", other, small) == (0, whole, "")
    assert run("test", other).code == 2
