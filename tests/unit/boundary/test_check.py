"""What a reviewer is told before signing: each finding where it begins, and in its whole words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Json,
    JsonObject,
    Operator,
    ToolPin,
)
from sallyport.rules.boundary.check import ENDS_SOON, check
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.problems import Problem, Severity
from tests.unit.boundary.examples import READS, header, pin

BARE = "system: desk\nurl: https://desk.example.com/\n"
LAST_DAY = date(2027, 3, 31)
CALM = date(2026, 12, 1)


def compiled(body: str, *pins: ToolPin, system: str = BARE, task: str = "{}") -> Boundary:
    """Return the boundary of a workflow whose one tool `t` has the words `body`."""
    text = f"{header(task)}tools:\n  t: {{{body}}}\n"
    desk = load_system(system, "s")
    return compile_boundary(
        load_workflow(text, "w"), {"desk": desk}, pins, code_version="1", roles=["r"]
    )


def said(
    boundary: Boundary, *offered: ToolPin, today: date = CALM, roles: tuple[str, ...] = ()
) -> list[str]:
    """Return every finding as a reviewer reads it: how bad, where, what, and what to do."""
    found = check(boundary, today=today, offered=offered, roles=roles)
    return [f"{one.severity} {one.where}: {one.what}; {one.fix}" for one in found]


def findings(
    body: str, *pins: ToolPin, system: str = BARE, task: str = "{}", today: date = CALM
) -> list[str]:
    """Return what is said of a workflow whose one tool `t` has the words `body`."""
    return said(compiled(body, *pins, system=system, task=task), *pins, today=today)


READS_A = pin("t", "a", annotations=READS)


# --- Dates. ---


@pytest.mark.parametrize(
    "days, expected",
    [
        (-15, []),
        (-14, ["warning expires: the workflow ends on 2027-03-31; decide about its end"]),
        (0, ["warning expires: the workflow ends on 2027-03-31; decide about its end"]),
        (
            1,
            [
                (
                    "error expires: the workflow ended on 2027-03-31; "
                    "write a later date and have it signed again"
                )
            ],
        ),
    ],
)
def test_the_last_day_still_counts_and_two_weeks_are_soon(days: int, expected: list[str]) -> None:
    """A boundary counts through its last day; its end is told fourteen days ahead."""
    assert timedelta(days=14) == ENDS_SOON
    today = LAST_DAY + timedelta(days=days)
    assert findings("level: read, only: {a: any}", READS_A, today=today) == expected


def test_an_exception_without_a_reason_is_told_without_one() -> None:
    """What needs no reason may have none, and then the note ends with the date."""
    body = "level: read, allow: [{args: {a: any}, until: 2027-01-31}]"
    assert findings(body, READS_A) == [
        (
            "note tools.t.allow: `t.allow[0]` lets it happen unasked until 2027-01-31; "
            "be sure of it before signing"
        )
    ]


# --- People and steps. ---


def test_a_step_that_is_not_registered_is_told_how_to_be() -> None:
    """Nobody looks for it among the roles; the finding is a whole problem for programs too."""
    body = "level: create, ask: [{args: {a: any}, who: [step.fraud]}]"
    boundary = compiled(body, pin("t", "a"))
    assert check(boundary, today=CALM, roles=["r"]) == (
        Problem(
            file="w",
            line=0,
            column=0,
            where="tools.t",
            code="boundary.unknown_step",
            what="`step.fraud` is not a registered step of this workflow",
            fix="have an administrator add it: sallyport admin steps add step.fraud w",
            severity=Severity.ERROR,
        ),
    )
    assert said(boundary, roles=("r", "step.fraud")) == []


def test_what_leaves_the_house_or_needs_a_human_is_not_asked_of_a_step() -> None:
    """People alone answer either, and both are told where both are so."""
    asked = "ask: [{args: {a: any}, who: [lead, step.fraud], needs_human: true}]"
    outside = "error t.ask[0]: `step.fraud` is asked about what leaves the house; "
    human = "error t.ask[0]: `step.fraud` is asked what needs a human; "
    fix = "name a role of people in its place"
    writes = pin("t", "a")

    assert findings(f"level: external, {asked}", writes) == [outside + fix, human + fix]
    both = check(compiled(f"level: external, {asked}", writes), today=CALM)
    assert [one.code for one in both] == ["boundary.step_outside"] * 2
    assert findings(f"level: update, {asked}", writes) == [human + fix]
    without = asked.replace(", needs_human: true", "")
    assert findings(f"level: update, {without}", writes) == []


def test_a_tool_that_is_declared_and_forbidden_is_told_to_be_one_of_the_two() -> None:
    """The ban holds, and whoever wrote the other line should know."""
    text = f"{header('{}')}never: [other, t]\ntools: {{t: {{level: read}}}}\n"
    desk = load_system(BARE, "s")
    found = compile_boundary(
        load_workflow(text, "w"),
        {"desk": desk},
        [pin("t", annotations=READS)],
        code_version="1",
        roles=["r"],
    )
    assert said(found) == [
        "warning never: `t` is declared and never allowed at once; remove it from one of the two"
    ]


# --- Inputs of the task. ---


@pytest.mark.parametrize(
    "body",
    [
        "only: {a: {is: task.own}}",
        "allow: [{args: {a: {is: task.own}}, until: 2027-01-31}]",
        "ask: [{args: {a: {is: task.own}}, who: [lead]}]",
        "allow: [{args: {a: {max_length: 9}}}], never: [{args: {a: {is: task.own}}}]",
        "templates: {a: {ack: {text: 'Dear {who}', slots: {who: {is: task.own}}}}}",
    ],
)
def test_an_input_is_used_wherever_a_line_names_it(body: str) -> None:
    """Only one that no line names is told to be of no use."""
    unused = "no tool is bound to the input `own`"
    named = findings(f"level: read, {body}", READS_A, task="{own: text}")
    assert not [one for one in named if unused in one]
    other = findings("level: read, only: {a: any}", READS_A, task="{own: text}")
    assert other == [
        f"warning task.own: {unused}; add `{{is: task.own}}` to an argument, or remove the input"
    ]


def test_an_input_that_only_a_look_up_needs_is_used() -> None:
    """A fact may be read by what the opener bound."""
    system = f"{BARE}facts: {{state: {{tool: get, args: {{id: task.own}}, field: s}}}}\n"
    pins = (READS_A, pin("get", "id", annotations=READS))
    assert findings("level: read, only: {a: any}", *pins, system=system, task="{own: text}") == []


# --- Tools and their systems. ---


def test_a_tool_that_two_others_share_is_no_collision_of_this_one() -> None:
    """What collides is a name that this workflow uses."""
    offered = (pin("other", system="one"), pin("other", system="two"))
    assert said(compiled("level: read, only: {}"), *offered) == [
        "error tools.t: no accepted tool is called `t`; use one of: other"
    ]


def test_a_tool_whose_only_system_is_not_there_is_told_by_that_system() -> None:
    """Its definition was accepted once; `t` is not misspelt."""
    gone = pin("t", system="elsewhere")
    assert findings("level: read, only: {}", gone) == [
        (
            "error tools.t: system `elsewhere` of tool `t` is not connected; "
            "connect it, or correct its name"
        )
    ]


@pytest.mark.parametrize(
    "level, hints, expected",
    [
        ("read", {"destructiveHint": True, "readOnlyHint": True}, []),
        ("update", {"destructiveHint": True, "readOnlyHint": False}, []),
        (
            "create",
            {"destructiveHint": True, "readOnlyHint": False},
            [
                (
                    "error tools.t.level: `t` says of itself that it destroys, "
                    "and level create is looser; write `level: update` or stricter"
                )
            ],
        ),
    ],
)
def test_what_only_reads_destroys_nothing(
    level: str, hints: JsonObject, expected: list[str]
) -> None:
    """The protocol gives `destructiveHint` a meaning only where a tool does not only read."""
    assert findings(f"level: {level}, only: {{}}", pin("t", annotations=hints)) == expected


# --- Arguments. ---


def test_each_place_that_names_an_argument_nobody_takes_is_told() -> None:
    """With the way to that place: a template's too."""
    body = (
        "level: read, only: {b: any}, templates: {c: {ack: {text: Thanks}}}, "
        "allow: [{args: {a: any, d: any}}], ask: [{args: {e: any}, who: [lead]}], "
        "never: [{args: {f: {is: x}}}]"
    )
    fix = "use one of: a"
    found = findings(body, pin("t", optional=["a"], annotations=READS))
    assert [one for one in found if fix in one] == [
        f"error tools.t.{at}: `t` has no argument `{name}`; {fix}"
        for at, name in (
            ("only.b", "b"),
            ("allow[0].args.d", "d"),
            ("ask[0].args.e", "e"),
            ("never[0].args.f", "f"),
            ("templates.c", "c"),
        )
    ]


