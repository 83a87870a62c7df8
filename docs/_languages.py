"""The site in two languages, each built by itself, and what is written as it is built.

A hook of mkdocs. `page.zh.md` is the Chinese page beside `page.md`; where there is none, the
English one is shown and says so. Both have one address within the site of their language, so that
a link leads to the reader's own, and each page to itself in the other language. Pages that come
from the playbooks stand in no folder, so that none of them can be out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import as_file
from importlib.resources import files as files_of
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import _comparison
import _handbooks
import _notebook
import _pictures
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from salesflow.fitting._catalogue import catalogue
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES, Language

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

Entry: TypeAlias = str | dict[str, "str | list[Entry]"]
"""Of the navigation: a page, or a title with a page or what is below it."""

NAMES: Final = {"en": "English", "zh": "中文"}
ENGLISH: Final = "en"
UNTRANSLATED: Final = {"zh": '!!! info "本页尚无中文版"\n    以下为英文原文。'}
PLAYBOOKS: Final = "The playbooks"
MERMAID: Final = "assets/mermaid.js"
_BOOST: Final = {
    "recipes.md": 10,
    **dict.fromkeys(("for-sales.md", "which-playbook.md"), 6),
    "tutorials": 4,
    "tour.md": 1,
    "handbooks": 0.5,
    "api": 0.3,
    "changelog.md": 0.1,
}
_WHERE_THEY_LIE: Final = re.compile(
    r"^> (?:In the repository, |在代码仓库中阅读时，).*\n(?:>.*\n)*\n", re.MULTILINE
)
"""What a page says of links to pages that are written here, to those who read it where it lies."""
_NAMED: Final = re.compile(r'^(#+ .*) <a id="([\w-]+)"></a>$', re.MULTILINE)
_ALTERNATE: Final = re.compile('<link rel="alternate" [^>]*hreflang[^>]*>')
_DIAGRAM: Final = 'class="mermaid"'
_SCRIPTS: Final = '<script id="__config"'


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the playbooks, and call all that is listed what it is called in this language."""
    lang = config.theme["language"]
    config.nav = list(navigation(config.nav, config.extra.get("titles", {}), lang))
    return config


def navigation(
    listed: Sequence[Entry], titles: Mapping[str, str], lang: Language
) -> Iterator[Entry]:
    """What is listed, with the titles of a language.

    Raises:
        PluginError: A title has no translation.
    """
    for entry in listed:
        if isinstance(entry, str):
            yield entry
            continue
        for title, below in entry.items():
            called = title if lang == ENGLISH else translated(title, titles, lang)
            if isinstance(below, str):
                yield {called: below}
                continue
            found = [*navigation(below, titles, lang)]
            yield {called: found + playbooks(titles, lang) if title == PLAYBOOKS else found}


def translated(title: str, titles: Mapping[str, str], lang: Language) -> str:
    """A title of the navigation in a language.

    Raises:
        PluginError: It has no translation; the build ends with this sentence.
    """
    try:
        return titles[title]
    except KeyError:
        said = f'add "{title}" to extra.titles of mkdocs.{lang}.yml'
        raise PluginError(f'The title "{title}" of the navigation has no {lang}: {said}.') from None


def playbooks(titles: Mapping[str, str], lang: Language) -> list[Entry]:
    """Every playbook that comes with the package, in its group."""
    about, handbook = (titles.get(title, title) for title in ("About it", "Handbook"))
    return [
        {
            group.title.get(lang): [
                {
                    _short(load_playbook(it.id).title.get(lang)): [
                        {about: f"playbooks/{it.id}.md"},
                        {handbook: f"handbooks/{it.id}.md"},
                    ]
                }
                for it in group.playbooks
            ]
        }
        for group in catalogue().groups
    ]


def _short(title: str) -> str:
    """What stands before a colon."""
    return re.split("[:：]", title)[0]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages of this language, and those that are written here."""
    folder = {it.src_uri: it for it in files if it.is_documentation_page()}
    texts = {path: it.content_string for path, it in folder.items()}
    texts |= dict([*_handbooks.pages(), *_comparison.pages()])
    texts[_notebook.PAGE], charts = _notebook.page()
    found = Files([it for it in files if it.src_uri not in folder])
    lang = config.theme["language"]
    for path, told in in_language(texts, lang).items():
        text, new = _pictures.with_charts(told, lang)
        charts |= new
        as_it_is = folder.get(path)
        if as_it_is is not None and as_it_is.content_string == text:
            found.append(as_it_is)
        else:
            found.append(File.generated(config, path, content=text))
    for path, svg in _pictures.files(charts):
        found.append(File.generated(config, path, content=svg))
    with as_file(files_of("mermaidx") / "assets" / "mermaid.js") as mermaid:
        found.append(File.generated(config, MERMAID, abs_src_path=str(mermaid)))
    return found


def in_language(pages: Mapping[str, str], lang: str) -> dict[str, str]:
    """By path without a language, the Markdown of each page: its own, or the English one."""
    found: dict[str, str] = {}
    for path, text in pages.items():
        page = PurePosixPath(path)
        said = page.stem.rpartition(".")[2]
        if said not in LANGUAGES:
            found.setdefault(path, text if lang == ENGLISH else untranslated(text, lang))
        elif said == lang:
            # Links name the files, for those who read them where they lie.
            found[str(page.with_name(page.name.replace(f".{said}.", ".")))] = text.replace(
                f".{said}.md", ".md"
            )
    return {path: built(text) for path, text in found.items()}


def built(text: str) -> str:
    """A page without what is there for those who read it where it lies.

    There a heading has no name but the one that is made of its words, so that an anchor stands in
    it; here it has that name itself.
    """
    return _NAMED.sub(r"\1 { #\2 }", _WHERE_THEY_LIE.sub("", text))


def untranslated(text: str, lang: str) -> str:
    """A page that says below its title that it is not in this language."""
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        title, rest = "", text
    return f"{title}\n\n{UNTRANSLATED[lang]}\n\n{rest}"


def on_page_markdown(
    markdown: str,
    page: Page,
    config: MkDocsConfig,  # noqa: ARG001 - mkdocs passes all of them by name
    files: Files,  # noqa: ARG001
) -> str:
    """Let the search list first what was written to be read, and then what is looked up."""
    folder = page.file.src_uri.partition("/")[0]
    page.meta.setdefault("search", {"boost": _BOOST.get(folder, 2)})
    return markdown


def on_page_context(
    context: dict[str, Any],
    page: Page,
    config: MkDocsConfig,
    nav: Navigation,  # noqa: ARG001 - as above
) -> dict[str, Any]:
    """Let the choice of languages lead to the same page."""
    here = config.theme["language"]
    up = "" if here == ENGLISH else "../"
    below = {lang: "" if lang == ENGLISH else f"{lang}/" for lang in LANGUAGES}
    config.extra["alternate"] = [
        {
            "name": NAMES[lang],
            "lang": lang,
            "link": (f"{up}{below[lang]}{page.url}" if lang != here else page.url) or "./",
        }
        for lang in LANGUAGES
    ]
    return context


def on_post_page(
    output: str,
    page: Page,
    config: MkDocsConfig,  # noqa: ARG001 - as above
) -> str:
    """Load what draws diagrams, from the site itself, where there is one."""
    # Addresses like these mean nothing to others, and the theme looks for the map of a site there.
    output = _ALTERNATE.sub("", output)
    if _DIAGRAM not in output:
        return output
    up = "../" * page.url.count("/")
    return output.replace(_SCRIPTS, f'<script src="{up}{MERMAID}"></script>{_SCRIPTS}', 1)
