"""No file of the project knows the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
GENERATED = {"site", "build", "dist", "htmlcov", "__pycache__"}

TRACES = {
    "a path of somebody's machine": r"(?<![\w.~/-])/(?:home|root|Users|work|mnt|srv)/\w",
    "a folder beside the project": r"\.\./shared(?!/data\b)",
    "a network address": r"(?<![\w.])(?:10|127|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])",
    "a private host": r"://(?:localhost|[\w.-]+\.(?:internal|local|lan|corp))\b",
    "a package index": r"(?:index[-_]url|find[-_]links|trusted[-_]host)[ =:]",
    "a number of the issue tracker": r"(?i)(?<![\w/.-])issues?\s*#?\s*\d+\b",
}


def project_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name.decode("utf-8") for name in listed.stdout.split(b"\0") if name]
    else:  # an unpacked source distribution
        files = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part in GENERATED or part.startswith(".") for part in path.relative_to(ROOT).parts
            )
        ]
    return [path for path in files if path.is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    read = dict[str, str]()
    for path in project_files():
        if CORPUS in path.parents:  # bytes at random
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            read[path.relative_to(ROOT).as_posix()] = content.decode("utf-8")
    assert "pyproject.toml" in read
    return read


@pytest.mark.parametrize("what", TRACES)
def test_no_file_of_the_project_holds(what: str, texts: dict[str, str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(TRACES[what], line)
    ]

    assert found == []


def test_every_text_file_ends_with_one_line_break_and_has_no_windows_ones(
    texts: dict[str, str],
) -> None:
    wrong = [
        name
        for name, text in texts.items()
        if text and (not text.endswith("\n") or text.endswith("\n\n") or "\r" in text)
    ]

    assert wrong == []
