"""Questions in the middle of a call, in the stateless era: asked, answered once, and kept whole."""

from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from sallyport.doors.mcp import labels
from sallyport.rules.asking import WITHIN_S
from sallyport.rules.times import SECOND_US
from tests.integration.mcp.asking_system import NAME, Asker
from tests.integration.mcp.house_fixture import Kit
from tests.integration.mcp.stateless_agent import (
    ANSWER,
    FILLS_FORMS,
    PREFIX,
    Agent,
    agent_of,
    asking_house,
)

pytestmark = pytest.mark.anyio

STATE = "mcp.request_state"

LABELLED = labels.question(NAME, "asker")


@pytest.fixture
def system() -> Asker:
    """Return a system of its own for each test."""
    return Asker()


@pytest.fixture
async def kit(tmp_path: Path, system: Asker) -> AsyncGenerator[Kit]:
    """Return a house of its own for each test."""
    async with asking_house(tmp_path, system) as kit:
        yield kit


@pytest.fixture
async def agent(kit: Kit) -> AsyncGenerator[Agent]:
    """Return an agent whose client fills in forms."""
    async with agent_of(kit, await kit.task_token({})) as agent:
        yield agent.able(FILLS_FORMS)


def said(result: Mapping[str, Any]) -> str:
    """Return the first text of a result."""
    text: str = result["content"][0]["text"]
    return text


async def test_a_question_of_the_system_reaches_the_client_and_its_answer_the_system(
    agent: Agent, system: Asker
) -> None:
    """The question with who asks it, state that says nothing, and then the result."""
    asked = await agent.call("greet")
    done = await agent.back(asked, "greet", inputResponses=ANSWER)

    assert asked["resultType"] == "input_required"
    assert asked["inputRequests"] == {"who": LABELLED}
    assert "s-1" not in asked["requestState"]
    assert asked["_meta"]["io.sallyport/call"]["ending"] == "asked"
    assert done["resultType"] == "complete"
    assert said(done) == "Hello, Ada!"
    assert [one.answers for one in system.seen] == [{}, ANSWER]


async def test_a_client_that_declares_nothing_is_not_asked(agent: Agent, system: Asker) -> None:
    """And the system was not told that anybody could be."""
    result = await agent.able({}).call("greet")

    assert said(result) == "Hello, whoever you are!"
    assert system.seen[0].abilities == frozenset()


async def test_a_prompt_may_ask_too(agent: Agent) -> None:
    """The other methods that may are the same to the gateway."""
    asked = await agent.result("prompts/get", {"name": "greeting"})
    again = {
        "name": "greeting",
        "requestState": asked["requestState"],
        "inputResponses": ANSWER,
    }
    done = await agent.result("prompts/get", again)

    assert asked["inputRequests"] == {"who": LABELLED}
    assert done["messages"][0]["content"]["text"] == "Hello, Ada!"


async def test_what_is_left_out_is_asked_again_and_nothing_happens(
    agent: Agent, system: Asker
) -> None:
    """A retry without the answer brings the question again; what was not asked is not passed on."""
    asked = await agent.call("greet")
    again = await agent.back(asked, "greet", inputResponses={"other": {"action": "accept"}})
    done = await agent.back(again, "greet", inputResponses={**ANSWER, "other": {"x": 1}})

    assert again["inputRequests"] == asked["inputRequests"]
    assert said(done) == "Hello, Ada!"
    assert [one.answers for one in system.seen] == [{}, ANSWER]


async def test_state_is_good_once(agent: Agent, system: Asker) -> None:
    """Bringing it back a second time, with another answer, reaches nobody."""
    asked = await agent.call("greet")
    await agent.back(asked, "greet", inputResponses=ANSWER)
    other = {"who": {"action": "accept", "content": {"name": "Eve"}}}
    again = await agent.back(asked, "greet", inputResponses=other)

    assert again["isError"] is True
    assert "answered already" in said(again)
    assert len(system.seen) == 2


def _changed(state: str) -> dict[str, Any]:
    return {"requestState": f"{state[:-2]}AA", "inputResponses": ANSWER}


BAD: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "changed": _changed,
    "cut short": lambda state: {"requestState": state[:-8], "inputResponses": ANSWER},
    "made up": lambda _: {"requestState": "AAAA", "inputResponses": ANSWER},
    "not base64": lambda _: {"requestState": "é\n", "inputResponses": ANSWER},
    "far too long": lambda _: {"requestState": "A" * 10_000, "inputResponses": ANSWER},
    "empty": lambda _: {"requestState": "", "inputResponses": ANSWER},
    "of other arguments": lambda state: {
        "requestState": state,
        "inputResponses": ANSWER,
        "arguments": {"title": "Dr"},
    },
    "of another tool": lambda state: {
        "requestState": state,
        "inputResponses": ANSWER,
        "name": "change",
        "arguments": {"id": "R-1"},
    },
}


