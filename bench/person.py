"""The one person of the bench's gateways: lets its agent go live, and answers what is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bench.governed import AGENT, OWNER, Gateway
from bench.processes import BenchError
from sallyport.adapters.keys.people import PersonKey
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules.statements import Signed, statement

BECAUSE = "bench"


def go_live(gate: Gateway) -> None:
    """Have what the agent asks for asked, and not drafted as that of a new agent."""
    details: JsonObject = {"agent": AGENT, "stage": "live", "because": BECAUSE}
    gate.client.stage(AGENT, "live", because=BECAUSE, signed=signed(gate, "stage", details))


def asked(gate: Gateway) -> list[dict[str, Any]]:
    """Return the questions that wait."""
    return [item for item in gate.client.inbox() if item["kind"] == "question"]


def answer(gate: Gateway, item: Mapping[str, Any], *, yes: bool) -> None:
    """Answer one question.

    Raises:
        SallyportError: It is asked no longer.
    """
    answering(gate, str(item["id"]), yes=yes)()


def answering(gate: Gateway, question: str, *, yes: bool) -> Callable[[], object]:
    """Return what sends the answer to a question, which is read and signed already."""
    shown = gate.client.item(question)
    at_us = time.time_ns() // 1000
    more = {} if yes else {"code": "other"}
    if yes and shown["confirm"]:
        more = {"typed": shown["confirm"]["value"]}
    said: JsonObject = {"person": OWNER, "yes": yes, "because": BECAUSE, "at_us": at_us, **more}
    signature = key_of(gate).sign(approvals.signable(shown["statement_of"], said))
    return lambda: gate.client.answer(
        question, person=OWNER, yes=yes, because=BECAUSE, at_us=at_us, signature=signature, **more
    )


def link(gate: Gateway) -> str:
    """Return the address that signs the person in to the console, once."""
    made = gate.client.post("/admin/console", {"signed": asdict(signed(gate, "console", {}))})
    return str(made["url"])


def signed(gate: Gateway, verb: str, details: JsonObject) -> Signed:
    """Return the person's signature over a statement, made now."""
    at_us = time.time_ns() // 1000
    said = statement(verb, details, person=OWNER, at_us=at_us)
    return Signed(person=OWNER, at_us=at_us, signature=key_of(gate).sign(said))


def key_of(gate: Gateway) -> PersonKey:
    """Return the person's key.

    Raises:
        BenchError: The gateway was set up elsewhere.
    """
    if gate.key is None:
        raise BenchError("the gateway was not set up here: nobody has a key to sign with")
    return gate.key
