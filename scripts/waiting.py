"""What is said about a call that waits, beside its text: a part of `docs/agents.md`.

Made by hand are the situations alone; the words and the forms are the product's.
"""

import json
from dataclasses import replace

from sallyport.doors.mcp import page, tasks
from sallyport.doors.mcp.held import QUESTION
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Ending,
    JsonObject,
    Task,
)
from sallyport.rules import reasons, waiting
from sallyport.rules.commands import Ended

HOUR_US = 3600 * 1_000_000
LINK = "https://gateway.example/held/AdFk…"


def sections(held: Ended) -> list[str]:
    """Return the sections about a held call: as a task, as a link, and the page behind it."""
    approval = held.approval
    if approval is None:
        raise ValueError("a held call has a question")
    return [
        *_forms(),
        *_task(held),
        *_link(held, approval),
        *_page(held, approval),
    ]


def _forms() -> list[str]:
    return [
        "## The form in which a client hears of a held call",
        "",
        "What is decided never depends on what a client declares; only the form does. In the",
        "stateless era (2026-07-28) it is the first of these that the client declared in the very",
        "request:",
        "",
        "1. The extension `io.modelcontextprotocol/tasks`: the answer is a task (`tools/call`).",
        "2. `elicitation.url`: the answer asks the client to show its user a link (`tools/call`,",
        "   `prompts/get`, `resources/read`).",
        "3. Neither: the call is held open for a while, then answered with the text above.",
        "",
    ]


def _task(held: Ended) -> list[str]:
    task = Task(
        id="t_1",
        workflow=held.call.workflow,
        agent=held.call.agent,
        instance=held.call.instance,
        requester=held.call.requester,
        boundary="",
        inputs={},
        opened_us=held.call.proposed_us,
        expires_us=held.call.proposed_us + 8 * HOUR_US,
    )
    return [
        "## Held: as a task",
        "",
        "`taskId` is the id of the call. It is good in the work of the token that proposed it,",
        "across restarts of the gateway and of the client, for `ttlMs`; to anybody else it never",
        "was.",
        "",
        *_json(tasks.seed(held, task, held.call.proposed_us)),
        "",
        "What becomes of it is told by `tasks/get` as often as one likes, and once it is over by",
        "`notifications/tasks` on a stream of `subscriptions/listen` that names it in `taskIds`:",
        "",
        "| status | when | holds |",
        "| --- | --- | --- |",
        "| `working` | it waits for a person, or was approved and is under way | `statusMessage` |",
        "| `completed` | the system answered, with an error of the tool's own too | the result |",
        "| `completed` | refused, expired, stored as a draft or in doubt | the text, as above |",
        "| `failed` | the system answered with a JSON-RPC error | the error |",
        "| `cancelled` | `tasks/cancel` took it back, and nothing has happened | nothing |",
        "",
        "A refusal is `completed`, with `isError`, since the extension wants a task to hold",
        "exactly what the call itself would have been answered with, and keeps *failed* for errors",
        "of the protocol. A call in doubt is `completed` too: nothing more comes of it by waiting;",
        "its words change once a person has settled it. A task asks its client nothing:",
        "`tasks/update` is acknowledged, and whatever it brings counts for nothing.",
        "",
        "The status messages, in the order of a call's life:",
        "",
        *_quoted(
            waiting.status(held),
            waiting.status(_with(held, Ending.WAITING, None, ApprovalState.APPROVED)),
            waiting.status(_withdrawn(held)),
        ),
        "",
    ]


def _link(held: Ended, approval: Approval) -> list[str]:
    params: JsonObject = {
        "mode": "url",
        "message": waiting.elicitation(held, approval),
        "url": LINK,
    }
    asked: JsonObject = {QUESTION: {"method": "elicitation/create", "params": params}}
    return [
        "## Held: as a link",
        "",
        "The answer is an `input_required` result with `requestState`, good for this call and this",
        "token until a day after the end of the question. A client that brings it back is told",
        "what became of the call, or after a while is given the link again. `decline` and `cancel`",
        "bring the text in its place. No answer of a client approves anything.",
        "",
        *_json({"inputRequests": asked}),
        "",
    ]


def _page(held: Ended, approval: Approval) -> list[str]:
    states = (
        (Ending.WAITING, None, ApprovalState.WAITING),
        (Ending.WAITING, ActionState.SENT, ApprovalState.USED),
        (Ending.DONE, ActionState.DONE, ApprovalState.USED),
        (Ending.DONE, ActionState.FAILED, ApprovalState.USED),
        (Ending.WAITING, ActionState.IN_DOUBT, ApprovalState.USED),
        (Ending.REFUSED, None, ApprovalState.REJECTED),
        (Ending.EXPIRED, None, ApprovalState.EXPIRED),
        (Ending.REFUSED, None, ApprovalState.WITHDRAWN),
        (Ending.REFUSED, None, ApprovalState.STALE),
    )
    return [
        "## The page behind the link",
        "",
        "It needs no sign-in, since it shows no argument and nobody can answer on it. Its address",
        "is sealed: neither the question's id nor the call's leads there. The whole of it:",
        "",
        "```html",
        *page.shown(held, approval).splitlines(),
        "```",
        "",
        "Its state is one of these:",
        "",
        *_quoted(*(_state(held, *one) for one in states)),
        "",
        "Whatever is no link of this gateway's:",
        "",
        *_quoted(waiting.UNKNOWN),
        "",
    ]


def _state(held: Ended, ending: Ending, action: ActionState | None, state: ApprovalState) -> str:
    changed = _with(held, ending, action, state)
    if changed.approval is None:
        raise ValueError("a held call has a question")
    return dict(waiting.page(changed, changed.approval))["State"]


def _with(held: Ended, ending: Ending, action: ActionState | None, state: ApprovalState) -> Ended:
    approval = replace(held.approval, state=state) if held.approval else None
    call = replace(held.call, ending=ending, action=action)
    return replace(held, call=call, approval=approval)


def _withdrawn(held: Ended) -> Ended:
    why = reasons.refuse("approval.withdrawn", agent=held.call.agent)
    ended = _with(held, Ending.REFUSED, None, ApprovalState.WITHDRAWN)
    return replace(ended, floors=(why,))


def _json(value: JsonObject) -> list[str]:
    return ["```json", *json.dumps(value, indent=2, ensure_ascii=False).splitlines(), "```"]


def _quoted(*said: str) -> list[str]:
    return ["```text", *said, "```"]
