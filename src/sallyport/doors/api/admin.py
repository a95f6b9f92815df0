"""The door of the people on this host: everything a person may see, set and answer.

Rules:
  1. It is served on a socket that only this user can open; being able to open it is local presence.
  2. Whatever loosens is signed by a person's own key all the same, and is verified here.
  3. Whatever tightens needs no signature: a stop must never wait for one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TypeAlias

from starlette.requests import Request
from starlette.routing import BaseRoute

from sallyport.doors.api import (
    lists,
    people_act,
    people_read,
    replaying,
    saying,
    telling,
    undoing,
    versions,
)
from sallyport.doors.api.fields import (
    Field,
    flag,
    one_of,
    signed,
    table,
    text,
    texts,
    texts_by_name,
    whole,
    words,
)
from sallyport.doors.api.wire import Asked, Endpoint, Said, routes
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.model import JsonObject, Stage
from sallyport.rules.failures import DAYS_MAX

FILE_CHARS_MAX = 1_000_000
LOG_LIMIT_MAX = 10_000

Line: TypeAlias = Endpoint[None]
Run: TypeAlias = Callable[[Asked[None]], Coroutine[None, None, Said]]


def admin_routes(house: House, settings: Settings) -> list[BaseRoute]:
    """Return the routes of the people's socket."""
    return routes(house, settings, ENDPOINTS, _present)


def _present(request: Request, endpoint: Line, body: JsonObject) -> None:
    """Admit whoever reached the socket: the file system has checked that they are on this host."""
    del request, endpoint, body


_SCOPE = text("`everything`, or `agent:NAME`, `workflow:NAME`, `system:NAME`, `tool:NAME`")
_BECAUSE = text("why, in your own words; it is kept", chars_max=4000)
_BY = text("who does this")
_SWITCH: Mapping[str, Field] = {"scope": _SCOPE, "because": _BECAUSE, "by": _BY}
_LOG: Mapping[str, Field] = {
    **{name: text(f"only entries of this {name}", optional=True) for name in people_read.LOG_WORDS},
    "since_us": whole("from this time on, microseconds since 1970 UTC", optional=True),
    "until_us": whole("before this time, microseconds since 1970 UTC", optional=True),
    "limit": whole("at most so many entries", at_most=LOG_LIMIT_MAX, optional=True),
    "newest_first": flag("1 for the newest first", optional=True),
}
_DAYS: Mapping[str, Field] = {"days": whole("how far back", at_most=DAYS_MAX, optional=True)}
_FAILURES: Mapping[str, Field] = {
    **_DAYS,
    "workflow": text("only of this workflow", optional=True),
}
_RECORD: Mapping[str, Field] = {"id": text("the record's id, as its own system has it")}
_TRY: Mapping[str, Field] = {
    "workflow": text("the workflow"),
    "tool": text("the tool's name"),
    "args": table("its arguments"),
    "requester": words("for whom; somebody of the workflow's users if left out", optional=True),
    "inputs": table("the task's inputs", optional=True),
    "facts": table("what the gateway would have read, by name", optional=True),
    "influenced": flag("whether text from outside has entered the task", optional=True),
    "agent": words("the agent; the workflow's own if left out", optional=True),
}
_SINCE: Mapping[str, Field] = {
    "since_us": whole("from this time on, microseconds since 1970 UTC", optional=True)
}
_REPLAY: Mapping[str, Field] = {
    "workflow": text("the workflow file's text", chars_max=FILE_CHARS_MAX),
    "file": text("its name, for messages"),
    "systems": texts_by_name("system files: text by file name"),
    **_SINCE,
}
_TOKEN: Mapping[str, Field] = {
    "kind": one_of(("agent", "opener"), "what it is for"),
    "agent": words("the agent that bears it, or that tasks are opened for", optional=True),
    "workflow": words("the one workflow it is for", optional=True),
    "person": words("an agent's key: the requester of its standing task", optional=True),
    "label": words("what people call it", optional=True, chars_max=200),
    "lasts_s": whole("seconds until it ends; 0 for no end", at_most=10**10, optional=True),
    "by": _BY,
}
_ANSWER: Mapping[str, Field] = {"approval": text("the question's id"), **saying.FIELDS}
_PROPOSE: Mapping[str, Field] = {
    "workflow": text("the workflow file's text", chars_max=FILE_CHARS_MAX),
    "file": text("its name, for messages"),
    "systems": texts_by_name("system files: text by file name"),
    "because": words("why it is wanted; kept with the version", optional=True, chars_max=4000),
}
_REVERT: Mapping[str, Field] = {
    "workflow": text("the workflow"),
    "to": whole("the number of an earlier version"),
    "because": words("why it is wanted; kept with the version", optional=True, chars_max=4000),
}
_UNASKED: Mapping[str, Field] = {
    "workflow": text("the workflow"),
    "tool": text("the tool that asks"),
    "entry": words("the entry that asks; empty where the level's default does", optional=True),
}
_ASIDE: Mapping[str, Field] = {
    "workflow": text("the workflow"),
    "version": whole("the number of a version that waits"),
    "how": one_of(("send_back", "withdraw"), "sent back by who should sign, withdrawn by its own"),
    "because": words("why; its author reads it", chars_max=4000),
    "signed": signed("set-aside"),
}
_BASELINE: Mapping[str, Field] = {"workflow": text("the workflow"), "because": _BECAUSE}
_PERSON: Mapping[str, Field] = {
    "name": text("what they are called"),
    "roles": texts("their roles"),
    "public_key": words("hex Ed25519 key; empty for somebody who only requests", chars_max=200),
    "signed": signed("enrol", optional=True),
}
_STEP: Mapping[str, Field] = {
    "name": text("what boundaries call it, `step.` first"),
    "workflow": text("the one workflow that it answers in"),
    "public_key": text("its own hex Ed25519 key"),
    "because": _BECAUSE,
    "signed": signed("add-step"),
}
_AWAY: Mapping[str, Field] = {
    "name": text("who is away; they sign, or an administrator"),
    "from_us": whole("from this time on, microseconds since 1970 UTC", optional=True),
    "until_us": whole("until this time; 0 for being back", optional=True),
    "to": words("who is told in their place, and may answer in their own right", optional=True),
    "signed": signed("away"),
}
_SETTLE: Mapping[str, Field] = {
    "call": text("the call in doubt"),
    "happened": flag("whether it happened"),
    "because": _BECAUSE,
    "signed": signed("settle"),
}
_DECIDE: Mapping[str, Field] = {
    "approval": text("the flagged question, whose call is over"),
    "because": _BECAUSE,
    "signed": signed("decide"),
}
_STAGE: Mapping[str, Field] = {
    "agent": text("the agent"),
    "stage": one_of([one.value for one in Stage], "the stage it moves to"),
    "because": _BECAUSE,
    "signed": signed("stage"),
}
_FLOOR: Mapping[str, Field] = {
    **_SWITCH,
    "verdict": one_of(("ask", "draft", "refuse"), "the least strict verdict from now on"),
}
_RESUME: Mapping[str, Field] = {
    "scope": _SCOPE,
    "because": _BECAUSE,
    "signed": signed("resume"),
}
_ACTIVATE: Mapping[str, Field] = {
    "digest": text("the proposed boundary's digest"),
    "person": text("who signs: an owner first, then a second person where one is needed"),
    "signature": text("hex signature over the activation of `sign`, as the proposal has it"),
}


