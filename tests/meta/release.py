"""Cuts a release: `make release VERSION=1.2.0` writes the version wherever it stands, and its day.

What is unreleased in the changelog becomes the version's. Only files are written; the rest of a
release is under "A release" in CONTRIBUTING.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CHANGELOG: Final = "CHANGELOG.md"
CITATION: Final = "CITATION.cff"
# The package says which version it is; all else is built from that, or copied here.
PLACES: Final[Mapping[str, re.Pattern[str]]] = {
    "src/salesflow/__init__.py": re.compile(r'(?<=^__version__: Final = ")[^"]+', re.MULTILINE),
    CITATION: re.compile(r"(?<=^version: ).+", re.MULTILINE),
    **dict.fromkeys(
        ("docs/tutorials/command.md", "docs/tutorials/command.zh.md"),
        re.compile(r"(?<=^    rev: v).+", re.MULTILINE),
    ),
}
_UNRELEASED: Final = "## [Unreleased]\n"
_RELEASED: Final = re.compile(r"^## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_DAY: Final = re.compile(r"^date-released: .+\n", re.MULTILINE)


def released(changelog: str) -> list[tuple[tuple[int, ...], str]]:
    """The versions that have been released, as numbers, each with its day, the newest first."""
    return [(tuple(map(int, found[:3])), found[3]) for found in _RELEASED.findall(changelog)]


def cut(texts: Mapping[str, str], version: str, day: str) -> dict[str, str]:
    """The files after the release, of those before it."""
    changelog = texts[CHANGELOG]
    before, _, rest = changelog.partition(_UNRELEASED)
    last = max((numbers for numbers, _ in released(changelog)), default=(0, 0, 0))
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise SystemExit(f"{version!r} is no version; write three numbers, such as 1.2.0")
    if tuple(map(int, version.split("."))) <= last:
        raise SystemExit(f"{version} is not above {'.'.join(map(str, last))}, the last release")
    if not rest.partition("\n## ")[0].strip():
        raise SystemExit(f'{CHANGELOG} has nothing under "Unreleased": there is nothing to release')
    written = {name: place.sub(version, texts[name]) for name, place in PLACES.items()}
    written[CHANGELOG] = f"{before}{_UNRELEASED}\n## [{version}] - {day}\n{rest}"
    written[CITATION] = _DAY.sub("", written[CITATION]) + f"date-released: {day}\n"
    return written


if __name__ == "__main__":
    old = {name: (ROOT / name).read_text(encoding="utf-8") for name in (*PLACES, CHANGELOG)}
    for name, text in cut(old, *sys.argv[1:]).items():
        (ROOT / name).write_text(text, encoding="utf-8")
        print(f"{name}: {sys.argv[1]}")
