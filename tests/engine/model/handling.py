"""One command: what it asks for, and what it does."""

from __future__ import annotations

from collections.abc import Callable

import salesflow as sf
from tests.engine.model.asked import Handled
from tests.engine.model.going import Going
from tests.engine.model.record import Name, Record, Said
from tests.engine.model.saying import Saying


class Handling(Going, Saying):
    """One command, by one person, at one moment."""

    def handled(self) -> Handled:
        """What is missing, and what happens if nothing is."""
        handle: Callable[[sf.Command], Handled] = getattr(self, type(self.command).__name__.lower())
        return handle(self.command)


def renamed(record: Record, names: dict[str, dict[str, str]]) -> None:
    """What is on record goes by its new names: criteria and instruments, and questions."""
    criteria, questions = names["criteria"], names["questions"]

    def name_of(item: Said) -> Name:
        map_ = questions if item.kind == "answered" else criteria
        return (
            item.name
            if item.kind == "delegated"
            else (map_.get(item.name[0], item.name[0]), *item.name[1:])
        )

    for item in record.said:
        item.name = name_of(item)
        item.seen = {questions.get(name, name): it for name, it in item.seen.items()}
    for word in record.words:
        word.point = word.point and criteria.get(word.point, word.point)
        word.seen = {questions.get(name, name): it for name, it in word.seen.items()}
