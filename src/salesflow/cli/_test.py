"""`salesflow test`: the cases of playbooks."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from salesflow.cli._cases import cases_of, ran, without_cases
from salesflow.cli._check import found_in
from salesflow.cli._report import Result, report
from salesflow.cli._words import ENGLISH
from salesflow.text import Language


def run(options: Namespace, lang: Language | None) -> int:
    """Run the cases that the command line names; returns the exit code."""
    lang = lang or ENGLISH
    results = list(_results(options, lang))
    report(results, options.format, lang)
    return max((result.code() for result in results), default=0)


def _results(options: Namespace, lang: Language) -> Iterator[Result]:
    """A result for each file of cases, once where both it and its playbook are named."""
    seen: set[str] = set()
    for found in found_in(options, lang):
        if isinstance(found, Result):
            yield found
            continue
        cases = cases_of(found)
        if cases is None:
            # In a folder, or in what a hook hands over, a playbook need not have cases.
            if not (found.inside or options.only_playbooks):
                yield without_cases(found, lang)
        elif cases.name not in seen:
            seen.add(cases.name)
            yield ran(cases, lang)
