"""`salesflow check`: what it finds, where, and what its exit code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow.playbooks import BUILT_IN
from tests.cli.conftest import BRIDGE, SMALL, Run

TYPO = SMALL.replace("amount > 0", "amout > 0")
PLAIN = SMALL.replace('title = "A small process"', 'title = { zh = "小流程" }')


def test_a_good_file_says_so(run: Run) -> None:
    assert run("check", BRIDGE) == (0, f"{BRIDGE}: no problems\n", "")


def test_errors_are_listed_at_their_lines_and_counted(run: Run, small: Path) -> None:
    small.write_text(
        TYPO.replace('version = "1"\n', 'version = "1"\ncurrency = "EUX"\n'), encoding="utf-8"
    )

    code, out, err = run("check", small)

    assert (code, err) == (1, "")
    first, second, last = out.splitlines()
    assert first.startswith(f"{small}:3:12: error: currency: there is no currency")
    assert second.startswith(f"{small}:13:11: error: stages.talk.exit.budget_known.rule: ")
    assert second.endswith("did you mean amount?")
    assert last == f"{small}: 2 errors, 0 warnings"


def test_warnings_fail_only_when_asked_to(run: Run, small: Path) -> None:
    small.write_text(PLAIN, encoding="utf-8")

    assert run("check", small).code == 0
    assert run("check", "--strict", small).code == 1
    assert (
        run("check", small, "--lang", "zh").out.splitlines()[-1] == f"{small}: 0 个错误，1 个警告"
    )


def test_the_worst_of_several_files_counts(run: Run, small: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    code, out, err = run("check", small, missing, "no_such_process")

    assert code == 2
    assert out == f"{small}: no problems\n"
    assert "none.toml' cannot be read: no such file" in err
    assert "no file or playbook 'no_such_process'" in err


def test_an_installed_playbook_is_checked_by_its_id(run: Run) -> None:
    for key in BUILT_IN:
        assert run("check", "--strict", key) == (0, f"{key}: no problems\n", "")


def test_the_nearest_id_is_suggested(run: Run) -> None:
    code, _, err = run("check", "project_trackin")

    assert code == 2
    assert 'Did you mean "project_tracking"?' in err


def test_standard_input_is_read_under_the_name_that_it_is_given(run: Run) -> None:
    assert run("check", "-", stdin=SMALL) == (0, "<stdin>: no problems\n", "")
    told = run("check", "-", "--stdin-name", "acme.toml", stdin=TYPO)
    assert told.code == 1
    assert told.out.startswith("acme.toml:12:11: error: ")
    as_json = run("check", "-", "--stdin-name", "acme.json", stdin='{"id": 1}')
    assert "acme.json:1:8: error: id: " in as_json.out


def test_standard_input_that_is_no_text_is_a_problem_and_no_traceback(run: Run) -> None:
    code, out, _ = run("check", "-", stdin=b'id = "\xff"')

    assert code == 1
    assert "not UTF-8" in out


def test_a_folder_is_every_playbook_in_it_broken_ones_too(run: Run, small: Path) -> None:
    folder = small.parent
    inside = folder / "regions" / "north"
    inside.mkdir(parents=True)
    (inside / "broken.toml").write_text('[[stages]]\nkey = "\n', encoding="utf-8")
    (inside / "table.json").write_text('{"id": "x", "stages": []}', encoding="utf-8")
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    (folder / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    checks = '[[checks]]\nkey = "a"\nrule = "amount > 1"\nstages = ["talk"]\n'
    (folder / "small.checks.toml").write_text(checks, encoding="utf-8")
    for unseen in (".hidden", "node_modules"):
        (folder / unseen).mkdir()
        (folder / unseen / "x.toml").write_text(TYPO, encoding="utf-8")

    code, out, _ = run("check", folder)

    assert code == 1
    named = {line.split(".toml")[0].split(".json")[0] for line in out.splitlines()}
    assert named == {
        str(path)
        for path in (folder / "small", folder / "small.cases", inside / "broken", inside / "table")
    }


def test_a_folder_without_playbooks_is_none_that_can_be_checked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")

    code, out, err = run("check", tmp_path)

    assert (code, out) == (2, "")
    assert "has no playbooks" in err
    assert run("check", "--only-playbooks", tmp_path, tmp_path / "pyproject.toml") == (0, "", "")


@pytest.mark.parametrize("suffix", [".txt", ""])
def test_a_file_of_another_sort_says_what_it_has_to_be(
    run: Run, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"notes{suffix}"
    path.write_text("x", encoding="utf-8")

    code, out, _ = run("check", path)

    assert code == 1
    assert "neither .toml nor .json" in out


def test_a_path_may_be_longer_than_any_file_system_allows(run: Run) -> None:
    assert run("check", "x" * 5_000).code == 2
    assert run("check", "x" * 5_000 + ".toml").code == 2
    assert run("check", "a\0b.toml").code == 2


def test_cases_are_run(run: Run, small: Path) -> None:
    cases = small.with_suffix(".cases.toml")
    assert run("check", cases) == (0, f"{cases}: 2 cases, all as expected\n", "")
    cases.write_text(cases.read_text("utf-8").replace('stage = "sign"', 'stage = "talk"'), "utf-8")

    code, out, _ = run("check", cases)

    assert code == 1
    assert out.startswith(f'{cases}:10:20: error: "A deal with a budget goes on", expect.stage: ')


VARIANT = """\
id = "north"
version = "1"
title = "North"
extends = "small.toml"
currency = "EUR"
"""


def test_a_variant_is_checked_with_its_parent_beside_it(run: Run, small: Path) -> None:
    path = small.with_name("north.toml")
    path.write_text(VARIANT.replace("EUR", "eur"), encoding="utf-8")
    assert run("check", small.parent).code == 1
    assert run("check", "--fix", path).code == 0
    assert path.read_text(encoding="utf-8") == VARIANT
    said = run("check", "-", "--stdin-name", path, stdin=VARIANT)
    assert said == (0, f"{path}: no problems\n", "")
