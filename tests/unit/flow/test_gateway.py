"""The governed path as a whole: what was not granted reaches no system, and all is on record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import (
    InvariantError,
    StoreError,
    UpstreamDownError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.model import (
    ActionState,
    ApprovalState,
    Ending,
    Json,
    JsonObject,
    Level,
    Stage,
    Verdict,
)
from sallyport.rules import canonical
from sallyport.rules.commands import Ended
from sallyport.rules.trace import Heard
from sallyport.simulate import scenery
from tests.requirements import requirement
from tests.unit.flow.room import Room, refusals

TOOLS = (*scenery.LEVELS, "mail.forward", "shell.run", "")
STRANGERS = ("helper", "clerk", "novice", "stray", "nobody")
REQUESTERS = ("rita", "lea", "sam", "lou", "pat", "kim", "nobody")
WORDS: dict[str, st.SearchStrategy[Json]] = {
    "ticket": st.sampled_from(("T1", "T2", "T3", "", 1, None)),
    "q": st.sampled_from(("how", 7)),
    "text": st.just("hello"),
    "refund": st.sampled_from((10, 60, 501, Decimal("0.5"), "50", True)),
    "amount": st.sampled_from((10, 60, "50")),
    "to": st.sampled_from(("ann@example.com", "eve@example.net")),
    "all": st.just(True),
}
GRANTED: dict[str, JsonObject] = {
    "kb.search": {"q": "how"},
    "tickets.read": {"ticket": "T1"},
    "tickets.note": {"ticket": "T1", "text": "hello"},
    "tickets.update": {"ticket": "T1", "refund": 10},
}
NAMED: dict[str, tuple[str, ...]] = {
    "kb.search": ("q",),
    "tickets.read": ("ticket",),
    "tickets.note": ("ticket", "text"),
    "tickets.update": ("ticket", "refund"),
    "tickets.close": ("ticket",),
    "billing.charge": ("amount",),
    "mail.send": ("to",),
}


@st.composite
def near_misses(draw: st.DrawFn) -> tuple[str, str, str, JsonObject]:
    """Return an agent, a person, a tool and arguments, often just beside what is granted."""
    agent = draw(st.sampled_from(("helper", "helper", *STRANGERS)))
    person = draw(st.sampled_from(("rita", "rita", *REQUESTERS)))
    tool = draw(st.sampled_from(TOOLS) | st.text(max_size=8))
    args = {name: draw(WORDS[name]) for name in NAMED.get(tool, ())}
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(WORDS)))
        if name in args:
            del args[name]
        else:
            args[name] = draw(WORDS[name])
    return agent, person, tool, args


def _is_granted(agent: str, person: str, tool: str, args: JsonObject) -> bool:
    """Say in plain words what version 0 of `support` grants; whatever is not here is not granted.

    The agent `helper`, for staff: searching, reading, charging and mail; notes, updates and closing
    on the task's own ticket, refunds up to 500.
    """
    if agent != "helper" or person != "rita" or set(args) != set(NAMED.get(tool, ("none",))):
        return False
    if tool.startswith("tickets.") and tool != "tickets.read" and args["ticket"] != "T1":
        return False
    amount = args.get("refund", args.get("amount", 0))
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)):
        return False
    return amount <= 500 or "refund" not in args


@requirement("A-05")
@given(near_misses())
def test_what_is_not_granted_is_refused_and_reaches_no_system(
    proposed: tuple[str, str, str, JsonObject],
) -> None:
    """Any agent, person, tool and arguments outside the grant: refused, and nothing leaves."""
    agent, person, tool, args = proposed
    room = Room()
    granted = _is_granted(agent, person, tool, args)
    ended = room.propose(room.task(agent=agent, requester=person), tool, args)

    if not granted:
        assert ended.ending is Ending.REFUSED
        assert refusals(ended)
        assert room.sent == []
    else:
        assert ended.ending in {Ending.DONE, Ending.WAITING}


@pytest.mark.parametrize("tool", GRANTED)
def test_what_is_granted_is_done(tool: str) -> None:
    """The property above would hold of a gateway that refuses everything."""
    room = Room()
    ended = room.propose(room.task(), tool, GRANTED[tool])

    assert _is_granted("helper", "rita", tool, GRANTED[tool])
    assert ended.ending is Ending.DONE
    assert room.sent[-1] == tool


@requirement("B-12")
@pytest.mark.parametrize("tool", ["mail.send", "mail.forward", "kb.Search", "", "tickets"])
def test_a_tool_outside_the_task_is_refused_without_touching_a_system(tool: str) -> None:
    """A tool that the system has and this version leaves out, tools of nobody, misspelled ones."""
    room = Room()
    room.gateway.registry.active["support"] = "support-v2"
    task = room.task(boundary="support-v2")
    ended = room.propose(task, tool, {"to": "ann@example.com"})

    assert "boundary.tool_not_declared" in refusals(ended)
    assert ended.ending is Ending.REFUSED
    assert room.sent == []


def _writes() -> list[tuple[str, str, JsonObject]]:
    return [
        ("support", "tickets.update", {"ticket": "T1", "refund": 60}),
        ("support", "mail.send", {"to": "ann@example.com"}),
        ("billing", "billing.charge", {"amount": 60}),
    ]


def _effects(room: Room) -> list[str]:
    """Return what left beyond the gateway's own reads."""
    return [tool for tool in room.sent if scenery.LEVELS[tool] is not Level.READ]


