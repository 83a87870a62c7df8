"""The comparison of the built-in playbooks, written as the site is built.

What a playbook has comes from the playbook, and whom it fits from the rules that
`fitting_playbooks` asks, so that neither can be out of date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from salesflow.documents._markdown import Md, code, escaped
from salesflow.documents._writer import Writer
from salesflow.fitting._catalogue import Described, catalogue
from salesflow.playbook import Playbook, Stage
from salesflow.plugins import load_playbook
from salesflow.rules import Verdict
from salesflow.rules._verbalize import sentence
from salesflow.rules.ast import And
from salesflow.text import LANGUAGES, Language, both

_PLAYBOOK: Final = both(en="Playbook", zh="流程")
_TENDER: Final = {
    (True, True): both(en="with and without", zh="均可"),
    (True, False): both(en="with a tender", zh="仅招标"),
    (False, True): both(en="without a tender", zh="仅非招标"),
}
_DECIDES: Final = {
    "approval": both(en="approvals: {n}", zh="审批 {n} 项"),
    "judgement": both(en="judgements: {n}", zh="判断 {n} 项"),
    "decision": both(en="go/no-go: {n}", zh="跟进与否的决策 {n} 项"),
}

_KINDS: Final = {
    "flag": both(en="yes or no", zh="是或否"),
    "number": both(en="a number", zh="数字"),
}


def pages() -> Iterator[tuple[str, str]]:
    """The comparison in each language: its path, and its Markdown."""
    for lang in LANGUAGES:
        yield f"comparison.{lang}.md", _comparison(lang)


class _Row(NamedTuple):
    described: Described
    playbook: Playbook


def _comparison(lang: Language) -> str:
    page = Writer(lang)
    page.heading(1, page.t(en="The playbooks compared", zh="各流程对比"))
    page.paragraph(
        page.t(
            en="[Which playbook fits you](which-playbook.md)",
            zh="[如何选择流程](which-playbook.md)",
        )
    )
    page.paragraph(
        page.t(
            en="What a playbook has is read from the playbook itself. Whom it fits is our reading: "
            "the documents behind the playbooks seldom say it.",
            zh="各流程的内容取自流程文件本身；适合谁是我们的理解，流程所依据的文档很少说明这一点。",
        )
    )
    for group in catalogue().groups:
        rows = [_Row(it, load_playbook(it.id)) for it in group.playbooks]
        page.heading(2, page.of(group.title))
        page.paragraph(page.of(group.differ))
        _write_fit(page, rows)
        _write_course(page, rows)
    page.heading(2, page.t(en="The questions", zh="问题"))
    page.table(
        catalogue().questions,
        (both(en="Key", zh="键名"), lambda it: code(it.name)),
        (both(en="Question", zh="问题"), lambda it: page.of(it.title)),
        (
            both(en="Answers", zh="答案"),
            lambda it: (
                page.lines(
                    page.pair(code(word), page.of(said)) for word, said in it.choices.items()
                )
                or page.of(_KINDS[it.kind])
            ),
        ),
        (both(en="Help", zh="说明"), lambda it: page.of(it.help) if it.help else Md("")),
    )
    return page.markdown()


def _write_fit(page: Writer, rows: Sequence[_Row]) -> None:
    """What sets each apart, and whom it fits."""
    page.table(
        rows,
        (_PLAYBOOK, lambda row: _name(page, row)),
        (both(en="What sets it apart", zh="特点"), lambda row: page.of(row.described.difference)),
        (both(en="It fits where", zh="适用条件"), lambda row: _fits(page, row)),
        (both(en="Tender", zh="招标"), lambda row: _tender(page, row)),
    )


def _write_course(page: Writer, rows: Sequence[_Row]) -> None:
    """How many stages each has, and what there is beside them."""
    page.table(
        rows,
        (_PLAYBOOK, lambda row: _name(page, row)),
        (both(en="Stages", zh="阶段数"), lambda row: Md(str(len(row.playbook.stages)))),
        (both(en="First", zh="首个阶段"), lambda row: page.of(row.playbook.stages[0].title)),
        (both(en="Won with", zh="赢单阶段"), lambda row: _titles(page, _winning(row.playbook))),
        (both(en="After the win", zh="赢单之后"), lambda row: _titles(page, _after(row.playbook))),
        (both(en="Last", zh="最后阶段"), lambda row: page.of(row.playbook.stages[-1].title)),
        (
            both(en="Beside the stages", zh="并行事项"),
            lambda row: page.lines(page.of(track.title) for track in row.playbook.tracks.values()),
        ),
        (
            both(en="Approvals and decisions", zh="审批与决策"),
            lambda row: _decided(page, row.playbook),
        ),
    )


def _name(page: Writer, row: _Row) -> Md:
    key = row.described.id
    title = page.of(row.playbook.title)
    return page.lines(
        [Md(f"[{title}](handbooks/{key}.{page.lang}.md)"), Md(f"[{code(key)}](playbooks/{key}.md)")]
    )


def _fits(page: Writer, row: _Row) -> Md:
    node = row.described.rule.node
    parts = node.items if isinstance(node, And) else (node,)
    return page.lines(escaped(sentence(it, page.lang, catalogue().names)) for it in parts)


def _tender(page: Writer, row: _Row) -> Md:
    fits = [row.described.rule.verdict({"tender": it}) is not Verdict.NO for it in (True, False)]
    return page.of(_TENDER[fits[0], fits[1]])


def _winning(playbook: Playbook) -> tuple[Stage, ...]:
    return tuple(stage for stage in playbook.stages if stage.wins)


def _after(playbook: Playbook) -> tuple[Stage, ...]:
    last = max(at for at, stage in enumerate(playbook.stages) if stage.wins)
    return playbook.stages[last + 1 :]


def _titles(page: Writer, stages: Sequence[Stage]) -> Md:
    return page.lines(page.of(stage.title) for stage in stages)


def _decided(page: Writer, playbook: Playbook) -> Md:
    counts = Counter(criterion.kind for criterion in playbook.criteria.values())
    return page.lines(
        Md(words.get(page.lang).format(n=counts[kind]))
        for kind, words in _DECIDES.items()
        if counts[kind]
    )
