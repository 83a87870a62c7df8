"""A review as a notebook shows it."""

from __future__ import annotations

from datetime import date, timedelta

import salesflow as sf
from tests.engine.legal_track import Deal
from tests.pipeline.stays import HOLD, process
from tests.pipeline.stays import Deal as Resting
from tests.show.reading import AT, playbook, shown, text_of


def test_a_review_says_what_is_missing_who_sees_to_it_and_what_to_do() -> None:
    said = text_of(shown()["review"])

    assert said.startswith("**Title** [✗ not yet: 2 missing]")
    assert "0 of 3 criteria met." in said
    assert "| [? not known] | Title | Title |" in said
    assert "Planning: [✗ Title]" in said
    assert "| Title | ░" in said or "| Title | ▒" in said
    assert "| [next] | 2026-07-07 | Title | Title |" in said


def test_a_review_says_where_the_customer_is_in_buying() -> None:
    playbook = sf.load_playbook("milestone_selling")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage=playbook.stages[0].key, entered_on=date(2026, 6, 1))
    deal = engine.decide(deal, adopt, at=AT).require()
    review = engine.review(deal, at=AT)

    said = "Where the customer is in buying: A problem is found and a need is raised"
    assert text_of(review).splitlines()[2] == said
    assert "客户的采购阶段： 标题" in text_of(shown("标题", "zh")["review"])


def test_a_review_of_a_stage_without_a_buying_phase_says_nothing_of_it() -> None:
    engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    not_started = engine.review(deal, at=AT)
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()

    for review in (not_started, engine.review(deal, at=AT)):
        assert "in buying" not in text_of(review)


def test_a_buying_phase_is_only_text() -> None:
    review = shown("<b>a|b</b> *c*")["review"]

    said = "Where the customer is in buying: &lt;b&gt;a|b&lt;/b&gt; *c*"
    assert f"<p>{said}</p>" in review._repr_html_()


def test_a_review_in_a_sub_stage_names_both_and_the_cycle() -> None:
    playbook = sf.load_playbook("optimized_sales_process")
    engine = sf.StageEngine(playbook)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    adopt = sf.Adopt(by="li.wei", stage="order", entered_on=date(2026, 6, 1))
    deal = engine.decide(deal, adopt, at=AT).require()
    review = engine.review(deal, at=AT)
    said = text_of(review)

    assert said.startswith("**Close › Order** ")
    assert f"Selling-cycle number reached: {review.cycle:g}; working towards" in said


def test_a_review_of_a_deal_that_is_not_started_says_so() -> None:
    engine = sf.StageEngine(playbook())
    said = text_of(engine.review(sf.Opportunity(id="D-1", name="Deal"), at=AT))

    assert said.startswith("**Not started**")


def test_a_review_without_blockers_says_that_the_deal_may_advance() -> None:
    plain = sf.Playbook.from_toml(
        'id = "p"\nversion = "1"\ntitle = "P"\n'
        '[[stages]]\nkey = "a"\ntitle = "A"\n[[stages]]\nkey = "b"\ntitle = "B"\n'
    )
    engine = sf.StageEngine(plain)
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li.wei")
    deal = engine.decide(deal, sf.Start(by="li.wei"), at=AT).require()

    said = text_of(engine.review(deal, at=AT))
    assert said.startswith(
        "**A** [✓ may advance]\n\nIn the forecast by its stage: [pipeline]\n\n"
        "[days in the stage: 0]\n\nNot so on record: "
    )


def test_a_review_shows_how_long_the_deal_is_there_and_what_is_not_in_order() -> None:
    resting = Resting(process(pause=True), owner="li")
    for days, command in enumerate((sf.Start(by="li"), sf.Advance(by="li"), HOLD)):
        assert resting.do(command, AT + timedelta(days=days))
    resting.do(sf.Resume(by="li"), AT + timedelta(days=5))
    review = resting.engine.review(resting.deal, at=AT + timedelta(days=20))
    said = text_of(review)

    assert "[✗ days in the stage: 16 / 10 (on hold: 3)] [in the sub-stage: 16 (on hold: 3)]" in said
    assert "Not so on record: [✗ The amount is given] [✗ An expected close date is given]" in said


def test_a_review_shows_the_tracks_beside_the_stages_and_where_they_lead() -> None:
    deal = Deal(facts={"personal_data": False}).started()
    deal.do(sf.Attest(by="li", criterion="draft_sent")).require()
    assert deal.legal("in_review") == []
    said = text_of(deal.engine.review(deal.deal, at=deal.at + timedelta(days=11)))

    assert "| beside the stages | state | days | next |" in said
    assert "| Legal review | In review | [✗ 11 / 10] | [✗ Signed] [✓ Refused] |" in said
    assert "| Security review | [does not apply] | [11] |" in said