def _args_that_ask(tool: str) -> tuple[str, JsonObject]:
    """Return a workflow and arguments with which a tool that changes something is declared."""
    rule_of = {
        name: (workflow, rule)
        for workflow in ("support", "billing")
        for name, rule in scenery.boundary(workflow, 0).workflow.tools.items()
    }
    workflow, rule = rule_of[tool]
    names = {*rule.only, *(name for entry in (*rule.allow, *rule.ask) for name in entry.args)}
    values: dict[str, Json] = {"ticket": "T1", "text": "hello", "refund": 60, "amount": 60}
    values["to"] = "ann@example.com"
    return workflow, {name: values[name] for name in sorted(names)}


WRITES = [tool for tool, level in scenery.LEVELS.items() if level is not Level.READ]


@requirement("B-14")
@pytest.mark.parametrize("tool", WRITES)
def test_no_write_is_executed_without_its_approval(tool: str) -> None:
    """Each tool that changes something, where the verdict is *ask*, waits with a question.

    Influence makes every one of them ask, also those that a boundary would allow.
    """
    room = Room()
    room.gateway.registry.influenced.add("helper/run-1")
    room.gateway.registry.influenced.add("clerk/run-1")
    workflow, args = _args_that_ask(tool)
    ended = room.propose(room.task(workflow), tool, args)

    assert ended.ending is Ending.WAITING
    assert ended.approval is not None
    assert ended.approval.state is ApprovalState.WAITING
    assert _effects(room) == []


@requirement("B-14")
@pytest.mark.parametrize("tool", WRITES)
def test_a_write_goes_out_once_after_the_yes_and_never_after_the_no(tool: str) -> None:
    """The yes of somebody who may; the same question answered with no ends refused."""
    for yes in (True, False):
        room = Room()
        room.gateway.registry.influenced |= {"helper/run-1", "clerk/run-1"}
        workflow, args = _args_that_ask(tool)
        ended = room.propose(room.task(workflow), tool, args)
        room.answer(ended, "lea", yes=yes)
        room.follow()

        assert _effects(room) == ([tool] if yes else [])


@requirement("B-03")
def test_every_entry_about_an_agents_call_names_it_as_an_actor_with_its_run() -> None:
    """Allowed, asked, drafted, refused: actor type, agent and instance stand in each decision."""
    room = Room()
    for workflow in scenery.WORKFLOWS:
        task = room.task(workflow)
        for tool, args in (*GRANTED.items(), *((tool, args) for _, tool, args in _writes())):
            room.propose(task, tool, args)
    decided = room.heard(kind="call.decided")
    proposed = [entry for entry in decided if entry.body["origin"] == "agent"]

    assert len(proposed) == 3 * 7
    for entry in proposed:
        assert entry.body["actor"] == {
            "type": "agent",
            "agent": scenery.WORKFLOWS[str(entry.body["workflow"])],
            "instance": "run-1",
        }


def test_the_gateways_own_reads_are_on_record_as_the_gateways() -> None:
    """A look-up names the gateway as actor, and the call it was for."""
    room = Room()
    ended = room.propose(room.task(), "tickets.update", GRANTED["tickets.update"])
    reads = [e for e in room.heard(kind="call.decided") if e.body["origin"] == "gateway"]

    assert len(reads) == 2
    for entry in reads:
        actor = entry.body["actor"]
        assert isinstance(actor, dict)
        assert (actor["type"], entry.body["parent"]) == ("gateway", ended.call.id)


def _every_ending() -> tuple[Room, list[Ended]]:
    room = Room()
    task = room.task()
    ends = [
        room.propose(task, "kb.search", {"q": "how"}),
        room.propose(task, "tickets.update", {"ticket": "T1", "refund": 60}),
        room.propose(task, "shell.run", {"all": True}),
        room.propose(room.task("trial"), "tickets.note", {"ticket": "T1", "text": "hello"}),
    ]
    return room, ends


