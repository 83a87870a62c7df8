"""Which inputs are kept: those that run lines of the package that no smaller one runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any, Final

import salesflow
from tests.fuzz.targets import asked

_PACKAGE: Final = str(Path(salesflow.__file__).parent)
_MOST: Final = 30_000
"""The bytes of the inputs of one target."""


def keep(name: str, corpus: Path, found: Path) -> None:
    """Add inputs that were found to those of a target, the smallest first, while there is room."""
    inputs = {path.read_bytes() for path in (*_files(corpus), *_files(found))}
    broken = {path.read_bytes() for path in _files(corpus) if path.name.startswith("found-")}
    seen = set[object]()
    room = _MOST
    for data in sorted(broken):
        seen |= _run_by(name, data)
    for path in _files(corpus):
        if not path.name.startswith("found-"):
            path.unlink()
    for data in sorted(inputs - broken, key=lambda data: (len(data), data)):
        new = _run_by(name, data) - seen
        if new and len(data) <= room:
            seen |= new
            room -= len(data)
            (corpus / sha256(data).hexdigest()[:12]).write_bytes(data)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.is_file())


def _run_by(name: str, data: bytes) -> set[object]:
    """The steps from line to line in the package that an input makes."""
    steps = set[object]()

    def seen(frame: FrameType, event: str, _arg: object) -> Any:
        if event == "call" and not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        last: list[int] = [0]

        def line(inner: FrameType, event: str, _arg: object) -> Any:
            if event == "line":
                steps.add((inner.f_code, last[0], inner.f_lineno))
                last[0] = inner.f_lineno
            return line

        return line

    before = sys.gettrace()
    sys.settrace(seen)
    try:
        asked(name, data)
    finally:
        sys.settrace(before)
    return steps
