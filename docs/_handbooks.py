"""The handbooks of the built-in playbooks and the shared checklists, written with the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markdown.extensions.toc import slugify, unique

from salesflow.documents import handbook
from salesflow.documents._handbook.page import Page
from salesflow.documents._handbook.qualifying import write_checklists, write_scorecards
from salesflow.playbook import Playbook
from salesflow.playbooks import BUILT_IN, CHECKLISTS
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES

ENGLISH: Final = "en"


def pages() -> Iterator[tuple[str, str]]:
    """Every page that is written here: its path, and its Markdown."""
    for name in BUILT_IN:
        books = {lang: handbook(load_playbook(name), lang) for lang in LANGUAGES}
        names = ids(books[ENGLISH])
        for lang, book in books.items():
            first, _, rest = named(book, names).partition("\n")
            about = f"[{name}](../playbooks/{name}.md)"
            yield f"handbooks/{name}.{lang}.md", f"{first}\n\n{about}\n{rest}"
    for key in CHECKLISTS:
        yield f"checklists/{key}.md", checklist(key)


def ids(english: str) -> list[str]:
    """What the headings of a handbook are called in an address, whatever its language."""
    used: set[str] = set()
    headings = (line for line in english.splitlines() if line.startswith("#"))
    return [unique(slugify(it.lstrip("# "), "-"), used) for it in headings]


def named(book: str, names: list[str]) -> str:
    """A handbook whose headings have these names, in their order."""
    left = iter(names)
    return "\n".join(
        f"{line} {{ #{next(left)} }}" if line.startswith("#") else line
        for line in book.splitlines()
    )


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
