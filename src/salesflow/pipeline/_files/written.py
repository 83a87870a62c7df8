"""Findings as a file that people open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, Final

from salesflow.domain._base.table import unrun
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._frames.engines import engine_errors, opened
from salesflow.text import Language

_ROWS: Final = 1 << 16
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)


def write_findings(report: PipelineReport[Any], path: Path, lang: Language) -> None:
    """Write what was seen, a line for each fact of each finding, as CSV in UTF-8.

    The order is that of keys, checks and facts, so that two runs can be compared line by line.
    A text that a spreadsheet would run as a formula has an apostrophe before it, and a mark at the
    beginning of the file tells it the encoding.

    Raises:
        OSError: It cannot be written.
        FrameError: The key is called like one of the other columns.
    """
    found = opened(report.findings(values=True, lang=lang))
    with engine_errors(found):
        key = found.collect_schema().names()[0]
        rows = found.lazy().sort(key, "check", "fact").collect()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(map(unrun, rows.columns))
        for row in rows.iter_rows(buffer_size=_ROWS):
            lines.writerow(_cell(it) if isinstance(it, str) else it for it in row)


def _cell(text: str) -> str:
    """A text as no formula; a number stays one."""
    return text if _NUMBER.fullmatch(text) else unrun(text)
