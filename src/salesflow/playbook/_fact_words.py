"""What people call the facts of a playbook inside a sentence, those that its parts bring too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from salesflow.facts import BEFORE, IN_CURRENCY, NOT_APPLICABLE, STANDARD_FACTS
from salesflow.text import Text, both, filled

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

_QUOTED: Final = both(en="“{title}”", zh="“{title}”")
_BEFORE: Final = both(en="{title} before the change", zh="更改前的{title}")
_LEFT_OUT: Final = both(en="that “{title}” does not apply", zh="“{title}”不适用")
_COUNTS: Final = {
    "asked": both(en="the number of questions asked of “{title}”", zh="“{title}”已提问的数目"),
    "unknown": both(
        en="the number of questions without an answer of “{title}”", zh="“{title}”尚无答案的数目"
    ),
    "yes": both(en="the number of yes answers of “{title}”", zh="“{title}”回答“是”的数目"),
    "no": both(en="the number of no answers of “{title}”", zh="“{title}”回答“否”的数目"),
    "share": both(en="the share of yes answers of “{title}”", zh="“{title}”回答“是”的比例"),
}
_POINTS: Final = {
    "low": both(en="the certain points of “{title}”", zh="“{title}”的确定得分"),
    "high": both(en="the possible points of “{title}”", zh="“{title}”的最高可能得分"),
}


def fact_words(playbook: Playbook) -> dict[str, Text]:
    """What the facts are called, and in which currency amounts are.

    An author's words, which may be questions, are in quotation marks.
    """
    names = {
        name: title
        if name in STANDARD_FACTS or name in playbook.record_facts
        else filled(_QUOTED, title=title)
        for name, title in playbook.fact_titles.items()
    }
    names[IN_CURRENCY] = Text(en=playbook.currency)
    for key, criterion in playbook.criteria.items():
        names[f"done.{key}"] = filled(_QUOTED, title=criterion.title)
    for key, instrument in playbook.instruments.items():
        names[f"done.{key}"] = filled(_QUOTED, title=instrument.title)
    for checklist in playbook.checklists.values():
        for count, words in _COUNTS.items():
            names[f"{checklist.key}.{count}"] = filled(words, title=checklist.title)
    for card in playbook.scorecards.values():
        for end, words in _POINTS.items():
            names[f"score.{card.key}.{end}"] = filled(words, title=card.title)
    for name, question in playbook.questions.items():
        names[f"{NOT_APPLICABLE}{name}"] = filled(_LEFT_OUT, title=question.title)
    for field in playbook.policy.fields:
        for name in frozenset().union(*(rule.facts for rule in (field.rule, field.when) if rule)):
            if name.startswith(BEFORE):
                now = name.removeprefix(BEFORE)
                names[name] = filled(_BEFORE, title=names.get(now) or Text(en=now))
    return names
