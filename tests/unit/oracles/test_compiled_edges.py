"""What a change of one thing in the compiler showed to be unwatched."""

from __future__ import annotations

from dataclasses import replace

from sallyport.model import Boundary, Operator, System, ToolPin, Workflow
from sallyport.rules import canonical, methods
from sallyport.rules.boundary.compile import as_json, compile_boundary, digest_of
from sallyport.rules.boundary.load import load_system, load_workflow
from tests.unit.boundary.examples import header, pin

READS = header() + (
    "tools:\n"
    "  look: {level: read, only: {a: any}}\n"
    "  resources/read: {level: read, system: desk, only: {uri: {starts_with: 'memo:'}}}\n"
)
DESK = load_system("system: desk\nurl: https://desk.example.com/mcp\n", "desk.yaml")
PINS = (
    pin("look", "a"),
    *(pin(name) for name in (methods.READ, *methods.IMPLIED, methods.INSTRUCTIONS)),
    pin("look", "a", system="unknown"),
    pin(methods.INSTRUCTIONS, system="unknown"),
    pin(methods.INSTRUCTIONS, system="spare"),
)


def compiled(
    workflow: Workflow | None = None,
    systems: tuple[System, ...] = (DESK, replace(DESK, name="spare")),
    pins: tuple[ToolPin, ...] = PINS,
) -> Boundary:
    """Return a boundary over a desk, with pins of systems that nobody uses or knows."""
    return compile_boundary(
        workflow or load_workflow(READS, "w.yaml"),
        {one.name: one for one in systems},
        pins,
        code_version="1",
        roles=["b", "a", "b"],
    )


def test_a_pin_of_an_unknown_system_binds_nothing() -> None:
    """It neither takes the tool over nor makes it belong to two."""
    found = compiled()

    assert found.workflow.tools["look"].system == "desk"
    assert found.systems.keys() == {"desk"}


def test_what_follows_from_a_declared_method_is_permitted_with_it_and_no_more() -> None:
    """Lists take a cursor, being told of a change is bound like reading; prompts are not read."""
    tools = compiled().workflow.tools
    implied = {name: rule for name, rule in tools.items() if rule.implied_by}

    assert implied.keys() == {name for name, by in methods.IMPLIED.items() if by == methods.READ}
    assert {rule.implied_by for rule in implied.values()} == {methods.READ}
    for name, rule in implied.items():
        if name in methods.LISTS:
            (cursor,) = rule.only["cursor"].constraints
            assert (list(rule.only), cursor.operator) == (["cursor"], Operator.ANY)
            assert rule.only["cursor"].optional
        else:
            assert rule.only == tools[methods.READ].only
        assert rule.system == "desk"


def test_what_follows_needs_its_system_to_offer_it_and_nobody_to_forbid_it() -> None:
    """No list without a pin; none of a method that is never allowed."""
    workflow = load_workflow(READS, "w.yaml")
    without = tuple(one for one in PINS if one.tool != methods.LIST_RESOURCES)
    forbidden = replace(workflow, never=(methods.READ,))

    assert methods.LIST_RESOURCES not in compiled(pins=without).workflow.tools
    assert not any(one.implied_by for one in compiled(forbidden).workflow.tools.values())


def test_the_instructions_of_a_system_are_pinned_where_it_is_used() -> None:
    """And are no tool."""
    found = compiled()
    kept = [name for name in found.pins if methods.INSTRUCTIONS in name]

    assert kept == [methods.instructions_key("desk")]
    assert methods.INSTRUCTIONS not in found.workflow.tools


def test_instructions_are_no_tool_even_where_a_rule_says_so() -> None:
    """No system offers them to be called, so the rule stays unbound."""
    workflow = load_workflow(READS, "w.yaml")
    look = replace(workflow.tools["look"], tool=methods.INSTRUCTIONS)
    found = compiled(replace(workflow, tools={methods.INSTRUCTIONS: look}), pins=PINS[:7])

    assert found.workflow.tools[methods.INSTRUCTIONS].system == ""
    assert not found.pins


def test_the_digest_is_of_each_part_by_its_name() -> None:
    """Roles in order and each once; under a word of its own, so that no other digest is this."""
    found = compiled()
    said = canonical.digest(
        "boundary",
        {
            "workflow": as_json(found.workflow),
            "systems": as_json(found.systems),
            "pins": as_json(found.pins),
            "roles": ["a", "b"],
            "code": "1",
        },
    )

    assert found.digest == said
    assert digest_of(found, code_version="1", roles=["b", "a"]) == said
    assert digest_of(found, code_version="2", roles=["b", "a"]) != said
