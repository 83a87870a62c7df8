"""A playbook without English speaks its own language, unless another one is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

import salesflow as sf
from salesflow.documents import handbook
from salesflow.engine import MoveBlocked

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
BOOK = sf.Playbook.from_toml("""
id = "c139"
version = "1"
title = "大客户销售流程"
languages = ["zh"]
[[roles]]
key = "jingli"
title = "客户经理"
[[stages]]
key = "lixiang"
title = "立项"
  [[stages.exit]]
  key = "queren"
  title = "预算已确认"
  by = "jingli"
[[stages]]
key = "qianyue"
title = "签约"
""")


def test_the_error_of_a_refusal_is_in_chinese() -> None:
    engine = sf.StageEngine(BOOK)
    deal = sf.Opportunity(id="D-1", name="项目", owner="li")
    deal = engine.decide(deal, sf.Start(by="li"), at=AT).require()
    with pytest.raises(MoveBlocked) as caught:
        engine.decide(deal, sf.Advance(by="li"), at=AT).require()
    assert "queren: 预算已确认; 须由客户经理确认" in str(caught.value)


def test_pictures_documents_and_messages_are_in_chinese() -> None:
    assert BOOK.main_language == "zh"
    assert BOOK.diagram() == BOOK.diagram("zh") != ""
    assert handbook(BOOK) == handbook(BOOK, "zh") != handbook(BOOK, "en")
    frame = pl.DataFrame({"id": ["1"], "stage": ["qianyue"], "done.queren": [None]})
    report = sf.check_pipeline(frame, BOOK, key="id", as_of=AT.date())
    check = "exit.lixiang.queren"
    assert report.message(check) == report.message(check, "zh") != report.message(check, "en")


def test_where_there_is_english_it_is_english() -> None:
    both = sf.load_playbook("milestone_selling")
    assert both.main_language == "en"
    assert both.diagram() == both.diagram("en")
