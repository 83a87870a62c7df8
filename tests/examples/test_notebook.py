"""The notebook of examples/: it runs from top to bottom, and shows charts and tables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
NOTEBOOK: Final = ROOT / "examples" / "tour.ipynb"

# In a process of its own, as Jupyter's machinery has warnings and event loops of its own.
RUN: Final = """
import nbformat, sys
from nbclient import NotebookClient
notebook = nbformat.read("tour.ipynb", as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""

# Altair writes a chart as a page with the Vega-Lite inside, at the end of a script.
SCRIPT: Final = "})("


def cells(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def shown(output: dict[str, Any]) -> str:
    """The HTML of an output."""
    return "".join(output["data"].get("text/html", ""))


def spec(output: dict[str, Any]) -> dict[str, Any]:
    """The Vega-Lite of a chart."""
    page = shown(output)
    at = page.rindex(SCRIPT) + len(SCRIPT)
    found: dict[str, Any] = json.JSONDecoder().raw_decode(page, at)[0]
    return found


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that the cells put out."""
    folder = tmp_path_factory.mktemp("notebook")
    for name in ("tour.ipynb", "one_deal.py"):
        shutil.copy(NOTEBOOK.with_name(name), folder)
    shutil.copytree(NOTEBOOK.with_name("data"), folder / "data")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "done.ipynb"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [output for cell in cells(folder / "done.ipynb") for output in cell["outputs"]]


def test_no_cell_fails_or_warns(outputs: list[dict[str, Any]]) -> None:
    assert {output["output_type"] for output in outputs} == {"execute_result"}


def test_the_charts_are_vega_lite_with_their_data(outputs: list[dict[str, Any]]) -> None:
    charts = [spec(output) for output in outputs if "vegaEmbed" in shown(output)]

    titles = [chart["title"]["text"] for chart in charts]
    assert [title.partition(":")[0] for title in titles] == [
        "Funnel",
        "Time in stage",
        "Ageing",
        "Go or no-go by the TAS 20",
        "Go or no-go by the TAS 20",
        "依据TAS 20问判断是否跟进",
        "Relationship map",
    ]
    assert all(chart["$schema"].endswith("vega-lite/v6.4.1.json") for chart in charts)
    assert all('"values"' in json.dumps(chart) for chart in charts)


def test_results_are_shown_as_tables(outputs: list[dict[str, Any]]) -> None:
    ours = [text for text in map(shown, outputs) if text.startswith('<div class="salesflow">')]

    for text, word in zip(
        ours,
        ("Optimized sales process", "205 deals on 2026-06-30", "Demand generation", "undecided"),
        strict=True,
    ):
        assert word in text


def test_the_notebook_is_stored_without_outputs() -> None:
    # A change is then read as a change of its text; whoever wants the pictures runs it.
    assert [cell["outputs"] for cell in cells(NOTEBOOK) if cell["outputs"]] == []
    assert {cell["execution_count"] for cell in cells(NOTEBOOK)} == {None}