def _get(path: str, does: str, run: Run, query: Mapping[str, Field] | None = None) -> Line:
    return Endpoint(method="GET", path=f"/admin{path}", does=does, run=run, query=query or {})


def _post(path: str, does: str, run: Run, **fields: Field) -> Line:
    return Endpoint(method="POST", path=f"/admin{path}", does=does, run=run, body=fields)


ENDPOINTS: Sequence[Line] = (
    _get("/status", "What is in force, and what waits", people_read.status),
    _post("/stop", "Stop a scope", people_act.stop, **_SWITCH),
    _post("/floor", "Set a floor for a scope", people_act.floor, **_FLOOR),
    _post("/resume", "Lift what was set for a scope", people_act.resume, **_RESUME),
    _post("/console", "A link into the console", people_act.console, signed=signed("console")),
    _get("/inbox", "What waits for people", people_read.inbox),
    _get("/inbox/{id}", "One thing that waits, in full", people_read.inbox_item),
    _get("/team", "How the team answers, all together", people_read.team),
    _post("/answer", "Answer a question", people_act.give_answer, **_ANSWER),
    _post("/list/plan", "What of several questions makes a list", lists.plan, **lists.PLAN),
    _post("/list/sign", "Say yes to a list of questions", lists.sign, **lists.SIGN),
    _get("/grants", "The yeses beforehand that are in force", lists.grants),
    _post("/grants/revoke", "Take a yes beforehand back", lists.revoke, **lists.REVOKE),
    _post(
        "/release",
        "Release a draft",
        people_act.release,
        draft=text("the draft"),
        args=table("other arguments than the agent's; then somebody else answers", optional=True),
        signed=signed("release"),
    ),
    _post(
        "/discard",
        "Discard a draft",
        people_act.discard,
        draft=text("the draft"),
        signed=signed("discard"),
    ),
    _post("/decide", "Decide on what only people close", people_act.decide, **_DECIDE),
    _post("/settle", "Settle a call in doubt", people_act.settle, **_SETTLE),
    _post("/undo", "Take a yes back before its call has left", undoing.undo, **undoing.UNDOING),
    _get("/break-glass", "What goes past the reviewers", undoing.glasses),
    _get("/break-glass/{id}", "One break-glass and its calls", undoing.glass),
    _post("/break-glass", "Ask to go past the reviewers", undoing.ask, **undoing.ASKING),
    _post("/break-glass/second", "Sign for it second", undoing.second, **undoing.SECONDING),
    _post("/break-glass/end", "End it, or say no", undoing.end, **undoing.ENDING),
    _post(
        "/break-glass/review", "Look at it as the third person", undoing.review, **undoing.REVIEWING
    ),
    _get("/calls/{id}", "How a call stands", people_read.call),
    _get("/log", "Search the ledger", people_read.log, _LOG),
    _get("/log/verify", "Verify the ledger", people_read.log_verify),
    _get("/reports/failures", "What came to nothing, by class", people_read.failures, _FAILURES),
    _get("/reports/labels", "What people corrected", people_read.labels, _DAYS),
    _get("/log/record", "The calls that were about a record", people_read.log_record, _RECORD),
    _get("/log/task/{task}", "A task's history", people_read.log_task),
    _get("/log/{call}", "A call's eight steps", people_read.log_call),
    _post("/try", "A hypothetical call", people_read.try_it, **_TRY),
    _get("/replay", "Logged calls decided again", replaying.exactly, _SINCE),
    _post("/replay", "Logged calls under a workflow file", replaying.under, **_REPLAY),
    _post("/boundary/propose", "Compile a boundary", versions.propose, **_PROPOSE),
    _post("/boundary/activate", "Sign a proposed boundary", versions.activate, **_ACTIVATE),
    _post("/boundary/revert", "Propose an earlier version again", versions.revert, **_REVERT),
    _get("/boundary/unasked/{workflow}", "Gates that are always passed", versions.unasked),
    _post("/boundary/unasked", "Propose to stop asking", versions.propose_unasked, **_UNASKED),
    _post("/boundary/aside", "Put a version aside that waits", versions.set_aside, **_ASIDE),
    _get("/boundary/history/{workflow}", "The versions of a boundary", versions.history),
    _post(
        "/boundary/baseline/mark",
        "Mark a version as the baseline",
        versions.mark,
        workflow=text("the workflow"),
        version=whole("the number of a version that was in force"),
        signed=signed("baseline"),
    ),
    _post(
        "/boundary/baseline/on",
        "Hold a workflow to its baseline as well",
        versions.switch_on,
        **_BASELINE,
        by=_BY,
    ),
    _post(
        "/boundary/baseline/off",
        "Hold a workflow to its baseline no more",
        versions.switch_off,
        **_BASELINE,
        signed=signed("baseline-off"),
    ),
    _get("/boundaries", "The boundaries in force", versions.boundaries),
    _post(
        "/systems/inspect",
        "What a system offers",
        people_act.inspect,
        file=text("the system file's name, for messages"),
        text=text("the system file's text", chars_max=FILE_CHARS_MAX),
    ),
    _post(
        "/secrets",
        "Keep a credential",
        people_act.keep_secret,
        name=text("its name"),
        value=words("the credential"),
    ),
    _get("/secrets", "The names of held credentials", people_read.secret_names),
    _get("/notify", "The channels by which people are told", telling.channels),
    _post(
        "/notify/test",
        "Try a channel",
        telling.test,
        channel=text("the channel's name in the settings"),
        by=_BY,
    ),
    _get("/people", "The people that are known", people_read.people),
    _post("/people", "Enrol a person", people_act.enrol, **_PERSON),
    _post("/people/away", "Say that a person is away, or back", people_act.away, **_AWAY),
    _post(
        "/people/deactivate",
        "Switch a person off",
        people_act.deactivate,
        name=text("the person"),
        signed=signed("deactivate"),
    ),
    _post(
        "/people/invite",
        "A link to a person's first passkey",
        people_act.invite,
        name=text("whose"),
        signed=signed("invite", optional=True),
    ),
    _post(
        "/people/recover",
        "Bring back an administrator who lost everything",
        people_act.recover,
        name=text("whom"),
    ),
    _post(
        "/people/passkeys/remove",
        "Take a passkey from a person",
        people_act.remove_passkey,
        name=text("whose"),
        passkey=text("the passkey's id"),
        signed=signed("remove-passkey"),
    ),
    _get("/steps", "The workflow steps that may answer", people_read.steps),
    _post("/steps", "Register a workflow step", people_act.add_step, **_STEP),
    _post(
        "/steps/remove",
        "Remove a workflow step",
        people_act.remove_step,
        name=text("the step"),
        by=_BY,
    ),
    _get("/agents", "The agents that are known", people_read.agents),
    _post(
        "/agents",
        "Register an agent",
        people_act.add_agent,
        name=text("name"),
        owner=text("who answers for it"),
        purpose=text("what it is for"),
        contact=text("whom to tell when something goes wrong"),
        by=_BY,
    ),
    _post("/agents/stage", "Move an agent to a stage", people_act.stage, **_STAGE),
    _get("/tokens", "The tokens that count", people_read.tokens),
    _post("/tokens", "Make a token", people_act.make_token, **_TOKEN),
    _post("/tokens/revoke", "Revoke a token", people_act.revoke, id=text("its id"), by=_BY),
)
