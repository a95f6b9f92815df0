"""What was measured in other engines and validators, tried on ours and on those beside it.

Those that concern single arguments stand in `tests/unit/boundary/test_hazards.py`.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from random import Random
from typing import Any

import cedarpy
import pytest

from sallyport.model import Floor, Json, JsonObject, ToolPin, Verdict
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.checks import parameters
from sallyport.rules.decide import decide
from sallyport.rules.replay import decided
from tests.unit.boundary.examples import WORKFLOW, support
from tests.unit.boundary.test_overlap import SAID
from tests.unit.oracles.cedar_calls import Asked, Cedar
from tests.unit.oracles.drawn import TODAY, Callers, rule_of
from tests.unit.rules import worlds

WITHIN_S = 60
_cedar: Any = cedarpy  # its own types are partly unknown


def misfits(schema: JsonObject, value: Json) -> list[Floor]:
    """Return what the check of parameters says of an argument under a tool's own schema."""
    wanted: JsonObject = {"type": "object", "properties": {"on": schema}}
    seen = worlds.context(
        worlds.boundary(pins={worlds.TOOL: pinned(wanted)}),
        proposal=replace(worlds.PROPOSAL, args={"on": value}),
    )
    return list(parameters.schema(seen))


def pinned(schema: JsonObject) -> ToolPin:
    """Return an accepted tool with this schema, under a digest of its own."""
    definition: JsonObject = {"name": worlds.TOOL, "inputSchema": schema}
    return ToolPin(system="desk", tool=worlds.TOOL, definition=definition, digest=f"{schema}")


# Validators of JSON Schema, side by side.


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_nan_is_within_no_minimum_and_maximum(number: Decimal) -> None:
    """Two validators let it pass, because no comparison with it fails."""
    assert misfits({"type": "number", "minimum": 0, "maximum": 500}, number)


@pytest.mark.parametrize("text", ["x@acme.com\n", "x@acme.com\r\n", "x@acme.com\u2028"])
def test_a_pattern_does_not_end_before_a_newline(text: str) -> None:
    """Python's `$` matches before the last line break, and two validators use it."""
    schema: JsonObject = {"type": "string", "pattern": "@acme\\.com$"}

    assert misfits(schema, text)
    assert not misfits(schema, "x@acme.com")


@pytest.mark.parametrize("number", [True, False])
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_truth_value_is_no_number(number: bool, kind: str) -> None:
    """`isinstance(True, int)` holds."""
    assert misfits({"type": kind, "minimum": 0}, number)


REDOS = """
from tests.unit.oracles.test_hazards import misfits
for length in (28, 4000):
    assert misfits({{"type": "string", "pattern": {pattern!r}}}, "a" * length + "!")
"""


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "^(?=(a+)+$)a", "(a*)*b\\1"])
def test_redos_answers_and_refuses(pattern: str) -> None:
    """28 letters took one validator ten seconds; look-around and references are the worst of it.

    In a process of its own, so that one that never ended would end with this test.
    """
    code = REDOS.format(pattern=pattern)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=WITHIN_S, check=False
    )

    assert ran.returncode == 0, ran.stderr[-2000:]


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Listen on this machine, where a schema points to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_a_remote_reference_is_never_fetched(elsewhere: socket.socket, keyword: str) -> None:
    """Every validator fetches it by default; here nobody connects, and the call is refused."""
    address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/schema.json"
    floors = misfits({keyword: address}, "x")

    assert [floor.code for floor in floors] == ["parameters.schema_unusable"]
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_a_file_is_no_schema() -> None:
    """A reference to a file of this machine is refused as any other."""
    floors = misfits({"$ref": f"file://{__file__}"}, "x")

    assert [floor.code for floor in floors] == ["parameters.schema_unusable"]


def test_a_schema_that_refers_to_itself_is_no_hole() -> None:
    """It is compiled or refused, and a value that does not fit stays outside."""
    schema: JsonObject = {
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
        "$ref": "#/$defs/node",
    }
    deep: Json = "leaf"
    for _ in range(60):
        deep = {"next": deep}

    assert misfits(schema, deep)


# Cedar.

