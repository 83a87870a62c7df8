"""Reports that leave Python: as JSON, as rows, as a page, as JUnit XML, as a pickle."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Mapping
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import altair as alt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, FrameError, SalesflowError, UnknownName
from salesflow.pipeline import Backtest, PipelineReport, Report
from salesflow.text import LANGUAGES
from tests.frame_engines import EVERY, values_of
from tests.hostile import MARKUP, SEVERAL_LINES, TEXTS, UNSEEN, VISIBLE
from tests.pages.reports import KINDS, charts, reports
from tests.pipeline.conftest import AS_OF, Deals
from tests.plots.results import DEALS, figures, playbook

ROOT: Final = Path(__file__).parents[2]
HAN: Final = re.compile("[\u4e00-\u9fff]")
# What has no end in HTML.
VOID: Final = frozenset({"meta"})
OURS: Final = frozenset(
    {"html", "head", "meta", "title", "style", "body", "main", "div", "h1", "h2", "h3", "p"}
    | {"strong", "code", "span", "table", "thead", "tbody", "tr", "th", "td", "figure"}
)
DRAWN: Final = frozenset({"svg", "g", "path", "rect", "text", "tspan", "line"})


class Page(HTMLParser):
    """What a browser would make of a page: every element is closed, in order."""

    def __init__(self, written: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.declared: list[str] = []
        self.open: list[str] = []
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if not {"svg", "head", "html"} & {*self.open, tag}:
            self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def handle_decl(self, decl: str) -> None:
        self.declared.append(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def named(name: str, fail_if: Mapping[str, int | float] | None = None) -> PipelineReport[Any]:
    """A check of two deals, one of which has this key; the playbook and the check are called so."""
    title = name if name in VISIBLE else "Title"
    deals = pl.DataFrame({"id": ["D-1", name], "stage": "talk", "amount": [1, None]})
    return sf.check_pipeline(
        deals,
        playbook(title),
        key="id",
        as_of=AS_OF,
        checks={title: sf.Rule.parse("amount > 5")},
        fail_if=fail_if or {title: 0},
    )


# ------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_reads_back_from_its_json(kind: str) -> None:
    report = reports()[kind]
    back = type(report).model_validate_json(report.to_json())

    assert back == report
    assert back.to_json() == report.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_prints_its_summary(kind: str) -> None:
    report = reports()[kind]

    assert str(report) == report.summary() != repr(report)


def test_a_report_speaks_the_language_of_a_playbook_without_english_where_nobody_says_one() -> None:
    process = sf.Playbook.from_toml(
        'id = "x"\nversion = "1"\ntitle = { zh = "流程" }\nlanguages = ["zh"]\n'
        '[[stages]]\nkey = "talk"\ntitle = { zh = "洽谈" }\n'
    )
    deals = pl.DataFrame({"id": ["D-1"], "stage": ["talk"], "amount": [-1]})
    report = sf.check_pipeline(deals, process, key="id", as_of=AS_OF)
    found = sf.pipeline.metrics(deals, process, key="id", as_of=AS_OF)

    assert report.summary() == str(report) == report.summary("zh") != report.summary("en")
    assert report.records() == report.records("zh")
    assert report.to_junit() == report.to_junit(lang="zh") != report.to_junit(lang="en")
    assert found.summary() == found.summary("zh")
    drawn, asked = (sf.plots.funnel(found, process, lang=lang).to_dict() for lang in (None, "zh"))
    assert drawn["title"]["text"] == asked["title"]["text"] == "进行中与已关闭的项目"
    back = PipelineReport[Any].model_validate_json(report.to_json())
    assert back.summary() == back.summary("en")  # no playbook is known


def test_one_word_says_in_chinese_what_came_of_a_check() -> None:
    report = reports()["check"]
    assert isinstance(report, PipelineReport)

    for told in (report.summary("zh"), report.to_html(lang="zh"), report.view(lang="zh")):
        assert "不符合" in told
        assert not re.search("<th[^>]*>[是否]<", told)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_its_json_is_in_its_schema_with_a_description(kind: str) -> None:
    report = reports()[kind]
    schema = type(report).model_json_schema(mode="serialization")["properties"]

    assert list(schema) == list(report.to_dict())
    assert [name for name, key in schema.items() if not key.get("description")] == []


def test_the_keys_of_each_json_and_record_are_on_the_page_about_them() -> None:
    page = (ROOT / "docs/tutorials/data.md").read_text(encoding="utf-8")
    shown = page.partition("## Reports that leave Python")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", shown))

    check, history, found = (reports()[kind] for kind in ("check", "history", "figures"))
    assert isinstance(found, sf.pipeline.Metrics)
    for report in (check, history):
        assert set(report.to_dict()) <= told
    assert isinstance(check, PipelineReport)
    assert isinstance(history, sf.pipeline.HistoryReport)
    for rows in (check.records(), history.records(), found.records()):
        assert set(rows[0]) <= told


def test_json_has_days_as_iso_and_amounts_with_their_currency() -> None:
    process = sf.load_playbook("optimized_sales_process")
    found = sf.pipeline.metrics(DEALS_IN_USD, process, key="id", as_of=AS_OF)

    assert reports()["check"].to_dict()["as_of"] == "2026-06-30"
    value = found.to_dict()["won_value"]
    assert isinstance(value, dict)
    assert (value["value"], value["unit"]) == (40_000.0, "USD")


DEALS_IN_USD: Final = pl.DataFrame(
    {"id": ["D-1"], "stage": ["won"], "amount": [40_000], "amount.currency": ["USD"]}
)


@given(st.sampled_from(TEXTS) | st.text(max_size=20))
def test_whatever_deals_and_labels_are_called_their_reports_are_json(name: str) -> None:
    log = pl.DataFrame(
        {"case": [name or "x"] * 2, "stage": [name, "talk"], "at": [date(2026, 1, 1)] * 2},
        schema={"case": pl.String, "stage": pl.String, "at": pl.Date},
    )
    history = sf.pipeline.check_history(log, playbook(), case="case", stage="stage", at="at")

    assert json.loads(history.to_json().encode()) == history.to_dict()
    if name.strip() and name != "D-1":
        report = named(name)
        assert json.loads(report.to_json().encode()) == report.to_dict()


# ------------------------------------------------------------------------------------------- rows


def test_a_row_per_check_says_what_the_report_says(process: sf.Playbook, deals: Deals) -> None:
    frame = deals({"owner": None}, {}, without=["next_step"])
    report = sf.check_pipeline(frame, process, key="id", as_of=AS_OF)
    rows = {row["check"]: row for row in report.records("zh")}

    assert list(rows) == list(report.titles)
    owner = rows["hygiene.owner_known"]
    assert (owner["rows"], owner["yes"], owner["no"], owner["unknown"]) == (2, 1, 1, 0)
    assert (owner["group"], owner["severity"], owner["failing"]) == ("hygiene", "error", True)
    assert owner["title"] == report.titles["hygiene.owner_known"].zh
    assert owner["not_checked"] is None
    lacking = rows["hygiene.next_step_known"]
    assert (lacking["rows"], lacking["yes"], lacking["failing"]) == (None, None, False)
    assert lacking["not_checked"] == "next_step"
    assert pl.DataFrame(report.records()).height == len(rows)


def test_a_row_per_deviation_and_per_figure() -> None:
    history, found = reports()["history"], reports()["figures"]
    assert isinstance(history, sf.pipeline.HistoryReport)
    assert isinstance(found, sf.pipeline.Metrics)

    assert {"kind": "skipped", "from": "draft", "to": "sign", "count": 1} in history.records()
    rows = {(row["stage"], row["figure"]): row for row in found.records()}
    assert rows[None, "win_rate"]["value"] == found.win_rate.value
    assert rows["talk", "entered"]["rows"] == found.stages["talk"].entered.rows
    assert len(rows) == sum(isinstance(it, sf.pipeline.Metric) for _, it in found) + 4 * len(
        found.stages
    )


@pytest.mark.parametrize("engine", EVERY)
def test_figures_are_a_frame_of_the_kind_that_is_asked_for(engine: str) -> None:
    found = figures(playbook())
    like = EVERY[engine](DEALS.select("id", "stage"))
    frame = found.to_frame(like)

    assert type(frame) is type(like)
    assert sorted(values_of(frame), key=place) == sorted(found.records(), key=place)


def place(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["figure"], row["stage"] or ""


@pytest.mark.parametrize("like", [None, 3, "polars", pl.DataFrame, [1]])
def test_what_is_no_frame_is_refused_as_the_kind_of_one(like: object) -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        figures(playbook()).to_frame(like)


# ------------------------------------------------------------------------------------------- page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_and_in_one_language(kind: str, lang: str) -> None:
    written = reports()[kind].to_html(lang=lang)
    page = Page(written)

    assert page.declared == ["DOCTYPE html"]
    assert set(page.tags) <= OURS
    assert page.attributes <= {"class", "style", "data-head"}
    assert f'<html lang="{lang}">' in written
    assert "url(" not in written
    assert "http" not in written.replace("http-equiv", "")
    if lang == "en":
        assert HAN.search(page.text) is None
    else:  # keys of programs, such as one to be said, and names stay as they are
        keys = r"<code>[^<]*</code>|（[\w.]+）|\w+[._]\w+|Title"
        said = Page(re.sub(keys, "", written)).text
        assert set(re.findall(r"[A-Za-z]{3,}", said)) <= {"AUC", "amount", "draft"}


def test_a_page_says_what_fails_where_in_which_deals_and_what_to_do() -> None:
    report = reports()["check"]
    assert isinstance(report, PipelineReport)
    text = Page(report.to_html()).text

    assert "more findings than allowed: 2" in text
    assert "hygiene.recent_activity" in text
    for said in report.messages().values():
        assert said in text
    owner = text.partition("Somebody owns the deal")[2]
    assert "For instance: Title D-5" in owner
    assert "By stage" in text


def test_the_stages_of_a_page_add_up_to_the_counts(process: sf.Playbook, deals: Deals) -> None:
    stages = ["qualify", "draft", "draft", "won", "lost", "sign"]
    frame = deals(*({"stage": stage, "owner": None} for stage in stages))
    report = sf.check_pipeline(frame, process, key="id", as_of=AS_OF)
    found = report._kept("_views").stages(report.counts)

    assert {key: row["deals"] for key, row in found.items()} == {
        **dict.fromkeys(stages, 1),
        "draft": 2,
    }
    for verdict in ("no", "unknown"):
        told = sum(getattr(count, verdict) for count in report.counts.values())
        assert sum(row[verdict] for row in found.values()) == told


def test_deals_after_the_day_are_in_no_stage(process: sf.Playbook, deals: Deals) -> None:
    frame = deals({}, {"created_on": date(2027, 1, 1)})
    report = sf.check_pipeline(frame, process, key="id", as_of=AS_OF)
    found = report._kept("_views").stages(report.counts)

    assert report.later == 1
    assert sum(row["deals"] for row in found.values()) == 1


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_strangers_are_texts_on_a_page(name: str) -> None:
    harmless = Page(named("harmless").to_html())
    page = Page(named(name).to_html())

    assert set(page.tags) == set(harmless.tags)
    assert page.tags.count("td") == harmless.tags.count("td")
    assert page.attributes == harmless.attributes
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page.text)
    if name in VISIBLE:
        assert " ".join(name.split()) in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_view_of_a_notebook_is_a_part_of_the_page(kind: str) -> None:
    # One writer for both: what a notebook shows in tables is on the page as it is.
    report = reports()[kind]
    page = report.to_html()
    view = report._repr_html_()

    assert view.startswith('<div class="salesflow">')
    for table in re.findall("<table>.*?</table>", view):
        assert table in page


@pytest.mark.parametrize("kind", KINDS)
def test_charts_are_drawn_into_the_page(kind: str) -> None:
    written = reports()[kind].to_html(charts=charts("Title", "en"))
    page = Page(written)

    assert page.tags.count("svg") == 2
    assert set(page.tags) <= OURS | DRAWN
    ids = re.findall(r' id="([^"]*)"', written)
    assert len(ids) == len(set(ids))
    for picture in re.findall("<svg.*?</svg>", written, re.DOTALL):
        ET.fromstring(picture)  # noqa: S314 - ours


def test_parts_of_charts_keep_apart() -> None:
    points = alt.Chart(alt.InlineData([{"x": 1}])).mark_point(clip=True).encode(x="x:Q")
    written = reports()["figures"].to_html(charts=[points, points])
    ids = re.findall(r' id="([^"]*)"', written)
    used = re.findall(r"url\(#([^)]*)\)", written)

    assert len(ids) == len(set(ids)) == 2
    assert set(used) == set(ids)


class Undrawn:
    """A chart that nothing draws."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def save(self, fp: object, format: str) -> None:  # noqa: A002 - Altair's name
        raise self.error


