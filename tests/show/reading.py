"""What somebody reads in the HTML of a view; texts that try to be markup; a value of each sort."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Protocol

import polars as pl
from hypothesis import strategies as st

import salesflow as sf
from tests.hostile import TEXTS

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="<>&\"'/=`*_[]()|~$\\#!-+.:@ \n\tabcwx1&;", max_size=60),
    st.sampled_from(TEXTS),
)
# How a reader of these tests sees a piece of a view.
MARKS = {"strong": ("**", "**"), "span": ("[", "]"), "code": ("`", "`"), "p": ("", "\n\n")}
MARKS |= {"td": ("| ", " "), "th": ("| ", " "), "tr": ("", "|\n"), "table": ("", "\n")}


class Reader(HTMLParser):
    """What a browser would see: tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.marked: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)
        self.marked.append(MARKS.get(tag, ("", ""))[0])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.marked.append(MARKS.get(tag, ("", ""))[1])

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.marked.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def said(self) -> str:
        """The text, with tables, badges and names marked as one would in a mail."""
        return "".join(self.marked).strip()


class Shown(Protocol):
    """What shows itself in a notebook."""

    def view(self, *, lang: str | None = None) -> str: ...

    def _repr_html_(self) -> str: ...


def read(written: str) -> Reader:
    """The HTML, read to its end; every tag is closed."""
    reader = Reader()
    reader.feed(written)
    reader.close()
    assert reader.open == []
    return reader


def text_of(value: Shown) -> str:
    """The view of a value as a text."""
    return read(value._repr_html_()).said()


def playbook(title: str = "Title", lang: str = "en") -> sf.Playbook:
    """A small playbook whose every text is the same."""
    text = {lang: title}
    return sf.Playbook.from_json(
        json.dumps(
            {
                "id": "small",
                "version": "1.0.0",
                "languages": [lang],
                "title": text,
                "summary": text,
                "roles": [{"key": "rep", "title": text}],
                "checklists": [
                    {
                        "key": "ask",
                        "title": text,
                        "sections": [{"key": "first", "title": text}],
                        "questions": [
                            {"key": "real", "title": text, "section": "first"},
                            {"key": "money", "title": text},
                        ],
                    }
                ],
                "scorecards": [
                    {
                        "key": "card",
                        "title": text,
                        "items": [
                            {
                                "key": "real",
                                "title": text,
                                "rule": "ask.real",
                                "weight": 3,
                                "knock_out": True,
                            },
                            {"key": "money", "title": text, "rule": "ask.money", "weight": 2},
                        ],
                        "bands": [
                            {"key": "low", "title": text, "min": 0},
                            {"key": "high", "title": text, "min": 3},
                        ],
                    }
                ],
                "instruments": [{"key": "plan", "title": text}],
                "size_policy": [{"when": "True", "instruments": ["plan"]}],
                "cadences": [
                    {
                        "key": "look",
                        "title": text,
                        "role": "rep",
                        "trigger": "started",
                        "every": {"weeks": 1},
                    }
                ],
                "stages": [
                    {
                        "key": "talk",
                        "title": text,
                        "buying_phase": text,
                        "max_days": 30,
                        "probability": 0.2,
                        "exit": [
                            {"key": "agreed", "title": text, "by": "rep"},
                            {"key": "big", "title": text, "rule": "amount > 5"},
                            {"key": "noted", "title": text, "by": "rep", "advisory": True},
                        ],
                    },
                    {
                        "key": "sign",
                        "title": text,
                        "wins": True,
                        "sub_stages": [
                            {"key": "draft", "title": text},
                            {"key": "signed", "title": text},
                        ],
                    },
                ],
            }
        )
    )


def shown(title: str = "Title", lang: str = "en") -> dict[str, Shown]:
    """One of each, all of the same playbook."""
    found = playbook(title, lang)
    engine = sf.StageEngine(found)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()
    frame = pl.DataFrame({"id": ["D-1", "D-2"], "stage": ["talk", "sign"], "amount": [1, 2]})
    return {
        "playbook": found,
        "review": engine.review(deal, at=AT),
        "score": engine.score(deal, "card", at=AT),
        "report": sf.check_pipeline(frame, found, key="id", as_of=AT.date()),
    }
