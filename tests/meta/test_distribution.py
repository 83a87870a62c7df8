"""What is built is what users get: the wheel is built from the source distribution and read."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, without a network."""
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
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
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


def test_the_wheel_asks_for_three_packages_and_narwhals_only_as_an_extra(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode("utf-8"))
    asked = metadata.get_all("Requires-Dist") or []
    core = {re.split(r"[^\w-]", line)[0] for line in asked if "extra ==" not in line}
    frames = {re.split(r"[^\w-]", line)[0] for line in asked if "extra == 'frames'" in line}

    assert core == {"pydantic", "python-dateutil", "transitions"}
    assert frames == {"narwhals"}
    assert metadata["Requires-Python"] == ">=3.11"


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
