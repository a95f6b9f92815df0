"""One digest for everything that can change a decision, and a warning for what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, cast

import pytest

from sallyport.errors import InvariantError
from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Json,
    JsonObject,
    Level,
    Limit,
    Money,
    Operator,
    TaskInput,
    ToolPin,
    ToolRule,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.compile import as_json, compile_boundary, digest_of, lookups
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.methods import INSTRUCTIONS, instructions_key
from tests.unit.boundary.examples import (
    PINS,
    READS,
    ROLES,
    SYSTEM,
    TODAY,
    WORKFLOW,
    header,
    pin,
    support,
)
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR

Change = tuple[str, Any]


def changes(value: Any, way: str = "") -> Iterator[Change]:
    """Yield the value again and again, each time with one leaf or one member changed."""
    for name, part, put in _parts(value):
        for inner, changed in changes(part, f"{way}.{name}"):
            yield inner, put(changed)
    changed = _other(value)
    if changed is not None:
        yield way, changed


def _parts(value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """Yield each part of a value by its name, with a way to put another in its place."""
    if is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield one.name, getattr(value, one.name), partial(_with_field, value, one.name)
    elif isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        for key in table:
            yield key, table[key], partial(_with_key, table, key)
    elif isinstance(value, tuple):
        for n, item in enumerate(as_row(value)):
            yield str(n), item, partial(_with_item, as_row(value), n)


def as_row(value: Any) -> tuple[Any, ...]:
    """Return a tuple as one of anything."""
    return tuple(value)


def _with_field(value: Any, name: str, new: Any) -> Any:
    return replace(value, **{name: new})


def _with_key(value: Mapping[str, Any], key: str, new: Any) -> Mapping[str, Any]:
    return {**value, key: new}


def _with_item(value: tuple[Any, ...], n: int, new: Any) -> tuple[Any, ...]:
    return (*value[:n], new, *value[n + 1 :])


def _other(value: Any) -> Any:
    """Return something else of the same type; None where the parts show it already."""
    if isinstance(value, Enum):
        return next(one for one in type(value) if one is not value)
    for kind, change in _CHANGES.items():
        if isinstance(value, kind):
            return change(value)
    return None


_CHANGES: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    Decimal: lambda value: value + 1,
    str: lambda value: value + "x",
    date: lambda value: value + timedelta(days=1),
    dict: lambda value: {} if value else None,
    tuple: lambda value: () if value else None,
    frozenset: lambda value: frozenset[Any]() if value else None,
}


def _digest(boundary: Boundary) -> str:
    return digest_of(boundary, code_version="1", roles=ROLES)


BOTH = {"support": support(), "every operator": support(EVERY_OPERATOR, CHILD)}


@pytest.mark.parametrize("name", BOTH)
def test_a_change_of_any_field_changes_the_digest(name: str) -> None:
    """What was signed is what decides, to the last field."""
    original = replace(BOTH[name], digest="")
    seen = {_digest(original)}
    count = 1
    for way, changed in changes(original):
        if way == ".digest":
            continue
        seen.add(_digest(changed))
        count += 1
        assert _digest(changed) != _digest(original), way
    assert count > 100


# What the words leave to the digest: the value may be a secret; the definition stands by its hash.
UNSAID = re.compile(
    r"\.environment\.MODE$|\.definition(\.|$)"
    r"|\.where$"  # where an entry stands shows by where its sentence stands
    r"|\.pins\..*\.(tool|system)$|\.workflow\.tools\..*\.tool$|\.desk\.name$"  # keys, again
    r"|\.(allow|never)\.0\.(how_many|within_s|who|needs_human)$"  # no file can say these
    r"|\.(tickets\.update|t)\.idempotency_ttl_s$"  # another way to recover counts there
)


@pytest.mark.parametrize("name", BOTH)
def test_a_change_of_any_field_is_said_in_words(name: str) -> None:
    """Two boundaries that differ read differently."""
    original = BOTH[name]
    silent = [
        way
        for way, changed in changes(original)
        if not UNSAID.search(way) and explain(changed) == explain(original)
    ]
    assert silent == []


def test_the_digest_covers_roles_and_code() -> None:
    """Either can change what an entry means."""
    boundary = support()
    digests = {
        digest_of(boundary, code_version=version, roles=roles)
        for version in ("1", "2")
        for roles in (ROLES, ROLES[1:])
    }
    assert len(digests) == 4
    assert boundary.digest == digest_of(boundary, code_version="1", roles=reversed(ROLES))


def test_the_same_inputs_give_the_same_digest_whatever_their_order() -> None:
    """A digest means the value, not the way it was written down."""
    turned = compile_boundary(
        load_workflow(WORKFLOW, "another/name.yaml"),
        {"desk": load_system(SYSTEM, "x")},
        reversed(PINS),
        code_version="1",
        roles=ROLES,
    )
    assert turned.digest == support().digest


def test_only_what_a_workflow_uses_is_in_its_boundary() -> None:
    """A tool of another workflow, or a system nobody names, makes no signature stale."""
    boundary = support()
    used = {"crm.get_contact", "mail.send", "tickets.get", "tickets.update"}
    assert set(boundary.pins) == used
    assert set(boundary.systems) == {"desk"}


def test_a_tool_of_the_workflow_goes_before_a_look_up_of_the_same_name() -> None:
    """Two systems may offer one name; what the agent may call is what is bound to it."""
    text = f"{header('{}')}tools: {{get: {{level: read, system: desk}}, u: {{level: read}}}}\n"
    look_up = "tools: {u: {before: {tool: get}, recovery: probe, expects: 1, probe: {tool: see}}}\n"
    desk = load_system("system: desk\nurl: https://desk.example.com/\n", "s")
    other = load_system(f"system: other\nurl: https://other.example.com/\n{look_up}", "s")
    pins = (
        pin("get"),
        *(pin(name, system="other") for name in ("get", "see", "u", "unused")),
        pin("u", system="unknown"),
    )
    found = compile_boundary(
        load_workflow(text, "w"), {"desk": desk, "other": other}, pins, code_version="1", roles=[]
    )
    assert {name: one.system for name, one in found.pins.items()} == {
        "get": "desk",
        "see": "other",
        "u": "other",
    }
    assert found.workflow.tools["u"].system == "other"
    assert [one.tool for one in lookups(found.systems["other"])] == ["get", "see"]


def test_what_a_system_tells_agents_is_signed_with_what_uses_it() -> None:
    """Instructions are pinned by their system, and are no tool that a workflow could name."""
    told = [
        replace(pin(INSTRUCTIONS, system=name), definition={"instructions": name})
        for name in ("desk", "other", "unknown")
    ]
    found = one_tool("only: {}", pin("t"), *told)
    assert set(found.pins) == {"t", instructions_key("desk")}
    assert found.pins[instructions_key("desk")] == told[0]

    text = f"{header('{}')}tools: {{{INSTRUCTIONS}: {{level: read}}}}\n"
    desk = load_system(BARE, "s")
    named = compile_boundary(
        load_workflow(text, "w"), {"desk": desk}, told, code_version="1", roles=[]
    )
    assert named.pins == {}
    assert named.workflow.tools[INSTRUCTIONS].system == ""


def resources(words: str, *offered: ToolPin) -> Mapping[str, ToolRule]:
    """Return the rules of a workflow that may read resources."""
    text = f"{header('{}')}{words}tools: {{resources/read: {{level: read, only: {{uri: any}}}}}}\n"
    systems = {name: replace(load_system(BARE, "s"), name=name) for name in ("desk", "other")}
    known = (pin("resources/read"), *offered)
    found = compile_boundary(load_workflow(text, "w"), systems, known, code_version="1", roles=[])
    return found.workflow.tools


def test_who_may_read_may_list_and_be_told_where_the_same_system_offers_it() -> None:
    """A list takes a cursor and nothing else; to be told is bound as reading is."""
    found = resources("", pin("resources/list"), pin("resources/subscribe"), pin("prompts/list"))
    read = found["resources/read"]
    cursor = ArgumentRule(
        name="cursor", constraints=(Constraint(operator=Operator.ANY),), optional=True
    )
    assert found == {
        "resources/read": read,
        "resources/list": ToolRule(
            tool="resources/list",
            system="desk",
            level=Level.READ,
            only={"cursor": cursor},
            implied_by="resources/read",
        ),
        "resources/subscribe": replace(
            read, tool="resources/subscribe", implied_by="resources/read"
        ),
    }


def test_nothing_follows_from_a_method_of_another_system_or_against_a_never() -> None:
    """What another system offers does not come along, nor anything with what is kept away."""
    elsewhere = pin("resources/list", system="other")
    assert set(resources("", elsewhere)) == {"resources/read"}
    assert set(resources("never: [resources/read]\n", pin("resources/list"))) == {"resources/read"}


def test_an_amount_is_not_the_text_that_looks_like_it() -> None:
    """No two values have the same rendering."""
    assert as_json(True) is True
    assert as_json([date(2026, 1, 31), ("a", None)]) == [{"date": "2026-01-31"}, ["a", None]]
    assert as_json(Money(Decimal("5.0"), "EUR")) == {
        "Money": {"amount": Decimal("5.0"), "currency": "EUR"}
    }
    alike = ["50.00 EUR", Money(Decimal("50.00"), "EUR"), "task.a", TaskInput("a"), "2026-01-01"]
    values = [*alike, date(2026, 1, 1), 50, Decimal("50.0"), "50"]
    assert len({canonical.text(as_json(value)) for value in values}) == len(values)


def test_what_is_no_noun_has_no_rendering() -> None:
    """A float, or an object nobody knows, is refused."""
    for value in (1.5, object(), Limit):
        with pytest.raises(InvariantError):
            as_json(value)


def found(boundary: Boundary, *, today: date = TODAY, pins: tuple[ToolPin, ...] = PINS) -> set[str]:
    """Return the codes of the errors and warnings of a boundary."""
    problems = check(boundary, today=today, offered=pins, roles=ROLES)
    return {_code(one) for one in problems if one.severity is not Severity.NOTE}


def _code(problem: Problem) -> str:
    return problem.code.removeprefix("boundary.")


def one_tool(body: str, *pins: ToolPin, system: str = SYSTEM, level: str = "read") -> Boundary:
    """Return the boundary of a workflow with one tool `t`."""
    text = f"{header('{}')}tools:\n  t: {{level: {level}, {body}}}\n"
    desk = load_system(system, "s")
    other = replace(desk, name="other", facts={}, tools={})
    systems = {"desk": desk, "other": other}
    return compile_boundary(load_workflow(text, "w"), systems, pins, code_version="1", roles=ROLES)


def codes_of(body: str, *pins: ToolPin, system: str = "", level: str = "read") -> set[str]:
    """Return what is wrong with a tool `t`, but for the role that the header invents."""
    boundary = one_tool(body, *pins, system=system or BARE, level=level)
    return found(boundary, pins=pins) - {"unknown_role"}


BARE = "system: desk\nurl: https://desk.example.com/\n"


def test_the_support_desk_passes() -> None:
    """And its exception is shown to whoever signs, with its end."""
    problems = check(support(), today=TODAY, offered=PINS, roles=ROLES)
    assert [one.severity for one in problems] == [Severity.NOTE]
    assert "until 2027-01-31, because twelve weeks asked" in problems[0].what


def test_a_tool_without_an_accepted_definition_is_an_error() -> None:
    """Nothing can be called of which nobody has seen the definition."""
    assert codes_of("only: {}") == {"no_pin"}


def test_a_tool_of_two_systems_is_a_collision_until_the_file_says_which() -> None:
    """Wire names are the systems' own."""
    both = (pin("t", annotations=READS), pin("t", system="other", annotations=READS))
    assert codes_of("only: {}", *both) == {"collision"}
    assert codes_of("system: other", *both) == set()
    assert codes_of("system: elsewhere", *both) == {"no_system"}


