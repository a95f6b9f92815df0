"""What stands in the ledger after a day's work: every entry, by its schema, and what it proves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import jsonschema_rs
import pytest
from anyio.from_thread import BlockingPortal

from sallyport.model import JsonObject, Verdict
from sallyport.ports import LedgerQuery
from sallyport.rules import canonical
from sallyport.rules.again import again
from sallyport.rules.trace import Heard
from tests.integration.api.office import DESK_TOKEN, Office, staffed
from tests.requirements import requirement

TEXT = {"type": "string"}
NAMED = {"type": "string", "minLength": 1}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME = {"type": "integer", "minimum": 1}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
VERDICT = {"enum": [verdict.name.lower() for verdict in Verdict]}
ENDING = {"enum": ["done", "draft", "refused", "waiting", "expired"]}
ACTION = {"enum": ["intended", "sent", "done", "failed", "in_doubt", "undone", None]}
REASONS = {"type": "array", "items": {"type": "string", "pattern": "^(allow|ask|draft|refuse) ."}}
FINDINGS = {**REASONS, "minItems": 1}
ANY: dict[str, Any] = {}
OBJECT = {"type": "object"}
ACTOR = {
    "type": "object",
    "required": ["type", "agent", "instance"],
    "properties": {"type": {"enum": ["agent", "gateway"]}, "agent": NAMED, "instance": NAMED},
}
ANSWER_SHAPE = {
    "type": ["object", "null"],
    "required": ["kind", "is_error", "bytes"],
    "properties": {"kind": {"enum": ["result", "error"]}, "is_error": FLAG, "bytes": COUNT},
}
INTENT = {
    "type": ["object", "null"],
    "required": ["reserved", "image"],
    "properties": {"reserved": TEXTS, "image": TEXT},
    "additionalProperties": False,
}

VERSION: dict[str, Any] = {
    "version": TIME,
    "workflow": NAMED,
    "digest": DIGEST,
    "proposal": NAMED,
    "against": TEXT,
    "change": {"enum": ["same", "narrows", "first", "widens", "unknown"]},
    "because": TEXT,
    "author": NAMED,
    "signatures": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["person", "public_key", "signature", "at_us"],
            "properties": {
                "person": NAMED,
                "public_key": NAMED,
                "signature": NAMED,
                "at_us": TIME,
            },
            "additionalProperties": False,
        },
    },
    "proof": {
        "type": "object",
        "required": ["result", "solver", "ms", "at_us", "formulas", "own_formulas"],
        "additionalProperties": {"type": ["string", "integer"]},
    },
    "reverts": COUNT,
    "rules": NAMED,
}

BODIES: dict[str, dict[str, Any]] = {
    "gateway.started": {"stop_file": TEXTS, "distrust": TEXT, "boundaries": TEXTS},
    "person.kept": {
        "person": NAMED,
        "roles": TEXTS,
        "public_key": TEXT,
        "passkeys": TEXTS,
        "recovery_codes": COUNT,
        "identity": TEXT,
        "active": FLAG,
        "by": NAMED,
    },
    "secret.kept": {"secret": NAMED, "replaces": FLAG, "by": TEXT},
    "secret.withheld": {"call": NAMED, "system": NAMED, "tool": NAMED, "secret": NAMED},
    "agent.added": {
        "agent": NAMED,
        "owner": NAMED,
        "purpose": NAMED,
        "contact": NAMED,
        "stage": NAMED,
        "by": NAMED,
    },
    "agent.staged": {
        "agent": NAMED,
        "stage": NAMED,
        "because": NAMED,
        "was": NAMED,
        "by": NAMED,
        "signature": NAMED,
    },
    "boundary.signed": {**VERSION, "from_us": COUNT, "missing": {"enum": ["", "owner", "second"]}},
    "boundary.activated": {**VERSION, "replaces": TEXT},
    "token.made": {
        "token": NAMED,
        "kind": NAMED,
        "agent": TEXT,
        "workflow": TEXT,
        "requester": TEXT,
        "label": TEXT,
        "by": NAMED,
    },
    "token.revoked": {"token": NAMED, "kind": NAMED, "agent": TEXT, "by": NAMED},
    "task.opened": {
        "task": NAMED,
        "workflow": NAMED,
        "agent": NAMED,
        "instance": NAMED,
        "requester": NAMED,
        "boundary": DIGEST,
        "inputs": TEXTS,
        "standing": FLAG,
        "expires_us": TIME,
    },
    "task.closed": {"task": NAMED, "by": NAMED},
    "call.decided": {
        "call": NAMED,
        "actor": ACTOR,
        "task": NAMED,
        "workflow": NAMED,
        "requester": NAMED,
        "channel": {"enum": ["rest", "mcp", "gateway", "release"]},
        "origin": {"enum": ["agent", "gateway", "release"]},
        "parent": TEXT,
        "by": NAMED,
        "system": TEXT,
        "tool": NAMED,
        "level": NAMED,
        "arguments": TEXTS,
        "digest": DIGEST,
        "boundary": DIGEST,
        "ending": ENDING,
        "verdict": VERDICT,
        "floors": FINDINGS,
        "entry": TEXT,
        "context": DIGEST,
        "intent": INTENT,
    },
    "call.decided_again": {
        "call": NAMED,
        "boundary": DIGEST,
        "verdict": VERDICT,
        "floors": FINDINGS,
        "entry": TEXT,
        "context": DIGEST,
    },
    "approval.asked": {
        "call": NAMED,
        "approval": NAMED,
        "digest": DIGEST,
        "about": DIGEST,
        "boundary": DIGEST,
        "target": TEXT,
        "who": TEXTS,
        "how_many": COUNT,
        "expires_us": TIME,
        "replaces": TEXT,
    },
    "approval.answered": {
        "call": NAMED,
        "approval": NAMED,
        "bound": OBJECT,
        "person": NAMED,
        "yes": FLAG,
        "kind": TEXT,
        "code": TEXT,
        "arguments": TEXTS,
        "as": TEXT,
        "key": NAMED,
        "at_us": TIME,
        "signature": NAMED,
        "confirmed_own": FLAG,
        "state": NAMED,
        "because": DIGEST,
    },
    "call.intended": {
        "call": NAMED,
        "digest": DIGEST,
        "approval": TEXT,
        "reserved": TEXTS,
        "image": TEXT,
    },
    "call.concluded": {
        "call": NAMED,
        "ending": ENDING,
        "action": ACTION,
        "why": REASONS,
        "result": ANSWER_SHAPE,
        "delivered": FLAG,
    },
    "call.delivered": {"call": NAMED},
    "call.kept": {"call": NAMED},
    "draft.stored": {"call": NAMED, "draft": NAMED, "tool": NAMED},
    "draft.discarded": {
        "draft": NAMED,
        "call": NAMED,
        "as": TEXT,
        "arguments": TEXTS,
        "by": NAMED,
    },
    "influence.entered": {"agent": NAMED, "instance": NAMED, "source": NAMED},
    "switch.set": {
        "switch": NAMED,
        "scope": NAMED,
        "verdict": VERDICT,
        "because": NAMED,
        "by": NAMED,
        "on_wire": TEXTS,
    },
    "switch.lifted": {
        "scope": NAMED,
        "switches": TEXTS,
        "stop_file": FLAG,
        "because": NAMED,
        "by": NAMED,
    },
}
SEALED: dict[str, dict[str, Any]] = {
    "task.opened": {"inputs": OBJECT, "words": TEXT, "purpose": TEXT},
    "call.decided": {
        "args": OBJECT,
        "meta": OBJECT,
        "answers": OBJECT,
        "context": OBJECT,
        "sentences": TEXTS,
    },
    "call.decided_again": {"context": OBJECT, "sentences": TEXTS},
    "boundary.signed": {"proof": OBJECT},
    "boundary.activated": {"proof": OBJECT},
    "call.concluded": {"result": ANY, "error": ANY, "sentences": TEXTS},
    "approval.answered": {"because": TEXT, "typed": TEXT},
    "approval.asked": {"object": OBJECT},
}


def _day(office: Office) -> None:
    """A day: reads, a small refund, a question answered and one refused, a draft, a stop."""
    task = office.open_task("T-4712")
    office.propose(task, "tickets.update", {"ticket_id": "T-4712", "status": "pending"})
    office.propose(task, "tickets.get", {"ticket_id": "T-4712"})
    office.propose(task, "crm.export_contacts", {})
    office.propose(task, "no.such_tool", {"x": 1})
    office.mail(task, "T-4712")
    office.answer("omar", office.next_question(), yes=True)
    office.settled(office.client.log(kind="approval.answered")[0]["body"]["call"])
    office.mail(task, "T-4712")
    office.mail(office.open_task("T-4713"), "T-4713")
    office.answer("omar", office.next_question(), yes=False)
    because = "shown to the auditors"
    office.client.floor("agent:support-bot", "draft", because=because, by="lena")
    office.mail(office.open_task("T-4714"), "T-4714")
    details: Any = {"scope": "agent:support-bot", "because": because}
    signed = office.signed("lena", "resume", details)
    office.client.resume("agent:support-bot", because=because, signed=signed)
    office.settled(office.client.log(kind="call.decided")[0]["body"]["call"])


@pytest.fixture(scope="module")
def worked(portal: BlockingPortal, desk_url: str) -> Iterator[Office]:
    """Open an office that has worked for a day."""
    with staffed(portal, desk_url) as office:
        _day(office)
        yield office


def _all(office: Office) -> list[Heard]:
    query = LedgerQuery(limit=100_000)

    async def read() -> list[Heard]:
        return list(await office.house.reading.search(query, unseal=True))

    return office.portal.call(read)


@requirement("B-28")
def test_every_record_of_a_day_has_its_schema(worked: Office) -> None:
    """All of them: request, tool, parameters, approval, result and errors, and nothing unnamed."""
    heard = _all(worked)
    for entry in heard:
        assert entry.kind in BODIES, entry.kind
        jsonschema_rs.validate(_exactly(BODIES[entry.kind]), entry.body)
        sealed = SEALED.get(entry.kind)
        assert (entry.secret is None) == (sealed is None), entry.kind
        if sealed is not None:
            jsonschema_rs.validate(_exactly(sealed), entry.secret)
    assert {
        "call.decided",
        "call.intended",
        "call.concluded",
        "approval.asked",
        "approval.answered",
        "draft.stored",
        "switch.set",
        "switch.lifted",
        "influence.entered",
    } <= {entry.kind for entry in heard}
    errors = [e for e in heard if e.kind == "call.concluded" and e.body["ending"] == "refused"]
    assert errors


def _exactly(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@requirement("B-23")
def test_the_digest_of_each_snapshot_recomputes(worked: Office) -> None:
    """Roles, inputs, boundary, tools' state: the sealed snapshot is the one the trace hashes."""
    decided = [e for e in _all(worked) if e.kind in {"call.decided", "call.decided_again"}]
    assert decided
    for entry in decided:
        assert entry.secret is not None
        snapshot = entry.secret["context"]
        assert isinstance(snapshot, dict)
        assert canonical.digest("context", snapshot) == entry.body["context"]
        assert snapshot["boundaries"]
        changed: JsonObject = {**snapshot, "roles": ["administrator"]}
        assert canonical.digest("context", changed) != entry.body["context"]


