"""The notebook of examples/ as a page, with what its cells show.

Its cells are run here, one after the other, as the site is built: Jupyter would start a kernel and
write charts that load Vega from the web.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any, Final

import _pictures

from salesflow.plots._canvas import Picture

NOTEBOOK: Final = _pictures.ROOT / "examples" / "tour.ipynb"
PAGE: Final = "tour.md"


def page(notebook: Path = NOTEBOOK) -> tuple[str, dict[str, Picture]]:
    """The notebook in Markdown, and the charts that it shows, by their names."""
    written: list[str] = []
    charts: dict[str, Picture] = {}
    names: dict[str, Any] = {}
    sys.path.insert(0, str(notebook.parent))  # as Jupyter does
    try:
        with chdir(notebook.parent):
            for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] == "markdown":
                    written.append(source)
                    continue
                written.append(f"```python\n{source}\n```")
                written.append(_output(_run(source, names), charts, notebook.stem))
    finally:
        sys.path.pop(0)
    return "\n\n".join(filter(None, written)) + "\n", charts


def _run(source: str, names: dict[str, Any]) -> object:
    """What the last line of a cell is, if it is a value."""
    *body, last = ast.parse(source).body
    shows = isinstance(last, ast.Expr)
    exec(compile(ast.Module(body if shows else [*body, last], []), "cell", "exec"), names)  # noqa: S102
    return eval(ast.unparse(last), names) if shows else None  # noqa: S307 - our own notebook


def _output(value: object, charts: dict[str, Picture], stem: str) -> str:
    """What a notebook shows of a value."""
    if value is None:
        return ""
    if isinstance(value, Picture):
        name = f"{stem}_{len(charts) + 1}"
        charts[name] = value
        return _pictures.figure(value.to_dict(validate=False)["title"]["text"], name)
    shown = getattr(value, "_repr_html_", None)
    if shown is None:
        return f"```text\n{value!r}\n```"
    html = re.sub(r"\n\s*", "\n", shown())  # an empty line would end it
    return f'<div class="output">{html}</div>'
