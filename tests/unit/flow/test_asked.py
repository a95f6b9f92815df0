"""Calls whose system asks before it goes on: from the question to the answer, on the real flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import UpstreamDownError
from sallyport.flow.recovery import recover
from sallyport.flow.runs import Asker
from sallyport.model import Ability, ActionState, Asks, Ending, JsonObject, Task
from sallyport.ports import Hear, Launch, Outbound, Reply
from sallyport.rules import asking
from sallyport.rules.commands import Ended
from sallyport.rules.steps import close_asked
from sallyport.simulate.schedule import Until
from tests.unit.flow.room import Recorder, Room, refusals

FORM: JsonObject = {"method": "elicitation/create", "params": {"message": "which?"}}
ROOTS: JsonObject = {"method": "roots/list"}
ANSWER: JsonObject = {"q": {"action": "accept", "content": {"name": "x"}}}


class Asking(Recorder):
    """Systems that ask once for each call, and answer whoever answers."""

    def __init__(self, request: JsonObject = FORM, *, held_open: bool = False) -> None:
        super().__init__()
        self.asks = Asks(requests={"q": request}, state="handle", open=held_open)
        self.says: tuple[str, JsonObject] | None = None
        self.knows = False

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Ask, unless this is the answer."""
        await Until()
        if outbound.answers and outbound.state != "handle":
            raise UpstreamDownError("it waits no more")
        launch()
        self.sent.append(outbound)
        if hear is not None and self.says is not None:
            hear(*self.says)
        if outbound.answers or not outbound.abilities or self.knows:
            return Reply(result=self.answer)
        return Reply(result=None, asks=self.asks)


def _room(upstreams: Recorder, *, tool: str = "kb.search", level: Any = None) -> Room:
    room = Room()
    room.upstreams = upstreams
    room.start()
    bound = room.gateway.registry.boundaries["support-v0"]
    rule = replace(bound.workflow.tools[tool], may_ask=frozenset({Ability.FORM}))
    if level is not None:
        rule = replace(rule, level=level)
    tools = {**bound.workflow.tools, tool: rule}
    workflow = replace(bound.workflow, tools=tools)
    room.gateway.registry.boundaries["support-v0"] = replace(bound, workflow=workflow)
    return room


def _asked(room: Room, task: Task, **more: Any) -> Ended:
    fields = {"declared": frozenset({"form"}), **more}
    return room.propose(task, "kb.search", {"q": "how"}, **fields)


def _answered(room: Room, task: Task, first: Ended, answers: JsonObject = ANSWER) -> Ended:
    return _asked(room, task, parent=first.call.id, answers=answers)


def test_what_a_system_asks_comes_back_and_its_answer_is_a_call_of_its_own() -> None:
    """Two calls in the ledger, two requests out, and the result is the second's."""
    room = _room(Asking())
    task = room.task()
    first = _asked(room, task)
    second = _answered(room, task, first)

    assert (first.ending, first.action) == (Ending.ASKED, ActionState.FAILED)
    assert first.asks == Asks(requests={"q": FORM}, state="handle")
    assert (second.ending, second.action) == (Ending.DONE, ActionState.DONE)
    assert second.call.digest != first.call.digest
    last = room.upstreams.sent[-1]
    assert (last.answers, last.state) == (ANSWER, "handle")
    assert room.run(room.inbox.call(first.call.id)).ending is Ending.ANSWERED


def test_a_question_is_answered_once() -> None:
    """The second answer finds it closed, and nothing leaves."""
    room = _room(Asking())
    task = room.task()
    first = _asked(room, task)
    _answered(room, task, first)
    sent = len(room.sent)
    again = _answered(room, task, first, {"q": {"action": "decline"}})

    assert refusals(again) == ["answer.used"]
    assert len(room.sent) == sent


def test_nobody_answers_in_another_task() -> None:
    """Whoever guesses a call's id has nothing of it."""
    room = _room(Asking())
    first = _asked(room, room.task())
    other = _answered(room, room.task(instance="run-2"), first)

    assert refusals(other) == ["answer.unasked"]


@pytest.mark.parametrize("declared", [frozenset[str](), frozenset({"roots"})])
def test_a_system_is_told_that_nobody_can_be_asked(declared: frozenset[str]) -> None:
    """Where the agent declared nothing, or something else, it is offered nothing."""
    room = _room(Asking())
    ended = _asked(room, room.task(), declared=declared)

    assert ended.ending is Ending.DONE
    assert room.upstreams.sent[0].abilities == frozenset()


