"""What a user does first, asked of an installed salesflow: load a playbook, and follow the README.

It needs nothing but the standard library: `make dist` runs it in environments where nothing else is
installed. The README is the one that the installation brings, which is the page on PyPI.
"""

from __future__ import annotations

import re
import sys
from doctest import ELLIPSIS, DocTestParser, DocTestRunner
from importlib.metadata import entry_points, metadata
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import salesflow

CLONE: Final = Path(__file__).parents[2] / "src"
PYTHON: Final = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def first_steps(readme: str) -> int:
    """Run the first block of the README and the prompts below it; how many prompts those were."""
    first, *others = PYTHON.findall(readme)
    names: dict[str, Any] = {}
    exec(first, names)  # noqa: S102 - the page's own code
    runner = DocTestRunner(optionflags=ELLIPSIS)
    for block in takewhile(lambda block: block.startswith(">>>"), others):
        test = DocTestParser().get_doctest(block, names, "README", None, None)
        runner.run(test, clear_globs=False)
        names = test.globs  # a copy was filled
    assert runner.failures == 0
    return runner.tries


def main() -> None:
    """Fail where something is not as it should be; else say what was tried."""
    installed = metadata("salesflow")
    assert CLONE not in Path(salesflow.__file__).parents, "this is the clone"
    assert installed["Version"] == salesflow.__version__
    assert entry_points(group="console_scripts")["salesflow"].load()
    playbooks = salesflow.available_playbooks(load=True)
    assert {info.status for info in playbooks} == {"loaded"}, playbooks
    prompts = first_steps(installed["Description"])
    assert prompts, "the README has no prompts below its first block"
    print(
        f"salesflow {salesflow.__version__} on Python {sys.version.split()[0]}:",
        f"{len(playbooks)} playbooks, {prompts} prompts of the README",
    )


if __name__ == "__main__":
    main()
