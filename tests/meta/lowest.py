"""Prints constraints for pip: the lowest version of everything that the library may be used with.

`make test-lowest` installs by them. The tools of the quick tests are those that are pinned; what
these and the library's own dependencies need in turn is left to pip.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_LEAST: Final = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)")
_NAME: Final = re.compile(r"[\w.-]+")


def lowest(project: dict[str, Any], pinned: str) -> Iterator[str]:
    """A line for each dependency, at its lower bound, and for each tool, where it is pinned.

    What is both, such as polars, is pinned: the tests ask more of it than the extra does.
    """
    offered = project["project"]
    pins = {line.partition("==")[0].lower(): line for line in pinned.splitlines()}
    tools = [_NAME.match(tool) for tool in project["dependency-groups"]["quick"]]
    named = {tool[0].lower() for tool in tools if tool is not None}
    extras = offered["optional-dependencies"].values()
    for needed in (*offered["dependencies"], *(one for extra in extras for one in extra)):
        found = _LEAST.fullmatch(needed)
        if found is None:
            raise SystemExit(f"pyproject.toml: {needed}: write a lower bound and no other")
        if found["name"] not in named & pins.keys():
            yield f"{found['name']}=={found['version']}"
    yield from (pins[tool] for tool in sorted(named & pins.keys()))


if __name__ == "__main__":
    print(
        *lowest(
            tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8")),
            (_ROOT / "constraints-dev.txt").read_text(encoding="utf-8"),
        ),
        sep="\n",
    )
