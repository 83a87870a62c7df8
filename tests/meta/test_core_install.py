"""Without any extra everything can be looked at, and only what is used says what it needs."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

# None in sys.modules is an import that fails, as in an installation without the package.
CORE = "import sys\nsys.modules['narwhals'] = sys.modules['altair'] = None\n"
MISSING = {
    "sf.check_pipeline(None)": "salesflow[frames]",
    "sf.PipelineReport()": "salesflow[frames]",
    "sf.pipeline.metrics": "salesflow[frames]",
    "sf.plots.funnel": "salesflow[plots]",
    "__import__('salesflow.pipeline')": "salesflow[frames]",
}


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CORE + dedent(script)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout


def test_introspection_works_in_the_core_install() -> None:
    shown = run(
        """
        import inspect, pydoc, rlcompleter
        from unittest.mock import create_autospec
        import salesflow as sf
        from salesflow import *

        print(all(hasattr(sf, name) for name in dir(sf)))
        print(len(inspect.getmembers(sf)) >= len(sf.__all__))
        print("needs narwhals, which is not" in pydoc.render_doc(sf))
        completer = rlcompleter.Completer({"sf": sf})
        print(completer.complete("sf.che", 0), completer.complete("sf.PipelineR", 0))
        print(create_autospec(sf).check_pipeline.__class__.__name__)
        print(sf.errors.ScheduleError.__name__, sf.schedule.__name__)
        """
    )

    assert shown.splitlines() == [
        "True",
        "True",
        "True",
        "sf.check_pipeline( sf.PipelineReport(",
        "function",
        "ScheduleError salesflow.schedule",
    ]


def test_an_extra_that_is_missing_is_told_when_it_is_used() -> None:
    script = "import salesflow as sf\n"
    script += "def told(error): print(isinstance(error, sf.errors.SalesflowError), error)\n"
    for use in MISSING:
        script += f"try: {use}\nexcept ImportError as error: told(error)\n"

    told = run(script).splitlines()

    assert len(told) == len(MISSING)
    for words, extra in zip(told, MISSING.values(), strict=True):
        assert words.startswith("True ")
        assert f'Run: pip install "{extra}"' in words
