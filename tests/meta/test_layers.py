"""The architecture: who may import whom, and what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))

# What a program that only imports salesflow must not pay for.
HEAVY = {
    "altair",
    "duckdb",
    "holidays",
    "hypothesis",
    "narwhals",
    "pandas",
    "polars",
    "pyarrow",
    "pytest",
    "transitions",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: PLW1510 - each test says what it expects of the exit status
        command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300
    )


def test_dependencies_point_downward_only() -> None:
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo")

    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_salesflow_imports_nothing_heavy_and_no_playbook() -> None:
    done = run(sys.executable, "-c", "import sys, salesflow; print(*sys.modules)")

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(HEAVY)
    assert not [name for name in loaded if name.startswith("salesflow.playbooks")]


def test_narwhals_is_imported_by_its_stable_name_only() -> None:
    imported = {
        (path.relative_to(ROOT).as_posix(), module)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_bytes()))
        for module in modules_of(node)
        if module.partition(".")[0] == "narwhals"
    }

    assert imported
    assert {pair for pair in imported if not pair[1].startswith("narwhals.stable.v2")} == set()


def modules_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) else []
