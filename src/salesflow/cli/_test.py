"""`salesflow test`: the cases of playbooks."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from salesflow.cli._cases import cases_of, ran
from salesflow.cli._check import found_in
from salesflow.cli._report import FORMATS, Result
from salesflow.cli._sources import Source
from salesflow.text import Language


def run(options: Namespace, lang: Language) -> int:
    """Run the cases that the command line names; returns the exit code."""
    results = list(_results(options, lang))
    FORMATS[options.format](results, lang)
    return max((result.code() for result in results), default=0)


def _results(options: Namespace, lang: Language) -> Iterator[Result]:
    """A result for each file of cases, also where both it and its playbook are named."""
    seen: set[str] = set()
    for found in found_in(options, lang):
        meant = cases_of(found, lang) if isinstance(found, Source) else found
        if meant.name not in seen:
            seen.add(meant.name)
            yield ran(meant, lang) if isinstance(meant, Source) else meant
