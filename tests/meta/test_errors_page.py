"""The tree of exceptions that the documentation draws is the tree that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import salesflow as sf
import salesflow.testing
from salesflow.errors import SalesflowError

ROOT = Path(__file__).parents[2]
# These packages have some of their own, which are known once the package is imported.
WITH_THEIR_OWN = (sf.domain.InvalidInput, sf.engine, sf.pipeline, sf.plots, sf.schedule, sf.testing)


def tree(cls: type[SalesflowError], depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Depth, name, and the package, where it is another one than `salesflow.errors`."""
    package = ".".join(cls.__module__.split(".")[:2])
    yield depth, cls.__name__, "" if package == "salesflow.errors" else package
    for child in sorted(cls.__subclasses__(), key=lambda each: each.__name__):
        if not child.__name__.startswith("_") and child.__module__.startswith("salesflow."):
            yield from tree(child, depth + 1)


def drawn() -> Iterator[tuple[int, str, str]]:
    page = (ROOT / "docs" / "api" / "errors.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    for line in block.splitlines():
        indent, name, said = re.fullmatch(r"([│├└─ ]*)(\w+)\s*(.*)", line).groups()  # type: ignore[union-attr]
        package = re.match(r"in (salesflow\.\w+):", said)
        yield len(indent) // 4, name, package[1] if package else ""


def test_the_page_draws_every_exception_where_it_stands() -> None:
    assert list(drawn()) == list(tree(SalesflowError))


def every_class(cls: type[SalesflowError] = SalesflowError) -> Iterator[type[SalesflowError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__.startswith("salesflow."):
            yield from every_class(child)


def test_every_title_is_a_short_sentence_for_whoever_gets_the_document() -> None:
    for cls in every_class():
        error = cls.__new__(cls)
        SalesflowError.__init__(error, "Wrong.")
        title = str(error.to_dict()["title"])
        assert re.fullmatch(r"[A-Z][^.]{5,98}\.", title), title
        assert not re.search(r"[`_();]|[a-z][A-Z]|caller|raise", title), title


def test_the_page_has_a_row_for_every_exception_with_its_code_and_status() -> None:
    def codes(cls: type[SalesflowError]) -> Iterator[tuple[str, str, str]]:
        yield cls.__name__, cls.code, str(cls.status)
        for child in cls.__subclasses__():
            if not child.__name__.startswith("_") and child.__module__.startswith("salesflow."):
                yield from codes(child)

    page = (ROOT / "docs" / "api" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]\w+)` \| `(\w+)` \| (\d+) \|", page, re.MULTILINE)

    assert len(set(rows)) == len(rows)
    assert sorted(rows) == sorted(set(codes(SalesflowError)))
