"""`salesflow diff`: what changes from one playbook to another."""

from __future__ import annotations

from argparse import Namespace

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import hand_over, say_json
from salesflow.playbook import diff
from salesflow.text import Language


def run(options: Namespace, lang: Language | None) -> int:
    """Print what changes; returns the exit code, which is 0 also where something does."""
    old, new = one_source(options.old).playbook(), one_source(options.new).playbook()
    found, lang = diff(old, new), lang or new.main_language
    if options.migration:
        return hand_over(found.migration(), options.output, lang)
    if options.format != "json":
        return hand_over(found.to_text(lang), options.output, lang)
    if options.output is not None:
        return hand_over(found.to_json(), options.output, lang)
    say_json(found.to_dict())
    return 0