@pytest.mark.parametrize(
    "level,hints,expected",
    [
        ("read", {"readOnlyHint": True}, set[str]()),
        ("read", {"readOnlyHint": False}, {"level"}),
        ("read", {}, {"level"}),
        ("update", {}, set[str]()),
        ("create", {"destructiveHint": True}, {"level"}),
        ("update", {"destructiveHint": True}, set[str]()),
        ("external", {"destructiveHint": True, "readOnlyHint": True}, set[str]()),
    ],
)
def test_annotations_only_raise_a_level(level: str, hints: JsonObject, expected: set[str]) -> None:
    """What a system says of itself is believed only where it makes things stricter."""
    assert codes_of("only: {}", pin("t", annotations=hints), level=level) == expected


def test_whoever_runs_a_system_may_vouch_for_a_tool_that_says_nothing() -> None:
    """But not against what the tool says of itself."""
    vouched = f"{BARE}tools: {{t: {{level: read}}}}\n"
    stricter = f"{BARE}tools: {{t: {{level: update}}}}\n"
    silent, honest = pin("t"), pin("t", annotations={"readOnlyHint": False})
    assert codes_of("only: {}", silent, system=vouched) == set()
    assert codes_of("only: {}", honest, system=vouched) == {"level"}
    assert codes_of("only: {}", silent, system=stricter, level="create") == {"level"}


