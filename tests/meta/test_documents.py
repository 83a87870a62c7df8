"""Every code block of README.md and docs/ is run, from the top of its page to the bottom.

Sybil reads the pages: it knows Markdown's fences (nested, indented, quoted), gives a page one
namespace, and checks `>>>` blocks with doctest. pytest-markdown-docs checks no output, and
pytest-examples shares no namespace and wants its own output comments. Sybil's blocks are driven
from here instead of being collected one by one, because pytest-randomly would shuffle them.

What a block means, by its language:

- `python`: run; with `>>>`: run and compared.
- `toml`, `json`: must parse. With a title (` ```toml title="acme.toml" `, which the site shows as
  the block's heading) it is written to the page's working folder as well, so that the blocks
  below can load it; a titled `.toml` is a whole playbook and must pass `salesflow check`, unless
  it is a `pyproject.toml` or ends in `.cases.toml` or `.checks.toml`.
- `console`: `$ salesflow …`, `$ python …` and `$ make demo` are run and what they print is
  compared; `...` stands for anything.
- `bash`, `text`, `mermaid`, `markdown`, `yaml`: shown only. Any other language is an error.

The working folder of a page is empty but for `examples`, which is the project's.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from doctest import ELLIPSIS, REPORT_NDIFF, Example, OutputChecker
from pathlib import Path

import pytest
from sybil import Document, Region
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.evaluators.python import PythonEvaluator
from sybil.example import Example as Block
from sybil.parsers.abstract.doctest import DocTestStringParser

from tests.meta.typed_pages import FENCE, PAGES, ROOT

TITLE = re.compile(r'title="([\w.-]+)"')
SHOWN_ONLY = {"bash", "markdown", "mermaid", "text", "yaml"}


def test_there_are_pages() -> None:
    assert len(PAGES) > 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_code_block_of_a_page_does_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)

    for block in Document.parse(str(page), blocks):
        block.evaluate()


def blocks(document: Document) -> Iterable[Region]:
    """The code blocks of a page, each with what is to be done with it."""
    for region in FENCE(document):
        language, _, _ = region.lexemes["info"].strip().partition(" ")
        source = region.lexemes["source"]
        region.parsed = source
        if language == "python" and source.lstrip().startswith(">>>"):
            for part in DocTestStringParser(DocTestEvaluator(ELLIPSIS | REPORT_NDIFF))(
                source, document.path
            ):
                part.adjust(region, source)
                yield part
        elif language not in SHOWN_ONLY:
            region.evaluator = EVALUATORS.get(language, unknown)
            yield region


def unknown(block: Block) -> str:
    return f"no language that this test knows: {block.region.lexemes['info']!r}"


def toml(block: Block) -> None:
    tomllib.loads(block.parsed)
    name = written(block)
    others = (".cases.toml", ".checks.toml")
    if name and name != "pyproject.toml" and not name.endswith(others):
        said([sys.executable, "-m", "salesflow", "check", name], expect=0)


def json_(block: Block) -> None:
    json.loads(block.parsed)
    written(block)


def written(block: Block) -> str | None:
    title = TITLE.search(block.region.lexemes["info"])
    if title is None:
        return None
    Path(title[1]).write_text(block.parsed, encoding="utf-8")
    return title[1]


def console(block: Block) -> str | None:
    for part in re.split(r"^\$ ", block.parsed, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        words = shlex.split(command, comments=True)
        if words[:1] == ["python"]:
            got = said([sys.executable, *words[1:]])
        elif words[:1] == ["salesflow"]:
            got = said([sys.executable, "-m", *words])
        elif words == ["make", "demo"]:
            got = said([sys.executable, "examples/demo.py"], folder=ROOT)
        else:
            return f"`{command}` is not run here: show it in a bash block"
        example = Example(command, expected.rstrip("\n") + "\n")
        if not OutputChecker().check_output(example.want, got.rstrip("\n") + "\n", ELLIPSIS):
            return OutputChecker().output_difference(example, got, ELLIPSIS | REPORT_NDIFF)
    return None


def said(command: list[str], *, folder: Path | None = None, expect: int | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8"},  # the pages are in English, whatever the machine
        check=False,
        encoding="utf-8",
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=300,
    )
    assert expect in (None, done.returncode), done.stdout
    return done.stdout


EVALUATORS: dict[str, Callable[[Block], str | None]] = {
    "console": console,
    "json": json_,
    "python": PythonEvaluator(),
    "toml": toml,
}