@requirement("B-107")
def test_a_refused_proposal_is_in_the_log(worked: Office) -> None:
    """A tool of the system that is forbidden, and one that does not exist at all."""
    refused = {e["body"]["tool"]: e for e in worked.client.log(verdict="refuse")}
    assert refused.keys() == {"crm.export_contacts", "no.such_tool"}
    call = refused["no.such_tool"]["body"]["call"]
    assert worked.client.log(tool="no.such_tool", kind="call.decided")[0]["body"]["call"] == call
    assert worked.client.trace(call)["steps"][2]["facts"]["args"] == {"x": 1}


@requirement("B-110")
def test_what_was_found_is_in_the_log_for_permitted_calls_too(worked: Office) -> None:
    """An allowed call has its findings, each with the sentence that people read."""
    allowed = [e for e in _all(worked) if e.body.get("verdict") == "allow" and e.secret]
    tools = {str(e.body.get("tool")) for e in allowed if e.kind == "call.decided"}
    assert tools >= {"tickets.get", "tickets.update"}
    for entry in allowed:
        codes, sentences = entry.body["floors"], (entry.secret or {})["sentences"]
        assert isinstance(codes, list)
        assert isinstance(sentences, list)
        assert len(codes) == len(sentences) > 0


def test_a_trace_has_its_eight_steps(worked: Office) -> None:
    """For people on the socket and for the opener over the network alike."""
    call = worked.client.log(kind="approval.answered")[0]["body"]["call"]
    steps = worked.client.trace(call)["steps"]
    assert [step["name"] for step in steps] == [
        "request",
        "context",
        "proposal",
        "validation",
        "approval",
        "action",
        "log",
        "recovery",
    ]
    over_http = worked.v1("GET", f"/v1/traces/{call}", token=worked.opener)
    assert over_http.body["steps"] == steps
    elsewhere = worked.client.make_token("opener", by="lena", workflow="another")
    assert worked.v1("GET", f"/v1/traces/{call}", token=elsewhere).status == 404


