"""`salesflow schema`: the shape of playbook files and of cases, for editors."""

from __future__ import annotations

import json
from argparse import Namespace

from salesflow.cli._terminal import hand_over
from salesflow.cli._words import ENGLISH
from salesflow.playbook import Playbook
from salesflow.text import Language


def run(options: Namespace, lang: Language | None) -> int:
    """Print a JSON Schema; returns the exit code."""
    if options.cases:
        from salesflow.testing import CaseFile  # noqa: PLC0415 - only where cases are meant

        schema = CaseFile.json_schema()
    else:
        schema = Playbook.json_schema()
    # In ASCII, for a schema is read by programs, and by some that know no other encoding.
    return hand_over(json.dumps(schema, indent=2) + "\n", options.output, lang or ENGLISH)
