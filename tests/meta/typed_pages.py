"""The code of README.md and docs/ as modules for type checkers: `make check` runs both over them.

A page becomes one module of as many lines: what stands on a line of the page stands on the same
line of the module, so that a checker's line is the page's. Prompts are taken off, and what is no
Python is blank. A prompt that the page shows to raise is left out: a wrong call that is refused is
what it is there for.

The checkers see salesflow as a user's do: strict, and without the plugin of pydantic.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from doctest import DocTestParser
from pathlib import Path
from textwrap import dedent
from typing import Final, NamedTuple

from sybil import Document
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT = Path(__file__).parents[2]
# A translation has the blocks of its page: tests/meta/test_languages_of_the_site.py.
DOCS = sorted(page for page in (ROOT / "docs").rglob("*.md") if not page.name.endswith(".zh.md"))
PAGES = (ROOT / "README.md", *DOCS)
FENCE = RawFencedCodeBlockLexer(re.compile(r"[ \t]*(?P<info>[^\n]*)$\n", re.MULTILINE))

# What is about the style of a page, never about what is called, with what, and what comes of it.
MYPY: Final[Mapping[str, bool]] = {
    "strict": True,
    "warn_unreachable": True,
    "allow_redefinition": True,  # a page tells on: `deal` is another deal further down
    "disallow_untyped_defs": False,  # a helper of three lines is read best without types; …
    "disallow_incomplete_defs": False,  # … what can be mistaken has its type
    "disallow_untyped_calls": False,  # … and is called
}
PYRIGHT: Final[Mapping[str, object]] = {
    "typeCheckingMode": "standard",
    "reportRedeclaration": False,  # a page tells on, as above
    "reportUnusedExpression": False,  # a prompt shows a value
    "reportPossiblyUnboundVariable": False,  # of `except` at a prompt, where the error does come
}


class Complaint(NamedTuple):
    """What a type checker says of a line.

    Attributes:
        module: The name of the module.
        line: The line, counted from 1.
        code: The checker's name of the rule.
        words: What it says.
    """

    module: str
    line: int
    code: str
    words: str


def module_of(text: str) -> str:
    """The Python of a page, each line where it stands on the page."""
    lines = [""] * (text.count("\n") + 1)
    for region in FENCE(Document(text, "")):
        if region.lexemes["info"].split()[:1] == ["python"]:
            first = text.count("\n", 0, region.start) + 1
            for at, line in statements(region.lexemes["source"]):
                lines[first + at] = line
    return "\n".join(lines) + "\n"


def statements(source: str) -> Iterator[tuple[int, str]]:
    """The lines of code of a block, each with its place in the block."""
    if not source.lstrip().startswith(">>>"):
        yield from enumerate(dedent(source).splitlines())
        return
    for example in DocTestParser().get_examples(source):
        if example.exc_msg is None:
            for at, line in enumerate(example.source.splitlines()):
                yield example.lineno + at, line


def mypy(modules: Mapping[str, str], *, cache: Path | None = None) -> list[Complaint]:
    """What mypy says of modules, given by name as text."""
    with tempfile.TemporaryDirectory() as folder:
        settings = [f"{name} = {value}" for name, value in MYPY.items()]
        settings += [f"cache_dir = {cache or folder}", f"mypy_path = {ROOT / 'src'}:{ROOT}"]
        settings += ["python_version = 3.11", "follow_imports = silent", "pretty = False"]
        config = Path(folder, "mypy.ini")
        config.write_text("\n".join(["[mypy]", *settings, ""]), encoding="utf-8")
        written = [sys.executable, "-m", "mypy", "--config-file", config, "--no-error-summary"]
        written += ["--hide-error-context", "--output", "json", *write(modules, Path(folder))]
        said = run(written, folder, expect=(0, 1))
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [
        Complaint(Path(each["file"]).stem, each["line"], str(each["code"]), each["message"])
        for each in found
        if each["severity"] == "error"
    ]


def pyright(modules: Mapping[str, str]) -> list[Complaint]:
    """What pyright says of modules, given by name as text.

    It is basedpyright, which brings its own Node: the wheel of pyright downloads what it runs.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = {**PYRIGHT, "include": ["."], "extraPaths": [str(ROOT / "src"), str(ROOT)]}
        config = Path(folder, "pyrightconfig.json")
        config.write_text(json.dumps({**settings, "pythonVersion": "3.11"}), encoding="utf-8")
        write(modules, Path(folder))
        program = [sys.executable, "-m", "basedpyright", "--project", config, "--outputjson"]
        said = run([*program, "--pythonpath", sys.executable], folder, expect=(0, 1))
    return [
        Complaint(
            Path(each["file"]).stem,
            each["range"]["start"]["line"] + 1,
            each.get("rule", "syntax"),
            each["message"],
        )
        for each in json.loads(said)["generalDiagnostics"]
        if each["severity"] == "error"
    ]


def write(modules: Mapping[str, str], folder: Path) -> list[str]:
    """The files of the modules, written into a folder."""
    for name, text in modules.items():
        Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
    return [f"{name}.py" for name in modules]


def run(command: Iterable[object], folder: str, expect: tuple[int, ...]) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        check=False,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if done.returncode not in expect:
        raise RuntimeError(f"{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    """Both checkers over every page; what they say is said with the page and its line."""
    names = {re.sub(r"\W", "_", str(page.relative_to(ROOT))): page for page in PAGES}
    modules = {name: module_of(page.read_text(encoding="utf-8")) for name, page in names.items()}
    found = 0
    for checker, complaints in (
        ("mypy", mypy(modules, cache=ROOT / ".mypy_cache" / "pages")),
        ("pyright", pyright(modules)),
    ):
        # One line may be wrong for each member of a union.
        for each in {(it.module, it.line, it.code): it for it in sorted(complaints)}.values():
            page = names[each.module].relative_to(ROOT)
            sys.stdout.write(f"{page}:{each.line}: {each.words} [{checker}: {each.code}]\n")
        found += len(complaints)
    if not found:
        sys.stdout.write(f"The code of {len(PAGES)} pages: no issues found by mypy and pyright\n")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