def test_charts_that_show_what_lies_elsewhere_or_are_none_are_refused_all_at_once(
    tmp_path: Path,
) -> None:
    data = alt.InlineData([{"url": "http://example.com/x.png", "x": 1}])
    picture = alt.Chart(data).mark_image().encode(url="url:N", x="x:Q")
    link = alt.Chart(data).mark_point().encode(href="url:N", x="x:Q")
    given: Any = [picture, 3, "<svg/>", link, alt.Chart, Undrawn(ValueError("no such mark"))]
    path: Any = 3
    with pytest.raises(ArgumentError) as caught:
        reports()["figures"].to_html(path, charts=given)

    found = {problem.path: problem for problem in caught.value.problems}
    assert set(found) == {"path", *(f"charts[{number}]" for number in range(6))}
    assert "<image>" in found["charts[0]"].message
    assert "must be a chart, not an int" in found["charts[1]"].message
    assert all(problem.hint for problem in found.values())


@pytest.mark.parametrize("given", ["chart", 3, None])
def test_charts_are_a_list(given: Any) -> None:
    with pytest.raises(ArgumentError, match="must be a list of charts"):
        reports()["figures"].to_html(charts=given)


def test_where_nothing_can_draw_the_error_says_what_to_install() -> None:
    with pytest.raises(ArgumentError, match='pip install "vl-convert-python"'):
        reports()["figures"].to_html(charts=[Undrawn(ImportError("vl_convert"))])


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_written_to_a_file_as_it_is_given(kind: str, tmp_path: Path) -> None:
    for path in (tmp_path / "报告.html", str(tmp_path / "b.html")):
        written = reports()[kind].to_html(path, lang="zh")

        assert Path(path).read_bytes().decode("utf-8") == written
        assert "\r" not in written


