"""Every mistake is reported with its path, and all of them at once."""

from __future__ import annotations

import pytest

from salesflow.errors import InvalidPlaybook, Problem
from salesflow.playbook import Playbook, lint
from tests.rules.work import steps

# What is replaced in bridge.toml, by what, and the problem: path, code, a part of the sentence.
MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "a key is missing": (
        'id = "bridge_building"\n',
        "",
        "id",
        "missing",
        "a playbook needs it",
    ),
    "an unknown key": (
        'version = "2.1.0"',
        'verison = "2.1.0"',
        "verison",
        "unknown_key",
        "version",
    ),
    "an unknown key deep inside": (
        "weight = 2",
        "wieght = 2",
        "scorecards.go_no_go.items.access.wieght",
        "unknown_key",
        'did you mean "weight"?',
    ),
    "a wrong type": (
        "max_days = 30",
        'max_days = "30"',
        "stages.survey.max_days",
        "type",
        'a number, not "30"',
    ),
    "a fraction of a day": (
        "max_days = 30",
        "max_days = 3.5",
        "stages.survey.max_days",
        "type",
        "whole",
    ),
    "true is not a number": (
        "cycle = 3",
        "cycle = true",
        "stages.contract.cycle",
        "type",
        "not true",
    ),
    "a table for a list": (
        "[[stages.duties]]",
        "[stages.duties]",
        "stages.duties",
        "type",
        "write [[stages.duties]]",
    ),
    "a date": ('version = "2.1.0"', "version = 2026-01-01", "version", "type", "not a date"),
    "out of bounds": (
        "probability = 0.9",
        "probability = 90",
        "stages.contract.probability",
        "range",
        "0 to 1",
    ),
    "not a number": ("cycle = 3", "cycle = nan", "stages.contract.cycle", "range", "from 0"),
    "infinity": (
        "weight = 3",
        "weight = inf",
        "scorecards.go_no_go.items.permit.weight",
        "range",
        "from -1,000,000 to 1,000,000",
    ),
    "no weight": (
        "weight = 3",
        "weight = 0",
        "scorecards.go_no_go.items.permit.weight",
        "range",
        "no points are earned",
    ),
    "a bad key": (
        'key = "second_opinion"',
        'key = "Second Opinion"',
        'stages."Second Opinion".key',
        "key",
        'for instance "second_opinion"',
    ),
    "a key of Python": (
        'key = "survey"',
        'key = "class"',
        "stages.class.key",
        "key",
        "rule language",
    ),
    "a key of the rules": (
        'key = "site_visited"',
        'key = "known"',
        "stages.survey.exit.known.key",
        "key",
        "rule language",
    ),
    "a stage called as an end": (
        'key = "building"',
        'key = "won"',
        "stages.won.key",
        "key",
        "how a deal ends",
    ),
    "a sub-stage called as an end": (
        'key = "sketch"',
        'key = "ended"',
        "stages.design.sub_stages.ended.key",
        "key",
        "how a deal ends",
    ),
    "two stages of one key": (
        'key = "building"',
        'key = "survey"',
        "stages[4].key",
        "duplicate",
        "see stages[0].key",
    ),
    "a sub-stage with the key of a stage": (
        'key = "detail"',
        'key = "survey"',
        "stages.design.sub_stages.survey.key",
        "duplicate",
        "survey",
    ),
    "a criterion with the key of an instrument": (
        'key = "site_visited"',
        'key = "load_plan"',
        "instruments.load_plan.key",
        "duplicate",
        "see stages.survey.exit.load_plan.key",
    ),
    "two questions of one key": (
        'key = "permit"\n  title',
        'key = "access"\n  title',
        "checklists.site.questions[1].key",
        "duplicate",
        "access",
    ),
    "a question called as a count": (
        'key = "permit"\n  title',
        'key = "asked"\n  title',
        "checklists.site.questions.asked.key",
        "duplicate",
        "a count",
    ),
    "a checklist in the way of standard facts": (
        'key = "site"',
        'key = "account"',
        "checklists.account.key",
        "duplicate",
        "exist already",
    ),
    "an unknown section": (
        'section = "land"',
        'section = "lend"',
        "checklists.site.questions.access.section",
        "unknown_name",
        '"land"',
    ),
    "an unknown role": (
        'by = "manager"\n\n[[stages]]\nkey = "second',
        'by = "manger"\n\n[[stages]]\nkey = "second',
        "stages.design.exit.go_ahead.by",
        "unknown_name",
        'did you mean "manager"?',
    ),
    "an unknown role with duties": (
        'role = "sales_rep"\n  items',
        'role = "boss"\n  items',
        "stages.survey.duties[0].role",
        "unknown_name",
        "boss",
    ),
    "an unknown owner role": (
        'owner_role = "sales_rep"',
        'owner_role = "sale_rep"',
        "owner_role",
        "unknown_name",
        "sales_rep",
    ),
    "an unknown scorecard": (
        'decision = "go_no_go"',
        'decision = "go_nogo"',
        "stages.design.exit.go_ahead.decision",
        "unknown_name",
        "go_no_go",
    ),
    "an unknown checklist": (
        'checklist = "site"',
        'checklist = "sites"',
        "instruments.full_check.checklist",
        "unknown_name",
        "site",
    ),
    "an unknown shared checklist": (
        'currency = "EUR"',
        'currency = "EUR"\nuse_checklists = ["tass"]',
        "use_checklists[0]",
        "unknown_name",
        '"tas"',
    ),
    "an unknown instrument": (
        'instruments = ["full_check"]',
        'instruments = ["fullcheck"]',
        "size_policy[1].instruments[0]",
        "unknown_name",
        "full_check",
    ),
    "an unknown stage in a move": (
        'to = "building"',
        'to = "bilding"',
        "moves[4].to",
        "unknown_name",
        "building",
    ),
    "an unknown stage in a cadence": (
        'stages = ["design"]',
        'stages = ["dsign"]',
        "cadences.visit.stages[0]",
        "unknown_name",
        "design",
    ),
    "an unknown currency": ('"EUR"', '"EUX"', "currency", "unknown_name", "EU"),
    "an unknown language": (
        'languages = ["en", "zh"]',
        'languages = ["en", "cn"]',
        "languages[1]",
        "language",
        'did you mean "zh"?',
    ),
    "a text in an unknown language": (
        '{ en = "Bridges", zh = "桥梁项目" }',
        '{ en = "Bridges", german = "Brücken" }',
        "title.german",
        "language",
        "write its tag: en, zh, de, pt-BR",
    ),
    "an empty text": ('{ en = "Bridges", zh', '{ en = " ", zh', "title.en", "empty", "empty"),
    "no text at all": (
        'title = { en = "Bridges", zh = "桥梁项目" }',
        "title = {}",
        "title",
        "empty",
        "write",
    ),
    "a control character": ('en = "Bridges"', 'en = "\\u0007"', "title.en", "syntax", "U+0007"),
    "a text that is too long": (
        'en = "Bridges"',
        f'en = "{"x" * 4_001}"',
        "title.en",
        "too_long",
        "4,000",
    ),
    "a fact of the catalogue": (
        'name = "span_metres"',
        'name = "probability"',
        "facts.probability.name",
        "duplicate",
        "a standard fact, of kind number",
    ),
    "a fact in the playbook's own space": (
        'name = "span_metres"',
        'name = "done.it"',
        'facts."done.it".name',
        "duplicate",
        "given by the playbook",
    ),
    "an unknown kind": (
        'kind = "choice"',
        'kind = "choise"',
        "facts.ground.kind",
        "choice",
        "choice",
    ),
    "choices of a number": (
        'kind = "number"',
        'kind = "number"\nchoices = ["a"]',
        "facts.span_metres.choices",
        "conflict",
        "only a fact of kind choice",
    ),
    "an unknown fact in a rule": (
        "span_metres > 0'",
        "span_meters > 0'",
        "stages.survey.exit.ground_known.rule",
        "name",
        "span_metres",
    ),
    "a kind error in a rule": (
        '"amount >= 100_000"',
        "'amount >= \"much\"'",
        "size_policy[1].when",
        "kind",
        "amount",
    ),
    "an unknown choice in a rule": (
        'ground in ("rock", "sand")',
        'ground in ("rock", "send")',
        "stages.survey.exit.ground_known.rule",
        "choice",
        "sand",
    ),
    "a broken rule": (
        '"site.access"',
        '"site.access and"',
        "scorecards.go_no_go.items.access.rule",
        "",
        "",
    ),
    "a criterion of nothing": (
        'by = "manager"\n\n[[stages]]\nkey = "building"',
        '[[stages]]\nkey = "building"',
        "stages.contract.exit.contract_signed",
        "missing",
        "nothing says",
    ),
    "a criterion of two kinds": (
        "instruments = true",
        'instruments = true\n  rule = "known(owner)"',
        "stages.design.exit.planning_done",
        "conflict",
        "exclude each other",
    ),
    "a decision that nobody takes": (
        'decision = "go_no_go"\n  by = "manager"',
        'decision = "go_no_go"',
        "stages.design.exit.go_ahead.by",
        "missing",
        "takes it",
    ),
    "a stage that nothing leads to": (
        '[[moves]]\nfrom = "contract"\nto = "building"',
        "",
        "stages.building",
        "unreachable",
        'no move leads to "building"',
    ),
    "stages that never end": (
        'from = "contract"\nto = "building"',
        'from = "contract"\nto = "building"\n[[moves]]\nfrom = "building"\nto = "contract"',
        "stages.survey",
        "endless",
        "final = true",
    ),
    "a move to itself": (
        'from = "contract"\nto = "building"',
        'from = "contract"\nto = "building"\n[[moves]]\nfrom = "contract"\nto = "contract"',
        "moves[5]",
        "conflict",
        "itself",
    ),
    "a move twice": (
        'from = "contract"\nto = "building"',
        'from = "contract"\nto = "building"\n[[moves]]\nfrom = "contract"\nto = "building"',
        "moves[5]",
        "duplicate",
        "moves[4]",
    ),
    "a band beyond all points": (
        "min = 4",
        "min = 5.5",
        "scorecards.go_no_go.bands.go.min",
        "unreachable",
        "all items together give 5",
    ),
    "two bands from one limit": (
        "min = 4",
        "min = 0",
        "scorecards.go_no_go.bands.go.min",
        "duplicate",
        "bands.no_go starts at 0",
    ),
    "no band for low scores": (
        "min = 0",
        "min = 1",
        "scorecards.go_no_go.bands",
        "missing",
        "below 1",
    ),
    "a cadence without a span": (
        "every = { months = 2 }",
        "",
        "cadences.visit",
        "conflict",
        "one of every, within and ahead",
    ),
    "a cadence with two spans": (
        "every = { months = 2 }",
        "every = { months = 2 }\nwithin = { days = 1 }",
        "cadences.visit",
        "conflict",
        "keep one",
    ),
    "an empty span": (
        "every = { months = 2 }",
        "every = {}",
        "cadences.visit.every",
        "missing",
        "days = 7",
    ),
    "ahead of something that is not a day": (
        'before = "expected_close_on"',
        'before = "amount"',
        "cadences.invite.before",
        "kind",
        "not a day",
    ),
    "before without ahead": (
        "ahead = { weeks = 2 }",
        "within = { weeks = 2 }",
        "cadences.invite.before",
        "conflict",
        "goes with ahead",
    ),
    "a language twice": (
        'languages = ["en", "zh"]',
        'languages = ["en", "en"]',
        "languages[1]",
        "duplicate",
        "twice",
    ),
    "an instrument twice": (
        '["load_plan", "full_check"]',
        '["load_plan", "load_plan"]',
        "size_policy[0].instruments[1]",
        "duplicate",
        "twice",
    ),
    "a fact twice": (
        'name = "ground"',
        'name = "span_metres"',
        "facts[1].name",
        "duplicate",
        "facts[0]",
    ),
    "a choice twice": (
        '["rock", "sand"]',
        '["rock", "rock"]',
        "facts.ground.choices[1]",
        "duplicate",
        "twice",
    ),
    "a role with duties twice": (
        "[stages.guidance]",
        '[[stages.duties]]\n  role = "sales_rep"\n  items = ["x"]\n[stages.guidance]',
        "stages.survey.duties[1].role",
        "duplicate",
        "listed twice",
    ),
    "ahead of an unknown fact": (
        'before = "expected_close_on"',
        'before = "expected_close"',
        "cadences.invite.before",
        "unknown_name",
        "expected_close_on",
    ),
    "a way to a new deal that leads back": (
        'to = "building"',
        'to = "building"\nnew_deal = true\nback = true',
        "moves[4].back",
        "conflict",
        "the way to a new deal is no way back",
    ),
    "a way to the end that leads back": (
        'to = "building"',
        'to = "ended"\nback = false',
        "moves[4].back",
        "conflict",
        "the way to the end is no way back",
    ),
    "a score that depends on itself": (
        'rule = "site.access", weight',
        'rule = "score.go_no_go.low > 3", weight',
        "scorecards",
        "circle",
        "score.go_no_go.",
    ),
    "criteria that depend on each other": (
        "ground in",
        "done.ground_known and ground in",
        "stages",
        "circle",
        "done.ground_known → done.ground_known",
    ),
    "a size policy that asks for what it leads to": (
        '"amount >= 100_000"',
        '"not done.planning_done"',
        "stages",
        "circle",
        "done.planning_done",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_where_it_is(mistake: str, bridge_text: str) -> None:
    old, new, path, code, said = MISTAKES[mistake]
    assert old in bridge_text
    text = bridge_text.replace(old, new, 1)
    with pytest.raises(InvalidPlaybook) as caught:
        Playbook.from_toml(text)
    found = [problem for problem in caught.value.problems if problem.path == path]
    assert found, caught.value
    assert any((not code or problem.code == code) and said in str(problem) for problem in found), (
        caught.value
    )
    assert all(problem.severity == "error" for problem in caught.value.problems)
    listed = lint(text)
    assert [problem for problem in listed if problem.severity == "error"] == list(
        caught.value.problems
    )


def test_all_mistakes_are_reported_at_once(bridge_text: str) -> None:
    together = [
        "an unknown key deep inside",
        "a wrong type",
        "an unknown role",
        "a bad key",
        "an unknown currency",
        "a kind error in a rule",
        "an unknown fact in a rule",
        "an unknown stage in a cadence",
        "two bands from one limit",
    ]
    text = bridge_text
    for mistake in together:
        text = text.replace(*MISTAKES[mistake][:2], 1)
    paths = {problem.path for problem in lint(text)}
    assert paths >= {MISTAKES[mistake][2] for mistake in together}


def test_a_bad_key_is_reported_once_and_not_where_it_is_used(bridge_text: str) -> None:
    text = bridge_text.replace('"second_opinion"', '"Second-Opinion"')
    assert [problem.path for problem in lint(text)] == [
        "stages.Second-Opinion.key",
        "moves[2].to",
        "moves[3].from",
    ]


def test_a_problem_in_a_rule_has_its_column(bridge_text: str) -> None:
    text = bridge_text.replace('"amount >= 100_000"', '"amount >= 100_000 and amout > 1"')
    (problem,) = lint(text)
    assert (problem.line, problem.column) == (158, 31)


def test_an_end_is_needed_only_once(bridge_text: str) -> None:
    text = bridge_text.replace(
        'from = "contract"\nto = "building"',
        'from = "contract"\nto = "building"\n[[moves]]\nfrom = "building"\nto = "contract"',
    ).replace('key = "building"', 'key = "building"\nfinal = true')
    playbook = Playbook.from_toml(text)
    assert playbook.stage("building").final
    assert playbook.next_of("building") == "contract"


def test_the_instruments_criterion_needs_a_size_policy() -> None:
    text = """
    id = "x"
    version = "1"
    title = "X"
    [[stages]]
    key = "one"
    title = "One"
    exit = [{ key = "c", title = "C", instruments = true }]
    """
    assert [problem.path for problem in lint(text)] == ["stages.one.exit.c.instruments"]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("stages = [" + '{ key = "s", title = "S" },' * 200 + "]", "stages"),
        ("stages = [" + "1," * 20_000 + "]", "stages"),
        ("".join(f"k{i} = 1\n" for i in range(10_000)), "k0"),
        ("avoid = [" + '"x",' * 20_000 + "]", "avoid"),
    ],
)
def test_a_flood_of_mistakes_is_cut_off(line: str, path: str) -> None:
    found: list[Problem] = []
    done = steps(lambda: found.extend(lint(f'id = "x"\nversion = "1"\ntitle = "X"\n{line}')))
    assert done < 10_000 + 16 * len(line)  # the work grows with the text, and no faster
    assert found[0].path == path
    assert len(found) <= 201


