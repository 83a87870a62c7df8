"""What all tests share: how hard Hypothesis tries, and which engines of frames are asked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# As `tests.frame_engines` names them, by their first word. The quick tests run without those
# packages, so the names are said here; a test there holds the two lists together.
FAMILIES = ("pandas", "polars", "pyarrow", "duckdb", "ibis", "dask", "pyspark")

# "ci" is for every run and asks the same of every change: a law that fails somewhere new must not
# stop a change that has nothing to do with it. "quick" is for the other versions of Python; "long"
# is for a night, and for `make test-long`, where the laws of the engines say themselves how often
# each engine is asked: it looks somewhere new every time, and prints the blob that brings a failure
# back.
settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,  # the machines of a CI are shared
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", parent=settings.get_profile("ci"), max_examples=10)
settings.register_profile(
    "long", parent=settings.get_profile("ci"), max_examples=5_000, derandomize=False
)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        default="polars,pandas,duckdb",
        help=f"the engines of frames to ask: all, or some of {','.join(FAMILIES)}",
    )
    parser.addoption("--built", help="the folder of the distributions to read; default: new ones")
    parser.addoption("--site", metavar="FOLDER", help="a site that was built, for `make docs`")


def pytest_configure(config: pytest.Config) -> None:
    unknown = set(_chosen(config)) - set(FAMILIES)
    if unknown:
        there_are = f"there are {', '.join(FAMILIES)}, or all"
        message = f"--engines: {', '.join(sorted(unknown))}; {there_are}"
        raise pytest.UsageError(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are asked of an engine that was not chosen."""
    others = set(FAMILIES) - set(_chosen(config))
    left_out = [item for item in items if others & _engines(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _chosen(config: pytest.Config) -> list[str]:
    option: str = config.getoption("--engines")
    return list(FAMILIES) if option == "all" else option.split(",")


def _engines(item: pytest.Item) -> set[str]:
    callspec = getattr(item, "callspec", None)  # only a parametrised test has one
    values = callspec.params.values() if callspec else ()
    return {value.partition(" ")[0] for value in values if isinstance(value, str)}
