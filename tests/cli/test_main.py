"""The command as a whole: its words, its languages, its exit codes, and any terminal."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from salesflow import __version__
from salesflow.cli import main
from salesflow.cli._parser import COMMANDS
from salesflow.cli._words import Words, language_of_locale
from tests.cli.conftest import SMALL, Run

SOURCE = Path(__file__).parents[2] / "src" / "salesflow" / "cli"


def shell(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "salesflow", *map(str, words)],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8", **environment},
    )


def test_every_command_has_a_module_that_runs_it() -> None:
    for name in COMMANDS:
        assert callable(import_module(f"salesflow.cli._{name}").run)


def test_everything_that_the_help_says_is_said_in_both_languages() -> None:
    tables = tomllib.loads((SOURCE / "help.toml").read_text(encoding="utf-8"))
    for table in ("words", "about", "options"):
        assert [key for key, text in tables[table].items() if {*text} != {"en", "zh"}] == []
    assert [it for it in tables["errors"] if {*it} != {"said", "en", "zh"}] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_is_in_the_language_that_is_asked_for(
    run: Run, lang: str, command: str | None
) -> None:
    words = ["--lang", lang, *([command] if command else []), "--help"]

    code, out, err = run(*words)

    assert (code, err) == (0, "")
    tables = tomllib.loads((SOURCE / "help.toml").read_text(encoding="utf-8"))
    assert out.startswith(tables["words"]["usage"][lang])
    flat = "".join(out.split())
    assert "".join(tables["about"][command or "salesflow"][lang].split()) in flat
    other = {"en": "zh", "zh": "en"}[lang]
    said = [text[other] for table in ("about", "options") for text in tables[table].values()]
    assert [text for text in said if "".join(text.split()) in flat] == []


def test_every_option_is_explained_once(run: Run) -> None:
    """What no command offers is not in the file of texts, either."""
    asked: list[str] = []

    class Noting(Words):
        def __call__(self, table: str, key: str) -> str:
            asked.append(f"{table}.{key}")
            return super().__call__(table, key)

    from salesflow.cli._parser import parser

    parser(Noting("en"), "salesflow").format_help()
    tables = tomllib.loads((SOURCE / "help.toml").read_text(encoding="utf-8"))
    told = {f"{table}.{key}" for table in ("about", "options") for key in tables[table]}
    assert {name for name in asked if not name.startswith("words.")} == told


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [
        ([], "COMMAND is missing", "缺少 COMMAND"),
        (["chekc"], "COMMAND: there is no 'chekc'; choose from", "COMMAND：没有 'chekc'；可选："),
        (["check"], "SOURCE is missing", "缺少 SOURCE"),
        (["check", "x", "--what"], "not understood: --what", "无法识别：--what"),
        (["check", "x", "--stri"], "not understood: --stri", "无法识别：--stri"),
        (
            ["check", "x", "--format", "xml"],
            "--format: there is no 'xml'; choose from",
            "没有 'xml'",
        ),
        (["check", "x", "--format"], "--format: a value is missing", "--format：缺少值"),
        (["check", "x", "--strict=1"], "--strict takes no value", "--strict 不带值"),
        (["check", "x", "--lang", "german"], "--lang: 'german' is no tag of a language", None),
        (["check", "x", "--lang"], "--lang: a value is missing", None),
        (["explain"], "SOURCE is missing", "缺少 SOURCE"),
        (["diff", "x"], "NEW is missing", "缺少 NEW"),
    ],
)
def test_what_is_not_understood_is_told_and_ends_with_2(
    run: Run, words: list[str], en: str, zh: str | None
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("usage: salesflow")
    assert f"error: {en}" in err
    if zh:
        code, out, err = run("--lang=zh", *words)
        assert (code, out) == (2, "")
        assert err.startswith("用法：salesflow")
        assert zh in err.splitlines()[-1]


def test_words_that_a_terminal_would_obey_are_spelt_out(run: Run) -> None:
    assert "\\x1b[31m" in run("check", "x", "--\x1b[31m").err
    assert "\\x1b[31m" in run("\x1b[31m").err
    assert "\\x1b[31m" in run("check", "\x1b[31m").err


def test_the_language_may_stand_anywhere_before_the_end_of_options(run: Run, small: Path) -> None:
    for words in (["--lang", "zh", "check", small], ["check", small, "--lang=zh"]):
        assert run(*words).out == f"{small}: 没有问题\n"
    for words in (["check", small], ["--lang", "zh", "check", small, "--lang", "en"]):
        assert run(*words).out == f"{small}: no problems\n"
    assert run("check", small, "--", "--lang=zh").out == f"{small}: no problems\n"


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "ZH-Hans"}, "zh"),
        ({"LANG": "zha_CN"}, None),
        ({"LANG": "zh_CN", "LC_MESSAGES": "de_DE"}, None),
        ({"LANG": "zh_CN", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "de_DE", "LC_ALL": "zh_TW", "LC_MESSAGES": "de_DE"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
        ({"LANG": "C"}, None),
    ],
)
def test_a_locale_says_the_language(variables: dict[str, str], lang: str | None) -> None:
    assert language_of_locale(variables) == lang


def test_the_locale_counts_where_no_language_is_given(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("check", small).out == f"{small}: 没有问题\n"
    assert run("check", small, "--lang", "en").out == f"{small}: no problems\n"


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"salesflow {__version__}\n", "")


def test_help_needs_no_playbook_and_no_engine() -> None:
    code = (
        "import sys; from salesflow.cli import main; main(['check', '--help']);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    loaded = set(done.stderr.split())
    assert "salesflow.cli._parser" in loaded
    heavy = (
        "pydantic",
        "salesflow.engine",
        "salesflow.playbook",
        "salesflow.rules",
        "salesflow.text",
    )
    assert [name for name in loaded if name.startswith(heavy)] == []


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gb18030"])
def test_it_prints_in_any_terminal_and_never_a_traceback(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "坏.toml"
    for content in ('id = "坏"\nstages = "流程"\n\x00', 'id = "坏"\nstages = "流程"\n'):
        path.write_text(content, encoding="utf-8")
        done = shell("check", path, PYTHONIOENCODING=encoding)
        assert done.returncode == 1
        assert done.stderr == b""
        assert b"error" in done.stdout
        done.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_is_json_in_any_terminal(encoding: str) -> None:
    done = shell("facts", "project_tracking", "--format", "json", PYTHONIOENCODING=encoding)
    facts = import_module("json").loads(done.stdout.decode(encoding))["facts"]
    assert next(it for it in facts if it["name"] == "amount")["title"]["zh"] == "金额"


def test_a_document_is_whole_in_a_file_where_the_terminal_lacks_its_signs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "手册.md"
    done = shell(
        "explain", "project_tracking", "--lang", "zh", "-o", path, PYTHONIOENCODING="ascii"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert path.read_text(encoding="utf-8").startswith("# 项目跟踪")


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("".join(f"k{i} = 1\n" for i in range(150)), encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "salesflow", "check", str(path), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert running.wait(timeout=60) == 1
    assert said == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "salesflow", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("salesflow: no space left")
    assert b"Traceback" not in done.stderr


def test_a_program_may_call_it_without_any_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(["check", "project_tracking"]) == 0
    assert main(["check", "-"]) == 1
    assert main(["check", "none.toml"]) == 2
    assert main(["--help"]) == 0


def test_an_interrupt_ends_without_a_traceback(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("salesflow.cli._check.sources", interrupted)
    assert run("check", small) == (130, "", "")


def test_the_words_of_the_shell_are_taken_where_none_are_given(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["salesflow", "check", str(small)])
    assert main() == 0
    assert capsys.readouterr().out == f"{small}: no problems\n"


def test_argparse_is_not_changed_for_others() -> None:
    assert argparse.ArgumentParser(prog="x").format_usage().startswith("usage: x")
    assert SMALL
