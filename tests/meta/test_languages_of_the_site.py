"""The site in two languages: which page a reader gets, and what a translation has of its page."""

from __future__ import annotations

import re
from doctest import DocTestParser
from pathlib import Path
from typing import Final

import pytest
from mkdocs.exceptions import PluginError

from salesflow.fitting._catalogue import catalogue
from salesflow.playbooks import BUILT_IN, CHECKLISTS
from tests.meta.site_hooks import ROOT, hook

SITE: Final = hook("_languages")
BOOKS: Final = hook("_handbooks")
DOCS: Final = ROOT / "docs"
TRANSLATED: Final = {
    path.with_name(path.name.partition(".")[0] + ".md"): path
    for path in (*DOCS.rglob("*.zh.md"), *ROOT.glob("README.zh-CN.md"))
}
FENCED: Final = re.compile(r"^( *)(`{3,})([^\n`]*)\n(.*?)^\1\2$", re.MULTILINE | re.DOTALL)
COMMENT: Final = re.compile(r"\s*(?<![\w\"'])#.*$", re.MULTILINE)
PAGES: Final = sorted(DOCS.rglob("*.md"))
LINK: Final = re.compile(r"\]\((?![a-z]+:)([^)\s#]+)")
WRITTEN: Final = re.compile(
    rf"(\.\./)?(handbooks/({'|'.join(BUILT_IN)})|checklists/({'|'.join(CHECKLISTS)})|comparison|tour)"
    r"\.md|charts/\w+\.svg"
)
"""What is written with the site."""
NOTES: Final = {
    "en": "\n\n> In the repository, links to handbooks, checklists, the comparison, charts and the "
    "tour lead nowhere: they are written with the\n> site. `make docs` builds it into `site/`; "
    "`salesflow explain ltc`, with the id of a playbook, prints its handbook.\n\n",
    "zh": "\n\n> 在代码仓库中阅读时，指向手册、检查表、流程对比、图表和笔记本示例的链接无法打开："
    "它们随网站生成。`make docs` 把网站写入 `site/`；`salesflow explain ltc --lang zh`"
    "（`ltc` 可换成其他流程的 id）输出该流程的手册。\n\n",
}
"""What a page says that leads there."""
ASKS: Final = re.compile(r"\.(?:en|zh)\b|(?:, )?(?:lang=)?\"(?:en|zh)\"")
LABEL: Final = re.compile(r'"[^"\n]*"')  # of a diagram


def test_a_reader_gets_the_page_in_their_language_or_the_english_one_that_says_so() -> None:
    pages = {"a.md": "# A\n\nOne.", "a.zh.md": "# 甲\n\n一。", "b/c.md": "# C\n\nTwo."}

    assert SITE.in_language(pages, "en") == {"a.md": "# A\n\nOne.", "b/c.md": "# C\n\nTwo."}
    chinese = SITE.in_language(pages, "zh")
    assert chinese["a.md"] == "# 甲\n\n一。"
    assert chinese["b/c.md"].startswith('# C\n\n!!! info "本页尚无中文版"\n')
    assert chinese["b/c.md"].endswith("\n\nTwo.")


def test_a_page_without_a_title_says_first_that_it_is_not_translated() -> None:
    chinese = SITE.in_language({"a.md": '--8<-- "CHANGELOG.md"'}, "zh")

    assert chinese["a.md"].strip().startswith("!!! info")
    assert chinese["a.md"].endswith('--8<-- "CHANGELOG.md"')


def test_pages_that_are_written_in_both_languages_have_one_address() -> None:
    pages = {"h/x.en.md": "# X", "h/x.zh.md": "# 某"}

    assert SITE.in_language(pages, "en") == {"h/x.md": "# X"}
    assert SITE.in_language(pages, "zh") == {"h/x.md": "# 某"}


def test_a_link_to_a_page_in_a_language_leads_to_its_address() -> None:
    pages = {"a.zh.md": "# 甲\n\n[乙](b.zh.md#c)", "b.zh.md": "# 乙"}

    assert SITE.in_language(pages, "zh")["a.md"] == "# 甲\n\n[乙](b.md#c)"