@pytest.mark.parametrize("write", ["to_html", "to_junit"])
def test_a_file_that_cannot_be_written_is_told(write: str, tmp_path: Path) -> None:
    report = reports()["check"]
    for path in (tmp_path, tmp_path / "none" / "x", "a\x00b"):
        with pytest.raises(ArgumentError, match=r"cannot be written: .*Name a file in a folder"):
            getattr(report, write)(path)
    for bad in (3, b"x.html", ["x"]):
        with pytest.raises(ArgumentError, match="must be the name of a file"):
            getattr(report, write)(bad)


def test_an_unknown_language_is_refused() -> None:
    for report in reports().values():
        with pytest.raises(UnknownName, match="no language 'english'"):
            report.to_html(lang="english")
    check = reports()["check"]
    assert isinstance(check, PipelineReport)
    with pytest.raises(UnknownName, match="no language 'english'"):
        check.records("english")


# ----------------------------------------------------------------------------------------- JUnit


def cases(written: str) -> dict[str, ET.Element]:
    """The cases of JUnit XML, whose form is that of the common schema."""
    root = ET.fromstring(written)  # noqa: S314 - ours
    held(root, "testsuites")
    for suite in root:
        held(suite, "testsuite")
        assert [case.tag for case in suite] == ["testcase"] * len(suite)
        for case in suite:
            assert set(case.attrib) == {"name", "classname", "time"}
            assert case.get("classname") == suite.get("name")
            assert [part.tag for part in case] in ([], ["failure"], ["skipped"])
    return {str(case.get("name")): case for case in root.iter("testcase")}