def test_a_constraint_that_fits_no_type_names_all_types() -> None:
    """As the definition lists them."""
    schema: JsonObject = {"properties": {"a": {"type": ["array", "boolean"]}}}
    typed = pin("t", inputSchema=schema, annotations=READS)
    assert findings("level: read, only: {a: {at_most: 5}}", typed) == [
        (
            "error tools.t.only.a: `t` takes `a` as array or boolean, and what is asked is no "
            "such; write a constraint on such a value"
        )
    ]


@pytest.mark.parametrize(
    "word", ["$ref", "allOf", "anyOf", "oneOf", "patternProperties", "additionalProperties"]
)
def test_a_definition_that_lists_its_arguments_elsewhere_as_well_is_not_held_against_anyone(
    word: str,
) -> None:
    """What it takes cannot be told from the names that it lists."""
    schema: JsonObject = {"type": "object", "properties": {"a": {}}}
    body = "level: read, only: {b: any}"
    shut = "error tools.t.only.b: `t` has no argument `b`; use one of: a"
    assert findings(body, pin("t", inputSchema=schema, annotations=READS)) == [shut]
    open_ended = pin("t", inputSchema={**schema, word: {}}, annotations=READS)
    assert findings(body, open_ended) == []


@pytest.mark.parametrize(
    "kind, said",
    [
        ("string", "{max_length: 5}"),
        ("number", "{at_most: 5.5}"),
        ("integer", "{at_most: 5}"),
        ("boolean", "{is: true}"),
        ("array", "{at_most: 5 items}"),
        ("object", "any"),
        ("null", "any"),
    ],
)
def test_each_type_of_a_definition_has_constraints_that_fit_it(kind: str, said: str) -> None:
    """And a list of it beside another type fits as well."""
    listed: list[Json] = [kind, [kind], [kind, "unheard of"]]
    for types in listed:
        schema: JsonObject = {"properties": {"a": {"type": types}}}
        typed = pin("t", inputSchema=schema, annotations=READS)
        assert findings(f"level: read, only: {{a: {said}}}", typed) == []


