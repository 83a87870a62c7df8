"""Results that charts are made of, and what a browser would make of the charts."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import vl_convert

import salesflow as sf
from salesflow.domain import InfluenceLine, RelationshipMap
from salesflow.pipeline import ForecastBacktest, PipelineChanges, compare, forecast_backtest
from salesflow.plots import (
    ageing,
    calibration,
    funnel,
    past_forecasts,
    relationship_map,
    score_of_deal,
    scores_of_deals,
    time_in_stage,
    waterfall,
)
from salesflow.plots._canvas import Picture
from salesflow.qualify import score
from salesflow.text import Language

AS_OF = date(2026, 6, 30)


def playbook(title: str = "Title", languages: Sequence[str] = ("en", "zh")) -> sf.Playbook:
    """Three stages, the second of two parts, and a card of two sections with a knock-out."""

    def text(en: str, zh: str) -> dict[str, str]:
        said = {"en": f"{en} {title}", "zh": f"{zh} {title}"}
        return {lang: said[lang] for lang in languages}

    def question(key: str, section: str) -> dict[str, object]:
        return {"key": key, "title": text(key.title(), "问题"), "section": section}

    def item(key: str, weight: int, *, knock_out: bool = False) -> dict[str, object]:
        return {
            "key": key,
            "title": text(f"{key.title()} holds", "成立"),
            "rule": f"ask.{key}",
            "weight": weight,
            "knock_out": knock_out,
        }

    return sf.Playbook.from_json(
        json.dumps(
            {
                "id": "small",
                "version": "1.0.0",
                "languages": list(languages),
                "title": text("Small", "小流程"),
                "checklists": [
                    {
                        "key": "ask",
                        "title": text("Questions", "问题表"),
                        "sections": [
                            {"key": "real", "title": text("Is it real?", "真不真？")},
                            {"key": "win", "title": text("Can we win?", "能不能赢？")},
                        ],
                        "questions": [
                            question("money", "real"),
                            question("term", "real"),
                            question("fit", "win"),
                        ],
                    }
                ],
                "scorecards": [
                    {
                        "key": "card",
                        "title": text("Go or no-go", "是否跟进"),
                        "items": [
                            item("money", 3, knock_out=True),
                            item("term", 1),
                            item("fit", 2),
                        ],
                        "bands": [
                            {"key": "no_go", "title": text("No go", "放弃"), "min": 0},
                            {"key": "go", "title": text("Go", "跟进"), "min": 4},
                        ],
                    }
                ],
                "stages": [
                    {"key": "talk", "title": text("Talk", "接触"), "max_days": 30},
                    {
                        "key": "offer",
                        "title": text("Offer", "方案"),
                        "sub_stages": [
                            {"key": "draft", "title": text("Draft", "草案"), "max_days": 10},
                            {"key": "sent", "title": text("Sent", "提交")},
                        ],
                    },
                    {"key": "sign", "title": text("Sign", "签约"), "wins": True},
                ],
            }
        )
    )


DEALS = pl.DataFrame(
    {
        "id": ["D-1", "D-2", "D-3", "D-4", "D-5"],
        "stage": ["won", "draft", "lost", "talk", "sign"],
        "amount": [40_000, 60_000, 10_000, 25_000, 5_000],
        "created_on": [
            date(2026, 1, 5),
            date(2026, 1, 7),
            date(2026, 2, 1),
            None,
            date(2026, 6, 1),
        ],
        "entered_stage_on": [None, date(2026, 5, 1), None, date(2026, 6, 20), date(2026, 6, 29)],
        "entered_sub_stage_on": [None, date(2026, 5, 1), None, None, None],
        "closed_on": [date(2026, 2, 14), None, date(2026, 2, 8), None, None],
    }
)
LOG = pl.DataFrame(
    [
        ("D-1", "talk", date(2026, 1, 5)),
        ("D-1", "draft", date(2026, 1, 20)),
        ("D-1", "sign", date(2026, 2, 10)),
        ("D-1", "won", date(2026, 2, 14)),
        ("D-2", "talk", date(2026, 1, 7)),
        ("D-2", "draft", date(2026, 5, 1)),
        ("D-3", "talk", date(2026, 2, 1)),
        ("D-3", "lost", date(2026, 2, 8)),
        ("D-4", "talk", date(2026, 6, 20)),
    ],
    schema=["case:concept:name", "concept:name", "time:timestamp"],
    orient="row",
)


def figures(of: sf.Playbook, *, history: bool = True) -> sf.pipeline.Metrics:
    """The figures of the five deals."""
    report = sf.pipeline.check_history(LOG, of, as_of=AS_OF) if history else None
    return sf.pipeline.metrics(DEALS, of, key="id", as_of=AS_OF, history=report)


def scored(of: sf.Playbook, **marks: str) -> sf.Score:
    """The score of these answers."""
    return score(of, of.scorecards["card"], {f"ask.{key}": mark for key, mark in marks.items()})


def people(customer: str = "Acme", note: str = "heard in a meeting") -> RelationshipMap:
    """Four people, one of them with a name as the note."""
    return RelationshipMap(
        customer=customer,
        contacts=(
            sf.Contact(name="Zhang", buying_role="economic_buyer", coverage="brief"),
            sf.Contact(
                name="Liu",
                reports_to="Zhang",
                attitude="champion",
                coverage="in_depth",
                influence="high",
            ),
            sf.Contact(name="Chen", reports_to="Zhang", attitude="opponent", job_title=note),
            sf.Contact(name="Adviser", coverage="no_contact"),
        ),
        influences=(
            InfluenceLine(source="Chen", target="Zhang", note=note),
            InfluenceLine(source="Adviser", target="Zhang"),
            InfluenceLine(source="Liu", target="Chen"),
        ),
    )


def long_process(stages: int) -> sf.Playbook:
    """So many stages, each with a limit."""
    lines = ['id = "long"', 'version = "1"', 'title = "Long"', 'languages = ["en"]']
    for number in range(stages):
        lines += ["[[stages]]", f'key = "s{number}"', f'title = "Stage {number}"', "max_days = 9"]
    return sf.Playbook.from_toml("\n".join(lines))


@cache
def all_charts(lang: Language, title: str = "Title") -> dict[str, Picture]:
    """One chart of each kind, with `title` wherever a text of the user's can stand."""
    of = playbook(title)
    full, alone = figures(of), figures(of, history=False)
    rows = [{**row, "id": f"{row['id']} {title}"} for row in DEALS.to_dicts()]
    many = [
        {"id": title, "stage": "talk", "entered_stage_on": AS_OF - timedelta(days=day % 90)}
        for day in range(500)
    ]
    scores = {
        f"D-1 {title}": scored(of, money="+", fit="+"),
        "D-2": scored(of, money="-", fit="+"),
        "D-3": scored(of),
    }
    return {
        "funnel": funnel(full, of, lang=lang, sub_stages=True),
        "outcomes": funnel(alone, of, lang=lang),
        "time": time_in_stage(full, of, lang=lang, sub_stages=True),
        "no time": time_in_stage(alone, of, lang=lang),
        "score": score_of_deal(scores["D-3"], of, lang=lang),
        "scores": scores_of_deals(scores, of, lang=lang),
        "people": relationship_map(people(title, title), lang=lang),
        "nobody": relationship_map(RelationshipMap(customer=title), lang=lang),
        "ageing": ageing(rows, of, as_of=AS_OF, figures=full, lang=lang),
        "many": ageing(many, of, as_of=AS_OF, lang=lang),
        "none": ageing([], of, as_of=AS_OF, lang=lang),
        "movement": waterfall(changes(of), lang=lang),
        "chances": calibration(looked_back(of), lang=lang),
        "past": past_forecasts(looked_back(of), lang=lang),
        "no chances": calibration(looked_back(of, over=False), lang=lang),
        "no amounts": waterfall(changes(of, amounts=False), lang=lang),
    }


