"""The hooks of the site, which write pages as it is built."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def hook(name: str) -> ModuleType:
    """The module of a hook, which lies beside the pages and in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "docs"))  # as mkdocs does, since hooks share what they know
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module
