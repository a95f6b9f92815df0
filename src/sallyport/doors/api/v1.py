"""The public REST door: openers open tasks, agents propose, people answer with their signature.

Rules:
  1. A bearer token is one thing: what it is decides which addresses answer it. None of them can
     list or answer a question, and none of them executes anything: a call is proposed.
  2. People come without a token. Each request carries their signature, which is good once. So do
     workflow steps, which have addresses of their own and open none of the people's.
  3. What is not the caller's own is not there: it is answered like something that never was.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TypeAlias

from starlette.routing import BaseRoute

from sallyport.doors.api import lists, openapi, saying, shapes, undoing
from sallyport.doors.api.callers import (
    ANSWER,
    CREDENTIALS,
    OPENER,
    PERSON,
    STEP,
    STEP_ANSWER,
    WORKER,
    Caller,
    admission,
)
from sallyport.doors.api.fields import (
    Field,
    Fields,
    flag,
    one_of,
    table,
    text,
    whole,
    words,
)
from sallyport.doors.api.wire import Asked, Endpoint, Said, routes
from sallyport.doors.settings import Settings
from sallyport.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
)
from sallyport.flow.house import House
from sallyport.flow.inbox import Item
from sallyport.flow.registry import Token
from sallyport.flow.tasks import TASK_S_MAX, Opening
from sallyport.model import (
    Call,
    Ending,
    Json,
    Origin,
    Person,
    Task,
    Verdict,
)
from sallyport.rules.statements import Signed

HOLD_S_MAX = 300
LASTS_S = 24 * 3600

Ask: TypeAlias = Asked[Caller]
Line: TypeAlias = Endpoint[Caller]
Run: TypeAlias = Callable[[Ask], Coroutine[None, None, Said]]


def v1_routes(house: House, settings: Settings) -> list[BaseRoute]:
    """Return the routes of the public REST door."""
    return routes(house, settings, ENDPOINTS, admission(house, settings))


# --- Tasks. ---


async def open_task(asked: Ask) -> Said:
    """Open a task for a requester, and return the token that is the task."""
    body = asked.body
    opened = await asked.house.tasks.open(
        asked.caller.token,
        Opening(
            workflow=body.text("workflow"),
            requester=body.text("requester"),
            purpose=body.text("purpose"),
            inputs=body.table("inputs"),
            words=body.text("words"),
            instance=body.text("instance"),
            lasts_s=body.whole("lasts_s", LASTS_S),
        ),
    )
    task = opened.task
    return Said({"task": task.id, "token": opened.token, "expires_us": task.expires_us}, 201)


async def close_task(asked: Ask) -> Said:
    """Close a task: nothing more is done in it."""
    task = asked.house.gateway.registry.tasks.get(asked.path["id"])
    if task is None or task.standing or not _opens(asked.caller.token, task.workflow, task.agent):
        raise NotFoundError(
            f"no open task has the id `{asked.path['id'][:40]}`", fix="use the id of your own task"
        )
    await asked.house.tasks.close(task.id, by=asked.caller.token.label or "opener")
    return Said({"task": task.id, "closed": True})


def _opens(opener: Token, workflow: str, agent: str) -> bool:
    return opener.workflow in {"", workflow} and opener.agent in {"", agent}


# --- Calls. ---


async def propose(asked: Ask) -> Said:
    """Propose a call; hold on for a while if it asks a person."""
    house, body = asked.house, asked.body
    task = await _task(asked, body.text("workflow"))
    ended = await house.call(
        task,
        body.text("tool"),
        body.table("args"),
        channel="rest",
        hold_ms=body.whole("hold_s", asked.settings.hold_s) * 1000,
    )
    return Said(shapes.said(ended), STATUS_OF[ended.ending])


async def poll(asked: Ask) -> Said:
    """Say how an earlier call stands; a result that was kept for it is handed over."""
    house, task = asked.house, await _task(asked)
    call = await _call(asked, asked.path["id"])
    if call.proposal.task_id != task.id:
        raise _no_call(call.id)
    shown = await shapes.as_it_stands(house, call, to_agent=True)
    if not call.delivered and call.ending is not Ending.WAITING:
        await house.inbox.delivered(call)
    return Said(shown)


async def tools(asked: Ask) -> Said:
    """List exactly the tools that this task may propose."""
    offered: list[Json] = [
        {"name": pin.tool, "definition": pin.definition, "digest": pin.digest}
        for pin in asked.house.offered(await _task(asked))
    ]
    return Said({"tools": offered})


async def _task(asked: Ask, workflow: str = "") -> Task:
    token = asked.caller.token
    return await asked.house.tasks.task_for(token, workflow or token.workflow)


async def _call(asked: Ask, call_id: str) -> Call:
    """Return a call that somebody proposed; the gateway's own look-ups are its own business."""
    call = await asked.house.inbox.call(call_id)
    if call.proposal.origin is Origin.GATEWAY:
        raise _no_call(call_id)
    return call


