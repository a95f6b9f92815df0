"""What a boundary would have said to recorded calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Verdict
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.replay import Recorded, Replay, Tally, decided, in_turn, read, replay
from sallyport.rules.times import DAY_US, SECOND_US
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


FULL: JsonObject = {
    "tool": "tickets.update",
    "args": {"ticket_id": "T1"},
    "task": "t-1",
    "role": "support_agent",
    "person": "rita",
    "at": NOON_US,
    "inputs": {"ticket_id": "T1"},
    "facts": {"ticket_state": "open"},
}


RECORDED: list[tuple[Json, list[Recorded]]] = [
    (
        FULL,
        [
            Recorded(
                where="line 1",
                tool="tickets.update",
                args={"ticket_id": "T1"},
                task="t-1",
                role="support_agent",
                person="rita",
                at_us=NOON_US,
                inputs={"ticket_id": "T1"},
                facts={"ticket_state": "open"},
            )
        ],
    ),
    ({"tool": "a"}, [Recorded(where="line 1", tool="a", args={})]),
    (
        {"tool": "a", "task": 5, "role": None, "person": [], "at": True, "calls": []},
        [Recorded(where="line 1", tool="a", args={})],
    ),
    ({"tool": "a", "at": "noon"}, [Recorded(where="line 1", tool="a", args={})]),
    (
        {"method": "tools/call", "params": {"name": "b", "arguments": {"x": 1}}},
        [Recorded(where="line 1", tool="b", args={"x": 1})],
    ),
    (
        {"method": "tools/call", "params": {"name": "b"}},
        [Recorded(where="line 1", tool="b", args={})],
    ),
    (
        {"calls": [["a", {}], ["b", {"x": 1}]]},
        [
            Recorded(where="line 1", tool="a", args={}, task="line 1"),
            Recorded(where="line 1", tool="b", args={"x": 1}, task="line 1"),
        ],
    ),
    ({"calls": [], "method": "tools/list"}, []),
]


@pytest.mark.parametrize("line, calls", RECORDED)
def test_a_recorded_line_is_read_with_all_that_it_holds(line: Json, calls: list[Recorded]) -> None:
    """What it does not hold, or not in its form, was not recorded."""
    assert list(read(line, "line 1")) == calls


OTHER_FORMS: list[Json] = [
    {"method": "tools/call"},
    {"method": "tools/call", "params": {"name": 5}},
    {"method": "tools/call", "params": {"name": "a", "arguments": []}},
    {"method": 5},
    {"tool": "a", "inputs": []},
    {"tool": "a", "facts": "open"},
    {"calls": ["a"]},
    {"calls": [["a", {}, 1]]},
    {"calls": [[5, {}]]},
    {"calls": [["a", []]]},
    {"calls": {"a": {}}},
]


@pytest.mark.parametrize("line", OTHER_FORMS)
def test_a_line_of_another_form_is_refused_with_an_example(line: Json) -> None:
    """The sentence says what a line should be."""
    with pytest.raises(BadInputError) as caught:
        list(read(line, "calls.jsonl line 7"))

    assert caught.value.what == "calls.jsonl line 7 holds no call"
    assert caught.value.fix == (
        'write one JSON object a line, such as {"tool": "mail.send", "args": {}}'
    )


def test_a_tally_is_given_to_programs_whole() -> None:
    """How many of each verdict, by tool; who is asked how often a day; and a few examples."""
    stray = Recorded(where="line 9", tool="crm.export", args={"b": 1, "a": 2})
    calls = [
        *(_refund(amount) for amount in (10, 60, 61, 62, 63)),
        _refund(64, at_us=NOON_US + DAY_US),
        _refund(501),
        stray,
    ]
    asked = "the boundary asks support_lead (tickets.update.ask[0])"
    example = {"tool": "tickets.update", "arguments": ["refund", "status", "ticket_id"]}

    assert _replayed(calls).as_json() == {
        "calls": 8,
        "verdicts": {"allow": 1, "ask": 5, "draft": 0, "refuse": 2},
        "tools": {
            "crm.export": {"allow": 0, "ask": 0, "draft": 0, "refuse": 1},
            "tickets.update": {"allow": 1, "ask": 5, "draft": 0, "refuse": 1},
        },
        "asks": [
            {"day": "2026-01-01", "who": "support_lead", "questions": 4},
            {"day": "2026-01-02", "who": "support_lead", "questions": 1},
        ],
        "examples": [
            {
                **example,
                "verdict": "refuse",
                "code": "boundary.no_entry",
                "where": "line 501",
                "why": (
                    "no entry of `tickets.update` covers these arguments: tickets.update.allow[0]:"
                    " refund 501.00 EUR is above 50.00 EUR; tickets.update.ask[0]: refund 501.00"
                    " EUR is above 500.00 EUR"
                ),
            },
            {
                "verdict": "refuse",
                "tool": "crm.export",
                "code": "boundary.tool_never",
                "where": "line 9",
                "arguments": ["a", "b"],
                "why": "workflow `customer-support` never allows tool `crm.export`",
            },
            *(
                {
                    **example,
                    "verdict": "ask",
                    "code": "boundary.ask",
                    "where": f"line {amount}",
                    "why": asked,
                }
                for amount in (60, 61, 62)
            ),
        ],
    }


def test_several_groups_that_could_answer_are_named_together_and_a_day_where_it_is_known() -> None:
    """A call without a time is decided as of now, and counted for no day."""
    mail = Recorded(
        where="line 1",
        tool="mail.send",
        args={"to": "a@b.example", "template": "ack"},
        inputs=INPUTS,
    )

    assert dict(_replayed([mail]).asks) == {("", "support_agent or support_lead"): 1}
    late = replay([mail], BOUNDARY, now_us=NOON_US + 1000 * DAY_US)
    assert late.verdicts == {Verdict.REFUSE: 1}
    assert replay([_refund(10)], BOUNDARY, now_us=NOON_US + 1000 * DAY_US).verdicts == {
        Verdict.ALLOW: 1
    }


def test_a_call_is_taken_to_come_from_who_may_ask() -> None:
    """Any role of the boundary where none was recorded, its own agent, and somebody."""
    as_lead, as_first = _refund(10, role="support_lead"), _refund(10)

    assert decided(as_first, BOUNDARY).verdict is Verdict.ALLOW
    assert decided(as_lead, BOUNDARY).verdict is Verdict.ALLOW
    assert decided(_refund(10, agent="support-bot"), BOUNDARY).verdict is Verdict.ALLOW
    other = decided(_refund(10, agent="other-bot"), BOUNDARY)
    assert [floor.code for floor in other.floors if floor.verdict is Verdict.REFUSE] == [
        "boundary.agent"
    ]
    alone = replace(BOUNDARY, workflow=replace(BOUNDARY.workflow, users=("support_lead",)))
    assert decided(as_first, alone).verdict is Verdict.ALLOW
    nobody = replace(BOUNDARY, workflow=replace(BOUNDARY.workflow, users=()))
    assert decided(as_first, nobody).verdict is Verdict.REFUSE


def test_any_arguments_fit_a_tool_whose_definition_is_not_known() -> None:
    """What the boundary says of them counts alone; another tool's line changes nothing."""
    free = Recorded(
        where="line 1", tool="crm.get_contact", args={"contact_id": "C1"}, at_us=NOON_US
    )

    assert decided(replace(free, inputs=INPUTS), BOUNDARY).verdict is Verdict.ALLOW
    assert decided(replace(free, inputs={"contact_id": "C2"}), BOUNDARY).verdict is Verdict.REFUSE
    going = Replay(BOUNDARY)
    going.add(replace(free, inputs=INPUTS))
    assert going.tally.verdicts == {Verdict.ALLOW: 1}
    old = Replay(BOUNDARY, now_us=NOON_US + 1000 * DAY_US)
    old.add(replace(free, inputs=INPUTS, at_us=0))
    assert old.tally.verdicts == {Verdict.REFUSE: 1}


