"""One call's eight steps, from the ledger alone; and the ledger itself, to search and verify."""

from __future__ import annotations

from sallyport.doors.api import shapes
from sallyport.doors.console import about, seen
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError
from sallyport.flow.inbox import Item
from sallyport.model import Call, Json, JsonObject
from sallyport.ports import LedgerQuery
from sallyport.rules.trace import Heard, Trace

_SHOWN = ("sentence", "parts", "args", "amounts", "origins", "floors")
REFUSED_MAX = 10
PEOPLE_TOOK = "approval"
LIMIT = 100
FACETS = ("call", "task", "agent", "person", "tool", "workflow", "verdict", "kind")


async def show(visit: Visit) -> Page:
    """Return a call with its eight steps."""
    call = await visit.house.inbox.call(visit.path["id"])
    trace = await visit.house.reading.trace(call.id)
    shown = await about.whole(visit, Item(call=call))
    view: JsonObject = {
        **shapes.call(call),
        "refused": await _refused(visit, call),
        "agent": call.agent,
        "requester": call.requester,
        "workflow": call.workflow,
        "task": call.proposal.task_id,
        "tool": call.proposal.tool,
        "digest": call.digest,
        "approval": call.approval_id,
        "steps": [_step(trace, number) for number in range(8)],
        **{name: shown[name] for name in _SHOWN},
    }
    await seen.note(visit, "call", view, call=call.id)
    crumbs = (("/ledger", say("nav.ledger")),)
    return Page(template="call", title=str(view["sentence"]), at="ledger", view=view, crumbs=crumbs)


async def _refused(visit: Visit, call: Call) -> list[Json]:
    """Return what the same task proposed of the same tool before and was refused, newest first."""
    query = LedgerQuery(
        task=call.proposal.task_id,
        tool=call.proposal.tool,
        kind="call.decided",
        verdict="refuse",
        until_us=call.proposed_us,
        newest_first=True,
        limit=REFUSED_MAX,
    )
    found = await visit.house.reading.search(query, unseal=True)
    return [await _blocked(visit, one) for one in found if one.body.get("call") != call.id]


async def _blocked(visit: Visit, one: Heard) -> JsonObject:
    before = await visit.house.inbox.call(str(one.body.get("call")))
    sentences = (one.secret or {}).get("sentences")
    return {
        "call": before.id,
        "at_us": one.at_us,
        "sentence": about.sentence_of(visit, before),
        "sentences": sentences if isinstance(sentences, list) else [],
    }


async def ledger(visit: Visit) -> Page:
    """Return the newest entries that match the address's facets."""
    facets = {name: visit.query.get(name, "").strip()[:200] for name in FACETS}
    record = visit.query.get("record", "").strip()[:200]
    before = visit.query.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):  # noqa: PLR2004
        raise BadInputError("`before` is no time", fix="use the page's own links")
    until = int(before) if before else 2**62
    query = LedgerQuery(
        call=facets["call"],
        task=facets["task"],
        agent=facets["agent"],
        person=facets["person"],
        tool=facets["tool"],
        workflow=facets["workflow"],
        verdict=facets["verdict"],
        kind=facets["kind"],
        until_us=until,
        newest_first=True,
        limit=LIMIT,
    )
    found = await visit.house.reading.search(query)
    entries: list[Json] = [shapes.heard(one) for one in found]
    view: JsonObject = {
        "facets": dict[str, Json](facets),
        "entries": entries,
        "record": record,
        "about": await _about(visit, record) if record else [],
        "older_us": found[-1].at_us if len(found) == LIMIT else 0,
    }
    if record:
        await seen.note(visit, "record", view)
    return Page(template="ledger", title=say("nav.ledger"), at="ledger", view=view)


async def _about(visit: Visit, record: str) -> list[Json]:
    """Return the calls that were about a record: what each did, for whom, and how it ended."""
    found = await visit.house.reading.about_record(record)
    return [await _brief(visit, trace) for trace in found]


async def _brief(visit: Visit, trace: Trace) -> JsonObject:
    call = await visit.house.inbox.call(trace.call)
    return {
        **shapes.call(call),
        "at_us": trace.request.at_us,
        "sentence": about.sentence_of(visit, call),
        "agent": call.agent,
        "requester": call.requester,
    }


async def verify(visit: Visit) -> JsonObject:
    """Read the whole ledger and say whether it is as it was written."""
    return shapes.verified(await visit.house.reading.verify())


def _step(trace: Trace, number: int) -> JsonObject:
    step = trace.steps[number]
    later = [one.at_us for one in trace.steps if one.at_us > step.at_us]
    unused = step.said in {"not needed", "nothing to recover", "nothing was done"}
    return {
        "number": number + 1,
        "name": step.name,
        "at_us": step.at_us,
        "said": step.said,
        "facts": dict(step.facts),
        "unused": unused,
        "people": step.name == PEOPLE_TOOK and not unused,
        "took_us": min(later, default=step.at_us) - step.at_us,
    }