def looked_back(
    of: sf.Playbook,
    *,
    over: bool = True,
    days: Sequence[date] = (),
    as_of: date = date(2026, 3, 20),
    ends: Sequence[str] = ("won", "won", "lost", "talk"),
) -> ForecastBacktest:
    """Forecasts of two months in which most deals are won; of one that is not over, or of both."""
    log = pl.DataFrame(
        [
            (f"D-{n}", label, date(2026, 1, 1) + timedelta(days=n + day))
            for n in range(60)
            for label, day in (("talk", 0), (ends[n % len(ends)], 20))
        ],
        schema=["case", "stage", "at"],
        orient="row",
    )
    amounts = pl.DataFrame(
        {"case": [f"D-{n}" for n in range(60)], "amount": [1_000 + n for n in range(60)]}
    )
    days = days or [date(2026, 2, 7), date(2026, 3, 8)][not over :]
    return forecast_backtest(
        log,
        of,
        case="case",
        stage="stage",
        at="at",
        deals=amounts,
        days=days,
        periods="month",
        as_of=as_of,
    )


def changes(of: sf.Playbook, *, amounts: bool = True) -> PipelineChanges[pl.DataFrame]:
    """From three deals to three, two of them the same, with amounts in one quarter."""

    def frame(*rows: tuple[str, str, int]) -> pl.DataFrame:
        found = pl.DataFrame(rows, schema=["id", "stage", "amount"], orient="row")
        return found.with_columns(expected_close_on=date(2026, 9, 1))

    before = frame(("D-1", "talk", 40_000), ("D-2", "talk", 20_000), ("D-3", "talk", 30_000))
    after = frame(("D-1", "talk", 55_000), ("D-2", "won", 18_000), ("D-4", "talk", 9_000))
    if not amounts:
        before, after = (found.select("id", "stage") for found in (before, after))
        return compare(before, after, of, key="id")
    quarter = date(2026, 7, 1), date(2026, 9, 30)
    return compare(before, after, of, key="id", period=quarter)


