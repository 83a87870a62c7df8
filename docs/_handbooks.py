"""The handbooks of the built-in playbooks and the shared checklists, written as the site is built.

A hook of mkdocs: it adds pages that stand in no folder, so that none of them can be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

from salesflow.documents import handbook
from salesflow.documents._handbook.page import Page
from salesflow.documents._handbook.qualifying import write_checklists, write_scorecards
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN, CHECKLISTS
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page that is written here to those of the folder."""
    for path, content in pages():
        files.append(File.generated(config, path, content=content))
    return files


def pages() -> Iterator[tuple[str, str]]:
    """Every page that is written here: its path, and its Markdown."""
    for name in BUILT_IN:
        for lang in LANGUAGES:
            others = ", ".join(
                f"[{LANGUAGE_NAMES[other]}]({name}.{other}.md)"
                for other in LANGUAGES
                if other != lang
            )
            first, _, rest = handbook(load_playbook(name), lang).partition("\n")
            links = f"[{name}](../playbooks/{name}.md) · {others}"
            yield f"handbooks/{name}.{lang}.md", f"{first}\n\n{links}\n{rest}"
    for key in CHECKLISTS:
        yield f"checklists/{key}.md", checklist(key)


def checklist(key: str) -> str:
    """A shared checklist and its card, in every language."""
    playbook = Playbook.from_toml(
        f'id = "shared"\nversion = "1"\ntitle = "Shared"\nuse_scorecards = ["{key}"]\n'
        '[[stages]]\nkey = "stage"\ntitle = "Stage"\n'
    )
    written = []
    for lang in LANGUAGES:
        page = Page(playbook, lang)
        write_checklists(page)
        write_scorecards(page)
        written.append(page.markdown())
    title = playbook.checklists[key].title
    use = (
        f'In a playbook: `use_scorecards = ["{key}"]`, or `use_checklists` for the questions alone.'
    )
    return "\n".join([f"# {title.get('en')} · {title.get('zh')}\n", f"{use}\n", *written])
