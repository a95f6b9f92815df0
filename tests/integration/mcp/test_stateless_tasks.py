"""A call that waits for a person, in the three forms that clients of the stateless era can read."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.rules.times import SECOND_US
from tests.integration.mcp.asking_system import Asker
from tests.integration.mcp.house_fixture import Kit, listening
from tests.integration.mcp.stateless_agent import (
    FILLS_FORMS,
    OPENS_LINKS,
    PREFIX,
    TAKES_TASKS,
    TASKS,
    Agent,
    agent_of,
    asking_house,
    listen,
)

pytestmark = pytest.mark.anyio

META = "io.sallyport/call"
UNKNOWN = (400, -32602, "mcp.unknown_task")
MISSING = (400, -32021, "mcp.missing_capability")


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
    """Return an agent whose client takes tasks."""
    async with agent_of(kit, await kit.task_token({}, lasts_s=7200)) as agent:
        yield agent.able(TAKES_TASKS)


async def over(agent: Agent, task_id: str) -> dict[str, Any]:
    """Return a task once it is over."""
    with anyio.fail_after(20):
        while True:
            found = await agent.result("tasks/get", {"taskId": task_id})
            if found["status"] != "working":
                return found


# --- Which form. ---


@pytest.mark.parametrize(
    "can, form",
    [
        ({**TAKES_TASKS, **OPENS_LINKS}, "task"),
        (TAKES_TASKS, "task"),
        (OPENS_LINKS, "input_required"),
        (FILLS_FORMS, "complete"),
        ({}, "complete"),
        ({"extensions": {TASKS: True}}, "complete"),
        ({"extensions": [TASKS]}, "complete"),
    ],
)
async def test_a_held_call_takes_the_best_form_that_was_declared(
    agent: Agent, system: Asker, can: Mapping[str, Any], form: str
) -> None:
    """A task, else a link, else a text; nothing is decided by it, and nothing has happened."""
    found = await agent.able(can).call("change", id="R-1")

    assert found["resultType"] == form
    assert found["_meta"][META]["ending"] == "waiting"
    assert found["_meta"][META]["verdict"] == "ask"
    assert system.seen == []


async def test_what_nobody_has_to_answer_is_no_task(agent: Agent) -> None:
    """The result comes at once."""
    found = await agent.call("greet")

    assert found["resultType"] == "complete"
    assert "taskId" not in found


# --- Tasks. ---


async def test_a_task_is_working_until_a_person_says_yes_and_then_has_the_result(
    kit: Kit, agent: Agent, system: Asker
) -> None:
    """And it can be looked at again, as often as somebody likes."""
    made = await agent.call("change", id="R-1")
    task = made["taskId"]
    before = await agent.result("tasks/get", {"taskId": task})
    await kit.answer(yes=True)
    done = await over(agent, task)
    again = await agent.result("tasks/get", {"taskId": task})

    assert (made["status"], before["status"], done["status"]) == ("working", "working", "completed")
    assert before["resultType"] == "complete"
    assert "result" not in before
    assert "waits for a yes from support_lead" in before["statusMessage"]
    assert done["result"]["content"][0]["text"] == "changed"
    assert done["result"]["_meta"][META]["id"] == task
    # That it was handed over is noted too, perhaps a second later.
    assert {**again, "lastUpdatedAt": done["lastUpdatedAt"]} == done
    assert len(system.seen) == 1
    for one in (made, before, done):
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", one["createdAt"])
        assert one["createdAt"] <= one["lastUpdatedAt"]
        assert isinstance(one["ttlMs"], int)
        assert one["pollIntervalMs"] > 0


async def test_a_no_is_a_result_that_says_so(kit: Kit, agent: Agent, system: Asker) -> None:
    """As the call itself would have been answered: as a tool's error, and not *failed*."""
    made = await agent.call("change", id="R-1")
    await kit.answer(yes=False)
    found = await over(agent, made["taskId"])

    assert found["status"] == "completed"
    assert found["result"]["isError"] is True
    assert found["result"]["content"][0]["text"].startswith("REFUSED.")
    assert system.seen == []


