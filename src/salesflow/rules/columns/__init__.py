"""Rules over columns: the only part of the rule language that knows data frames.

A fact becomes a [`Source`][salesflow.rules.columns._sources.Source] in canonical form (`read`), a
rule becomes two boolean expressions that are never null (`Columns.rails`).
"""

from salesflow.rules._values import BLANK
from salesflow.rules.columns._days import Days
from salesflow.rules.columns._engine import Engine, Frame, by_parts, engine_of
from salesflow.rules.columns._rails import ABSENT, Columns, Rails, both, either, flip
from salesflow.rules.columns._read import can_hold, is_text, read, schema_of, wanted
from salesflow.rules.columns._sources import (
    Labels,
    Nothing,
    Numbers,
    Rail,
    Source,
    TextColumn,
    among,
    blank,
    chosen,
    within,
)

__all__ = [
    "ABSENT",
    "BLANK",
    "Columns",
    "Days",
    "Engine",
    "Frame",
    "Labels",
    "Nothing",
    "Numbers",
    "Rail",
    "Rails",
    "Source",
    "TextColumn",
    "among",
    "blank",
    "both",
    "by_parts",
    "can_hold",
    "chosen",
    "either",
    "engine_of",
    "flip",
    "is_text",
    "read",
    "schema_of",
    "wanted",
    "within",
]