def held(element: ET.Element, tag: str) -> None:
    """The name, the numbers and what they count."""
    assert element.tag == tag
    wanted = {"name", "tests", "failures", "errors", "skipped", "time"}
    assert set(element.attrib) == wanted | ({"timestamp"} if tag == "testsuite" else set())
    parts = {"tests": "testcase", "failures": "failure", "skipped": "skipped", "errors": "error"}
    for name, part in parts.items():
        assert int(element.attrib[name]) == len(list(element.iter(part)))


def test_each_check_is_a_test_case_that_fails_where_raise_for_does(
    process: sf.Playbook, deals: Deals
) -> None:
    frame = deals({"owner": None}, {"amount": None}, without=["next_step", "last_activity_on"])
    report = sf.check_pipeline(frame, process, key="id", as_of=AS_OF, fail_if={"error": 0})
    limits: tuple[Mapping[str, int | float] | None, ...] = (
        None,
        {"hygiene.owner_known": 1, "hygiene.next_step_known": 0},
        {"hygiene": 0.5, "size": 0},
    )
    for fail_if in limits:
        found = cases(report.to_junit(fail_if=fail_if))
        failed = {it.check for it in report.failed(fail_if)}

        assert list(found) == list(report.titles)
        assert {name for name, case in found.items() if case.find("failure") is not None} == failed
        skipped = {name for name, case in found.items() if case.find("skipped") is not None}
        assert skipped == set(report.not_checked) - failed
    told = cases(report.to_junit())["hygiene.owner_known"].find("failure")
    assert told is not None
    assert told.get("message") == "1 finding in 2 deals, the limit is 0 (Somebody owns the deal)"
    assert "for instance 'D-1'" in str(told.text)


