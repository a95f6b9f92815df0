"""The public REST door: openers open tasks, agents propose, people answer with their signature.

Rules:
  1. A bearer token is one thing: what it is decides which addresses answer it. None of them can
     list or answer a question, and none of them executes anything: a call is proposed.
  2. People come without a token. Each request carries their signature, which is good once.
  3. What is not the caller's own is not there: it is answered like something that never was.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.routing import BaseRoute

from sallyport.doors.api import openapi, saying, shapes
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
from sallyport.doors.api.wire import Admission, Asked, Endpoint, Said, routes
from sallyport.doors.mcp import headers
from sallyport.doors.settings import Settings
from sallyport.errors import (
    ConflictError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
)
from sallyport.flow.house import House
from sallyport.flow.inbox import Item
from sallyport.flow.registry import Token
from sallyport.flow.tasks import TASK_S_MAX, Opening
from sallyport.model import Call, Ending, Json, JsonObject, Origin, Person, Task, Verdict
from sallyport.rules.statements import Signed

HOLD_S_MAX = 300
LASTS_S = 24 * 3600

OPENER = "opener"
"""A token that opens tasks."""
WORKER = "worker"
"""An agent's token or a task's: it proposes calls."""
PERSON = "person"
"""No token: a person's signature in the headers of the request."""
ANSWER = "answer"
"""No token: the answer in the body is itself signed."""

KINDS: Mapping[str, frozenset[str]] = {
    OPENER: frozenset({"opener"}),
    WORKER: frozenset({"agent", "task"}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the bearer of a token, or a person who signed."""

    bearer: Token | None = None
    person: Person | None = None

    @property
    def token(self) -> Token:
        """The token that the request came with."""
        if self.bearer is None:
            raise NotAuthenticatedError("the request has no token")
        return self.bearer


Ask: TypeAlias = Asked[Caller]
Line: TypeAlias = Endpoint[Caller]
Run: TypeAlias = Callable[[Ask], Coroutine[None, None, Said]]


def v1_routes(house: House, settings: Settings) -> list[BaseRoute]:
    """Return the routes of the public REST door."""
    return routes(house, settings, ENDPOINTS, _admission(house, settings))


# --- Who asks. ---


def _admission(house: House, settings: Settings) -> Admission[Caller]:
    def admit(request: Request, endpoint: Line, body: JsonObject) -> Caller:
        given = headers.read(request.scope["headers"])
        headers.check_host(given, settings)
        match endpoint.credential:
            case "":
                return Caller()
            case "person":
                return Caller(person=_person(given, house))
            case "answer":
                return _answerer(house, body)
            case kind:
                return Caller(bearer=_bearer(given, house, kind))

    return admit


def _bearer(given: Mapping[bytes, str], house: House, kind: str) -> Token:
    token = house.tasks.bearer(headers.bearer(given))
    if token.kind not in KINDS[kind]:
        raise NotPermittedError(
            "this kind of token is not for this address",
            fix="openers open tasks; agents and tasks propose calls; people sign",
        )
    return token


def _person(given: Mapping[bytes, str], house: House) -> Person:
    name, at, signature = (given.get(header, "") for header in SIGNED_HEADERS)
    if not (name and signature and at.isascii() and at.isdigit() and len(at) <= len(str(2**62))):
        raise NotAuthenticatedError(
            "the request is not signed by a person",
            fix="send Sallyport-Person, Sallyport-At and Sallyport-Signature",
        )
    signed = Signed(person=name, at_us=int(at), signature=signature)
    return house.people.verify("list-inbox", {}, signed)


def _answerer(house: House, body: JsonObject) -> Caller:
    """Look no further than who says to have signed; the inbox checks the signature itself."""
    name = body.get("person")
    person = house.gateway.registry.people.get(name) if isinstance(name, str) else None
    if person is None or not body.get("signature"):
        raise NotAuthenticatedError(
            "the answer is not signed by a person", fix="sign it with the key you enrolled with"
        )
    return Caller(person=person)


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
    shown = await shapes.as_it_stands(house, call)
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
    if item.approval is None:
        return False
    try:
        house.inbox.admit(item.approval, item.call, person)
    except (ConflictError, NotPermittedError):
        return False
    return True


async def give_answer(asked: Ask) -> Said:
    """Take a person's signed answer; the call goes on at once if that settles the question."""
    return await saying.take(asked.house, asked.path["approval"], asked.body)


async def document(asked: Ask) -> Said:
    """Describe this door."""
    del asked
    return Said(openapi.document(ENDPOINTS, CREDENTIALS))


# --- The table. ---

SIGNED_HEADERS = (b"sallyport-person", b"sallyport-at", b"sallyport-signature")

STATUS_OF: Mapping[Ending, int] = {
    Ending.DONE: 200,
    Ending.DRAFT: 200,
    Ending.WAITING: 202,
    Ending.REFUSED: 403,
    Ending.EXPIRED: 403,
}

CREDENTIALS: Mapping[str, openapi.Credential] = {
    OPENER: openapi.Credential(bearer="An opener's token."),
    WORKER: openapi.Credential(bearer="An agent's token, or the token of a task."),
    PERSON: openapi.Credential(
        headers={
            "Sallyport-Person": "Who asks.",
            "Sallyport-At": "When it was signed, microseconds since 1970 UTC.",
            "Sallyport-Signature": "Hex Ed25519 signature over the statement `list-inbox`.",
        }
    ),
    ANSWER: openapi.Credential(),
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
}
_TRACE: Fields = {
    "call": text("the call's id"),
    "steps": Field(
        {"type": "array", "items": {"type": "object"}, "minItems": 8, "maxItems": 8},
        "the eight steps: name, at_us, said, facts",
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
        method="GET",
        path="/v1/openapi.json",
        does="This document",
        run=document,
        answer={},
    ),
)
