"""`salesflow explain`: a playbook as a document for the people who work by it."""

from __future__ import annotations

from argparse import Namespace

from salesflow.cli._sources import one_source
from salesflow.cli._terminal import hand_over
from salesflow.documents import handbook
from salesflow.text import Language


def run(options: Namespace, lang: Language) -> int:
    """Print the handbook; returns the exit code."""
    return hand_over(handbook(one_source(options.source).playbook(), lang), options.output)
