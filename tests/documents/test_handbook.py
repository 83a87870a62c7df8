"""A handbook says everything that its playbook carries, in one language, and nothing twice over."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from salesflow.documents import handbook
from salesflow.documents._handbook.page import MARK
from salesflow.documents._handbook.permissions import ACTS
from salesflow.documents._handbook.planning import EVENTS, LIMITS
from salesflow.documents._handbook.stages import GUIDANCE
from salesflow.errors import ArgumentError, InvalidPlaybook, UnknownName
from salesflow.facts import FORECAST_CATEGORIES
from salesflow.playbook import Guidance, Hygiene, Permission, Playbook, Policy
from salesflow.playbook._model_cadences import Trigger
from salesflow.playbooks import BUILT_IN
from salesflow.plugins import load_playbook
from salesflow.text import LANGUAGES, Language
from tests.documents.reading import lines_of, read
from tests.hostile import SEVERAL_LINES, VISIBLE

EVERY_KEY: Final = Path(__file__).parents[1] / "playbook" / "every_key.toml"
CJK: Final = re.compile(r"[\u4e00-\u9fff]")
ALL: Final = (*BUILT_IN, "every_key", "variant")
TINY: Final = """
    id = "tiny"
    version = "1"
    title = "A tiny process"
    [[stages]]
    key = "talk"
    title = "Talk"
    [[stages]]
    key = "sign"
    title = "Sign"
"""

# What a handbook says in other words than the file, each with the reason.
SAID_OTHERWISE: Final = {
    r"facts\.kind": "what it may be, in words",
    r"facts\.unit": "what it counts, in words",
    r"reasons\.outcome": "what deals are called that ended so, in words",
    r"cadences\.trigger": "what starts the clock, in words",
    r"checklists\.questions\.type": "what may be answered, in words",
    r".*\.evidence": "that something has to be named, in words",
    r".*\.not_by": "who may not, in words",
    r".*\.judgement\.quorum": "all, any: how many, in words",
    r"policy\.(skip|start_later)\.criteria": "whether they are asked, in words",
    r"policy\.roles": "whether they are checked, in words",
}
IN_WORDS: Final = {
    ("to", "ended"),  # the end
    *(("forecast", category) for category in FORECAST_CATEGORIES),
    *(
        (act, switch)  # who may do something: an entry of the list of what anybody or nobody may
        for act in (*ACTS, "waive", "back", "by")
        for switch in ("on", "off")
    ),
}
OTHERWISE: Final = re.compile("|".join(SAID_OTHERWISE))
# A span of one unit after "every" is said without its number: every week.
ONE_OF: Final = "every"


def playbook_of(name: str) -> Playbook:
    path = EVERY_KEY.with_stem(name)
    return Playbook.from_file(path) if path.exists() else load_playbook(name)


def leaves(
    value: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every text, word, number and flag of a document, each with its path; texts as they are."""
    if isinstance(value, dict) and not (value and set(value) <= set(LANGUAGES)):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    else:
        yield path, value


def in_language(text: dict[str, str], lang: Language) -> str:
    return text.get(lang) or next(iter(text.values()))


