"""`python -m salesflow check FILE`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from salesflow.__main__ import main

BRIDGE = Path(__file__).with_name("bridge.toml")


def test_a_good_file_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(BRIDGE)]) == 0
    assert capsys.readouterr().out == f"{BRIDGE}: no problems\n"


def test_errors_are_listed_and_counted(
    tmp_path: Path, bridge_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        bridge_text.replace('"EUR"', '"EUX"').replace(
            '{ en = "Bridges", zh = "桥梁项目" }', '"Bridges"'
        ),
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(
        f'{path}: error: line 9, column 12: currency: there is no currency of ISO 4217 "EUX"'
    )
    assert out[1].startswith(f"{path}: warning: line 5, column 9: title: ")
    assert out[2] == f"{path}: 1 error, 1 warning"


def test_warnings_fail_only_when_asked_to(tmp_path: Path, bridge_text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        bridge_text.replace('{ en = "Bridges", zh = "桥梁项目" }', '"Bridges"'), encoding="utf-8"
    )
    assert main(["check", str(path)]) == 0
    assert main(["check", "--strict", str(path)]) == 1


def test_the_worst_of_several_files_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(BRIDGE), str(tmp_path / "none.toml")]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["chekc"], ["check"], ["check", "--what"]])
def test_a_command_that_is_not_understood_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gb18030"])
def test_it_prints_in_any_terminal_and_never_a_traceback(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "坏.toml"
    path.write_text('id = "坏"\nstages = "流程"\n\x00', encoding="utf-8")
    for content in (None, 'id = "坏"\nstages = "流程"\n'):
        if content:
            path.write_text(content, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "salesflow", "check", str(path)],
            capture_output=True,
            check=False,
            env={"PYTHONIOENCODING": encoding, "PYTHONPATH": ":".join(sys.path)},
        )
        assert done.returncode == 1
        assert done.stderr == b""
        assert b"error" in done.stdout


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


def test_a_file_cannot_speak_to_the_terminal(
    tmp_path: Path, bridge_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(r'"\u0007\u001b[31mzz\u009b\u202e" = 1' + f"\n{bridge_text}", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert r"\x07\x1b[31mzz\x9b\u202e" in out
    assert all(line.isprintable() for line in out.splitlines())