def test_a_group_that_could_not_be_checked_at_all_is_a_case_that_fails(
    process: sf.Playbook,
) -> None:
    frame = pl.DataFrame({"id": ["D-1"], "stage": ["qualify"]})
    report = sf.check_pipeline(frame, process, key="id", as_of=AS_OF, fail_if={"size": 0})
    found = cases(report.to_junit())

    (failed,) = report.failed()
    assert failed.check == "size"
    assert found["size"].find("failure") is not None
    assert found["size"].get("classname") == "pipeline.limits"
    assert report.failing == ("size",)


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_strangers_are_texts_in_xml(name: str) -> None:
    report = named(name)
    found = cases(report.to_junit())

    assert len(found) == len(report.titles)
    if name in VISIBLE:
        assert " ".join(name.split()) in found


def test_xml_is_written_in_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    report = named("签约 👩‍💻")
    written = report.to_junit(path)

    assert path.read_bytes().decode("utf-8") == written
    assert ET.parse(path).getroot().tag == "testsuites"  # noqa: S314 - ours


def test_a_limit_that_is_none_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    with pytest.raises(ArgumentError, match="no such check"):
        named("D-2").to_junit(path, fail_if={"hygeine": 1})
    assert not path.exists()


# ---------------------------------------------------------------------------------------- pickles

BACK: Final[Mapping[str, Callable[[Any], Any]]] = {
    "pickle": lambda report: pickle.loads(pickle.dumps(report)),  # noqa: S301 - ours
    "JSON": lambda report: type(report).model_validate_json(report.to_json()),
}


@pytest.mark.parametrize("how", BACK)
@pytest.mark.parametrize("kind", KINDS)
def test_a_report_that_was_read_back_says_what_its_fields_say(kind: str, how: str) -> None:
    report = reports()[kind]
    back = BACK[how](report)

    assert back == report
    assert back.to_json() == report.to_json()
    assert back.summary("zh") == report.summary("zh")
    assert set(Page(back.to_html(lang="zh")).tags) <= OURS
    assert Page(back._repr_html_()).tags == Page(report._repr_html_()).tags
    if not isinstance(report, Backtest):
        assert back.records() == report.records()


@pytest.mark.parametrize("how", BACK)
def test_a_check_that_was_read_back_still_fails_by_its_limits(how: str) -> None:
    report = named("D-2", {"hygiene.amount_known": 0})
    back = BACK[how](report)

    assert [it.check for it in back.failed()] == ["hygiene.amount_known"]
    assert back.failing == report.failing
    assert back.failed()[0].examples == ()
    assert list(cases(back.to_junit())) == list(cases(report.to_junit()))
    assert "was read back" in Page(back.to_html()).text
    with pytest.raises(SalesflowError, match="was read back"):
        back.message("hygiene.amount_known")


def test_what_is_worse_than_before_fails_in_xml_and_after_reading_back_and_warnings_are_told(
    process: sf.Playbook, deals: Deals
) -> None:
    last = sf.check_pipeline(deals({}, {}), process, key="id", as_of=AS_OF)
    report = sf.check_pipeline(
        deals({"owner": None}, {"next_step": None}),
        process,
        key="id",
        as_of=AS_OF,
        fail_if={"hygiene.owner_known": {"max": 0, "max_increase": 0}},
        warn_if={"hygiene.next_step_known": 0},
        before=last,
    )
    told = cases(report.to_junit())["hygiene.owner_known"].find("failure")

    assert told is not None
    assert "the limit is 0 (" in str(told.get("message"))
    assert "the limit is 0 more (" in str(told.get("message"))
    assert "more findings than wanted: 1 hygiene.next_step_known" in Page(report.to_html()).text
    for read in BACK.values():
        back = read(report)
        assert back.failing == report.failing == ("hygiene.owner_known",)
        assert [it.check for it in back.failed()] == ["hygiene.owner_known"] * 2
        assert back.summary() == report.summary()


@given(st.data())
def test_a_check_of_any_deals_is_the_same_after_a_pickle(data: st.DataObject) -> None:
    names = data.draw(
        st.lists(st.sampled_from([*MARKUP, *SEVERAL_LINES, *UNSEEN, "签约"]), unique=True)
    )
    names = [name for name in names if name.strip()]
    amounts = data.draw(
        st.lists(st.none() | st.integers(-5, 10**6), min_size=len(names), max_size=len(names))
    )
    frame = pl.DataFrame(
        {"id": names, "stage": ["talk"] * len(names), "amount": amounts},
        schema={"id": pl.String, "stage": pl.String, "amount": pl.Int64},
    )
    report: Report = sf.check_pipeline(frame, playbook(), key="id", as_of=AS_OF)
    back = pickle.loads(pickle.dumps(report))  # noqa: S301 - ours

    assert (back, hash(back)) == (report, hash(report))
    assert back.to_dict() == report.to_dict()