def test_the_navigation_lists_every_playbook_in_its_group_in_each_language() -> None:
    listed = [{"The playbooks": [{"Compared": "c.md"}]}, "api/x.md"]
    titles = {"The playbooks": "流程", "Compared": "对比", "About it": "简介", "Handbook": "手册"}

    for lang, called in (("en", "The playbooks"), ("zh", "流程")):
        (section, page) = SITE.navigation(listed, titles, lang)
        _, *groups = section[called]
        assert [next(iter(group)) for group in groups] == [
            it.title.get(lang) for it in catalogue().groups
        ]
        assert all(f"'playbooks/{name}.md'" in str(groups) for name in BUILT_IN)
        assert all(f"'handbooks/{name}.md'" in str(groups) for name in BUILT_IN)
        assert page == "api/x.md"


def test_a_title_of_the_navigation_that_has_no_translation_is_an_error() -> None:
    said = (
        'The title "Home" of the navigation has no zh: add "Home" to extra.titles of mkdocs.zh.yml'
    )
    with pytest.raises(PluginError, match=said):
        list(SITE.navigation([{"Home": "index.md"}], {}, "zh"))


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_translation_has_the_blocks_of_its_page_and_as_many_headings(page: Path) -> None:
    chinese = TRANSLATED[page]

    assert page.is_file()
    assert [shown for shown, _ in blocks(chinese)] == [shown for shown, _ in blocks(page)]
    for (_, said), (_, english) in zip(blocks(chinese), blocks(page), strict=True):
        assert said == english or re.search("[\u4e00-\u9fff]", said)
    assert headings(chinese) == headings(page)


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_headings_of_a_translation_have_the_names_of_those_of_its_page(page: Path) -> None:
    found = [ids(SITE.built(it.read_text(encoding="utf-8"))) for it in (page, TRANSLATED[page])]

    if page.name != "README.md":  # which is no page of the site
        assert found[1] == found[0]


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_translation_leads_to_translations_where_there_are_some(page: Path) -> None:
    chinese = TRANSLATED[page]
    leads = re.findall(r"\]\(([\w./-]+\.md)", chinese.read_text(encoding="utf-8"))

    assert TRANSLATED.keys() & {(chinese.parent / it).resolve() for it in leads} <= {page}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_shows_nothing_raw_where_it_lies(page: Path) -> None:
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))

    assert re.findall(r"\{ ?[#.:][^}\n]*\}", prose) == []  # attributes of a heading
    assert re.findall(r"\]\[`?[a-z]\w*\.[^\]]*\]", prose) == []  # what only autorefs resolves


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_leads_to_what_lies_there_or_says_what_is_written_with_the_site(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    away = {it for it in LINK.findall(FENCED.sub("", text)) if not (page.parent / it).exists()}
    note = NOTES["zh" if page.name.endswith(".zh.md") else "en"]

    assert {it for it in away if not WRITTEN.fullmatch(it)} == set()
    assert text.count(note) == bool(away)
    assert note not in SITE.built(text)


def test_an_anchor_of_a_heading_becomes_its_name_on_the_site() -> None:
    page = '# 甲\n\n> 在代码仓库中阅读时，\n> 无法打开。\n\n一。\n\n## 乙 <a id="b"></a>\n'

    assert SITE.in_language({"a.zh.md": page}, "zh") == {"a.md": "# 甲\n\n一。\n\n## 乙 { #b }\n"}


def ids(text: str) -> list[str]:
    """What the headings below the title of a page are called in an address."""
    used: set[str] = set()
    found = re.findall(r"^##+ (.*?)(?: \{ #([\w-]+) \})?$", FENCED.sub("", text), re.MULTILINE)
    return [name or BOOKS.unique(BOOKS.slugify(said, "-"), used) for said, name in found]


def blocks(page: Path) -> list[tuple[tuple[str, str], str]]:
    """The code of a page, and what each piece of it prints.

    The code is without what each language has in its own words, and without what asks for one: a
    page shows what is printed in the language of its reader.
    """
    found: list[tuple[tuple[str, str], str]] = []
    for _, _, info, source in FENCED.findall(page.read_text(encoding="utf-8")):
        language = info.strip()
        own = LABEL if language == "mermaid" else COMMENT
        code = own.sub("", source)
        if language == "python" and ">>>" in source:
            parts = DocTestParser().get_examples(source)
            found += [((language, ASKS.sub("", own.sub("", it.source))), it.want) for it in parts]
        else:
            found.append(((language, ASKS.sub("", code) if language == "python" else code), ""))
    return found


def headings(page: Path) -> list[int]:
    """The depths of the headings of a page, in their order."""
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    return [len(signs) for signs in re.findall(r"^(#+) ", prose, re.MULTILINE)]