@pytest.mark.parametrize("required", [["a", 5, None], "b", {"b": True}, None])
def test_what_a_definition_requires_is_read_as_far_as_it_is_names(required: Json) -> None:
    """A broken definition is its system's, and the workflow is not blamed for it."""
    schema: JsonObject = {"properties": {"a": {}}, "required": required}
    broken = pin("t", inputSchema=schema, annotations=READS)
    assert findings("level: read, only: {a: any}", broken) == []


@pytest.mark.parametrize(
    "body, at",
    [
        (
            "only: {a: {any: true, optional: true}}, ask: [{args: {a: absent}, who: [lead]}]",
            "t.ask[0]",
        ),
        ("templates: {a: {ack: {text: Thanks}}}", ""),
    ],
)
def test_one_line_that_leaves_a_needed_argument_out_is_one_too_many(body: str, at: str) -> None:
    """The call cannot be made; a text from a template is a value."""
    left_out = "`t` needs the argument `a`, which must be left out; remove `absent` from `a`"
    found = findings(f"level: read, {body}", READS_A)
    assert found == ([f"error tools.{at}: {left_out}"] if at else [])


def test_a_needed_argument_must_be_left_out_whatever_else_is_asked_of_it() -> None:
    """No file says both, and `check` does not rely on that."""
    both = tuple(Constraint(operator=one) for one in (Operator.ABSENT, Operator.ANY))
    boundary = compiled("level: read, only: {a: any}", READS_A)
    rule = boundary.workflow.tools["t"]
    rule = replace(rule, only={"a": ArgumentRule(name="a", constraints=both)})
    boundary = replace(boundary, workflow=replace(boundary.workflow, tools={"t": rule}))
    assert said(boundary) == [
        (
            "error tools.t: `t` needs the argument `a`, which must be left out; "
            "remove `absent` from `a`"
        )
    ]


# --- Look-ups. ---


@pytest.mark.parametrize("word", ["before: {WAY}", "recovery: probe, expects: ok, probe: {WAY}"])
def test_a_look_up_for_a_tool_of_another_workflow_is_looked_at_too(word: str) -> None:
    """The definition of a tool that this workflow does not use is among those accepted."""
    way = "{tool: get, args: {id: arg.b}, field: s}".replace(
        ", field: s", ", field: s" if "probe" in word else ""
    )
    words = word.replace("{WAY}", way)
    system = f"{BARE}tools: {{other: {{{words}}}}}\n"
    pins = (READS_A, pin("other", "c"), pin("get", "id", annotations=READS))
    assert findings("level: read, only: {a: any}", *pins, system=system) == [
        "error systems.desk: `other` of `desk` has no argument `b` to look up by; use one of: c"
    ]


def test_a_tool_that_was_never_accepted_is_not_asked_for_its_arguments() -> None:
    """It cannot be called, so what would be looked up before it is nobody's mistake yet."""
    way = "{tool: get, args: {id: arg.b}}"
    system = f"{BARE}tools: {{other: {{before: {way}}}}}\n"
    pins = (READS_A, pin("get", "id", annotations=READS))
    assert findings("level: read, only: {a: any}", *pins, system=system) == []


def test_a_way_back_is_looked_at_with_the_look_ups() -> None:
    """For a tool of another workflow too."""
    system = f"{BARE}tools: {{other: {{undo: {{tool: back, args: {{id: result.id}}}}}}}}\n"
    pins = (READS_A, pin("other", "c"))
    assert findings("level: read, only: {a: any}", *pins, system=system) == [
        (
            "error systems.desk: `back`, which takes back `other`, is not accepted; "
            "connect the system and accept its definition"
        )
    ]
    known = (*pins, pin("back", "id"))
    assert findings("level: read, only: {a: any}", *known, system=system) == []
