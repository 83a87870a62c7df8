"""`salesflow diff`: what changes from one playbook to another."""

from __future__ import annotations

from argparse import Namespace

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import hand_over, say_json
from salesflow.playbook import diff
from salesflow.text import Language


def run(options: Namespace, lang: Language) -> int:
    """Print what changes; returns the exit code, which is 0 also where something does."""
    found = diff(one_source(options.old).playbook(), one_source(options.new).playbook())
    if options.migration:
        return hand_over(found.migration(), options.output)
    if options.format != "json":
        return hand_over(found.to_text(lang), options.output)
    if options.output is not None:
        return hand_over(found.to_json(), options.output)
    say_json(found.to_dict())
    return 0
