"""What is built is what users get: the source distribution is read, and the wheel built from it.

`make dist` asks the same of what is in `dist/`, by `--built`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
from markdown_it import MarkdownIt

import salesflow
from tests.meta.test_tree import project_files

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both distributions; unless it is given they are built, without a network."""
    given: str | None = request.config.getoption("--built")
    if given is not None:
        return ROOT / given
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def described(wheel: Path) -> Message:
    """The metadata of the wheel, with the README of PyPI as its text."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode("utf-8"))


def test_the_source_distribution_holds_the_project_and_nothing_else(built: Path) -> None:
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    ours = {path.relative_to(ROOT).as_posix() for path in project_files()} | {"PKG-INFO"}
    hidden = {name for name in shipped | ours if name.startswith(".")}

    assert sorted(shipped & hidden) == [".gitignore", ".pre-commit-hooks.yaml"]
    assert sorted((shipped ^ ours) - hidden) == []


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(SOURCE).as_posix() for path in project_files() if SOURCE in path.parents
    }

    assert shipped == expected


def test_the_wheel_is_typed_and_brings_the_playbooks_and_their_checklists(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = set(archive.namelist())

    assert "salesflow/py.typed" in shipped
    assert "salesflow/playbooks/optimized_sales_process.toml" in shipped
    assert "salesflow/playbooks/optimized_sales_process.cases.toml" in shipped
    assert "salesflow/playbooks/checklists/tas.toml" in shipped
    assert [name for name in shipped if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_wheel_asks_for_three_packages_and_narwhals_only_as_an_extra(
    described: Message,
) -> None:
    asked = described.get_all("Requires-Dist") or []
    core = {re.split(r"[^\w-]", line)[0] for line in asked if "extra ==" not in line}
    frames = {re.split(r"[^\w-]", line)[0] for line in asked if "extra == 'frames'" in line}

    assert core == {"pydantic", "python-dateutil", "transitions"}
    assert frames == {"narwhals"}
    assert described["Requires-Python"] == ">=3.11"


def test_the_wheel_is_of_the_version_that_the_package_says(wheel: Path, described: Message) -> None:
    assert described["Version"] == salesflow.__version__
    assert wheel.name == f"salesflow-{salesflow.__version__}-py3-none-any.whl"


def test_the_page_on_pypi_is_the_readme_without_links_that_lead_nowhere(described: Message) -> None:
    page = str(described.get_payload())
    shown = [token for token in MarkdownIt().parse(page) if token.type != "fence"]
    inline = [part for token in shown for part in token.children or ()]
    leads = [str(part.attrs.get("href", part.attrs.get("src", "#"))) for part in inline]
    raw = " ".join(token.content for token in [*shown, *inline] if token.type.startswith("html"))
    leads += re.findall(r"""(?:href|src|srcset)=["']([^"']*)""", raw)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert described["Description-Content-Type"] == "text/markdown"
    assert [each for each in leads if not each.startswith(("https:", "#"))] == []
    assert re.findall(r"^#+ .*", page, re.MULTILINE) == re.findall(r"^#+ .*", readme, re.MULTILINE)
    assert FENCED.findall(page) == FENCED.findall(readme)


def test_the_wheel_runs_outside_of_the_clone_as_the_readme_says(
    wheel: Path, tmp_path: Path
) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - our own

    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "meta" / "smoke.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.startswith(f"salesflow {salesflow.__version__} on Python ")


def test_the_constraints_pin_every_tool_exactly_and_name_no_place() -> None:
    lines = (ROOT / "constraints-dev.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin)] == []
    pinned = {re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() for pin in pins}
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = {
        re.split(r"[\s\[<>=!~;]", each)[0].lower()
        for each in [
            *project["build-system"]["requires"],
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["frames"],
            *(item for group in project["dependency-groups"].values() for item in group),
        ]
        if isinstance(each, str)
    }
    assert sorted(wanted - pinned) == []