def test_arguments_are_those_of_the_definition() -> None:
    """A misspelt argument would refuse every call, and a forgotten one too."""
    needs = pin("t", "a", annotations=READS)
    assert codes_of("only: {a: any}", needs) == set()
    assert codes_of("only: {a: any, b: any}", needs) == {"unknown_argument"}
    assert codes_of("only: {}", needs) == {"unnamed_argument"}
    assert codes_of("only: {a: absent}", needs) == {"unnamed_argument"}
    assert codes_of("allow: [{args: {a: {is: 1}}}]", needs) == set()


@pytest.mark.parametrize(
    "said,types,expected",
    [
        ("{at_most: 5}", "number", set[str]()),
        ("{at_most: 5}", "string", {"unfit"}),
        ("{at_most: 5}", ["string", "integer"], set[str]()),
        ("{at_most: 5.00 EUR}", "string", set[str]()),
        ("{at_most: 5.00 EUR}", "array", {"unfit"}),
        ("{email: any}", "array", {"unfit"}),
        ("{each: {email: any}}", "array", set[str]()),
        ("{one_of: [a, 5]}", "boolean", {"unfit"}),
        ("{one_of: [a, 5]}", ["null", "string"], set[str]()),
        ("any", "object", set[str]()),
        ("absent", "string", set[str]()),
        ("{at_most: 5}", "something", {"unfit"}),
        ("{at_most: 5}", 7, set[str]()),
    ],
)
def test_a_constraint_that_no_value_of_the_defined_type_meets_is_an_error(
    said: str, types: Json, expected: set[str]
) -> None:
    """It would refuse every call, and whoever wrote it meant something else."""
    schema: JsonObject = {"properties": {"a": {"type": types}}}
    typed = replace(PINS[0], tool="t", definition={"inputSchema": schema, "annotations": READS})
    assert codes_of(f"only: {{a: {said}}}", typed) == expected


