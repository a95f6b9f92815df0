"""Who makes a request of the public REST door: a token's bearer, a person, or a workflow step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from sallyport.doors.api import openapi
from sallyport.doors.api.wire import Admission, Endpoint
from sallyport.doors.mcp import headers
from sallyport.doors.settings import Settings
from sallyport.errors import (
    NotAuthenticatedError,
    NotPermittedError,
)
from sallyport.flow.house import House
from sallyport.flow.registry import Token
from sallyport.model import (
    JsonObject,
    Person,
    WorkflowStep,
)
from sallyport.rules.statements import Signed

OPENER = "opener"
"""A token that opens tasks."""
WORKER = "worker"
"""An agent's token or a task's: it proposes calls."""
PERSON = "person"
"""No token: a person's signature in the headers of the request."""
ANSWER = "answer"
"""No token: the answer in the body is itself signed."""
STEP = "step"
"""No token: a workflow step's signature in the headers of the request."""
STEP_ANSWER = "step answer"
"""No token: the answer in the body is signed by a workflow step."""

KINDS: Mapping[str, frozenset[str]] = {
    OPENER: frozenset({"opener"}),
    WORKER: frozenset({"agent", "task"}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the bearer of a token, or a person or a workflow step that signed."""

    bearer: Token | None = None
    person: Person | None = None
    step: WorkflowStep | None = None

    @property
    def token(self) -> Token:
        """The token that the request came with."""
        if self.bearer is None:
            raise NotAuthenticatedError("the request has no token")
        return self.bearer


def admission(house: House, settings: Settings) -> Admission[Caller]:
    """Return what finds out who makes a request, by what its address needs."""

    def admit(request: Request, endpoint: Endpoint[Caller], body: JsonObject) -> Caller:
        given = headers.read(request.scope["headers"])
        headers.check_host(given, settings)
        match endpoint.credential:
            case "":
                return Caller()
            case "person":
                return Caller(person=_person(given, house))
            case "answer":
                return _answerer(house, body)
            case "step":
                return Caller(step=house.steps.verify(_signed(given, STEP_HEADERS, "a step")))
            case "step answer":
                return _answering_step(house, body)
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
    return house.people.verify("list-inbox", {}, _signed(given, SIGNED_HEADERS, "a person"))


def _signed(given: Mapping[bytes, str], names: tuple[bytes, ...], whose: str) -> Signed:
    name, at, signature = (given.get(header, "") for header in names)
    if not (name and signature and at.isascii() and at.isdigit() and len(at) <= len(str(2**62))):
        wanted = ", ".join(header.decode().title() for header in names)
        raise NotAuthenticatedError(
            f"the request is not signed by {whose}", fix=f"send the headers {wanted}"
        )
    return Signed(person=name, at_us=int(at), signature=signature)


def _answerer(house: House, body: JsonObject) -> Caller:
    """Look no further than who says to have signed; the inbox checks the signature itself."""
    name = body.get("person")
    person = house.gateway.registry.people.get(name) if isinstance(name, str) else None
    if person is None or not body.get("signature"):
        raise NotAuthenticatedError(
            "the answer is not signed by a person", fix="sign it with the key you enrolled with"
        )
    return Caller(person=person)


def _answering_step(house: House, body: JsonObject) -> Caller:
    """As for a person: the inbox checks the signature itself."""
    name = body.get("step")
    step = house.gateway.registry.steps.get(name) if isinstance(name, str) else None
    if step is None or not body.get("signature"):
        raise NotAuthenticatedError(
            "the answer is not signed by a workflow step",
            fix="sign it with the key that was registered for the step",
        )
    return Caller(step=step)


SIGNED_HEADERS = (b"sallyport-person", b"sallyport-at", b"sallyport-signature")

STEP_HEADERS = (b"sallyport-step", b"sallyport-at", b"sallyport-signature")

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
    STEP: openapi.Credential(
        headers={
            "Sallyport-Step": "Which workflow step asks.",
            "Sallyport-At": "When it was signed, microseconds since 1970 UTC.",
            "Sallyport-Signature": "Hex Ed25519 signature over the statement "
            "`list-step-questions`.",
        }
    ),
    STEP_ANSWER: openapi.Credential(),
}