def test_the_log_is_searched_by_what_people_know(worked: Office) -> None:
    """Agent, tool, person, verdict, workflow, kind, time; from either end; at most so many."""
    log = worked.client.log
    everything = log(limit=10_000)
    assert [e["seq"] for e in everything] == list(range(1, len(everything) + 1))
    assert log(newest_first=True, limit=1) == everything[-1:]
    assert {e["body"]["tool"] for e in log(tool="mail.send", kind="call.decided")} == {"mail.send"}
    assert log(agent="nobody") == []
    assert all(e["body"]["person"] == "omar" for e in log(kind="approval.answered", person="omar"))
    middle = everything[len(everything) // 2]["at_us"]
    assert all(e["at_us"] >= middle for e in log(since_us=middle, limit=10_000))
    assert all(e["at_us"] < middle for e in log(until_us=middle, limit=10_000))


def test_no_secret_is_in_anything_that_anybody_sees(worked: Office) -> None:
    """Not in a response, not in the log, not in the database in clear."""
    seen = b"".join(worked.heard) + worked.on_disk()
    for path in ("/admin/log?limit=10000", "/admin/secrets", "/admin/status", "/admin/inbox"):
        seen += canonical.encode(worked.client.get(path))
    assert DESK_TOKEN.encode() not in seen
    assert worked.opener.encode() not in worked.on_disk()


def test_an_answer_that_holds_a_secret_is_withheld(office: Office) -> None:
    """A system that tells a credential it was given is not passed on, and the log says so."""
    office.client.keep_secret("planted", "ada@brandt-bakery.example")
    task = office.open_task("T-4711")

    told = office.propose(task, "crm.get_contact", {"contact_id": "C-1001"})

    assert told.body["error"]["message"] == "the answer was withheld: it held a credential"
    assert b"ada@brandt" not in told.raw
    (entry,) = office.client.log(kind="secret.withheld")
    assert entry["body"] == {
        "call": told.body["call"]["id"],
        "system": "desk",
        "tool": "crm.get_contact",
        "secret": "planted",
    }
    trace = office.client.trace(told.body["call"]["id"])
    assert "ada@brandt" not in canonical.text(trace["steps"][5]["facts"])


def test_an_untouched_ledger_verifies_and_says_what_that_does_not_show(worked: Office) -> None:
    """The whole of it is read; its tail is anchored nowhere, and that is said."""
    found = worked.client.verify_log()
    assert found["intact"] is True
    assert found["problems"] == []
    assert found["entries"] == len(worked.client.log(limit=10_000))
    assert (found["anchored_up_to"], found["unanchored_tail"]) == (0, found["entries"])
    assert found["payloads"] > 0
    assert (found["erased"], found["altered"]) == (0, [])
    assert "anchored nowhere outside" in found["said"]


def test_what_was_changed_in_the_ledger_is_found(portal: BlockingPortal, desk_url: str) -> None:
    """An entry's bytes, a sealed part's bytes; an erased sealed part is told, and no fault."""
    with staffed(portal, desk_url) as office:
        for ticket in ("T-4711", "T-4712", "T-4713"):
            office.open_task(ticket)
        first, second, third = (e["seq"] for e in office.client.log(kind="task.opened"))
        with sqlite3.connect(office.settings.state / "sallyport.db") as database:
            database.execute(
                "DELETE FROM payloads WHERE seq = ?",
                (first,),
            )
            database.execute(
                "UPDATE payloads SET sealed = CAST(x'00' || sealed AS BLOB) WHERE seq = ?",
                (second,),
            )
            database.execute(
                "UPDATE ledger SET data = CAST(data || ' ' AS BLOB) WHERE seq = ?", (third,)
            )
        database.close()

        found = office.client.verify_log()

        assert found["intact"] is False
        assert found["erased"] == 1
        assert found["altered"] == [second]
        assert {problem["seq"] for problem in found["problems"]} == {third}


@requirement("A-30")
def test_every_logged_decision_is_made_again_as_it_was(worked: Office) -> None:
    """From the ledger and the signed versions alone: verdict, floors and line; the line exists."""
    found = worked.client.get("/admin/replay")
    decided = [e for e in _all(worked) if e.kind in {"call.decided", "call.decided_again"}]
    boundaries = worked.house.gateway.registry.boundaries

    assert found["examples"] == []
    assert found["undecidable"] == {}
    assert found["decisions"] == found["same"] == len(decided)
    for entry in decided:
        seen = (entry.secret or {})["context"]
        assert isinstance(seen, dict)
        assert seen["roles"]
        line = str(entry.body["entry"])
        lines = [
            one.where
            for digest in cast("list[str]", seen["boundaries"])
            for rule in boundaries[digest].workflow.tools.values()
            for one in (*rule.allow, *rule.ask)
        ]
        assert not line or line in lines


def test_a_decision_under_other_words_is_found_to_differ(worked: Office) -> None:
    """Deciding again is no formality: with other facts, roles or words the answer is another."""
    heard = _all(worked)
    entry = next(e for e in heard if e.body.get("tool") == "tickets.update")
    assert entry.secret is not None
    seen = entry.secret["context"]
    assert isinstance(seen, dict)
    boundaries = worked.house.gateway.registry.boundaries

    changes: tuple[JsonObject, ...] = (
        {"roles": ["stranger"]},
        {"facts": {"ticket_state": "solved"}},
    )
    for change in changes:
        other = replace(entry, secret={**entry.secret, "context": {**seen, **change}})
        assert again(entry, entry, boundaries).same
        assert not again(other, other, boundaries).same
    erased = again(replace(entry, secret=None), entry, boundaries)
    assert (erased.same, erased.why_not) == (False, "its sealed part was erased")
    unknown = again(entry, entry, {})
    assert unknown.why_not == "its boundary is of another release, or not kept"


def test_a_day_is_replayed_under_another_boundary(worked: Office) -> None:
    """How many it would allow, ask and refuse; and how many questions that is for each person."""
    as_it_is = _under(worked)
    narrower = _under(
        worked, ("one_of: [open, pending, solved]}\n    when", "is: solved}\n    when")
    )

    assert as_it_is["calls"] == narrower["calls"] > 0
    assert narrower["verdicts"]["refuse"] > as_it_is["verdicts"]["refuse"]
    (asked,) = as_it_is["asks"]
    assert asked["questions"] >= asked["each"] >= 1
    assert asked["people"] >= 1
    assert as_it_is["erased"] == 0
    assert "@" not in str(as_it_is["examples"])


def _under(office: Office, *changes: tuple[str, str]) -> Any:
    workflow, systems = office.files(*changes)
    body = {"workflow": workflow, "file": "w.yaml", "systems": systems}
    return office.client.post("/admin/replay", body)