ANY_CONTEXT: Any = None
RISKY = """
permit (principal, action, resource);
forbid (principal, action, resource) when {{ {condition} }};
"""


@pytest.mark.parametrize(
    "condition",
    ['context.risk == "high"', "context.many + 1 > 0", 'context.limit.greaterThan(decimal("x"))'],
)
def test_a_forbid_that_fails_in_cedar_is_a_refusal_all_the_same(condition: str) -> None:
    """Cedar skips it and answers *allow*, with an error beside it; that is read as *refuse*."""
    context: dict[str, Any] = {
        "many": 2**63 - 1,
        "limit": {"__extn": {"fn": "decimal", "arg": "1.0"}},
    }
    request = {
        "principal": {"type": "Agent", "id": "a"},
        "action": {"type": "Action", "id": "t"},
        "resource": {"type": "Workflow", "id": "w"},
        "context": context,
    }
    answer = _cedar.is_authorized(request, RISKY.format(condition=condition), [])
    assert answer.decision is cedarpy.Decision.Allow
    assert answer.diagnostics.errors

    cedar = Cedar(support())
    policies = RISKY.format(condition=condition)
    cedar.policies = cedarpy.PolicySet.from_str(policies)
    cedar.schema = ANY_CONTEXT
    asked = Asked(tool="crm.get_contact", args={"contact_id": "C-1"}, agent="support-bot")

    assert cedar.verdict(asked) is Verdict.REFUSE


def test_what_cedar_cannot_decide_is_a_refusal() -> None:
    """A call that does not fit its schema is answered with no decision, which is no *allow*."""
    cedar = Cedar(support())
    asked = Asked(tool="crm.get_contact", args={}, agent="support-bot", today=TODAY)
    cedar.schema = cedarpy.Schema.from_str("entity Other;")

    assert cedar.verdict(asked) is Verdict.REFUSE


@pytest.mark.parametrize("amount", ["500.00004", "500.000000001", "500.0000000000000000001"])
def test_an_amount_is_not_rounded_to_four_places_on_its_way_to_cedar(amount: str) -> None:
    """A generator of requests made 12.1235 of 12.123456; ours says that there is more."""
    boundary = support()
    asked = Asked(
        tool="tickets.update",
        args={"ticket_id": "T-1", "status": "open", "refund": Decimal(amount)},
        inputs={"ticket_id": "T-1"},
        facts={"ticket_state": "open"},
        roles=frozenset({"support_lead"}),
        agent="support-bot",
        today=TODAY,
    )
    cedar = Cedar(boundary)

    assert cedar.verdict(asked) is Verdict.REFUSE
    assert cedar.verdict(replace(asked, args={**asked.args, "refund": 500})) is Verdict.ASK


# Policies in use.


@pytest.mark.parametrize("broken", ["{args: {status: {regex: x}}}", "{args: {status: 5}}", "{}"])
def test_a_never_with_an_invalid_condition_is_not_skipped(broken: str) -> None:
    """Elsewhere a rule that is invalid is passed over, and a forbid that is passed over allows."""
    text = WORKFLOW.replace(
        "      - args: {status: {one_of: [deleted, merged]}}\n        because: the record would be gone\n",  # noqa: E501
        f"      - {broken}\n",
    )
    with pytest.raises(BoundaryErrors):
        load_workflow(text, "w.yaml")


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_entries_decides_nothing(seed: int) -> None:
    """Where the first match wins, a line that is moved grants something."""
    chance = Random(seed)  # noqa: S311 (it has to repeat itself)
    rule = rule_of(chance, SAID, SAID)
    drawn = [Callers(rule, {"own": ["a", "srv"]}).call(chance) for _ in range(20)]
    orders = [
        replace(rule, allow=allow, ask=ask)
        for allow in permutations(rule.allow)
        for ask in permutations(rule.ask)
    ]
    for call in drawn:
        verdicts = {decided(call, worlds.boundary(one)).verdict for one in orders}
        assert len(verdicts) == 1, call


def test_a_check_that_throws_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere an exception means `does not match`, and so a forbid does not fire."""

    def throws(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sallyport.rules.checks.authority.rule_on", throws)

    assert decide(worlds.context()).verdict is Verdict.REFUSE