@requirement("B-21")
@requirement("B-23")
def test_every_trace_has_eight_steps_and_its_snapshot_recomputes() -> None:
    """For each ending, the sealed snapshot gives the digest that stands in clear."""
    room, ends = _every_ending()

    for ended in ends:
        trace = room.run(room.reading.trace(ended.call.id))
        seen = trace.context.facts["seen"]

        assert len(trace.steps) == 8
        assert canonical.digest("context", seen) == trace.context.facts["context"]
        assert seen != {}


@requirement("B-23")
def test_the_snapshot_settles_roles_state_task_and_boundary() -> None:
    """What was looked at: who, with which roles, in which task, under which versions."""
    room, ends = _every_ending()
    seen = room.run(room.reading.trace(ends[0].call.id)).context.facts["seen"]

    assert isinstance(seen, dict)
    assert seen["roles"] == ["lead", "staff"]
    assert seen["boundaries"] == ["support-v0"]
    assert (seen["stage"], seen["inputs"]) == ("live", {"ticket": "T1"})


@requirement("B-27")
def test_a_call_ends_as_done_drafted_refused_or_waiting() -> None:
    """Run, drafted, blocked or escalated; and the ledger says the same."""
    room, ends = _every_ending()
    endings = [ended.ending for ended in ends]

    assert endings == [Ending.DONE, Ending.WAITING, Ending.REFUSED, Ending.DRAFT]
    for ended in ends:
        row = next(r for r in room.store.committed_rows("calls") if r["id"] == ended.call.id)
        assert row["ending"] == ended.ending.value


@requirement("B-107")
def test_a_refused_proposal_is_on_record_with_its_tool() -> None:
    """Also one of a tool that nobody declared."""
    room = Room()
    ended = room.propose(room.task(), "shell.run", {"all": True})
    entries = room.heard(call=ended.call.id)

    assert [entry.kind for entry in entries] == ["call.decided"]
    assert entries[0].body["tool"] == "shell.run"
    assert entries[0].body["verdict"] == "refuse"
    assert entries[0].body["arguments"] == ["all"]


@requirement("B-110")
def test_findings_are_on_record_for_permitted_calls_too() -> None:
    """An allowed call names what allowed it; an eased one what it was eased from."""
    room, ends = _every_ending()
    decided = {entry.body["call"]: entry for entry in room.heard(kind="call.decided")}
    read = decided[ends[0].call.id]

    assert read.body["floors"] == ["allow level.default"]
    assert read.secret is not None
    assert read.secret["sentences"] == ["level read is allowed by default"]
    assert all(entry.body["floors"] for entry in decided.values())


def test_a_stop_before_the_first_byte_keeps_the_call_in() -> None:
    """The fence closes between intent and wire: nothing leaves, and the asker is told why."""
    room = Room()
    room.upstreams.before = lambda: void(room.gateway.fences.close(("agent:helper",)))
    ended = room.propose(room.task(), "kb.search", {"q": "how"})

    assert ended.ending is Ending.REFUSED
    assert refusals(ended) == ["fence.closed"]
    assert room.sent == []
    assert room.gateway.dispatcher.on_wire() == ()


def void(_: object) -> None:
    """Drop a value."""


def test_a_stop_file_at_the_first_byte_keeps_the_call_in() -> None:
    """The file is looked at there, too."""
    room = Room()
    room.upstreams.before = lambda: room.stop_file.write(("workflow:support",))
    ended = room.propose(room.task(), "kb.search", {"q": "how"})

    assert refusals(ended) == ["stop.file"]
    assert room.sent == []


def test_without_the_store_nothing_is_done() -> None:
    """The entry before the effect could not be written: no effect, and the claim is given back."""
    room = Room()
    room.failing = True
    with pytest.raises(StoreError):
        room.propose(room.task(), "kb.search", {"q": "how"})

    assert room.sent == []
    assert not room.gateway.registry.held


def test_an_outcome_that_could_not_be_written_keeps_its_claim() -> None:
    """The call left: an identical proposal must not do it a second time."""
    room = Room()
    task = room.task()
    args: JsonObject = {"ticket": "T1", "text": "hello"}
    room.upstreams.before = lambda: setattr(room, "failing", True)
    with pytest.raises(StoreError):
        room.propose(task, "tickets.note", args)
    room.failing = False
    again = room.propose(task, "tickets.note", args)

    assert room.sent == ["tickets.note"]
    assert again.taken_up


