"""A system asks in the middle of a call: one form in both eras, over both transports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import UpstreamDownError
from sallyport.model import Ability, Asks, JsonObject, System
from sallyport.ports import NotLaunchedError, Reply
from sallyport.rules.methods import GET_PROMPT
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.everything import WAYS, everything
from tests.integration.upstream.raw import Launches, go, outbound

pytestmark = pytest.mark.anyio

EVERYTHING = frozenset((Ability.FORM, Ability.URL, Ability.SAMPLING, Ability.ROOTS))
NAME: JsonObject = {"action": "accept", "content": {"name": "Alice"}}
SAID: JsonObject = {
    "role": "assistant",
    "content": {"type": "text", "text": "Paris"},
    "model": "m",
    "stopReason": "endTurn",
}
ROOTS: JsonObject = {"roots": [{"uri": "file:///a", "name": "a"}]}
ANSWERS: JsonObject = {
    "elicitation/create": NAME,
    "sampling/createMessage": SAID,
    "roots/list": ROOTS,
}


@pytest.fixture(params=WAYS, scope="module")
def way(request: pytest.FixtureRequest) -> str:
    """Return each way to the server."""
    return str(request.param)


@pytest.fixture(scope="module")
def system(way: str) -> Iterator[System]:
    """Run the server."""
    with everything(way) as found:
        yield found


def asks_of(reply: Reply) -> Asks:
    """Return what was asked in place of an answer."""
    assert reply.asks is not None, reply
    return reply.asks


def text(reply: Reply) -> str:
    """Return the text of a result."""
    assert reply.result is not None, reply
    content: Any = reply.result["content"]
    return str(content[0]["text"])


def answered(asks: Asks) -> JsonObject:
    """Return an answer to each question."""
    methods: Any = {key: one["method"] for key, one in asks.requests.items()}  # type: ignore[index,call-overload]
    return {key: ANSWERS[method] for key, method in methods.items()}


CASES = (
    ("test_input_required_result_elicitation", "Hello, Alice!"),
    ("test_input_required_result_sampling", "Paris"),
    ("test_input_required_result_list_roots", "file:///a"),
    ("test_input_required_result_request_state", "state-ok"),
    ("test_input_required_result_multiple_inputs", "Alice"),
)


@pytest.mark.parametrize("tool, sentence", CASES)
async def test_what_a_system_asks_is_answered_and_the_call_goes_on(
    system: System, gateway: Gateway, tool: str, sentence: str
) -> None:
    """Every kind of question, one at a time or together, until the answer comes."""
    call = outbound(tool, abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        reply = await upstreams.call(call, go)
        rounds = 0
        while reply.asks is not None:
            rounds += 1
            launches = Launches()
            more = replace(call, answers=answered(reply.asks), state=reply.asks.state)
            reply = await upstreams.call(more, launches)
            assert launches.count == 1
    assert sentence in text(reply)
    assert 1 <= rounds <= 3


async def test_only_the_handshake_era_waits_in_the_middle_of_its_work(
    system: System, way: str, gateway: Gateway
) -> None:
    """A system of the stateless era has ended the request; the other one is waiting."""
    call = outbound("test_input_required_result_elicitation", abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        asks = asks_of(await upstreams.call(call, go))
    assert asks.open == ("legacy" in way)
    ((_, question),) = asks.requests.items()
    assert isinstance(question, dict)
    assert question["method"] == "elicitation/create"
    assert "_meta" not in json.dumps(question)


async def test_one_thing_is_asked_after_the_other(system: System, gateway: Gateway) -> None:
    """Each answer leads to the next question, with a state of its own."""
    call = outbound("test_input_required_result_multi_round", abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        first = asks_of(await upstreams.call(call, go))
        named = replace(call, answers=dict.fromkeys(first.requests, NAME), state=first.state)
        second = asks_of(await upstreams.call(named, go))
        color: JsonObject = {"action": "accept", "content": {"color": "red"}}
        colored = replace(call, answers=dict.fromkeys(second.requests, color), state=second.state)
        last = await upstreams.call(colored, go)
    assert text(last) == "Alice likes red"
    assert first.state != second.state


@pytest.mark.parametrize("abilities", [frozenset[str](), frozenset((Ability.ROOTS,))])
async def test_what_was_not_offered_is_not_asked(
    system: System, gateway: Gateway, abilities: frozenset[str]
) -> None:
    """The system sees capabilities without it, and refuses the call by itself."""
    async with gateway(system) as upstreams:
        call = outbound("test_input_required_result_elicitation", abilities=abilities)
        reply = await upstreams.call(call, go)
    assert reply.asks is None
    assert reply.error is not None
    assert reply.error["code"] == -32021


async def test_each_asker_is_offered_what_it_can_be_asked(system: System, gateway: Gateway) -> None:
    """Two calls with different abilities never share what is declared."""
    tool = "test_input_required_result_capabilities"
    async with gateway(system) as upstreams:
        sampled = await upstreams.call(outbound(tool, abilities=frozenset(["sampling"])), go)
        formed = await upstreams.call(outbound(tool, abilities=frozenset(["form"])), go)
        none = await upstreams.call(outbound(tool), go)
    methods: Any = [[*asks_of(one).requests.values()] for one in (sampled, formed)]
    assert [one[0]["method"] for one in methods] == ["sampling/createMessage", "elicitation/create"]
    assert text(none) == "the client can answer nothing"


async def test_a_declined_question_is_an_answer(system: System, gateway: Gateway) -> None:
    """What the person says is what the system hears."""
    call = outbound("test_input_required_result_elicitation", abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        asks = asks_of(await upstreams.call(call, go))
        declined: JsonObject = {key: {"action": "decline"} for key in asks.requests}
        reply = await upstreams.call(replace(call, answers=declined, state=asks.state), go)
    assert text(reply) == "Hello, None!"


async def test_a_prompt_may_ask_too(system: System, gateway: Gateway) -> None:
    """A method that is governed like a tool is gone on with like one."""
    arguments = b'{"name":"test_input_required_result_prompt"}'
    call = outbound(GET_PROMPT, arguments, abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        asks = asks_of(await upstreams.call(call, go))
        answer: JsonObject = {"action": "accept", "content": {"context": "law"}}
        answers: JsonObject = {key: answer for key in asks.requests}  # noqa: C420 - for the type
        reply = await upstreams.call(replace(call, answers=answers, state=asks.state), go)
    assert reply.result is not None
    assert "in the context of law" in json.dumps(reply.result)


async def test_a_fence_that_closed_meanwhile_stops_the_answer(
    system: System, gateway: Gateway
) -> None:
    """The answer is a request like any other: it leaves only through its launch."""
    call = outbound("test_input_required_result_elicitation", abilities=EVERYTHING)

    def refuse() -> None:
        raise NotLaunchedError("stopped")

    async with gateway(system) as upstreams:
        asks = asks_of(await upstreams.call(call, go))
        more = replace(call, answers=answered(asks), state=asks.state)
        with pytest.raises(NotLaunchedError):
            await upstreams.call(more, refuse)


@pytest.mark.parametrize("way", ["http legacy", "stdio legacy"], indirect=True)
@pytest.mark.parametrize(
    "changed", [{"principal": "other"}, {"tool": "greet"}, {"state": "sallyport-held-guessed"}]
)
async def test_a_handle_is_good_for_one_call_of_one_principal(
    system: System, gateway: Gateway, changed: dict[str, Any]
) -> None:
    """Whoever else comes with it is told that nobody waits; its own call can still go on."""
    call = outbound("test_input_required_result_elicitation", abilities=EVERYTHING)
    async with gateway(system) as upstreams:
        asks = asks_of(await upstreams.call(call, go))
        more = replace(call, answers=answered(asks), state=asks.state)
        launches = Launches()
        with pytest.raises(UpstreamDownError):
            await upstreams.call(replace(more, **changed), launches)
        assert launches.count == 0
        assert text(await upstreams.call(more, go)) == "Hello, Alice!"
        with pytest.raises(UpstreamDownError):
            await upstreams.call(more, launches)
    assert launches.count == 0
