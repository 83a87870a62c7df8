"""The reference shows every field of every model; its pages say something before they are built."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path

import griffe
import pytest
from pydantic import BaseModel

from tests.test_described import models

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "api").glob("*.md"))
MODELS = sorted(set(models()), key=lambda cls: f"{cls.__module__}.{cls.__name__}")


@cache
def package() -> griffe.Object | griffe.Alias:
    """The package as mkdocs reads it."""
    fields = griffe.load_extensions(str(ROOT / "docs" / "_fields.py"))
    return griffe.load("salesflow", search_paths=[ROOT / "src"], extensions=fields)


def of(cls: type[BaseModel]) -> griffe.Class:
    importlib.import_module(cls.__module__)
    found = package()[f"{cls.__module__}.{cls.__name__}".removeprefix("salesflow.")]
    assert isinstance(found, griffe.Class)
    return found


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_the_reference_shows_and_describes_every_field(cls: type[BaseModel]) -> None:
    shown = of(cls)
    given = [
        each.name
        for each in shown.parameters
        if each.name != "self" and each.kind is not griffe.ParameterKind.var_keyword
    ]
    assert shown.docstring is not None
    sections = shown.docstring.parse("google")
    told = {
        item.name: item.description
        for section in sections
        if isinstance(section, griffe.DocstringSectionAttributes)
        for item in section.value
    }

    assert sorted(set(given) - cls.model_fields.keys()) == []
    assert sorted(cls.model_fields.keys() - given) == []
    assert [name for name in cls.model_fields if not told.get(name)] == []


def test_a_field_is_shown_with_its_type_and_its_default() -> None:
    shown = package()["engine.commands.Judge"]
    assert isinstance(shown, griffe.Class)
    fields = {each.name: each for each in shown.parameters}

    assert str(fields["verdict"].annotation) == "JudgementVerdict"
    assert fields["verdict"].default is None
    assert str(fields["review_on"].annotation) == "Day | None"
    assert str(fields["review_on"].default) == "None"
    assert str(fields["by"].annotation) == "Label"  # of the class above it


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_what_is_on_it_before_the_reference_is_built(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    said = re.sub(r"(?m)^:::.*(\n    .*)*", "", text)

    assert re.search(r"(?m)^[A-Z].*[.:]$|^[A-Z].*\.\s", said), "no sentence"
    assert re.search(r"(?m)^(- |\| )", said), "no list or table of what is on the page"