async def test_silence_is_a_result_that_says_so(kit: Kit, agent: Agent) -> None:
    """Nobody answered in time, while the work that the call belongs to goes on."""
    made = await agent.call("change", id="R-1")
    kit.clock.ahead_us += 3601 * SECOND_US
    await kit.house.inbox.expire()
    found = await agent.result("tasks/get", {"taskId": made["taskId"]})

    assert found["status"] == "completed"
    assert found["result"]["isError"] is True
    assert found["result"]["content"][0]["text"].startswith("NOT DONE. Nobody answered in time")


@pytest.mark.parametrize("how, status", [("tool", "completed"), ("rpc", "failed")])
async def test_an_error_of_the_tool_is_a_result_and_one_of_the_protocol_is_a_failure(
    kit: Kit, agent: Agent, system: Asker, how: str, status: str
) -> None:
    """What the call would have been answered with, in the member for it."""
    system.failing = how
    made = await agent.call("change", id="R-1")
    await kit.answer(yes=True)
    found = await over(agent, made["taskId"])

    assert found["status"] == status
    assert ("result" in found) is (status == "completed")
    if status == "failed":
        assert found["error"]["message"] == "from system `asker`: the job was lost"
    else:
        assert found["result"]["isError"] is True


async def test_cancelling_takes_the_question_back(kit: Kit, agent: Agent, system: Asker) -> None:
    """Acknowledged with nothing in it, again and again; the question is gone from the inbox."""
    made = await agent.call("change", id="R-1")
    ack = await agent.result("tasks/cancel", {"taskId": made["taskId"]})
    again = await agent.result("tasks/cancel", {"taskId": made["taskId"]})
    found = await agent.result("tasks/get", {"taskId": made["taskId"]})

    assert set(ack) == set(again) == {"resultType", "_meta"}
    assert found["status"] == "cancelled"
    assert "result" not in found
    assert [one for one in await kit.house.inbox.items() if one.kind == "question"] == []
    assert system.seen == []


async def test_what_was_approved_is_not_taken_back(kit: Kit, agent: Agent) -> None:
    """Cancelling too late is acknowledged, and the task has its result."""
    made = await agent.call("change", id="R-1")
    await kit.answer(yes=True)
    await over(agent, made["taskId"])
    await agent.result("tasks/cancel", {"taskId": made["taskId"]})
    found = await agent.result("tasks/get", {"taskId": made["taskId"]})

    assert found["status"] == "completed"


async def test_a_task_asks_its_client_nothing(agent: Agent) -> None:
    """Answers are acknowledged and count for nothing: the question is for a person."""
    made = await agent.call("change", id="R-1")
    answers = {"approval": {"action": "accept", "content": {"yes": True}}}
    ack = await agent.result("tasks/update", {"taskId": made["taskId"], "inputResponses": answers})
    found = await agent.result("tasks/get", {"taskId": made["taskId"]})

    assert set(ack) == {"resultType", "_meta"}
    assert found["status"] == "working"


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_a_task_of_somebody_else_never_was(
    kit: Kit, agent: Agent, system: Asker, method: str
) -> None:
    """The same words for it as for one that was made up; and it goes on."""
    made = await agent.call("change", id="R-1")
    read = await agent.call("greet")
    names = [made["taskId"], "c-made-up", read["_meta"][META]["id"]]
    answers: dict[str, bytes] = {}
    async with agent_of(kit, await kit.task_token({})) as other:
        for name in names:
            params: dict[str, Any] = {"taskId": name, "inputResponses": {}}
            answers[name] = (await other.able(TAKES_TASKS).send(method, params)).content
    own = await agent.error(method, {"taskId": names[2], "inputResponses": {}})

    assert len(set(answers.values())) == 1
    assert own == UNKNOWN
    found = await agent.result("tasks/get", {"taskId": made["taskId"]})
    assert found["status"] == "working"
    assert [one.tool for one in system.seen] == ["greet"]


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_a_client_that_did_not_declare_tasks_cannot_use_them(
    agent: Agent, method: str
) -> None:
    """Not even for a task that it has; it is told what to declare."""
    made = await agent.call("change", id="R-1")
    params: dict[str, Any] = {"taskId": made["taskId"], "inputResponses": {}}
    found = await agent.able({}).error(method, params)
    answer = await agent.able({}).send(method, params)

    assert found == MISSING
    assert answer.json()["error"]["data"]["requiredCapabilities"] == {"extensions": {TASKS: {}}}


