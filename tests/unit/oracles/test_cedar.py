"""Cedar, an engine of other people, decides as ours does: ten thousand calls at the edges."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from sallyport.model import Boundary, Constraint, Json, Verdict
from sallyport.rules.boundary.cedar import export
from sallyport.rules.boundary.cedar_words import UnsayableError, holds, may_hold
from sallyport.rules.replay import Recorded, decided
from tests.unit.boundary.examples import WORKFLOW, support
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR, one_tool
from tests.unit.boundary.test_overlap import SAID, said_of_x
from tests.unit.oracles.cedar_calls import Asked, Cedar
from tests.unit.oracles.drawn import TODAY, Callers, rule_of
from tests.unit.rules import worlds

BLOCKS, RULES, CALLS = 10, 25, 40
MET_MIN = 20
NOW_US = int(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
OWN: list[Json] = ["a", "b", 5, True, "example.com", "ann@example.com", "srv", "2026-01-02", None]


def says(lines: list[str], *, never: bool = False) -> list[str]:
    """Return the lines about an argument that Cedar can say."""
    return [line for line in lines if all(_is_said(o, never=never) for o in _constraints(line))]


def _constraints(line: str) -> tuple[Constraint, ...]:
    return said_of_x(line)["x"].constraints


def _is_said(one: Constraint, *, never: bool) -> bool:
    try:
        (may_hold if never else holds)("value", one)
    except UnsayableError:
        return False
    return True


LINES, NEVER = says(SAID), says(SAID, never=True)


def test_what_cedar_cannot_say_is_known_line_by_line() -> None:
    """The fragment that is compared: all else of the vocabulary, and this is left out."""
    assert set(SAID) - set(LINES) == {
        "{path_under: task.own}",
        "{only: [task.own]}",
        "{each: {email: '@example.com'}}",
        "{each: {email: '@example.org'}, at_least: 1 items}",
        "{each: {email: under example.com}, at_least: 1 items, at_most: 3 items}",
        "{each: {at_most: 5}, at_least: 2 items}",
        "{each: {above: 5}, at_least: 1 items}",
        "{each: {is: task.own}, at_least: 1 items}",
    }


def compare(cedar: Cedar, call: Recorded, boundary: Boundary) -> tuple[Verdict, Verdict]:
    """Return what our engine says of a call, and what Cedar does."""
    own = decided(call, boundary).verdict
    workflow = boundary.workflow
    asked = Asked(
        tool=call.tool,
        args=call.args,
        inputs=call.inputs,
        facts=call.facts,
        roles=frozenset({call.role}),
        agent=call.agent or workflow.agent,
        today=TODAY,
    )
    return own, cedar.verdict(asked)


@pytest.mark.parametrize("seed", range(BLOCKS))
def test_cedar_and_our_evaluator_decide_alike(seed: int) -> None:
    """10,000 calls at the edges of 250 random rules: no difference, and every verdict is met."""
    chance, met = Random(seed), Counter[Verdict]()  # noqa: S311 (it has to repeat itself)
    for _ in range(RULES):
        rule = rule_of(chance, LINES, NEVER)
        boundary = worlds.boundary(rule, task_inputs={"own": "text"})
        cedar = Cedar(boundary)
        assert cedar.exported.left_out == {}
        assert cedar.troubles() == []
        callers = Callers(rule, {"own": OWN})
        for call in (callers.call(chance) for _ in range(CALLS)):
            known = replace(call, role="staff", at_us=NOW_US)
            own, theirs = compare(cedar, known, boundary)
            assert own is theirs, (rule, known)
            met[own] += 1

    assert min(met[one] for one in (Verdict.ALLOW, Verdict.ASK, Verdict.REFUSE)) > MET_MIN


def test_the_blocks_make_ten_thousand_calls() -> None:
    """As many as were asked for."""
    assert BLOCKS * RULES * CALLS >= 10_000


MOST = one_tool(
    "touches: [records]",
    "only:",
    "  a: {is: fixed}",
    "  d: {is: 5.00 EUR}",
    '  e: {one_of: ["5", 5, task.own, true]}',
    "  f: {at_least: 1, below: 10.5}",
    "  g: {above: 2026-01-01, at_most: 2026-12-31, optional: true}",
    "  k: {domain: [example.com, under example.com, xn--bcher-kva.example, task.own]}",
    '  l: {email: [ann@example.com, "@example.org", under example.net, task.own], max_length: 64}',
    '  m: {url: ["https://example.com:8443/a%20b/%c3%a9", "http://[::1]/"], optional: true}',
    '  t: {path_under: [/srv/reports, "a \\"or\\" b"]}',
    '  o: {starts_with: "Re: ", optional: true}',
    "  p: {only: [bug, 5], at_least: 1 items, below: 4 items}",
    '  r: {at_least: "2026-01-01T12:00:00Z", optional: true}',
    "when: {state: [open, 3, true]}",
    "allow: [{because: fine, until: 2026-12-24, args: {j: {is: 1}}, when: {mood: [calm]}}]",
    "ask: [{who: [lead], args: {j: {is: 2}}}]",
    "never: [{args: {l: {email: bad@example.com}, o: {starts_with: x}}, when: {state: [open]}}]",
    level="classify",
)
WHOLE = {"the support desk": support(), "most operators": support(MOST, CHILD)}
TASK: dict[str, list[Json]] = {
    "ticket_id": ["T-1", None],
    "contact_id": ["C-1", 7],
    "customer_email": ["ann@example.com", "Ann@example.com"],
    "own": ["a", "example.com", "ann@example.com"],
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_boundaries_are_decided_alike(name: str) -> None:
    """As they are written: with their roles, their agent and their end."""
    boundary, chance = WHOLE[name], Random(name)  # noqa: S311 (it has to repeat itself)
    cedar = Cedar(boundary)
    assert cedar.troubles() == []
    assert cedar.exported.left_out == {}
    workflow = boundary.workflow
    for rule in workflow.tools.values():
        callers = Callers(rule, {one: TASK[one] for one in workflow.task_inputs})
        for call in (callers.call(chance) for _ in range(CALLS * 5)):
            role = chance.choice([*workflow.users, "guest"])
            agent = chance.choice([workflow.agent] * 3 + ["another"])
            known = replace(call, role=role, agent=agent, at_us=NOW_US)
            own, theirs = compare(cedar, known, boundary)
            assert own is theirs, known


def test_nothing_is_allowed_by_a_word_that_cedar_cannot_say() -> None:
    """The tool is named with the reason, and no policy permits it."""
    found = export(support(EVERY_OPERATOR, CHILD))

    assert found.left_out.keys() == {"t"}
    assert "permit" not in found.policies


@pytest.mark.parametrize(
    "before, after",
    [
        ("at_most: 500.00 EUR", "at_most: 500.01 EUR"),
        ("pending, solved]}\n    when", "pending, solved, lost]}\n    when"),
        ("{ticket_state: [open, pending]}", "{ticket_state: [open, pending, closed]}"),
        ("max_length: 4000", "max_length: 4001"),
        ("until: 2027-01-31", "until: 2026-11-30"),
        ("level: read", "level: update"),
    ],
)
def test_a_difference_would_be_noticed(before: str, after: str) -> None:
    """Two engines with almost the same boundary in them do not decide alike."""
    ours, chance = support(WORKFLOW.replace(before, after)), Random(1)  # noqa: S311
    cedar = Cedar(support())
    inputs = {one: TASK[one][:1] for one in ours.workflow.task_inputs}
    drawn = (
        replace(Callers(rule, inputs).call(chance), role="support_lead", at_us=NOW_US)
        for _ in range(CALLS * 10)
        for rule in ours.workflow.tools.values()
    )
    verdicts = (compare(cedar, call, ours) for call in drawn)

    assert any(own is not theirs for own, theirs in verdicts)
