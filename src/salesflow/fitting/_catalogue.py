"""What the data file says: the questions, and of each built-in playbook whom it fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple

from salesflow._data import read_data
from salesflow._entry_points import OWN
from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow.facts import Fact, FactKind, Facts
from salesflow.plugins import available_playbooks
from salesflow.rules import Rule
from salesflow.text import Text, both


class FittingQuestion(Result):
    """A question whose answer helps to choose a playbook.

    Attributes:
        name: The key of its answer.
        title: What is asked, as it stands inside a sentence.
        help: What the answers mean, where the title does not say it all.
        kind: What its answer is: a choice, a number, or a flag, which is true or false.
        choices: Of a choice, every answer and what it is called.
    """

    name: str
    title: Text
    help: Text | None = None
    kind: FactKind
    choices: Annotated[Mapping[str, Text], Frozen]


class Described(NamedTuple):
    """What is said of a playbook.

    Attributes:
        id: Of the playbook.
        title: That of the playbook, which is not loaded for it.
        difference: What sets it apart.
        rule: Whom it fits.
    """

    id: str
    title: Text
    difference: Text
    rule: Rule


class Group(NamedTuple):
    """Playbooks that describe the same kind of process.

    Attributes:
        title: What it is called.
        differ: In what its playbooks differ.
        playbooks: Those.
    """

    title: Text
    differ: Text
    playbooks: tuple[Described, ...]


class Catalogue(NamedTuple):
    """The data file.

    Attributes:
        questions: In the order in which they are best asked.
        facts: The facts that their answers are, for the rules.
        names: What people call the facts, and the choices that are their values.
        groups: Every playbook, in groups.
    """

    questions: tuple[FittingQuestion, ...]
    facts: Facts
    names: Mapping[str, Text]
    groups: tuple[Group, ...]


def fitting_questions() -> tuple[FittingQuestion, ...]:
    """What `fitting_playbooks` can be told, in the order in which it is best asked.

    Example:
        >>> for question in fitting_questions()[:4]:
        ...     print(question.name, question.kind, *question.choices)
        work choice selling presales support marketing
        size choice small medium large
        months number
        tender flag
    """
    return catalogue().questions


@cache
def catalogue() -> Catalogue:
    """The data file, read once."""
    file = read_data(__package__, "fitting.toml")
    questions = tuple(map(_question, file["questions"]))
    facts = Facts(map(_fact, file["questions"]))
    words = {f"{it.name}={word}": said for it in questions for word, said in it.choices.items()}
    titles = {
        info.id: info.title
        for info in available_playbooks()
        if info.distribution == OWN and info.title is not None
    }

    def described(group: str) -> Iterator[Described]:
        for table in file["playbooks"]:
            if table["group"] == group:
                key, difference = table["id"], both(**table["difference"])
                yield Described(key, titles[key], difference, Rule.parse(table["rule"], facts))

    return Catalogue(
        questions=questions,
        facts=facts,
        names=FrozenDict({it.name: it.title for it in questions} | words),
        groups=tuple(
            Group(both(**it["title"]), both(**it["differ"]), tuple(described(it["key"])))
            for it in file["groups"]
        ),
    )


def _question(table: Mapping[str, Any]) -> FittingQuestion:
    return FittingQuestion(
        name=table["name"],
        title=both(**table["title"]),
        help=both(**table["help"]) if "help" in table else None,
        kind=FactKind(table["kind"]),
        choices=_titles(table),
    )


def _fact(table: Mapping[str, Any]) -> Fact:
    titles = _titles(table)
    return Fact(
        table["name"],
        FactKind(table["kind"]),
        tuple(titles),
        low=table.get("min"),
        high=table.get("max"),
        unit=table.get("unit"),
        choice_titles=titles,
    )


def _titles(table: Mapping[str, Any]) -> Mapping[str, Text]:
    """Of a choice, every answer and what it is called."""
    return FrozenDict({word: both(**said) for word, said in table.get("choices", {}).items()})
