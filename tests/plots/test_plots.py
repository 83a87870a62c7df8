"""Charts of results: what they show, in both languages, drawn without a network."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, Final, cast

import altair as alt
import pytest

from salesflow import plots
from salesflow.errors import ArgumentError, UnknownName
from salesflow.plots import (
    ageing,
    funnel,
    relationship_map,
    score_of_deal,
    scores_of_deals,
    time_in_stage,
)
from salesflow.plots._canvas import Picture
from salesflow.text import LANGUAGES, Language
from tests.hostile import VISIBLE
from tests.plots.results import (
    AS_OF,
    all_charts,
    figures,
    inks,
    people,
    playbook,
    scored,
    spec,
    svg,
    texts,
    values,
    walked,
)

KINDS: Final = (
    *("funnel", "outcomes", "time", "no time", "score", "scores"),
    *("people", "nobody", "ageing", "many", "none", "movement"),
    *("chances", "past", "no chances", "no amounts"),
)
ROOT: Final = Path(__file__).parents[2]
BAD: Final = cast("Any", 7)
HAN: Final = re.compile(r"[\u4e00-\u9fff]")
HOSTILE: Final = (
    "<script>alert(1)</script> \"quoted\" and 'quoted' & <b>bold</b>",
    "{{datum.x}} ${x} datum['x'] \\ x',datum.y,'" + "x" * 150,
    "👩‍💻 🏳️‍🌈 签约 🇨🇳 مرحبا" + "👩‍💻 x" * 20,
    # As much of each as a name may have.
    *(" ".join(VISIBLE[start::5])[:190] for start in range(5)),
)


def test_every_chart_that_is_offered_is_tried() -> None:
    drawn = inspect.getsource(all_charts)
    offered = [name for name in plots.__all__ if inspect.isfunction(getattr(plots, name))]

    assert [name for name in offered if f": {name}(" not in drawn] == []
    assert set(all_charts("en")) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_is_a_chart_and_is_no_blank_picture(kind: str) -> None:
    chart = all_charts("en")[kind]

    assert isinstance(chart, alt.Chart | alt.LayerChart | alt.VConcatChart)
    assert chart.to_dict(validate=True)["$schema"].startswith("https://vega.github.io/schema/")
    assert inks(chart) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_titles_and_labels_are_in_the_language_asked_for(kind: str) -> None:
    assert HAN.search("".join(texts(all_charts("en")[kind]))) is None

    # Words of people, units and names stay as they are.
    chinese = [said for said in texts(all_charts("zh")[kind]) if re.search(r"[A-Za-z]{3}", said)]
    names = re.compile(r"Title|Zhang|Liu|Chen|Adviser|D-\d")
    assert [said for said in chinese if re.search(r"[A-Za-z]{3}", names.sub("", said))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_tooltips_are_in_the_language_asked_for(kind: str) -> None:
    for lang in LANGUAGES:
        nodes = [node for node in walked(spec(all_charts(lang)[kind])) if isinstance(node, dict)]
        hints = [hint["title"] for node in nodes for hint in node.get("tooltip", ())]
        assert all(bool(HAN.search(hint)) == (lang == "zh") for hint in hints)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_input_gives_the_same_chart(kind: str) -> None:
    again = all_charts.__wrapped__("en")[kind]

    assert json.dumps(spec(again)) == json.dumps(spec(all_charts("en")[kind]))


def test_the_same_input_gives_the_same_chart_in_another_process() -> None:
    code = (
        "import json; from tests.plots.results import all_charts, spec\n"
        "print(json.dumps([spec(chart) for chart in all_charts('zh').values()]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        check=True,
    )

    here = json.dumps([spec(chart) for chart in all_charts("zh").values()])
    assert done.stdout.decode().strip() == here


@pytest.mark.parametrize(("lang", "hostile"), list(zip(cycle(LANGUAGES), HOSTILE, strict=False)))
def test_hostile_texts_are_only_texts(hostile: str, lang: Language) -> None:
    for kind, chart in all_charts(lang, hostile).items():
        inside = list(walked(spec(chart)))
        code = [
            node[key]
            for node in inside
            if isinstance(node, dict)
            for key in ("expr", "filter", "calculate", "signal", "labelExpr", "href", "url")
            if isinstance(node.get(key), str)
        ]
        tags = {element.tag.rpartition("}")[2] for element in svg(chart).iter()}
        assert code == []
        assert tags <= {"svg", "g", "path", "rect", "text", "tspan", "line", "defs", "clipPath"}, (
            kind
        )
        assert max(len(item) for item in inside if isinstance(item, str)) < 700


def test_a_hostile_text_is_read_as_it_was() -> None:
    said = texts(all_charts("en", "<b>&'\"")["scores"])

    assert any("D-1 <b>&'\"" in text.replace("\u2060", "") for text in said)


def test_a_hostile_text_does_not_end_the_script_of_a_page() -> None:
    # Altair writes the chart into a script as it is.
    hostile = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>"
    charts = all_charts("en", hostile)

    assert [kind for kind, chart in charts.items() if re.search("<[^\u2060]", written(chart))] == []
    page = charts["scores"].to_html()
    assert "alert(1)" in page
    assert page.count("</script") == all_charts("en")["scores"].to_html().count("</script")


def written(chart: Picture) -> str:
    return json.dumps(spec(chart), ensure_ascii=False)


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_are_inside_under_names_of_our_own(kind: str) -> None:
    chart = all_charts("en")[kind]

    assert set(values(chart)) <= {
        *("stages", "shares", "outcomes", "stays", "nothing", "whole", "bands", "parts", "asks"),
        *("deals", "verdicts", "people", "influences", "missing"),
        *("limits", "longest", "steps", "lines"),
        *("bins", "right", "reach", "forecasts"),
    }
    assert "datasets" not in spec(chart)
    assert not re.search(r"param_\d|view_\d", json.dumps(spec(chart)))


def test_every_kind_of_chart_is_looked_at() -> None:
    assert tuple(all_charts("en")) == KINDS


def test_importing_salesflow_does_not_import_altair() -> None:
    code = (
        "import sys, salesflow, salesflow.engine, salesflow.pipeline\n"
        "print('altair' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"False"


def test_without_altair_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['altair'] = None\n"
        "from salesflow.errors import SalesflowError\n"
        "try: import salesflow.plots\n"
        "except ImportError as error: print(isinstance(error, SalesflowError), error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == (
        'True Charts need Altair, which is not installed. Run: pip install "salesflow[plots]"'
    )


def test_a_language_that_is_none_is_refused() -> None:
    of = playbook()
    lang = "german"
    makers: tuple[Callable[[], object], ...] = (
        lambda: funnel(figures(of), of, lang=lang),
        lambda: time_in_stage(figures(of), of, lang=lang),
        lambda: score_of_deal(scored(of), of, lang=lang),
        lambda: scores_of_deals({}, of, lang=lang),
        lambda: relationship_map(people(), lang=lang),
        lambda: ageing([], of, as_of=AS_OF, lang=lang),
    )
    for make in makers:
        with pytest.raises(UnknownName, match="There is no language 'german'"):
            make()


def test_wrong_arguments_are_refused_all_at_once_with_what_to_pass() -> None:
    makers: tuple[Callable[[], object], ...] = (
        lambda: funnel(BAD, BAD),
        lambda: time_in_stage(BAD, BAD),
        lambda: score_of_deal(BAD, BAD),
        lambda: scores_of_deals(BAD, BAD),
        lambda: relationship_map(BAD, wanted=BAD),
        lambda: ageing([], BAD, as_of=BAD, figures=BAD, columns=BAD, stages=BAD, tz=BAD),
    )
    for make in makers:
        with pytest.raises(ArgumentError) as caught:
            make()
        assert len(caught.value.problems) >= 2
        assert all(problem.hint for problem in caught.value.problems)


def test_a_label_with_emoji_is_cut_by_us_and_not_in_the_middle_of_one() -> None:
    # Vega cuts between units of UTF-16, and half of an emoji cannot be drawn.
    rows = [{"id": "👩‍💻 x" * 50, "stage": "talk", "entered_stage_on": AS_OF}]
    (row,) = values(ageing(rows, playbook("🇨🇳" * 40), as_of=AS_OF))["deals"]

    assert len(row["deal"]) < 25
    assert len(row["stage"]) < 25
    assert row["deal"].endswith("…")