def test_calls_in_turn_count_unless_they_are_refused() -> None:
    """A question may be answered yes, so it counts; each call says what it uses."""
    asked = [_refund(60, task="t")] * 24
    refused = [_refund(501, task="t")] * 3
    found = list(in_turn([*asked, *refused, *asked[:2]], BOUNDARY))

    assert [decision.verdict for decision, _ in found] == [
        *[Verdict.ASK] * 24,
        *[Verdict.REFUSE] * 3,
        Verdict.ASK,
        Verdict.REFUSE,
    ]
    assert [floor.code for floor in found[-1][0].floors if floor.verdict is Verdict.REFUSE] == [
        "limit.reached"
    ]
    assert {(one.counter, one.at_most, one.amount) for _, taken in found for one in taken} == {
        ("task:t:call", 25, 1)
    }


def test_calls_of_no_task_are_taken_to_be_of_one() -> None:
    """Its limits count over all of them."""
    (found,) = in_turn([_refund(10)], BOUNDARY)

    assert [one.counter for one in found[1]] == ["task:replay:call"]


def test_limits_by_the_hour_are_counted_at_the_time_of_each_call() -> None:
    """Twenty mails an hour, of which the recording has some in the next one."""
    mail = Recorded(
        where="line 1",
        tool="mail.send",
        args={"to": "a@b.example", "template": "ack"},
        inputs=INPUTS,
    )
    times = [NOON_US] * 21 + [NOON_US + 3600 * SECOND_US]
    calls = [replace(mail, at_us=at_us, task=f"t{n}") for n, at_us in enumerate(times)]

    verdicts = [decision.verdict for decision, _ in in_turn(calls, BOUNDARY)]
    assert verdicts == [*[Verdict.ASK] * 20, Verdict.REFUSE, Verdict.ASK]
