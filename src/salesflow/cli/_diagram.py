"""`salesflow diagram`: a process as a picture, in Mermaid."""

from __future__ import annotations

from argparse import Namespace

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import hand_over
from salesflow.text import Language


def run(options: Namespace, lang: Language | None) -> int:
    """Print the diagram; returns the exit code."""
    playbook = one_source(options.source).playbook()
    lang = lang or playbook.main_language
    return hand_over(playbook.diagram(lang), options.output, lang)