@pytest.mark.parametrize("name", ["", "c-another"])
async def test_the_header_repeats_the_task(agent: Agent, name: str) -> None:
    """Missing or different: turned away before the task is looked at."""
    made = await agent.call("change", id="R-1")
    found = await agent.error("tasks/get", {"taskId": made["taskId"]}, Mcp_Name=name)

    assert found == (400, -32020, "mcp.header_mismatch")


@pytest.mark.parametrize("method", ["tasks/list", "tasks/result"])
async def test_methods_of_the_older_tasks_do_not_exist(agent: Agent, method: str) -> None:
    """There is no list by which somebody's tasks could be found."""
    assert await agent.error(method, {"taskId": "c-1"}) == (404, -32601, "rpc.unknown_method")


@pytest.mark.parametrize("task", [None, 7, "", "x" * 300, ["c-1"]])
async def test_what_is_no_id_names_no_task(agent: Agent, task: Any) -> None:
    """Whatever stands there, one error."""
    found = await agent.error("tasks/get", {"taskId": task}, Mcp_Name="")

    assert found[0] == 400
    assert found[1] in {-32602, -32020}


async def test_a_task_outlives_a_restart(tmp_path: Path, system: Asker) -> None:
    """Made in one life of the gateway, answered in the next, fetched in the one after."""
    async with asking_house(tmp_path, system) as kit:
        token = await kit.task_token({})
        async with agent_of(kit, token) as agent:
            made = await agent.able(TAKES_TASKS).call("change", id="R-1")
    async with asking_house(tmp_path, system) as kit:
        await kit.answer(yes=True)
    async with asking_house(tmp_path, system) as kit, agent_of(kit, token) as agent:
        done = await over(agent.able(TAKES_TASKS), made["taskId"])

    assert done["result"]["content"][0]["text"] == "changed"
    assert len(system.seen) == 1


async def test_whoever_listens_is_told_once_a_task_is_over(kit: Kit, system: Asker) -> None:
    """Acknowledged with the tasks that there are; then how it stands; then what it came to."""
    token = await kit.task_token({})
    async with agent_of(kit, token) as agent:
        made = await agent.able(TAKES_TASKS).call("change", id="R-1")
    heard: list[dict[str, Any]] = []
    async with listening(kit), httpx2.AsyncClient(timeout=20) as http:
        request = listen(kit, token, {"taskIds": [made["taskId"], "c-made-up"]})
        with anyio.fail_after(20):
            async with http.stream(*request[0], **request[1]) as stream:
                async for line in stream.aiter_lines():
                    if not line.startswith("data:"):
                        continue
                    heard.append(json.loads(line[5:]))
                    if len(heard) == 2:
                        await kit.answer(yes=True)
                    if len(heard) == 3:
                        break

    first, stands, done = (one["params"] for one in heard)
    assert first["notifications"] == {"taskIds": [made["taskId"]]}
    assert [one["method"] for one in heard[1:]] == ["notifications/tasks"] * 2
    assert (stands["status"], done["status"]) == ("working", "completed")
    assert done["result"]["content"][0]["text"] == "changed"
    assert {one["_meta"][f"{PREFIX}subscriptionId"] for one in (first, stands, done)} == {7}


async def test_listening_for_tasks_without_declaring_them_is_an_error(agent: Agent) -> None:
    """Told before any stream is begun."""
    found = await agent.able({}).error(
        "subscriptions/listen", {"notifications": {"taskIds": ["c-1"]}}
    )

    assert found == MISSING


# --- Links. ---


def link(result: Mapping[str, Any]) -> str:
    """Return the address that a client is asked to show."""
    question = result["inputRequests"]["approval"]
    assert question["method"] == "elicitation/create"
    assert question["params"]["mode"] == "url"
    url: str = question["params"]["url"]
    return url


def retry(result: Mapping[str, Any], action: str = "accept") -> dict[str, Any]:
    """Return what a client brings back that showed the link."""
    return {
        "name": "change",
        "arguments": {"id": "R-1"},
        "requestState": result["requestState"],
        "inputResponses": {"approval": {"action": action}},
    }


