"""`salesflow new`: what is begun is sound, in either language, as a file or as a plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from salesflow.playbook import Playbook, lint_file
from salesflow.playbooks import BUILT_IN, playbook_source
from salesflow.testing import run_cases
from tests.cli.conftest import SMALL, Run

CURRENCY = {"en": "USD", "zh": "CNY"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_new_playbook_lints_clean_and_its_cases_come_as_they_say(
    run: Run, tmp_path: Path, lang: str
) -> None:
    code, out, err = run("new", "acme_direct", "--into", tmp_path, "--lang", lang)

    path, cases = tmp_path / "acme_direct.toml", tmp_path / "acme_direct.cases.toml"
    assert (code, err) == (0, "")
    assert out.splitlines() == [str(path), str(cases)]
    assert lint_file(path) == ()
    assert Playbook.from_file(path).id == "acme_direct"
    assert [str(it) for it in run_cases(cases) if not it.passed] == []
    assert run("check", "--strict", tmp_path).code == 0


def test_the_templates_say_the_same_in_both_languages(run: Run, tmp_path: Path) -> None:
    made = {}
    for lang in ("en", "zh"):
        run("new", "acme", "--into", tmp_path / lang, "--lang", lang)
        comments = (tmp_path / lang / "acme.toml").read_text(encoding="utf-8")
        text = (tmp_path / lang / "acme.cases.toml").read_text(encoding="utf-8")
        playbook = Playbook.from_toml(comments)
        assert (playbook.currency, playbook.languages) == (CURRENCY[lang], (lang,))
        playbook = Playbook.from_toml(comments.replace(f'"{CURRENCY[lang]}"', '"EUR"'))
        text = text.replace(CURRENCY[lang], "EUR")
        steps = [
            {name: value for name, value in case.items() if name != "say"}
            for case in tomllib.loads(text)["cases"]
        ]
        made[lang] = (playbook.digest, steps)
        assert comments.isascii() is False  # ellipses and dashes, or Chinese
        assert any("\u4e00" <= sign <= "\u9fff" for sign in comments) is (lang == "zh")
    assert made["en"] == made["zh"]


def test_a_case_that_comes_otherwise_is_told_in_chinese(run: Run, tmp_path: Path) -> None:
    run("new", "acme", "--into", tmp_path, "--lang", "zh")
    cases = tmp_path / "acme.cases.toml"
    text = cases.read_text(encoding="utf-8").replace('"sponsor_met", ', "", 1)
    cases.write_text(text.replace("instruments = []", 'instruments = ["deal_plan"]'), "utf-8")

    _, out, _ = run("test", cases, "--lang", "zh")

    assert "；实际另有阻碍项 “sponsor_met”（须由销售代表确认）" in out
    assert '应为 ["deal_plan"]，实际为 []' in out


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "acme.cases.toml").write_text("mine", encoding="utf-8")

    code, out, err = run("new", "acme", "--into", tmp_path)

    assert (code, out) == (2, "")
    assert f"{tmp_path / 'acme.cases.toml'} exists already" in err
    assert [path.name for path in tmp_path.iterdir()] == ["acme.cases.toml"]


def test_a_folder_that_cannot_be_written_to_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run("new", "acme", "--into", tmp_path / "file")
    assert code == 2
    assert "cannot be written" in err


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Acme Direct!", "; for instance acme_direct"),
        ("2fast", "; for instance fast"),
        ("class", ""),
        ("流程", ""),
        ("", ""),
        ("../up", "; for instance up"),
        ("a" * 61, ""),
    ],
)
def test_a_name_has_to_be_an_id(run: Run, tmp_path: Path, name: str, hint: str) -> None:
    code, out, err = run("new", "--into", tmp_path, "--", name)
    assert (code, out) == (2, "")
    assert "NAME has to be an id" in err
    assert err.rstrip().endswith(hint or "of rules")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("key", BUILT_IN)
def test_a_copy_of_a_built_in_playbook_keeps_its_comments_and_its_cases(
    run: Run, tmp_path: Path, key: str
) -> None:
    assert run("new", "acme", "--from", key, "--into", tmp_path).code == 0

    copy, original = Playbook.from_file(tmp_path / "acme.toml"), playbook_source(key).decode()
    assert (copy.id, copy.version, copy.migrations) == ("acme", "1.0.0", ())
    text = (tmp_path / "acme.toml").read_text(encoding="utf-8")
    comments = [line for line in original.splitlines() if line.startswith(("# --", "# =="))]
    assert comments
    assert [line for line in comments if line not in text] == []
    assert run("check", "--strict", tmp_path).code == 0


def test_a_copy_of_a_file_has_its_cases_too(run: Run, small: Path, tmp_path: Path) -> None:
    small.write_text(f"# mine\n{SMALL}", encoding="utf-8")

    assert run("new", "acme", "--from", small, "--into", tmp_path / "to").code == 0

    text = (tmp_path / "to" / "acme.toml").read_text(encoding="utf-8")
    assert text == f"# mine\n{SMALL}".replace('"small"', '"acme"').replace('"1"', '"1.0.0"')
    assert run("check", tmp_path / "to").code == 0


def test_a_copy_of_json_is_json(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(Playbook.from_toml(SMALL).to_json(), encoding="utf-8")
    assert run("new", "acme", "--from", path, "--into", tmp_path).code == 0
    assert json.loads((tmp_path / "acme.json").read_text(encoding="utf-8"))["id"] == "acme"


def test_a_copy_of_a_variant_needs_its_parent_no_more(
    run: Run, small: Path, tmp_path: Path
) -> None:
    variant = small.with_name("north.toml")
    variant.write_text(
        'id = "north"\nversion = "2"\ntitle = "North"\nextends = "small.toml"\n', encoding="utf-8"
    )
    assert run("new", "acme", "--from", variant, "--into", tmp_path / "to").code == 0
    assert run("check", "--strict", tmp_path / "to").code == 0
    copy = Playbook.from_file(tmp_path / "to" / "acme.json")
    assert (copy.id, copy.version, str(copy.title)) == ("acme", "1.0.0", "North")


def test_a_copy_of_a_variant_has_its_cases_too(run: Run, small: Path, tmp_path: Path) -> None:
    variant = small.with_name("north.toml")
    variant.write_text(
        'id = "north"\nversion = "2"\ntitle = "North"\nextends = "small.toml"\n', encoding="utf-8"
    )
    cases = '[[cases]]\nsay = "A deal begins"\nsteps = [{ do = "start" }]\n'
    small.with_name("north.cases.toml").write_text(cases, encoding="utf-8")

    package = ["--plugin", "--from", variant, "--into", tmp_path / "to"]
    assert run("new", "acme", *package).code == 0

    module = tmp_path / "to" / "acme" / "src" / "acme_playbook"
    assert (module / "acme.cases.toml").read_text(encoding="utf-8") == cases
    assert (module.parents[1] / "tests" / "test_cases.py").exists()
    assert "acme_playbook/acme.json`" in (module.parents[1] / "README.md").read_text("utf-8")
    assert run("test", module / "acme.json").code == 0


def test_what_has_errors_is_not_copied(run: Run, small: Path, tmp_path: Path) -> None:
    small.write_text(SMALL.replace("amount > 0", "amout > 0"), encoding="utf-8")
    code, out, err = run("new", "acme", "--from", small, "--into", tmp_path / "to")
    assert (code, out) == (1, "")
    assert "amout" in err
    assert not (tmp_path / "to").exists()
    assert run("new", "acme", "--from", tmp_path / "none.toml").code == 2
    assert run("new", "acme", "--from", "no_such_process").code == 2


def test_a_plugin_cannot_take_the_id_of_a_built_in_playbook(run: Run, tmp_path: Path) -> None:
    code, _, err = run("new", BUILT_IN[0], "--plugin", "--into", tmp_path)
    assert code == 2
    assert "built-in" in err


@pytest.mark.parametrize("origin", [[], ["--from", "small.json"]])
def test_a_plugin_is_built_installed_and_found_by_its_id(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: list[str]
) -> None:
    pytest.importorskip("hatchling")
    monkeypatch.chdir(tmp_path)
    Path("small.json").write_text(Playbook.from_toml(SMALL).to_json(), encoding="utf-8")
    assert run("new", "acme_direct", "--plugin", *origin).code == 0
    pip = "-m pip --disable-pip-version-check install -qq --no-index --no-build-isolation --no-deps"
    done = subprocess.run(
        [sys.executable, *pip.split(), "--target", "site", "./acme-direct"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr

    installed = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), *sys.path])}
    installed.pop("SALESFLOW_NO_PLUGINS", None)
    for words, said in (
        (["check", "--strict", "acme_direct"], "acme_direct: no problems\n"),
        (["list"], "acme_direct"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "salesflow", *words],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=installed,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    tests = Path("acme-direct/tests")
    assert tests.exists() is (not origin)
    if not origin:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=installed,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("key", ["id", "'id'", "id  "])
def test_a_file_without_any_heading_is_copied(run: Run, tmp_path: Path, key: str) -> None:
    path = tmp_path / "one.toml"
    stages = 'stages = [{ key = "talk", title = "Talk" }]'
    path.write_text(f'{key} = "one"\nversion = "1"\ntitle = "One"\n{stages}\n', encoding="utf-8")
    code, _, err = run("new", "acme", "--from", path, "--into", tmp_path)
    assert (code, err) == (0, "")
    (copy,) = tmp_path.glob("acme.*")
    assert Playbook.from_file(copy).id == "acme"
