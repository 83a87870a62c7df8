"""`salesflow list`: the playbooks that are there."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from salesflow._translation import words_in
from salesflow.cli._terminal import say_json, say_table
from salesflow.cli._words import ENGLISH
from salesflow.plugins import PlaybookInfo, available_playbooks
from salesflow.text import Language, both

if TYPE_CHECKING:
    from salesflow.errors import JsonData

_BROKEN: Final = both(en="cannot be loaded", zh="无法加载")
_CONFLICT: Final = both(en="its id is taken twice", zh="id 重复")
_SAID: Final = both(en="{status}: {why}", zh="{status}：{why}")


def run(options: Namespace, lang: Language | None) -> int:
    """Print every playbook, loaded; returns the exit code."""
    lang = lang or ENGLISH
    found = available_playbooks(load=True)
    if options.format == "json":
        say_json({"playbooks": [_as_json(info) for info in found]})
    else:
        say_table([_row(info, lang) for info in found])
    return int(any(info.error for info in found))


def _row(info: PlaybookInfo, lang: Language) -> tuple[str, ...]:
    status = {"broken": _BROKEN, "conflict": _CONFLICT}.get(info.status)
    said = info.title.get(lang) if info.title else ""
    if status is not None and info.error is not None:
        why = words_in(info.error.message, lang)
        said = _SAID.get(lang).format(status=status.get(lang), why=why)
    return info.id, f"{info.distribution} {info.version}".strip(), said


def _as_json(info: PlaybookInfo) -> JsonData:
    return {
        "id": info.id,
        "distribution": info.distribution,
        "version": info.version,
        "title": None if info.title is None else info.title.model_dump(exclude_none=True),
        "status": info.status,
        "error": None if info.error is None else info.error.to_dict(),
    }
