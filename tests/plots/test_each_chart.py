"""What each chart says: the numbers of the result, in the order of the process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import BuyingRole, HostDeal, InfluenceLine, RelationshipMap
from salesflow.errors import UnknownName
from salesflow.plots import (
    PlotError,
    ageing,
    funnel,
    relationship_map,
    score_of_deal,
    scores_of_deals,
    time_in_stage,
)
from salesflow.plots._layout import BOX, COLUMN, HEIGHT, Lines, Place, chosen, layout
from salesflow.qualify import score
from tests.plots.results import (
    AS_OF,
    DEALS,
    figures,
    people,
    playbook,
    scored,
    spec,
    texts,
    values,
)

BAD = cast("Any", 7)


def subtitle(chart: Any) -> list[str]:
    return list(spec(chart)["title"]["subtitle"])


# ------------------------------------------------------------------------------------ the funnel


def test_the_funnel_says_who_entered_each_stage_and_what_became_of_them() -> None:
    of = playbook()
    chart = funnel(figures(of), of)

    found = {(row["stage"], row["part"]): row["deals"] for row in values(chart)["stages"]}
    assert found == {
        ("1 Talk Title", "went on"): 2,
        ("1 Talk Title", "ended here"): 1,
        ("1 Talk Title", "still here"): 1,
        ("2 Offer Title", "went on"): 1,
        ("2 Offer Title", "still here"): 1,
        ("3 Sign Title", "went on"): 1,
    }
    assert "4 · 67% went on" in texts(chart)
    assert "Win rate 50.0%: 1 won, 1 lost." in subtitle(chart)


def test_the_parts_of_a_bar_sum_to_those_who_entered() -> None:
    of = playbook()
    of_stage = figures(of).stages
    sums = dict[str, int]()
    for row in values(funnel(figures(of), of, sub_stages=True))["stages"]:
        sums[row["stage"]] = sums.get(row["stage"], 0) + row["deals"]

    assert sums == {
        "1 Talk Title": of_stage["talk"].entered.value,
        "2 Offer Title": of_stage["offer"].entered.value,
        "2.1 Draft Title": of_stage["draft"].entered.value,
        "3 Sign Title": of_stage["sign"].entered.value,
    }


def test_stages_stand_in_the_order_of_the_process() -> None:
    of = playbook()
    domain = spec(funnel(figures(of), of))["layer"][0]["encoding"]["y"]["sort"]

    assert domain == ["1 Talk Title", "2 Offer Title", "3 Sign Title"]


def test_without_a_history_the_funnel_says_how_deals_ended_and_what_it_lacks() -> None:
    of = playbook()
    chart = funnel(figures(of, history=False), of)

    found = {row["outcome"]: row["deals"] for row in values(chart)["outcomes"]}
    assert found == {"Open": 3, "Won": 1, "Lost": 1, "Disqualified": 0}
    assert "needs a history" in subtitle(chart)[-1]


def long_process(stages: int) -> sf.Playbook:
    lines = ['id = "long"', 'version = "1"', 'title = "Long"', 'languages = ["en"]']
    for number in range(stages):
        lines += ["[[stages]]", f'key = "s{number}"', f'title = "Stage {number}"', "max_days = 9"]
    return sf.Playbook.from_toml("\n".join(lines))


def test_of_very_many_stages_the_first_forty_are_drawn() -> None:
    of = long_process(90)
    log = {
        "case:concept:name": ["D-1"],
        "concept:name": ["s0"],
        "time:timestamp": [date(2026, 1, 1)],
    }
    history = sf.pipeline.check_history(pl.DataFrame(log), of, as_of=AS_OF)
    deals = pl.DataFrame({"id": ["D-1"], "stage": ["s0"]})
    found = sf.pipeline.metrics(deals, of, key="id", as_of=AS_OF, history=history)

    assert len(values(funnel(found, of))["shares"]) == 40
    assert "1 · none has gone on or ended" in texts(funnel(found, of))

    rows = [{"id": n, "stage": f"s{n}", "entered_stage_on": AS_OF} for n in range(90)]
    chart = ageing(rows, of, as_of=AS_OF)
    assert len(values(chart)["deals"]) == 40
    assert "Stages with open deals: 90; the first 40 are shown." in subtitle(chart)


def test_no_deals_give_a_sentence() -> None:
    of = playbook()
    empty = sf.pipeline.metrics(DEALS.clear(), of, key="id", as_of=AS_OF)

    assert "There are no deals." in texts(funnel(empty, of))
    assert "没有项目。" in texts(funnel(empty, of, lang="zh"))


def test_time_in_stage_has_the_median_what_nine_in_ten_needed_and_the_limit() -> None:
    of = playbook()
    chart = time_in_stage(figures(of), of)

    talk = values(chart)["stays"][0]
    found = figures(of).stages["talk"]
    assert (talk["median"], talk["most"], talk["limit"]) == (
        found.days_median.value,
        found.days_p90.value,
        30,
    )
    assert "Red line: the most days that the playbook allows." in subtitle(chart)


# ---------------------------------------------------------------------------------------- scores


def test_a_score_shows_its_intervals_knock_outs_and_what_to_ask_next() -> None:
    of = playbook()
    chart = score_of_deal(scored(of, money="-", term="+"), of)

    assert subtitle(chart)[0] == "No go Title: 1–3 of 6 points"
    assert values(chart)["whole"][0]["interval"] == "1–3"
    assert [row["said"] for row in values(chart)["parts"]] == [
        "1 / 4 · ✗ knocks out: Money holds Title",
        "0–2 / 2",
    ]
    assert "asks" not in values(chart)  # nothing can change the verdict any more


def test_what_to_ask_next_comes_with_what_the_answers_do() -> None:
    of = playbook()
    found = scored(of, term="+")
    asks = values(score_of_deal(found, of))["asks"]

    assert [(row["fact"], row["swing"]) for row in asks] == [
        (ask.question, ask.swing) for ask in found.ask_next
    ]
    assert asks[0]["effect"] == "favourable: Go Title; if not: No go Title"
    assert (
        "? may knock out: Money holds Title" in values(score_of_deal(found, of))["parts"][0]["said"]
    )


def test_bands_cover_the_card_from_end_to_end() -> None:
    of = playbook()
    bands = values(score_of_deal(scored(of), of))["bands"]

    assert [(row["from"], row["to"]) for row in bands] == [(0, 4), (4, 6)]


def test_a_card_without_sections_shows_its_items() -> None:
    of = sf.Playbook.from_toml("""
        id = "flat"
        version = "1"
        title = "Flat"
        languages = ["en"]
        [[scorecards]]
        key = "card"
        title = "Card"
        items = [
          { key = "large", title = "Large", rule = "amount > 5", weight = 2 },
          { key = "near", title = "Near", rule = "probability > 0.5", weight = 1 },
        ]
        bands = [{ key = "low", title = "Low", min = 0 }, { key = "high", title = "High", min = 2 }]
        [[stages]]
        key = "a"
        title = "A"
    """)
    found = score(of, of.scorecards["card"], {"amount": 9})

    assert [(row["part"], row["said"]) for row in values(score_of_deal(found, of))["parts"]] == [
        ("1 Large", "2 / 2"),
        ("2 Near", "0–1 / 1"),
    ]


def test_deals_stand_by_their_certain_points_and_at_most_sixty() -> None:
    of = playbook()
    scores = {f"D-{n}": scored(of) for n in range(200)}
    scores["best"] = scored(of, money="+", fit="+")
    scores["second"] = scored(of, fit="+")
    chart = scores_of_deals(scores, of)

    rows = values(chart)["deals"]
    assert [row["deal"] for row in rows[:3]] == ["1 best", "2 second", "3 D-0"]
    assert len(rows) == 60
    assert "60 of 202 deals are shown." in subtitle(chart)


def test_every_deal_says_its_verdict_and_what_to_ask() -> None:
    of = playbook()
    scores = {"a": scored(of, money="-"), "b": scored(of), "c": scored(of, money="+", fit="+")}
    said = texts(scores_of_deals(scores, of))

    assert "✗ No go Title" in said
    assert "Undecided · ask: Money Title" in said
    assert "Go Title" in said


def test_no_scores_give_a_sentence() -> None:
    assert "There are no scores." in texts(scores_of_deals({}, playbook()))


# ---------------------------------------------------------------------------------------- people


def test_the_map_shows_everybody_their_roles_and_who_is_missing() -> None:
    chart = relationship_map(people(), wanted=("economic_buyer", "procurement"))

    rows = {row["name"]: row for row in values(chart)["people"]}
    assert set(rows) == {"Zhang", "Liu", "Chen", "Adviser"}
    assert rows["Liu"]["attitude"] == "champion"
    assert rows["Liu"]["third"] == "talked in depth · weight: high"
    assert rows["Zhang"]["second"] == "economic buyer"
    assert [row["role"] for row in values(chart)["missing"]] == ["? procurement"]
    assert subtitle(chart)[0] == "Those who decide: 0 of 1 covered"
    assert "Missing: procurement" in subtitle(chart)


def test_a_long_reporting_line_goes_on_below_itself() -> None:
    line = tuple(sf.Contact(name=f"P{n}", reports_to=f"P{n - 1}" if n else None) for n in range(8))
    rows = values(relationship_map(RelationshipMap(customer="Acme", contacts=line)))

    assert len({row["left"] for row in rows["people"]}) == 5
    assert len({row["line"] for row in rows["reporting"]}) == 7


def test_arrows_lead_to_those_who_listen() -> None:
    chart = relationship_map(people())
    zhang = next(row for row in values(chart)["people"] if row["name"] == "Zhang")
    arrow = next(row for row in values(chart)["arrows"] if row["said"] == "Zhang listens to Chen")

    assert arrow["x"] == zhang["right"]
    assert zhang["top"] < arrow["y"] < zhang["bottom"]


def runs_through(line: list[tuple[float, float]], place: Place) -> bool:
    """Whether any point of a line, and of what is between its points, is inside a box."""
    between = [
        (a[0] + (b[0] - a[0]) * part / 8, a[1] + (b[1] - a[1]) * part / 8)
        for a, b in pairwise(line)
        for part in range(9)
    ]
    return any(
        place.left < x < place.right and abs(y - place.middle) < HEIGHT / 2 for x, y in between
    )


def test_a_line_to_the_column_after_the_next_passes_beside_who_stands_between() -> None:
    contacts = [
        sf.Contact(name="Zhang"),
        sf.Contact(name="Liu", reports_to="Zhang"),
        sf.Contact(name="Zhao", reports_to="Liu"),
        sf.Contact(name="Sun", reports_to="Zhang"),
    ]
    lines = (
        InfluenceLine(source="Zhao", target="Zhang"),
        InfluenceLine(source="Zhang", target="Zhao"),
    )
    chart = relationship_map(
        RelationshipMap(customer="Acme", contacts=tuple(contacts), influences=lines)
    )

    places = layout(contacts)
    for number in (0, 1):
        rows = [row for row in values(chart)["influences"] if row["line"] == number]
        drawn = [(row["x"], row["y"]) for row in sorted(rows, key=lambda row: row["step"])]
        assert {drawn[0][0], drawn[-1][0]} == {places["Zhang"].right, places["Zhao"].left}
        assert not any(runs_through(drawn, place) for place in places.values())
    heights = {row["line"]: row["y"] for row in values(chart)["influences"] if row["x"] == COLUMN}
    assert len(set(heights.values())) == 2  # they do not hide each other


def test_lines_are_drawn_below_the_boxes_and_their_heads_above() -> None:
    names = [layer["data"]["name"] for layer in spec(relationship_map(people()))["layer"][1:]]

    assert names[:2] == ["reporting", "influences"]
    assert names.index("arrows") > max(at for at, name in enumerate(names) if name == "people")


def test_who_is_covered_is_seen_by_the_border() -> None:
    rows = {row["name"]: row["border"] for row in values(relationship_map(people()))["people"]}

    assert rows == {"Zhang": "thin", "Liu": "thick", "Chen": "dashed", "Adviser": "dashed"}


def test_all_roles_taken_leave_no_empty_box() -> None:
    assert "missing" not in values(relationship_map(people(), wanted=("economic_buyer",)))


def test_of_many_people_those_who_decide_are_drawn_with_the_line_above_them() -> None:
    crowd = [sf.Contact(name=f"P{n}", reports_to="Top", influence="low") for n in range(900)]
    top = sf.Contact(name="Top", buying_role="business_lead")
    chief = sf.Contact(name="Chief", buying_role="economic_buyer", reports_to="P899")
    chart = relationship_map(RelationshipMap(customer="Acme", contacts=(*crowd, chief, top)))

    names = {row["name"] for row in values(chart)["people"]}
    assert {"Chief", "P899", "Top"} <= names
    assert len(names) == 60
    assert "60 of 902 people are shown" in subtitle(chart)


@st.composite
def forests(draw: st.DrawFn) -> list[sf.Contact]:
    """People who report to somebody before them, or to nobody."""
    size = draw(st.integers(1, 20))
    bosses = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    found = [
        sf.Contact(
            name=f"P{n}",
            reports_to=None if boss is None else f"P{boss}",
            influence=draw(st.sampled_from(["high", "medium", "low", None])),
        )
        for n, boss in enumerate(bosses)
    ]
    return draw(st.permutations(found))


@given(forests())
def test_nobody_stands_on_top_of_another(contacts: list[sf.Contact]) -> None:
    places = list(layout(contacts).values())

    assert len(places) == len(contacts)
    for number, one in enumerate(places):
        for other in places[:number]:
            beside = abs(one.left - other.left) >= BOX
            below = abs(one.middle - other.middle) >= HEIGHT
            assert beside or below


@given(forests(), st.data())
def test_no_line_runs_through_anybody(contacts: list[sf.Contact], data: st.DataObject) -> None:
    places = list(layout(contacts).values())
    pairs = [(one, other) for one in places for other in places if one != other]
    assume(pairs)
    passing = [(one, other) for one, other in pairs if abs(one.column - other.column) > 1]
    source, target = data.draw(st.sampled_from(passing or pairs))

    lines = Lines(places)
    for _ in range(4):  # one beside another
        line = lines.between(source, target)
        assert not [place for place in places if runs_through(line, place)]


@given(forests())
def test_people_stand_to_the_right_of_whom_they_report_to(contacts: list[sf.Contact]) -> None:
    places = layout(contacts)

    for each in contacts:
        if each.reports_to is not None:
            boss, place = places[each.reports_to], places[each.name]
            assert place.column == min(boss.column + 1, 4)


@given(forests(), st.integers(1, 20))
def test_of_people_left_out_nobody_is_between_two_who_are_drawn(
    contacts: list[sf.Contact], most: int
) -> None:
    kept = {each.name: each for each in chosen(contacts, most)}

    assert len(kept) <= most
    assert all(each.reports_to is None or each.reports_to in kept for each in kept.values())


def test_a_reporting_line_longer_than_the_stack_of_python_is_laid_out() -> None:
    line = [sf.Contact(name=f"P{n}", reports_to=f"P{n - 1}" if n else None) for n in range(1900)]

    assert len(layout(line)) == 1900


# ---------------------------------------------------------------------------------------- ageing


def test_ageing_tells_deals_within_the_limit_from_those_past_it() -> None:
    of = playbook()
    chart = ageing(DEALS.to_dicts(), of, as_of=AS_OF)

    assert {row["deal"]: (row["days"], row["state"]) for row in values(chart)["deals"]} == {
        "D-2": (60, "past the limit of the stage"),
        "D-4": (10, "within the limit"),
        "D-5": (1, "no limit set"),
    }
    assert "Open deals on 2026-06-30: 3." in subtitle(chart)


def test_ageing_knows_deals_older_than_the_longest_won_one() -> None:
    of = playbook()
    chart = ageing(DEALS.to_dicts(), of, as_of=AS_OF, figures=figures(of))

    rows = {row["deal"]: row["state"] for row in values(chart)["deals"]}
    assert rows["D-2"] == "older than the longest won deal"
    assert values(chart)["longest"] == [{"days": 40}]


def test_ageing_of_deals_of_the_engine() -> None:
    of = playbook()
    engine = sf.StageEngine(of)
    at = datetime(2026, 6, 1, 20, tzinfo=UTC)
    own: sf.Opportunity = sf.Opportunity(
        id="D-1", name="Own", owner="li.wei", created_on=date(2026, 5, 1)
    )
    own = engine.decide(own, sf.Start(by="li.wei"), at=at).require()
    host = HostDeal(id="D-2", owner="li.wei", facts={"created_on": "2026-05-01"})
    host = engine.decide(host, sf.Start(by="li.wei"), at=at).require()
    idle = sf.Opportunity(id="D-3", name="Not started")
    lost = engine.decide(own, sf.Lose(by="li.wei", reason="price"), at=at).opportunity
    chart = ageing([own, host, idle, lost], of, as_of=AS_OF, tz="Asia/Shanghai")

    rows = {row["deal"]: (row["days"], row["age"]) for row in values(chart)["deals"]}
    assert rows == {"D-1 Own": (28, 60), "D-2": (28, 60)}


def test_a_label_with_emoji_is_cut_by_us_and_not_in_the_middle_of_one() -> None:
    # Vega cuts between units of UTF-16, and half of an emoji cannot be drawn.
    rows = [{"id": "👩‍💻 x" * 50, "stage": "talk", "entered_stage_on": AS_OF}]
    (row,) = values(ageing(rows, playbook("🇨🇳" * 40), as_of=AS_OF))["deals"]

    assert len(row["deal"]) < 25
    assert len(row["stage"]) < 25
    assert row["deal"].endswith("…")


def test_labels_and_columns_of_an_export_are_named_as_for_the_checks() -> None:
    rows: list[dict[str, object]] = [
        {"deal": 1, "phase": "Talking", "since": date(2026, 6, 1), "born": float("nan")}
    ]
    columns = {
        "id": "deal",
        "stage": "phase",
        "entered_stage_on": "since",
        "created_on": "born",
    }
    chart = ageing(rows, playbook(), as_of=AS_OF, columns=columns, stages={"Talking": "talk"})

    assert [(row["deal"], row["days"], row["age"]) for row in values(chart)["deals"]] == [
        ("1", 29, None)
    ]


def test_deals_of_whom_nobody_knows_since_when_are_counted_not_drawn() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "stage": "talk", "entered_stage_on": None},
        {"id": "b", "stage": "talk", "entered_stage_on": AS_OF + timedelta(days=1)},
        {"id": "c", "stage": "talk", "entered_stage_on": AS_OF},
    ]
    chart = ageing(rows, playbook(), as_of=AS_OF)

    assert [row["deal"] for row in values(chart)["deals"]] == ["c"]
    said = "Not shown: 2; the day when they entered the stage is later, or not known."
    assert subtitle(chart)[-1] == said


def test_if_nobody_knows_since_when_there_is_a_sentence() -> None:
    rows: list[dict[str, object]] = [{"id": "a", "stage": "talk", "entered_stage_on": None}]

    said = "Not shown: 1; the day when they entered the stage is later, or not known."
    assert said in texts(ageing(rows, playbook(), as_of=AS_OF))


def test_many_deals_are_counted_in_steps_and_none_is_lost() -> None:
    rows = [
        {
            "id": n,
            "stage": "talk" if n % 3 else "sent",
            "entered_stage_on": AS_OF - timedelta(n % 700),
        }
        for n in range(20_000)
    ]
    chart = ageing(rows, playbook(), as_of=AS_OF)

    steps = values(chart)["steps"]
    assert sum(row["deals"] for row in steps) == 20_000
    assert len(steps) <= 2 * 2 * 41


# ------------------------------------------------------------------------------------- bad input


def test_a_language_that_we_do_not_have_is_refused() -> None:
    of = playbook()
    lang = cast("Any", "de")
    makers: tuple[Callable[[], object], ...] = (
        lambda: funnel(figures(of), of, lang=lang),
        lambda: time_in_stage(figures(of), of, lang=lang),
        lambda: score_of_deal(scored(of), of, lang=lang),
        lambda: scores_of_deals({}, of, lang=lang),
        lambda: relationship_map(people(), lang=lang),
        lambda: ageing([], of, as_of=AS_OF, lang=lang),
    )
    for make in makers:
        with pytest.raises(UnknownName, match="There is no language 'de'"):
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
        with pytest.raises(PlotError) as caught:
            make()
        assert len(caught.value.problems) >= 2
        assert all(problem.hint for problem in caught.value.problems)


def test_figures_of_another_playbook_are_refused() -> None:
    other = sf.load_playbook("milestone_selling")

    with pytest.raises(PlotError, match="not those of the figures"):
        funnel(figures(playbook()), other)


def test_scores_of_another_playbook_are_refused() -> None:
    other = sf.load_playbook("optimized_sales_process")
    with pytest.raises(UnknownName, match="There is no scorecard 'card'"):
        score_of_deal(scored(playbook()), other)

    changed = sf.Playbook.from_json(playbook().to_json().replace('"weight": 3', '"weight": 4'))
    with pytest.raises(PlotError, match="has other items"):
        score_of_deal(scored(playbook()), changed)


def test_scores_on_two_cards_are_refused() -> None:
    other = sf.load_playbook("optimized_sales_process")
    foreign = sf.StageEngine(other).score(
        sf.Opportunity(id="D", name="D"), "go_no_go", at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    with pytest.raises(PlotError, match="several cards: card, go_no_go"):
        scores_of_deals({"a": scored(playbook()), "b": foreign}, other)


def test_a_buying_role_that_does_not_exist_is_refused() -> None:
    wanted = cast("tuple[BuyingRole, ...]", ("boss", "champion"))

    with pytest.raises(PlotError, match="there is no buying role 'boss'"):
        relationship_map(people(), wanted=wanted)


def test_rows_that_cannot_be_read_are_listed_with_their_place() -> None:
    rows: list[Any] = [
        {"id": 1, "stage": "tlak", "entered_stage_on": AS_OF},
        {"id": 2, "stage": "talk", "entered_stage_on": "yesterday"},
        {"id": 3, "stage": "talk"},
        {"id": 4},
        "D-5",
        {"id": 6, "stage": 6, "entered_stage_on": AS_OF},
    ]
    with pytest.raises(PlotError) as caught:
        ageing(rows, playbook(), as_of=AS_OF, stages={"x": "sing"}, columns={"amount": "value"})

    hint = 'name its column in columns={"entered_stage_on": …}'
    what = "pass deals; or rows, as frame.to_dicts() of polars gives them"
    assert [str(problem) for problem in caught.value.problems] == [
        "columns['amount']: it is not read here; name id, stage, entered_stage_on, created_on",
        "stages['x']: there is no stage 'sing'; did you mean \"sign\"?",
        "deals[0]['stage']: there is no stage 'tlak'; did you mean \"talk\"?",
        "deals[1]['entered_stage_on']: str is no day; turn the column into dates first",
        f"deals[2]: there is no column 'entered_stage_on'; {hint}",
        "deals[3]: there is no column 'stage'; name its column in columns={\"stage\": …}",
        f"deals[4]: str is neither a deal nor a row; {what}",
        "deals[5]['stage']: there is no stage 6; say what it stands for in stages=",
    ]


def test_deals_of_another_process_and_what_is_no_list_are_refused() -> None:
    other = long_process(1)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    at = datetime(2026, 6, 1, tzinfo=UTC)
    deal = sf.StageEngine(other).decide(deal, sf.Start(by="li.wei"), at=at).require()

    with pytest.raises(PlotError, match="there is no stage 's0'; pass the playbook that the deal"):
        ageing([deal], playbook(), as_of=AS_OF)
    with pytest.raises(PlotError, match="int is no list of deals"):
        ageing(BAD, playbook(), as_of=AS_OF)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(PlotError, match="tz: there is no such zone"):
        ageing([], playbook(), as_of=AS_OF, tz="Mars/Olympus")


def test_no_more_than_a_hundred_problems_are_collected() -> None:
    rows: list[dict[str, object]] = [{"stage": "nowhere"} for _ in range(5_000)]
    with pytest.raises(PlotError) as caught:
        ageing(rows, playbook(), as_of=AS_OF)

    assert len(caught.value.problems) == 100


def test_a_frame_in_place_of_its_rows_is_refused_with_a_hint() -> None:
    with pytest.raises(PlotError, match=r"frame\.to_dicts"):
        ageing(cast("Any", DEALS), playbook(), as_of=AS_OF)
