"""What people call the facts of a playbook inside a sentence, those that its parts bring too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from salesflow.facts import ASK, BEFORE, IN_CURRENCY, NOT_APPLICABLE, STANDARD_FACTS
from salesflow.text import Text, both, filled, lowered

if TYPE_CHECKING:
    from salesflow.playbook.playbook import Playbook

_QUOTED: Final = both(en="“{title}”", zh="“{title}”")
_BEFORE: Final = both(en="{title} before the change", zh="修改前的{title}")
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


_REACHED: Final = both(en="the stage “{title}”", zh="阶段“{title}”")
_APPROVED: Final = both(en="whether the {role} has approved", zh="{role}是否已批准")
_APPROVED_IT: Final = both(
    en="whether the {role} has approved “{title}”", zh="{role}是否已批准“{title}”"
)
_HAS_TO_APPROVE: Final = both(en="the {role} has to approve", zh="须由{role}批准")
_WAIVED: Final = both(en="whether “{title}” is waived", zh="“{title}”是否已豁免")
_NOT_WAIVED: Final = both(en="“{title}” is not waived", zh="“{title}”未获豁免")


def fact_words(playbook: Playbook) -> dict[str, Text]:
    """What the facts are called, the words that they have as values, and the currency of amounts.

    An author's words, which may be questions, are in quotation marks.
    """
    names = {
        name: title
        if name in STANDARD_FACTS or name in playbook.record_facts
        else filled(_QUOTED, title=title)
        for name, title in playbook.fact_titles.items()
    }
    names[IN_CURRENCY] = Text(en=playbook.currency)
    names |= choice_words(playbook)
    names |= dict(_words_of_stages(playbook))
    names |= dict(_words_of_people(playbook))
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
                titles = playbook.facts[now].choice_titles
                names |= {f"{name}={word}": title for word, title in titles.items()}
    return names


def choice_words(playbook: Playbook) -> dict[str, Text]:
    """What is shown of words that facts have as values, under `<fact>=<word>`."""
    return {
        f"{name}={word}": title
        for name, fact in playbook.facts.items()
        for word, title in fact.choice_titles.items()
    }


def _words_of_stages(playbook: Playbook) -> Iterator[tuple[str, Text]]:
    """What is said of stages that were reached."""
    for stage in playbook.stages:
        yield f"reached.{stage.key}", filled(_REACHED, title=stage.title)
        for sub in stage.sub_stages:
            yield f"reached.{sub.key}", filled(_REACHED, title=sub.title)


def _words_of_people(playbook: Playbook) -> Iterator[tuple[str, Text]]:
    """What is said of approvals and waivers."""
    titles = {
        key: both(en=lowered(role.title), zh=role.title.get("zh"))
        for key, role in playbook.roles.items()
    }
    for key, called in titles.items():
        yield f"approval.{key}", filled(_APPROVED, role=called)
        yield f"{ASK}approval.{key}", filled(_HAS_TO_APPROVE, role=called)
    for key, criterion in playbook.criteria.items():
        yield f"waived.{key}", filled(_WAIVED, title=criterion.title)
        yield f"{ASK}waived.{key}", filled(_NOT_WAIVED, title=criterion.title)
        for role in criterion.roles if criterion.kind == "approval" else ():
            fact = f"approval.{key}.{role}"
            named = titles.get(role, role)
            yield fact, filled(_APPROVED_IT, role=named, title=criterion.title)
            yield f"{ASK}{fact}", filled(_HAS_TO_APPROVE, role=named)