def test_a_schema_that_leaves_arguments_open_is_not_held_against_the_file() -> None:
    """Where the definition does not say, nobody can tell a mistake."""
    schema: JsonObject = {"properties": {}, "additionalProperties": True}
    open_ended = replace(
        PINS[0], tool="t", definition={"inputSchema": schema, "annotations": READS}
    )
    assert codes_of("only: {a: any}", open_ended) == set()


def test_facts_and_look_ups_must_be_there() -> None:
    """A fact that nobody reads would refuse every call."""
    reads = pin("t", "a", annotations=READS)
    fact = f"{BARE}facts: {{state: {{tool: get, args: {{id: arg.id}}, field: s}}}}\n"
    assert codes_of("only: {a: any}, when: {state: [open]}", reads) == {"unknown_fact"}
    assert codes_of("only: {a: any}, when: {state: [open]}", reads, system=fact) == {
        "no_pin",
        "unnamed_argument",
    }
    elsewhere = (reads, pin("get", system="other"))
    assert "no_pin" in codes_of("only: {a: any}", *elsewhere, system=fact)
    writes = (reads, pin("get", "id", annotations={"readOnlyHint": False}))
    assert codes_of("only: {a: any}", *writes, system=fact) == {"level"}


def test_a_look_up_by_an_argument_that_is_not_there_is_an_error() -> None:
    """It would never be made, and so refuse every call."""
    system = f"{BARE}tools: {{t: {{before: {{tool: t, args: {{a: arg.b, c: task.d}}}}}}}}\n"
    tools = pin("t", "a", annotations=READS)
    assert codes_of("only: {a: any}", tools, system=system) == {"unknown_argument", "unknown_input"}


def test_dates_are_compared_with_the_day_of_the_check() -> None:
    """A boundary that is over, or nearly, is said to be."""
    assert found(support()) == set()
    assert found(support(), today=date(2027, 3, 20)) == {"ends_soon", "allow_over"}
    assert found(support(), today=date(2027, 4, 1)) == {"expired", "allow_over"}
