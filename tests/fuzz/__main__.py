"""Fuzz the readers of strangers' texts, guided by what is run: `make fuzz`.

Each target is fuzzed for a while, from the inputs in `tests/corpus` and from those that were found
in earlier runs. An input that breaks something is written into `tests/corpus`, where a test asks it
from then on. With `--keep`, so are those that run lines of the package that no other one runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.fuzz.keeping import keep
from tests.fuzz.targets import TARGETS

CORPUS: Final = Path(__file__).parents[1] / "corpus"
_FOUND: Final = Path(".fuzz")
_SECONDS: Final = 60
_LONGEST: Final = 20_000


def fuzz(name: str, seconds: int) -> bool:
    """Whether nothing was found in a target."""
    corpus, found = CORPUS / name, _FOUND / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    words = found.with_suffix(".dict")
    words.write_text("".join(_entry(word) for word in TARGETS[name].words), encoding="ascii")
    options = [
        *(
            f"-max_total_time={seconds}",
            f"-max_len={_LONGEST}",
            "-timeout=20",
            "-rss_limit_mb=2048",
        ),
        *(f"-dict={words}", f"-artifact_prefix={corpus}/found-", "-verbosity=0"),
        "-print_final_stats=1",
    ]
    print(f"== {name}, {seconds} s", flush=True)
    command = [sys.executable, "-m", "tests.fuzz.one", name, *options, str(found), str(corpus)]
    return subprocess.run(command, check=False).returncode == 0


def _entry(word: str) -> str:
    spelt = "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "surrogatepass"))
    return f'"{spelt}"\n' if spelt else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=…", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all, if none is named")
    parser.add_argument("--seconds", type=int, default=_SECONDS, help="for each of them")
    parser.add_argument("--keep", action="store_true", help="keep what runs other lines")
    given = parser.parse_args(arguments)
    if find_spec("atheris") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        print(f"make fuzz needs atheris, which is not there for Python {version} on this system.")
        return 2
    names = given.targets or list(TARGETS)
    broken = [name for name in names if not fuzz(name, given.seconds)]
    if given.keep:
        for name in names:
            keep(name, CORPUS / name, _FOUND / name)
    if broken:
        print(f"Found something: {', '.join(broken)}; see {CORPUS}/…/found-*")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