def test_an_identical_proposal_finds_the_one_that_waits() -> None:
    """Same task, tool and arguments: the same call. Other arguments are another one."""
    room = Room()
    task = room.task()
    args: JsonObject = {"ticket": "T1", "refund": 60}
    first, second = (room.propose(task, "tickets.update", args) for _ in range(2))
    other = room.propose(task, "tickets.update", {"ticket": "T1", "refund": 61})
    elsewhere = room.propose(room.task(), "tickets.update", args)

    assert (second.call.id, second.taken_up) == (first.call.id, True)
    assert not other.taken_up
    assert not elsewhere.taken_up


@pytest.mark.parametrize(
    "trouble, ending, action",
    [
        (UpstreamLostError("gone"), Ending.WAITING, ActionState.IN_DOUBT),
        (UpstreamProtocolError("nonsense"), Ending.WAITING, ActionState.IN_DOUBT),
    ],
    ids=["lost", "nonsense"],
)
def test_a_write_without_a_usable_answer_is_in_doubt(
    trouble: UpstreamLostError, ending: Ending, action: ActionState
) -> None:
    """Also where something came back that is no answer to this request."""
    room = Room()
    room.upstreams.trouble = trouble
    ended = room.propose(room.task(), "tickets.note", GRANTED["tickets.note"])

    assert (ended.ending, ended.action) == (ending, action)
    assert ended.doubt


def test_a_system_that_is_down_refuses_the_call() -> None:
    """Nothing was sent, so the call is over and may be repeated."""
    room = Room()

    def refuse() -> None:
        raise UpstreamDownError("system `kb` refused the connection")

    room.upstreams.before = refuse
    task = room.task()
    ended = room.propose(task, "kb.search", {"q": "how"})

    assert refusals(ended) == ["upstream.down"]
    assert not room.propose(task, "kb.search", {"q": "how"}).taken_up


def test_a_broken_invariant_pauses_the_agent() -> None:
    """Refused, and a switch on the agent that is on record."""
    room = Room()

    def breaks() -> None:
        raise InvariantError("planted")

    room.upstreams.before = breaks
    task = room.task()
    with pytest.raises(InvariantError):
        room.propose(task, "kb.search", {"q": "how"})
    room.upstreams.before = lambda: None
    ended = room.propose(task, "tickets.read", {"ticket": "T1"})

    assert "switch.stop" in refusals(ended)
    assert room.kinds().count("switch.set") == 1
    assert room.sent == []


def test_influence_follows_the_run_across_tasks_and_a_restart() -> None:
    """A read makes the run influenced; a new task of the run asks, another run does not."""
    room = Room()
    room.propose(room.task(), "kb.search", {"q": "how"})
    args = GRANTED["tickets.note"]
    same = room.propose(room.task(), "tickets.note", args)
    room.start()
    later = room.propose(room.task(), "tickets.note", args)
    other = room.propose(room.task(instance="run-2"), "tickets.note", args)

    assert (same.ending, later.ending, other.ending) == (
        Ending.WAITING,
        Ending.WAITING,
        Ending.DONE,
    )


def test_limits_hold_across_calls() -> None:
    """As many calls as the boundary says, and no more; a refused one uses nothing."""
    room = Room()
    task = room.task()
    limit = scenery.boundary("support", 0).workflow.limits[0]
    ends = [
        room.propose(task, "kb.search", {"q": f"how {n}"}).ending for n in range(limit.at_most + 2)
    ]

    assert ends == [Ending.DONE] * limit.at_most + [Ending.REFUSED] * 2


def test_the_stage_is_looked_at_anew_after_the_yes() -> None:
    """An agent that was set back to *draft* while its call waited does nothing."""
    room = Room()
    ended = room.propose(room.task(), "tickets.update", {"ticket": "T1", "refund": 60})
    agents = room.gateway.registry.agents
    agents["helper"] = replace(agents["helper"], stage=Stage.DRAFT)
    room.answer(ended, "lea", yes=True)
    (after,) = room.follow()

    assert isinstance(after, Ended)
    assert after.ending is Ending.REFUSED
    assert _effects(room) == []


def test_a_trace_of_an_approved_call_tells_the_whole_story() -> None:
    """Asked, answered, decided again, done: in the words of the eight steps."""
    room = Room()
    ended = room.propose(room.task(), "tickets.update", {"ticket": "T1", "refund": 60})
    room.answer(ended, "lea", yes=True)
    room.follow()
    trace = room.run(room.reading.trace(ended.call.id))
    heard: list[Heard] = list(room.heard(call=ended.call.id))

    assert [entry.kind for entry in heard] == [
        "call.decided",
        "approval.asked",
        "approval.answered",
        "call.decided_again",
        "call.intended",
        "call.concluded",
        "influence.entered",
    ][: len(heard)]
    assert trace.approval.said == "lea said yes"
    assert trace.validation.facts["verdict"] == Verdict.ALLOW.name.lower()
    assert trace.action.said == "done"