async def test_a_client_that_shows_the_link_comes_back_for_the_result(
    kit: Kit, agent: Agent, system: Asker
) -> None:
    """Early it is shown the link again; after the yes it gets the result, and gets it again."""
    able = agent.able(OPENS_LINKS)
    held = await able.call("change", id="R-1")
    early = await able.result("tools/call", retry(held))
    await kit.answer(yes=True)
    with anyio.fail_after(20):
        done = await able.result("tools/call", retry(early))
        while done["resultType"] != "complete":
            done = await able.result("tools/call", retry(done))
    again = await able.result("tools/call", retry(held))

    assert early["resultType"] == "input_required"
    assert done["content"][0]["text"] == "changed"
    assert again["content"] == done["content"]
    assert len(system.seen) == 1


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_who_declines_the_link_is_told_in_words(agent: Agent, action: str) -> None:
    """And is not shown it again; the question still waits."""
    able = agent.able(OPENS_LINKS)
    held = await able.call("change", id="R-1")
    found = await able.result("tools/call", retry(held, action))

    assert found["resultType"] == "complete"
    assert found["content"][0]["text"].startswith("HELD, NOT DONE.")


async def test_accepting_the_link_approves_nothing(agent: Agent, system: Asker) -> None:
    """Whatever a client claims that its user has said there."""
    able = agent.able(OPENS_LINKS)
    held = await able.call("change", id="R-1")
    brought = retry(held)
    brought["inputResponses"]["approval"]["content"] = {"yes": True}
    found = await able.result("tools/call", brought)

    assert found["resultType"] == "input_required"
    assert system.seen == []


async def test_the_page_says_what_waits_and_not_what_it_says(kit: Kit, agent: Agent) -> None:
    """Question, tool, workflow, who, until when, state and how; no argument, no token needed."""
    held = await agent.able(OPENS_LINKS).call("change", id="R-SECRET-1")
    transport = httpx2.ASGITransport(app=kit.app)
    async with httpx2.AsyncClient(transport=transport) as nobody:
        page = await nobody.get(link(held))

    approval = held["_meta"][META]["approval"]
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for words in (approval, "change", "customer-support", "support_lead", "nothing has happened"):
        assert words in page.text
    assert f"sallyport inbox show {approval}" in page.text
    assert "R-SECRET-1" not in page.text
    assert "R-SECRET-1" not in link(held)
    for tag in ("<form", "<script", "<a ", "<img", "<link"):
        assert tag not in page.text


async def test_a_page_cannot_be_found_by_guessing(agent: Agent) -> None:
    """Not by the question's id, the call's, or with a byte changed; nor can anything be sent."""
    held = await agent.able(OPENS_LINKS).call("change", id="R-1")
    url, meta = link(held), held["_meta"][META]
    base = url.rpartition("/")[0]
    http = agent.raw.http
    wrong = [
        f"{base}/{meta['approval']}",
        f"{base}/{meta['id']}",
        f"{base}/AAAA",
        f"{url[:-2]}AA",
        f"{base}/{held['requestState']}",
    ]
    answers = [await http.get(one) for one in wrong]
    posted = await http.post(url, json={"yes": True})
    foreign = await http.get(url, headers={"Host": "evil.example"})

    assert [one.status_code for one in answers] == [404] * len(wrong)
    assert len({one.content for one in answers}) == 1
    assert posted.status_code == 405
    assert foreign.status_code == 403


async def test_the_page_says_how_it_ended(kit: Kit, agent: Agent) -> None:
    """Whoever opens it late is not told that it still waits."""
    held = await agent.able(OPENS_LINKS).call("change", id="R-1")
    await kit.answer(yes=False)
    with anyio.fail_after(20):
        while (await kit.house.inbox.call(held["_meta"][META]["id"])).ending == "waiting":
            await anyio.lowlevel.checkpoint()
    page = await agent.raw.http.get(link(held))

    assert "a person said no; nothing has happened" in page.text


async def test_a_link_outlives_a_restart(tmp_path: Path, system: Asker) -> None:
    """So do the page and the way back to the result."""
    async with asking_house(tmp_path, system) as kit:
        token = await kit.task_token({})
        async with agent_of(kit, token) as agent:
            held = await agent.able(OPENS_LINKS).call("change", id="R-1")
    async with asking_house(tmp_path, system, hold_s=20) as kit, agent_of(kit, token) as agent:
        page = await agent.raw.http.get(link(held))
        await kit.answer(yes=True)
        with anyio.fail_after(20):
            done = await agent.able(OPENS_LINKS).result("tools/call", retry(held))

    assert page.status_code == 200
    assert done["content"][0]["text"] == "changed"
