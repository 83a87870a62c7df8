"""What is public is said once, exactly, in `__all__`."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import salesflow
from tests.meta.public_api import LISTING, differences, entries, listing

ROOT = Path(__file__).parents[2]
NAMES = tuple(vars(salesflow)["__all__"])
# The rooms of `domain` are its inside: what they offer is offered by `salesflow.domain`.
PUBLIC = sorted(
    info.name
    for info in pkgutil.walk_packages(salesflow.__path__, "salesflow.")
    if not any(part.startswith("_") for part in info.name.split("."))
    and not info.name.startswith("salesflow.domain.")
)


def is_package(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def offered(module: ModuleType) -> set[str]:
    """The names that a reader of the module would take for public."""
    names = set[str]()
    for name, value in vars(module).items():
        # pydantic keeps a model with its parameters, once somebody asks for it, beside the model.
        if name.startswith("_") or "[" in name or inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", None)
        # A package offers whatever it imports from its own modules; a module what it defines.
        own = is_package(module) and str(home).startswith(f"{module.__name__}.")
        if (inspect.isclass(value) or inspect.isfunction(value)) and (
            own or home == module.__name__
        ):
            names.add(name)
    return names


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_names_of_a_module_are_exactly_its_all(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)

    assert listed is not None, f"{name} has no __all__"
    assert len(set(listed)) == len(listed), "a name stands twice"
    assert [each for each in listed if not hasattr(module, each)] == [], "listed, not there"
    assert [each for each in listed if each.startswith("_")] == [], "listed, yet private"
    assert sorted(offered(module) - set(listed)) == [], "there, not listed"


def test_every_name_that_salesflow_lists_can_be_had_and_is_shown_by_dir() -> None:
    assert [name for name in NAMES if not hasattr(salesflow, name)] == []
    assert set(NAMES) <= set(dir(salesflow))
    assert len(set(NAMES)) == len(NAMES)


def test_a_name_that_salesflow_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(salesflow, "no_such_name")  # noqa: B009 - a type checker would refuse the plain form


@pytest.mark.parametrize("package", [salesflow, salesflow.domain])
def test_type_checkers_see_the_names_that_run_time_offers(package: ModuleType) -> None:
    stub = Path(str(package.__file__)).with_suffix(".pyi")
    imported = [
        alias.name
        for node in ast.walk(ast.parse(stub.read_bytes()))
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "salesflow"
        for alias in node.names
    ]

    assert sorted(map(str, imported)) == sorted(vars(package)["__all__"])
    assert [name for name in imported if not hasattr(package, str(name))] == []


def test_every_name_that_salesflow_lists_is_in_the_api_reference() -> None:
    text = (ROOT / "docs" / "api" / "index.md").read_text(encoding="utf-8")

    assert [n for n in NAMES if f"`{n}`" not in text and f"`salesflow.{n}`" not in text] == []


def test_the_listing_of_the_public_names_is_that_of_the_code() -> None:
    changes = differences(LISTING.read_text(encoding="utf-8"), now := listing())
    told = "\n".join(
        [
            "The public names are others than docs/api/public.txt lists.",
            *changes,
            "A removal breaks callers, a change may: docs/versions.md says when that is allowed.",
            "CHANGELOG.md has a line for each. Then `make api` writes the listing anew.",
        ]
    )

    assert not changes, told
    assert LISTING.read_text(encoding="utf-8") == now, "run `make api`"


def test_the_listing_has_every_name_of_every_module_that_the_reference_shows() -> None:
    listed = entries(LISTING.read_text(encoding="utf-8"))
    modules = {name.rpartition(".")[0] for name in listed}
    shown = {name for name in PUBLIC if name in modules}

    assert {f"salesflow.{name}" for name in NAMES} <= listed.keys()
    assert {f"salesflow.{name}" for name in vars(salesflow)["_PACKAGES"]} <= shown
    assert [
        f"{name}.{each}"
        for name in sorted(shown)
        for each in importlib.import_module(name).__all__
        if f"{name}.{each}" not in listed
    ] == []


def test_what_a_change_does_to_the_listing_is_told_by_name() -> None:
    was = "m\n\n  class A(Base)\n  A.go(by: str) -> int\n  C = m.n.C\n\nm.n\n\n  class C\n"
    now = "m\n\n  class A(Base)\n  A.go(by: str, at: date) -> int\n  A.x: int\n\nm.n\n\n  class C\n"

    assert differences(was, now) == [
        "removed: m.C",
        "changed: m.A.go\n    was A.go(by: str) -> int\n    is  A.go(by: str, at: date) -> int",
        "added:   m.A.x",
    ]
    assert differences(was, was) == []


@pytest.mark.parametrize("record", [salesflow.Opportunity, salesflow.Lose, salesflow.Review])
def test_completion_offers_nothing_that_would_skip_the_checks(record: type) -> None:
    assert {"trusted", "replaced", "keeping"}.isdisjoint(dir(record))
