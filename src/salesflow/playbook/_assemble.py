"""From the tables of a file to everything that a playbook holds."""

from __future__ import annotations

from salesflow.facts import FACT_TITLES
from salesflow.playbook import _compile, _criteria
from salesflow.playbook._load import load, require
from salesflow.playbook._moves import final_positions


def assembled(table: object) -> dict[str, object]:
    """The attributes of a playbook by name; raises InvalidPlaybook with every error."""
    loaded = load(table)
    document, facts = require(loaded), loaded.facts
    instruments = _compile.instruments(document)
    size_policy = _compile.size_policy(document)
    sizing = _criteria.sizing(instruments, size_policy)
    policy = _criteria.policy(document)
    criteria = _criteria.Criteria(sizing, facts, policy)
    final = final_positions(document)
    stages = _compile.stages(document, criteria, final)
    positions = _compile.positions(stages, final)
    moves = _compile.moves(document, criteria)
    loops = _compile.new_deals(document, criteria)
    placed = _compile.placed(positions, (*moves, *loops))
    checklists = _compile.checklists(document)
    plain = ("id", "version", "title", "summary", "source", "languages", "currency")
    return {
        **{name: document[name] for name in (*plain, "owner_role", "avoid")},
        "roles": _compile.roles(document),
        "facts": facts,
        "fact_titles": _compile.frozen(
            [*FACT_TITLES.items(), *_compile.fact_titles(document).items()]
        ),
        "stages": stages,
        "positions": positions,
        "moves": moves,
        "loops": loops,
        "policy": policy,
        "criteria": _compile.frozen((item.key, item) for item, _ in placed),
        "stage_of": _compile.frozen((item.key, stage) for item, stage in placed),
        "migrations": _compile.migrations(document),
        "checklists": checklists,
        "questions": _compile.questions(checklists),
        "scorecards": _compile.scorecards(document, facts),
        "instruments": instruments,
        "size_policy": size_policy,
        "required_instruments": _criteria.required_instruments(sizing, facts),
        "cadences": _compile.cadences(document),
        "reasons": _compile.reasons(document),
        "hygiene": _compile.hygiene(document),
        "_document": document,
        "_by_position": {position.key: position for position in positions},
        "_stage_by_key": {stage.key: stage for stage in stages},
        "_moves_from": _compile.by_source(positions, moves),
    }