def spec(chart: Picture) -> dict[str, Any]:
    """The chart as Vega-Lite; one test checks all of them against the schema, which takes time."""
    return chart.to_dict(validate=False)


def subtitle(chart: Picture) -> list[str]:
    """The lines under the title."""
    return list(spec(chart)["title"]["subtitle"])


def svg(chart: Picture) -> ET.Element:
    """The chart as a picture, drawn without a network; it has to be well-formed."""
    drawn = vl_convert.vegalite_to_svg(spec(chart), allowed_base_urls=[])
    return ET.fromstring(drawn)  # noqa: S314 - it is our own


def texts(chart: Picture) -> list[str]:
    """Every text that the picture shows, and every label for those who cannot see it."""
    return [
        "".join(element.itertext())
        for element in svg(chart).iter()
        if element.tag.endswith("}text")
    ]


def inks(chart: Picture) -> int:
    """How many different rows of pixels the chart has as PNG: a blank one has one or two."""
    png = vl_convert.vegalite_to_png(spec(chart), allowed_base_urls=[])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    packed, at, width, depth = b"", 8, 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, depth = struct.unpack(">I", body[:4])[0], {2: 3, 6: 4}[body[9]]
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, step = zlib.decompress(packed), width * depth + 1
    return len({raw[start + 1 : start + step] for start in range(0, len(raw), step)})


def values(chart: Picture) -> dict[str, list[dict[str, Any]]]:
    """The data of a chart, by name."""
    return {
        node["name"]: node["values"]
        for node in walked(spec(chart))
        if isinstance(node, Mapping) and "values" in node and "name" in node
    }


def walked(node: object) -> Iterator[object]:
    """Everything inside."""
    yield node
    inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for item in inner:
        yield from walked(item)
