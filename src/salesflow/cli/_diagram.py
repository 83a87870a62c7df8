"""`salesflow diagram`: a process as a picture, in Mermaid."""

from __future__ import annotations

from argparse import Namespace

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import hand_over
from salesflow.text import Language


def run(options: Namespace, lang: Language) -> int:
    """Print the diagram; returns the exit code."""
    return hand_over(one_source(options.source).playbook().diagram(lang), options.output)
