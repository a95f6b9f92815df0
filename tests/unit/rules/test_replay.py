"""What a boundary would have said to recorded calls."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sallyport.errors import BadInputError
from sallyport.model import Json, Verdict
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.replay import Recorded, Tally, read, replay
from tests.unit.boundary.examples import WORKFLOW

NOON_US = 1_767_268_800 * 1_000_000
"""2026-01-01 12:00 UTC."""
BOUNDARY = compile_boundary(load_workflow(WORKFLOW, "w.yaml"), {}, (), code_version="t", roles=())
INPUTS: dict[str, Json] = {"ticket_id": "T1", "contact_id": "C1", "customer_email": "a@b.example"}


def _refund(amount: int, **more: object) -> Recorded:
    fields: dict[str, object] = {
        "where": f"line {amount}",
        "tool": "tickets.update",
        "args": {"ticket_id": "T1", "status": "open", "refund": amount},
        "inputs": INPUTS,
        "facts": {"ticket_state": "open"},
        "at_us": NOON_US,
        **more,
    }
    return Recorded(**fields)  # type: ignore[arg-type]


def _replayed(calls: Iterable[Recorded]) -> Tally:
    return replay(calls, BOUNDARY, now_us=NOON_US)


def test_each_call_gets_the_verdict_of_the_boundary() -> None:
    """Below 50 it happens, up to 500 a person is asked, above it is refused."""
    tally = _replayed(_refund(amount) for amount in (10, 50, 51, 500, 501))

    assert tally.calls == 5
    assert [tally.verdicts[one] for one in Verdict] == [2, 2, 0, 1]
    assert dict(tally.asks) == {("2026-01-01", "support_lead"): 2}


def test_a_refusal_comes_with_an_example_and_its_reason() -> None:
    """In the owner's words, with the names of the arguments and never their values."""
    said = _replayed([_refund(501)]).as_json()
    examples = said["examples"]
    assert isinstance(examples, list)
    first = examples[0]
    assert isinstance(first, dict)

    assert (first["where"], first["arguments"]) == (
        "line 501",
        ["refund", "status", "ticket_id"],
    )
    assert "refund 501.00 EUR is above 500.00 EUR" in str(first["why"])


def test_a_role_that_may_not_ask_and_a_fact_that_was_not_recorded_refuse() -> None:
    """What is not known does not speak for a call."""
    tally = _replayed([_refund(10, role="stranger"), _refund(10, facts={})])

    assert tally.verdicts[Verdict.REFUSE] == 2


def test_limits_count_over_the_recording() -> None:
    """The boundary allows 25 calls in one task."""
    same = [_refund(10, task="t") for _ in range(30)]
    each = [_refund(10, task=f"t{number}") for number in range(30)]

    assert _replayed(same).verdicts == {Verdict.ALLOW: 25, Verdict.REFUSE: 5}
    assert _replayed(each).verdicts == {Verdict.ALLOW: 30}


LINES: list[tuple[Json, list[str]]] = [
    ({"tool": "a", "args": {"x": 1}}, ["a"]),
    ({"tool": "a"}, ["a"]),
    ({"method": "tools/call", "params": {"name": "b", "arguments": {}}}, ["b"]),
    ({"method": "tools/list"}, []),
    ({"calls": [["a", {}], ["b", {"x": 1}]]}, ["a", "b"]),
]


@pytest.mark.parametrize("line, tools", LINES)
def test_three_kinds_of_recording_are_read(line: Json, tools: list[str]) -> None:
    """Our own, what was on an MCP wire, and whole runs."""
    assert [one.tool for one in read(line, "line 1")] == tools


@pytest.mark.parametrize(
    "line", [5, "a", [], {}, {"tool": 5}, {"tool": "a", "args": []}, {"calls": [["a"]]}]
)
def test_a_line_that_holds_no_call_is_named(line: Json) -> None:
    """Nothing is skipped in silence."""
    with pytest.raises(BadInputError, match="line 7 holds no call"):
        list(read(line, "line 7"))