def test_a_giant_but_legal_size_policy_is_no_burden() -> None:
    instruments = ", ".join(f'"i{i}"' for i in range(50))

    def work(rows: int) -> int:
        policy = "".join(
            f'[[size_policy]]\nwhen = "amount > {100 - i}"\ninstruments = [{instruments}]\n'
            for i in range(rows)
        )
        text = f"""
        id = "x"
        version = "1"
        title = "X"
        [[stages]]
        key = "one"
        title = "One"
        exit = [{{ key = "c", title = "C", instruments = true }}]
        {policy}
        """
        made: list[Playbook] = []
        done = steps(lambda: made.append(Playbook.from_toml(text)))
        assert len(made[0].required_instruments) == 50
        return done

    assert work(20) < 4 * work(10)


@pytest.mark.parametrize("rule", ["known(account.name)", "site.permit"])
def test_a_rule_that_cannot_be_read_is_one_error_and_causes_no_other(
    rule: str, bridge_text: str
) -> None:
    assert f'rule = "{rule}"' in bridge_text
    problems = lint(bridge_text.replace(f'rule = "{rule}"', "rule = 3"))
    (error,) = [problem for problem in problems if problem.severity == "error"]
    assert (error.code, error.path.rpartition(".")[2]) == ("type", "rule")