def _no_call(call_id: str) -> NotFoundError:
    return NotFoundError(f"no call has the id `{call_id[:60]}`")


async def read_trace(asked: Ask) -> Said:
    """Show the eight steps of a call in the opener's own workflow."""
    call = await _call(asked, asked.path["call"])
    if not _opens(asked.caller.token, call.workflow, call.agent):
        raise _no_call(call.id)
    return Said(shapes.trace(await asked.house.reading.trace(call.id)))


async def read_timeline(asked: Ask) -> Said:
    """Show the history of a task that the opener could have opened."""
    house, task_id = asked.house, asked.path["id"]
    opened = await house.tasks.known(task_id)
    if opened is None or not _opens(asked.caller.token, opened.workflow, opened.agent):
        raise NotFoundError(
            f"no task has the id `{task_id[:40]}`", fix="use the id of your own task"
        )
    return Said(shapes.timeline(await house.reading.timeline(task_id)))


# --- People. ---


async def list_inbox(asked: Ask) -> Said:
    """List the questions that this person may answer."""
    house, person = asked.house, asked.caller.person
    items: list[Json] = [
        shapes.item(house, item, await shapes.why_of(house, item.call, only=Verdict.ASK))
        for item in await house.inbox.items()
        if person is not None and _may_answer(house, item, person)
    ]
    return Said({"items": items})


def _may_answer(house: House, item: Item, person: Person) -> bool:
    if item.approval is None or person.name in item.not_for:
        return False
    try:
        house.inbox.admit(item.approval, item.call, person)
    except (ConflictError, NotPermittedError):
        return False
    return True


async def give_answer(asked: Ask) -> Said:
    """Take a person's signed answer; the call goes on at once if that settles the question."""
    return await saying.take(asked.house, asked.path["approval"], asked.body)


async def take_back(asked: Ask) -> Said:
    """Take a yes back before its call has left, on a person's signature."""
    body = asked.body
    by = Signed(
        person=body.text("person"), at_us=body.whole("at_us"), signature=body.text("signature")
    )
    approval, because = asked.path["approval"], body.text("because")
    return await undoing.take_back(asked.house, approval, because, by=by)


# --- Workflow steps. ---


async def list_step_questions(asked: Ask) -> Said:
    """List the questions that this workflow step may answer, complete."""
    house, step = asked.house, asked.caller.step
    found = await house.steps.questions(step) if step is not None else ()
    items: list[Json] = [
        {
            **shapes.item(house, item, await shapes.why_of(house, item.call, only=Verdict.ASK)),
            "object": item.approval.object if item.approval else {},
        }
        for item in found
    ]
    return Said({"items": items})


async def give_step_answer(asked: Ask) -> Said:
    """Take a workflow step's signed yes or no."""
    return await saying.take_from_step(asked.house, asked.path["approval"], asked.body)


async def document(asked: Ask) -> Said:
    """Describe this door."""
    del asked
    return Said(openapi.document(ENDPOINTS, CREDENTIALS))


# --- The table. ---

STATUS_OF: Mapping[Ending, int] = {
    Ending.DONE: 200,
    Ending.DRAFT: 200,
    Ending.WAITING: 202,
    Ending.REFUSED: 403,
    Ending.EXPIRED: 403,
}

_TASK_ID = text("the task's id")
_OPEN: Fields = {
    "workflow": text("the workflow: which kind of task this is"),
    "requester": text("the person for whom it is done"),
    "purpose": words("what it is for, in a line", optional=True, chars_max=4000),
    "inputs": table("the values that the task is bound to, by the names of the boundary"),
    "words": words("the requester's own words", optional=True),
    "instance": words("the run of the agent that works on it", optional=True, chars_max=200),
    "lasts_s": whole("seconds until it ends; a day if left out", at_most=TASK_S_MAX, optional=True),
}
_OPENED: Fields = {
    "task": _TASK_ID,
    "token": text("the token that is the task; shown once"),
    "expires_us": whole("when it ends, microseconds since 1970 UTC"),
}
_PROPOSE: Fields = {
    "workflow": words("the workflow; the token's own if left out", optional=True),
    "tool": text("the tool's name"),
    "args": table("its arguments"),
    "hold_s": whole("seconds to wait for a person's answer", at_most=HOLD_S_MAX, optional=True),
}
_STANDING: Fields = {
    "call": table("id, verdict, ending, reasons, and what it waits for"),
    "text": text("the same in words for the agent", chars_max=1_000_000),
    "result": table("the system's result, once it is done", optional=True),
    "error": table("the system's error, if it answered with one", optional=True),
}
_TOOLS: Fields = {
    "tools": Field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "definition": {"type": "object"},
                    "digest": {"type": "string"},
                },
                "required": ["name", "definition", "digest"],
                "additionalProperties": False,
            },
        },
        "the tools, as their systems define them",
    )
}
_CLOSED: Fields = {"task": _TASK_ID, "closed": flag("always true")}
_ITEMS: Fields = {
    "items": Field(
        {"type": "array", "items": {"type": "object", "required": ["id", "call", "statement_of"]}},
        "the questions, oldest first; `statement_of` is what an answer's signature covers",
    )
}
_ANSWERED: Fields = {
    "approval": text("the question's id"),
    "state": one_of(("waiting", "approved", "rejected", "changed"), "where it stands now"),
    "call": text("the call's id"),
    "edited": table("what became of the call that an edit made", optional=True),
    "not_before_us": whole("until when the yes can be taken back", optional=True),
}
_UNDONE: Fields = {
    "approval": text("the question's id"),
    "state": one_of(("undone",), "where it stands now"),
    "call": text("the call's id"),
}
_LIST: Fields = {
    "rows": Field(
        {"type": "array", "items": {"type": "object", "required": ["approval", "state", "call"]}},
        "what became of each row; `not_answered` has an `error`",
    )
}
_TRACE: Fields = {
    "call": text("the call's id"),
    "steps": Field(
        {"type": "array", "items": {"type": "object"}, "minItems": 8, "maxItems": 8},
        "the eight steps: name, at_us, said, facts",
    ),
}

