"""A playbook whose words of choices have titles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import salesflow as sf
from salesflow.playbook import Playbook

AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
TITLED: Final = (
    '{ key = "market_penetration", title = { en = "Market penetration", zh = "市场渗透" } }'
)
GOAL: Final = f"[{TITLED}, 'share', 'other']"
WHICH: Final = '["old", { key = "new", title = { en = "New one", zh = "新的" } }]'
PLAYBOOK: Final = """
id = "titled"
version = "1"
title = { en = "Titled", zh = "有名称的流程" }
languages = ["en", "zh"]
use_records = ["lead", "acceptance"]
[[roles]]
key = "boss"
title = { en = "Head of sales", zh = "销售总监" }
[[facts]]
name = "goal"
kind = "choice"
title = { en = "Goal", zh = "目标" }
choices = {GOAL}
[policy]
  [[policy.fields]]
  name = "goal"
  roles = ["boss"]
  rule = 'before.goal != "market_penetration"'
  asks = { en = "Nobody gives that up", zh = "不可放弃" }
[[tracks]]
key = "seal"
title = { en = "Seal", zh = "用印" }
when = "amount > 10"
states = [
  { key = "asked", title = { en = "Asked for", zh = "已申请" } },
  { key = "sealed", title = { en = "Sealed", zh = "已用印" } },
]
[[stages]]
key = "first"
title = { en = "First", zh = "第一阶段" }
  [[stages.exit]]
  key = "aimed"
  title = { en = "We aim at it", zh = "目标明确" }
  rule = {RULE}
  [[stages.exit]]
  key = "chosen"
  title = { en = "It is chosen", zh = "已选定" }
  rule = 'site.which == "new"'
  [[stages.exit]]
  key = "sealed"
  title = { en = "It is sealed", zh = "用印完成" }
  rule = 'track.seal in ("sealed", "not_applicable")'
  [[stages.exit]]
  key = "promising"
  title = { en = "It is promising", zh = "有潜力" }
  rule = 'lead.grade == "high" and acceptance.kind == "final" and outcome == "none"'
  [[stages.exit]]
  key = "vouched"
  title = { en = "The boss vouches for it", zh = "总监已确认" }
  by = "boss"
  lapses_on = ["goal"]
[[stages]]
key = "second"
title = { en = "Second", zh = "第二阶段" }
[[checklists]]
key = "site"
title = { en = "Site", zh = "现场" }
  [[checklists.questions]]
  key = "which"
  title = { en = "Which house?", zh = "哪座房屋？" }
  type = "choice"
  choices = {WHICH}
"""
RULE: Final = """'goal == "market_penetration"'"""


def text(goal: str = GOAL, which: str = WHICH, rule: str = RULE) -> str:
    return PLAYBOOK.replace("{GOAL}", goal).replace("{WHICH}", which).replace("{RULE}", rule)


BOOK: Final = Playbook.from_toml(text())
ENGINE: Final = sf.StageEngine(BOOK)
