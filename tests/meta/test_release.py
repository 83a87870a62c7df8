"""A version stands in one place, all others agree with it, and a release changes all of them."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from mkdocs.utils.yaml import yaml_load

import salesflow
from tests.meta.release import CHANGELOG, CITATION, PLACES, ROOT, cut, released

TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in (*PLACES, CHANGELOG)}
LOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A rule.\n"
NEXT = {**TEXTS, CHANGELOG: LOG}


@pytest.mark.parametrize("name", PLACES)
def test_a_file_that_says_the_version_says_that_of_the_package(name: str) -> None:
    assert PLACES[name].findall(TEXTS[name]) == [salesflow.__version__]


def test_the_changelog_has_what_is_unreleased_and_then_each_release_newest_first() -> None:
    headings = [line for line in TEXTS[CHANGELOG].splitlines() if line.startswith("## ")]
    found = released(TEXTS[CHANGELOG])

    assert headings[0] == "## [Unreleased]"
    assert len(headings) == len(found) + 1, "a heading that is no release with its day"
    assert found == sorted(found, reverse=True)
    days = [date.fromisoformat(day) for _, day in found]
    assert days == sorted(days, reverse=True)
    if found:
        assert ".".join(map(str, found[0][0])) == salesflow.__version__


def test_the_citation_says_what_the_project_says_of_itself() -> None:
    said = yaml_load(TEXTS[CITATION])
    assert said is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    days = [day for _, day in released(TEXTS[CHANGELOG])[:1]]

    assert said["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "type", "abstract"} <= said.keys()
    assert (said["title"], said["license"]) == (project["name"], project["license"])
    assert said["authors"] == project["authors"]
    assert said["keywords"] == project["keywords"]
    assert said["abstract"] == f"{project['description']}."
    assert [str(said[key]) for key in ("date-released",) if key in said] == days


def test_a_release_heads_what_was_unreleased_and_is_written_everywhere() -> None:
    first = cut(NEXT, "7.0.0", "2030-01-31")
    more = first[CHANGELOG].replace("]\n", "]\n\n- More.\n", 1)
    second = cut({**first, CHANGELOG: more}, "7.0.1", "2030-02-01")

    assert first[CHANGELOG] == LOG.replace("]\n", "]\n\n## [7.0.0] - 2030-01-31\n")
    assert released(second[CHANGELOG]) == [((7, 0, 1), "2030-02-01"), ((7, 0, 0), "2030-01-31")]
    assert second[CHANGELOG].count("- More.") == 1
    assert {tuple(PLACES[name].findall(second[name])) for name in PLACES} == {("7.0.1",)}
    assert second[CITATION].endswith("version: 7.0.1\ndate-released: 2030-02-01\n")
    assert second[CITATION].count("date-released") == 1


@pytest.mark.parametrize(
    ("version", "log", "why"),
    [
        ("1.0", LOG, "no version"),
        ("v1.0.0", LOG, "no version"),
        ("01.0.0", LOG, "no version"),
        ("1.9.0", f"{LOG}\n## [1.10.0] - 2030-01-31\n\n- That.\n", "not above 1.10.0"),
        ("1.0.0", f"{LOG}\n## [1.0.0] - 2030-01-31\n\n- That.\n", "not above 1.0.0"),
        ("2.0.0", "## [Unreleased]\n\n## [1.0.0] - 2030-01-31\n\n- That.\n", "nothing to release"),
    ],
)
def test_what_is_no_next_release_is_refused(version: str, log: str, why: str) -> None:
    with pytest.raises(SystemExit, match=why):
        cut({**TEXTS, CHANGELOG: log}, version, "2030-02-01")