def test_rules_that_are_hard_to_analyse_do_not_hold_the_lint_up() -> None:
    knot = ", ".join(f"amount == {k} and probability > {k}" for k in range(60))
    short = " and ".join(f"(amount > {k} or probability < 0.{k})" for k in range(1, 16))
    rules = [f"at_least(3, {knot})"] * 20 + [f"{short} and amount > {k}" for k in range(80)]

    def work(several: list[str]) -> int:
        criteria = "".join(
            f'[[stages.exit]]\nkey = "c{i}"\ntitle = "C"\nrule = "{rule}"\n'
            for i, rule in enumerate(several)
        )
        head = 'id = "x"\nversion = "1"\ntitle = "X"\n[[stages]]\nkey = "s"\ntitle = "S"\n'
        found = list[object]()
        done = steps(lambda: found.append(lint(head + criteria)))
        assert found == [()]
        return done

    knotted, tried_out = work(rules[:1]), work(rules[-1:])
    assert knotted < tried_out  # too many cases: none of them is tried
    assert work(rules) < 30 * tried_out  # there are eighty; the work on all of them is bounded


@pytest.mark.parametrize("name", ["today", "known", "deal.class", "deal.not.yet"])
def test_a_fact_that_no_rule_could_name_is_refused(name: str) -> None:
    fact = f'[[facts]]\nname = "{name}"\nkind = "number"\ntitle = "Number"\n'
    only, *others = lint(
        f'id = "x"\nversion = "1"\ntitle = "X"\n{fact}[[stages]]\nkey = "a"\ntitle = "A"\n'
    )
    assert others == []
    assert only.message == f'"{name}" cannot be named in a rule, whose own words it has'


@pytest.mark.parametrize("name", ["sales.reached", "deal.today", "deal.at_least"])
def test_a_part_of_a_name_may_be_called_as_a_function_is(name: str) -> None:
    playbook = Playbook.from_toml(
        f"""
        id = "x"
        version = "1"
        title = "X"
        facts = [{{ name = "{name}", kind = "number", title = "Number" }}]
        [[stages]]
        key = "a"
        title = "A"
        exit = [{{ key = "c", title = "C", rule = "{name} >= 1", when = "amount > 1" }}]
        """
    )
    assert str(playbook.criteria["c"].rule) == f"{name} >= 1"