def names_of(path: tuple[Any, ...]) -> list[str]:
    return [part for part in path if isinstance(part, str)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_text_every_key_and_every_number_stands_in_the_handbook(
    name: str, lang: Language
) -> None:
    playbook = playbook_of(name)
    markdown = handbook(playbook, lang)
    page = read(markdown)
    shown = page.text
    numbers = {found.rstrip(".,") for found in re.findall(r"\d[\d.,]*", shown)}
    missing: list[tuple[object, object]] = []
    for path, value in leaves(json.loads(playbook.to_json())):
        names = names_of(path)
        is_renamed = names[0] == "migrations" and len(names) > len(("migrations", "stages"))
        if is_renamed and names[-1] not in shown:
            missing.append((path, names[-1]))
        if isinstance(value, dict):
            if "\n".join(lines_of(in_language(value, lang))) not in shown:
                missing.append((path, value))
        elif isinstance(value, bool) or OTHERWISE.fullmatch(".".join(names)):
            continue
        elif isinstance(value, str):
            if (names[-1], value) not in IN_WORDS and value not in shown:
                missing.append((path, value))
        elif not (value == 1 and ONE_OF in names):
            forms = {f"{value:.15g}", f"{value:,.15g}", f"{value * 100:.15g}"}
            if not forms & numbers:
                missing.append((path, value))

    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_handbook_is_in_one_language_wholly(name: str, lang: Language) -> None:
    page = read(handbook(load_playbook(name), lang))
    heads = [
        *(words for _, words in page.headings),
        *(row for table in page.tables for row in table[0]),
    ]
    if lang == "en":
        assert CJK.search(handbook(load_playbook(name), "en")) is None
    else:
        letters = {"R", "+", "1.0.0"}
        wrong = [head for head in heads if not CJK.search(head) and not head.isdigit()]
        assert set(wrong) <= letters


def test_a_text_that_is_not_there_in_a_language_stands_in_the_other() -> None:
    playbook = Playbook.from_toml(TINY.replace('"Talk"', '{ zh = "会谈" }'))
    assert "## Stage 1: 会谈" in handbook(playbook)
    assert "## 阶段 2：Sign" in handbook(playbook, "zh")


# ------------------------------------------------------------------ nothing is left out


def small_document() -> dict[str, Any]:
    """The document that has every key, without the checklists of the package."""
    document: dict[str, Any] = json.loads(playbook_of("every_key").to_json())
    for part in ("checklists", "scorecards"):
        document[part] = [it for it in document[part] if it["key"] not in ("tas", "bant")]
    for migration in document["migrations"]:
        migration.get("questions", {}).pop("tas.old", None)
    return document


DOCUMENT: Final = small_document()
PLACES: Final[dict[str, list[tuple[Any, ...]]]] = {}
for found, _ in leaves(DOCUMENT):
    PLACES.setdefault(".".join(names_of(found)), []).append(found)
# What follows from the rest of the file, too, so that nothing changes where it is taken out.
FOLLOWS: Final = {"stages.final": "a move to the end is listed"}


BEFORE: Final = Playbook.from_json(json.dumps(DOCUMENT))
TEXTS: Final = {lang: handbook(BEFORE, lang) for lang in LANGUAGES}


def put(path: tuple[Any, ...], change: Callable[[Any], Any]) -> str:
    """The document with one value changed, or taken out where that gives None."""
    document = deepcopy(DOCUMENT)
    *outer, last = path
    inside: Any = document
    for part in outer:
        inside = inside[part]
    value = change(inside[last])
    if value is not None:
        inside[last] = value
    else:
        del inside[last]
    return json.dumps(document)


def other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1 if value >= 1 else value / 2 or 0.05
        case dict():
            return {lang: f"{words} also" for lang, words in value.items()}
        case "off":
            return "on"
        case "on":
            return "off"
        case str():
            return f"{value}_also"
        case _:
            raise AssertionError(value)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_whatever_is_taken_out_of_a_playbook_or_changed_in_it_changes_the_handbook(
    place: str,
) -> None:
    tried = False
    for path in PLACES[place]:
        for change in (lambda _: None, other):
            try:
                after = Playbook.from_json(put(path, change))
            except InvalidPlaybook:
                continue
            tried = tried or after != BEFORE
            if all(handbook(after, lang) != TEXTS[lang] for lang in LANGUAGES):
                return
    assert not tried or place in FOLLOWS, f"{place} is not in the handbook"


def test_everything_that_is_written_by_name_has_words() -> None:
    acts = {it.name for it in fields(Policy) if isinstance(getattr(Policy(), it.name), Permission)}
    assert acts == set(ACTS)
    assert set(get_args(Trigger)) - {"held"} == set(EVENTS)  # no file says that one
    assert {it.name for it in fields(Guidance)} == set(GUIDANCE)
    assert {it.name for it in fields(Hygiene)} - {"reading"} == set(LIMITS)


# ------------------------------------------------------------------ the form


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_no_heading_stands_without_words_and_no_column_is_empty(name: str, lang: Language) -> None:
    markdown = handbook(playbook_of(name), lang)
    blocks = markdown.split("\n\n")
    for block, after in zip(blocks, [*blocks[1:], "#"], strict=True):
        if block.startswith("#"):
            level, below = len(block.split(" ")[0]), len(after.split(" ")[0])
            assert not after.startswith("#") or below > level, block
        if re.fullmatch(r"\*\*[^*]+\*\*", block):
            assert after.startswith(("- ", "| ")), block
    for table in read(markdown).tables:
        assert len({len(row) for row in table}) == 1
        for column in zip(*table[1:], strict=True):
            assert any(column)


def test_a_short_playbook_has_a_short_handbook() -> None:
    page = read(handbook(Playbook.from_toml(TINY)))
    assert [words for _, words in page.headings] == [
        "A tiny process",
        "Overview",
        "Stage 1: Talk",
        "Stage 2: Sign",
        "What people may do",
        "When data are looked at again",
    ]
    assert MARK not in page.text


def test_what_is_a_reading_is_marked_where_it_stands_and_the_mark_explained() -> None:
    toml = TINY + 'goal = "A signature"\nreading = true\n'
    markdown = handbook(Playbook.from_toml(toml))
    assert f"## Stage 2: Sign {MARK}" in markdown
    assert f"{MARK} marks what is the author's reading" in markdown


def test_a_stage_in_which_a_deal_may_end_before_the_last_says_so() -> None:
    toml = TINY.replace('title = "Talk"', 'title = "Talk"\nfinal = true')
    assert "`talk` · in the forecast: pipeline · the deal may end here" in handbook(
        Playbook.from_toml(toml)
    )
    assert "may end here" not in handbook(Playbook.from_toml(TINY))


@pytest.mark.parametrize(
    "hostile",
    ["\n# a\n| a | b |\n```\n<script>`*_[a](b)\\", "\n".join(("", *VISIBLE, *SEVERAL_LINES))],
)
def test_what_authors_write_changes_no_heading_no_row_and_no_cell(hostile: str) -> None:

    def reworded(value: object) -> object:
        match value:
            case dict() if value and set(value) <= set(LANGUAGES):
                return {lang: f"{hostile}{words}{hostile}" for lang, words in value.items()}
            case dict():
                return {key: reworded(inner) for key, inner in value.items()}
            case list():
                return [reworded(inner) for inner in value]
            case _:
                return value

    rude = Playbook.from_json(json.dumps(reworded(DOCUMENT)))
    for lang in LANGUAGES:
        page = read(handbook(rude, lang))
        assert page.shape == read(handbook(BEFORE, lang)).shape
        assert not page.kinds & {"html_block", "link_open", "em_open"}


def test_a_handbook_is_the_same_each_time_and_from_each_form_of_a_playbook() -> None:
    playbook = playbook_of("every_key")
    assert handbook(playbook) == handbook(Playbook.from_json(playbook.to_json()))


def test_a_handbook_grows_as_its_playbook_does() -> None:
    def stages(count: int) -> str:
        stage = (
            '[[stages]]\nkey = "s{n}"\ntitle = "S"\n'
            '[[stages.exit]]\nkey = "c{n}"\ntitle = "C"\nrule = "amount > {n}"\n'
        )
        head = 'id = "long"\nversion = "1"\ntitle = "Long"\n'
        return head + "".join(stage.format(n=n) for n in range(100, 100 + count))

    short, long, longer = (len(handbook(Playbook.from_toml(stages(n)))) for n in (20, 40, 80))
    assert longer - long == pytest.approx(2 * (long - short), rel=0.01)


def test_what_is_no_playbook_and_no_language_is_refused() -> None:
    with pytest.raises(ArgumentError, match="playbook"):
        handbook("optimized_sales_process")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="Known: en, zh"):
        handbook(Playbook.from_toml(TINY), "french")


def test_every_key_document_is_what_its_file_says() -> None:
    assert set(DOCUMENT) <= set(tomllib.loads(EVERY_KEY.read_text(encoding="utf-8"))) | {
        "checklists",
        "scorecards",
    }


def test_what_becomes_of_criteria_of_stages_passed_by_is_told_where_nothing_else_is() -> None:
    told = {
        kept: handbook(
            Playbook.from_toml(
                f'id = "p"\nversion = "1"\ntitle = "P"\n'
                f'policy = {{ skip = {{ criteria = "{kept}" }} }}\n'
                'stages = [{ key = "a", title = "A" }, { key = "b", title = "B" }]'
            )
        )
        for kept in ("asked", "waived")
    }

    assert told["asked"] != told["waived"]
