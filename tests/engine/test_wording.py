"""The sentences of the engine's blockers: what authors and users write is never a template."""

from __future__ import annotations

from datetime import date

import salesflow as sf
from salesflow.domain._base.record import replaced
from tests.engine.conftest import BANK
from tests.engine.course import NOW

BRACES = "{0} {who} {}"


def test_braces_in_titles_and_notes_are_shown_as_they_are() -> None:
    text = BANK
    for title in ("Sales representative", "Sales manager", "Is there a need?", "Opportunity plan"):
        text = text.replace(f'en = "{title}"', f'en = "{BRACES}"')
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Deal", owner="li", amount=sf.Money(120_000, "USD"))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    hold = sf.Hold(by="li", resume_when=BRACES, review_on=date(2026, 4, 1))
    held = engine.decide(deal, hold, at=NOW).require()
    adopt = sf.Adopt(by="li", stage="propose", entered_on=date(2026, 1, 2))
    large = engine.decide(replaced(deal, progress=sf.Progress()), adopt, at=NOW).require()

    for at, command in (
        (deal, sf.Advance(by="li")),
        (deal, sf.Attest(by="zhao", criterion="sponsor_met")),
        (deal, sf.Complete(by="li", instrument="bant_sheet")),
        (held, sf.Advance(by="li")),
        (large, sf.Advance(by="li")),
    ):
        blockers = engine.decide(at, command, at=NOW).blockers
        assert any(BRACES in blocker.fix.get("en") for blocker in blockers), command