def test_a_system_that_asks_for_more_than_it_was_offered_is_not_passed_on() -> None:
    """A read ends as an error; the agent sees no question."""
    room = _room(Asking(ROOTS))
    ended = _asked(room, room.task())

    assert ended.asks is None
    assert ended.error is not None
    assert "never offered" in str(ended.error["message"])


def test_a_question_is_text_from_outside() -> None:
    """It leaves the label like any answer."""
    room = _room(Asking())
    _asked(room, room.task())

    assert room.gateway.registry.influenced


def test_what_is_said_meanwhile_is_labelled_before_it_is_heard() -> None:
    """Progress and log messages are text from outside too."""
    upstreams = Asking()
    upstreams.says = ("notifications/message", {"data": "half way"})
    room = _room(upstreams)
    heard: list[tuple[str, bool]] = []
    asker = Asker(
        hear=lambda method, _: heard.append((method, bool(room.gateway.registry.influenced)))
    )
    proposal = _asked(room, room.task()).call.proposal
    room.gateway.registry.influenced.clear()
    room.run(room.gateway.propose(replace(proposal, call_id="c-second", args={"q": "b"}), asker))

    assert heard == [("notifications/message", True)]


def test_after_an_approval_nothing_may_be_asked() -> None:
    """What was approved is what runs."""
    room = _room(Asking(), tool="mail.send")
    task = room.task()
    more: dict[str, Any] = {"declared": frozenset({"form"})}
    asked = room.propose(task, "mail.send", {"to": "ann@example.com"}, **more)
    room.answer(asked, "lea", yes=True)
    room.follow()

    assert [one.abilities for one in room.upstreams.sent] == [frozenset()]


def _too_late(room: Room) -> None:
    room.clock.jump((asking.WITHIN_S + 60) * 1_000_000)
    assert room.run(room.inbox.close_asked()) == 1


def _restarted(room: Room) -> None:
    boundaries = dict(room.gateway.registry.boundaries)
    room.start()
    room.gateway.registry.boundaries.update(boundaries)
    room.run(recover(room.gateway))


@pytest.mark.parametrize("over", [_too_late, _restarted])
def test_a_system_left_waiting_in_mid_work_ends_its_call(over: Callable[[Room], None]) -> None:
    """A read had no effect; the answer that comes then is refused."""
    room = _room(Asking(held_open=True))
    task = room.task()
    first = _asked(room, task)
    assert first.action is ActionState.SENT
    over(room)
    call = room.run(room.inbox.call(first.call.id))
    late = _answered(room, task, first)

    assert (call.ending, call.action) == (Ending.REFUSED, ActionState.FAILED)
    assert "answer.used" in refusals(late)


@pytest.mark.parametrize("stopped", [False, True])
def test_under_a_stop_not_even_a_refusal_leaves(stopped: bool) -> None:
    """The call is closed; its system would otherwise go on working for a stopped agent."""
    room = _room(Asking(held_open=True))
    first = _asked(room, room.task())
    assert first.asks is not None
    if stopped:
        room.run(room.controls.stop("everything", because="tested", by="lea"))
    sent = len(room.sent)
    declined = room.run(room.gateway.decline(first.call, first.asks, Asker()))

    assert len(room.sent) == sent + (not stopped)
    assert (declined.ending is Ending.REFUSED) is stopped
    assert not stopped or "switch.stop" in refusals(declined)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_question_that_ends_late_displaces_no_later_call(restarts: bool) -> None:
    """An identical call acted meanwhile and nobody has heard of it: its repeats are it."""
    upstreams = Asking()
    room = _room(upstreams)
    task = room.task()
    first = _asked(room, task)
    upstreams.knows = True
    again = replace(first.call.proposal, call_id="c-again")
    second = room.run(room.gateway.propose(again, Asker(gone=True)))
    assert (second.ending, second.call.digest) == (Ending.DONE, first.call.digest)
    room.run(room.gateway.finish(close_asked(first.call)))
    if restarts:
        _restarted(room)
    sent = len(room.sent)
    found: list[str] = []
    while room.gateway.registry.held:
        repeat = _asked(room, task)
        assert repeat.taken_up
        found.append(repeat.call.id)
        room.run(room.inbox.delivered(repeat.call))

    assert set(found) == {first.call.id, second.call.id}
    assert len(room.sent) == sent