_TIMELINE: Fields = {
    "task": _TASK_ID,
    "cut": flag("whether earlier calls of it were left out"),
    "moments": Field(
        {"type": "array", "items": {"type": "object", "required": ["seq", "said", "after"]}},
        "what happened; `after` names, by `seq`, what each follows from, which stands before it",
    ),
}

ENDPOINTS: Sequence[Line] = (
    Endpoint(
        method="POST",
        path="/v1/tasks",
        does="Open a task",
        run=open_task,
        credential=OPENER,
        body=_OPEN,
        answer=_OPENED,
        statuses={201: "The task is open."},
    ),
    Endpoint(
        method="DELETE",
        path="/v1/tasks/{id}",
        does="Close a task",
        run=close_task,
        credential=OPENER,
        answer=_CLOSED,
    ),
    Endpoint(
        method="GET",
        path="/v1/tools",
        does="List the tools of this task",
        run=tools,
        credential=WORKER,
        answer=_TOOLS,
    ),
    Endpoint(
        method="POST",
        path="/v1/calls",
        does="Propose a call",
        run=propose,
        credential=WORKER,
        body=_PROPOSE,
        answer=_STANDING,
        held=True,
        statuses={
            200: "Done, or stored as a draft: `call.ending` says which.",
            202: "Held: it waits for a person, and nothing has happened yet.",
            403: "Refused, or nobody answered in time; also a token that is not for this.",
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/calls/{id}",
        does="See how a call stands",
        run=poll,
        credential=WORKER,
        answer=_STANDING,
    ),
    Endpoint(
        method="GET",
        path="/v1/tasks/{id}/timeline",
        does="Read a task's history, in the order of cause and effect",
        run=read_timeline,
        credential=OPENER,
        answer=_TIMELINE,
    ),
    Endpoint(
        method="GET",
        path="/v1/traces/{call}",
        does="Read the eight steps of a call",
        run=read_trace,
        credential=OPENER,
        answer=_TRACE,
    ),
    Endpoint(
        method="GET",
        path="/v1/inbox",
        does="List the questions that you may answer",
        run=list_inbox,
        credential=PERSON,
        answer=_ITEMS,
    ),
    Endpoint(
        method="POST",
        path="/v1/inbox/{approval}/answer",
        does="Answer a question",
        run=give_answer,
        credential=ANSWER,
        body=saying.FIELDS,
        answer=_ANSWERED,
    ),
    Endpoint(
        method="POST",
        path="/v1/inbox/answers",
        does="Say yes to a list of questions with one signature",
        run=lists.sign,
        credential=ANSWER,
        body=lists.SIGN,
        answer=_LIST,
    ),
    Endpoint(
        method="POST",
        path="/v1/inbox/{approval}/undo",
        does="Take a yes back before its call has left",
        run=take_back,
        credential=ANSWER,
        body=undoing.UNDOING_SIGNED,
        answer=_UNDONE,
    ),
    Endpoint(
        method="GET",
        path="/v1/steps/questions",
        does="List the questions that your workflow step may answer",
        run=list_step_questions,
        credential=STEP,
        answer=_ITEMS,
    ),
    Endpoint(
        method="POST",
        path="/v1/steps/questions/{approval}/answer",
        does="Answer a question as a workflow step",
        run=give_step_answer,
        credential=STEP_ANSWER,
        body=saying.STEP_FIELDS,
        answer=_ANSWERED,
    ),
    Endpoint(
        method="GET",
        path="/v1/openapi.json",
        does="This document",
        run=document,
        answer={},
    ),
)
