"""The two halves of an act that a passkey signs: what is to be signed, and what came back."""

from __future__ import annotations

from sallyport.adapters.keys import passkeys
from sallyport.doors.console.ceremonies import to_get
from sallyport.doors.console.page import Visit
from sallyport.errors import BadInputError, ConflictError, NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules import statements
from sallyport.rules.statements import Signed

TEXT_MAX = 4000


def begin(visit: Visit, kind: str, statement: bytes, data: JsonObject) -> JsonObject:
    """Return what the one who is signed in signs; `data` comes back with the signature.

    Raises:
        NotPermittedError: They have no passkey.
    """
    if not visit.person.passkeys:
        raise NotPermittedError("you have no passkey yet", fix="add one under People")
    ceremony = visit.ceremonies.begin(
        kind, statement, now_us=visit.now_us, session=visit.session.id, data=data
    )
    return to_get(ceremony, statement, visit.rp, visit.person)


def begin_verb(visit: Visit, verb: str, details: JsonObject) -> JsonObject:
    """Return what is signed for one of the verbs of `rules.statements`."""
    at_us = visit.now_us
    said = statements.statement(verb, details, person=visit.person.name, at_us=at_us)
    return begin(visit, verb, said, {**details, "at_us": at_us})


def finish(visit: Visit, kind: str) -> tuple[JsonObject, str]:
    """Return what was signed for, and the signature, once.

    Raises:
        BadInputError: The browser sent no passkey's answer.
        ConflictError: It was signed already, took too long, or was begun by or for something else.
    """
    credential = visit.form.get("credential")
    if not isinstance(credential, dict):
        raise BadInputError("there is no passkey's answer", fix="use the page's own button")
    ceremony = visit.ceremonies.take(
        str(visit.form.get("ceremony")), kind, now_us=visit.now_us, session=visit.session.id
    )
    return ceremony.data, passkeys.signature_of(credential)


def finish_verb(visit: Visit, verb: str) -> tuple[JsonObject, Signed]:
    """Return the details of a verb that was signed, and the signature."""
    data, signature = finish(visit, verb)
    at_us = data.get("at_us")
    if not isinstance(at_us, int):
        raise ConflictError("this was signed for something else", fix="begin again")
    details: JsonObject = {name: value for name, value in data.items() if name != "at_us"}
    return details, Signed(person=visit.person.name, at_us=at_us, signature=signature)


def text(visit: Visit, name: str) -> str:
    """Return a text that the page sent; nothing for one that it left out."""
    value = visit.form.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise BadInputError(f"`{name}` is no text", fix="use the page's own buttons")
    return value