@pytest.mark.parametrize("how", BAD)
async def test_bad_state_is_an_error_and_nothing_happens(
    agent: Agent, system: Asker, how: str
) -> None:
    """Whoever made it up, changed it, or brings it to another request."""
    asked = await agent.call("greet")
    params: dict[str, Any] = {"name": "greet", "arguments": {}, **BAD[how](asked["requestState"])}
    found = await agent.error("tools/call", params)

    assert found == (400, -32602, STATE)
    assert len(system.seen) == 1


@pytest.mark.parametrize(
    "brought",
    [
        {"inputResponses": ANSWER},
        {"requestState": 7, "inputResponses": ANSWER},
        {"requestState": None},
        {"requestState": "AAAA", "inputResponses": [1]},
        {"requestState": "AAAA", "inputResponses": None},
        {"requestState": "AAAA", "inputResponses": {"who": 12345}},
    ],
)
async def test_answers_to_nothing_are_an_error_and_nothing_happens(
    agent: Agent, system: Asker, brought: Mapping[str, Any]
) -> None:
    """Answers without the state of what was asked, or that are no answers."""
    found = await agent.error("tools/call", {"name": "greet", "arguments": {}, **brought})

    assert found == (400, -32602, "rpc.params")
    assert system.seen == []


async def test_a_list_is_never_asked_for_anything(agent: Agent) -> None:
    """So nothing can be brought back to one."""
    found = await agent.error("resources/list", {"requestState": "AAAA"})

    assert found == (400, -32602, "rpc.params")


async def test_state_of_another_principal_is_as_good_as_made_up(
    kit: Kit, agent: Agent, system: Asker
) -> None:
    """The same agent in another task, and by its own key."""
    asked = await agent.call("greet")
    params: dict[str, Any] = {
        "name": "greet",
        "arguments": {},
        "requestState": asked["requestState"],
        "inputResponses": ANSWER,
    }
    for token in (await kit.task_token({}), await kit.agent_token()):
        async with agent_of(kit, token) as other:
            found = await other.able(FILLS_FORMS).error("tools/call", params)
        assert found == (400, -32602, STATE)

    assert len(system.seen) == 1


async def test_state_grows_old(kit: Kit, agent: Agent, system: Asker) -> None:
    """After the time within which a question can be answered it is worth nothing."""
    asked = await agent.call("greet")
    kit.clock.ahead_us += (WITHIN_S + 1) * SECOND_US
    params: dict[str, Any] = {
        "name": "greet",
        "arguments": {},
        "requestState": asked["requestState"],
        "inputResponses": ANSWER,
    }
    found = await agent.error("tools/call", params)

    assert found == (400, -32602, STATE)
    assert len(system.seen) == 1


async def test_a_question_outlives_a_restart(tmp_path: Path, system: Asker) -> None:
    """Neither state nor question is held in memory."""
    async with asking_house(tmp_path, system) as kit:
        token = await kit.task_token({})
        async with agent_of(kit, token) as agent:
            asked = await agent.able(FILLS_FORMS).call("greet")
    async with asking_house(tmp_path, system) as kit, agent_of(kit, token) as agent:
        done = await agent.able(FILLS_FORMS).back(asked, "greet", inputResponses=ANSWER)

    assert said(done) == "Hello, Ada!"


async def test_progress_and_log_messages_come_before_the_result(agent: Agent) -> None:
    """Under the client's own token, and from the level on that this request names."""
    able = agent.able({}, progressToken="mine", **{f"{PREFIX}logLevel": "info"})
    params: dict[str, Any] = {"name": "greet", "arguments": {}}
    with anyio.fail_after(20):
        answer = await able.send("tools/call", params, Accept="application/json, text/event-stream")

    assert answer.headers["content-type"] == "text/event-stream"
    assert '"progressToken":"mine"' in answer.text
    assert '"half"' in answer.text
    assert '"at work"' in answer.text
    assert "too much" not in answer.text
    assert answer.text.index("at work") < answer.text.index("whoever you are")


async def test_who_wants_to_hear_nothing_hears_nothing(agent: Agent) -> None:
    """One answer, as JSON, though a stream would have been taken."""
    params: dict[str, Any] = {"name": "greet", "arguments": {}}
    answer = await agent.able({}).send(
        "tools/call", params, Accept="application/json, text/event-stream"
    )

    assert answer.headers["content-type"] == "application/json"


async def test_a_level_that_there_is_not_is_an_error(agent: Agent, system: Asker) -> None:
    """Before anything is proposed."""
    able = agent.able({}, **{f"{PREFIX}logLevel": "loud"})
    found = await able.error("tools/call", {"name": "greet", "arguments": {}})

    assert found == (400, -32602, "rpc.params")
    assert system.seen == []
