"""The steps of signing in with a passkey: a fresh statement, and whoever signs it."""

from __future__ import annotations

import secrets

from sallyport.adapters.keys import passkeys
from sallyport.doors.console.ceremonies import Ceremonies, to_get
from sallyport.errors import BadInputError, NotAuthenticatedError
from sallyport.flow.house import House
from sallyport.flow.signers import key_of
from sallyport.model import JsonObject
from sallyport.rules import canonical

KIND = "sign-in"
INBOX = "/inbox"
TO_CHARS = 1000
WAYS = ("/sign-in", "/enter/", "/oidc/", "/static/")


def begin(house: House, ceremonies: Ceremonies, rp: str) -> JsonObject:
    """Return what a browser signs to sign somebody in."""
    said: JsonObject = {"site": rp, "nonce": secrets.token_urlsafe(32)}
    statement = b"sallyport/sign-in/v1\n" + canonical.encode(said)
    ceremony = ceremonies.begin(KIND, statement, now_us=house.gateway.evidence.now_us())
    return to_get(ceremony, statement, rp)


def onward(asked: str) -> str:
    """Return where somebody goes on once they are signed in: a page of this console."""
    here = asked.startswith("/") and not asked.startswith(("//", *WAYS))
    plain = asked.isascii() and asked.isprintable() and not set(asked) & set('\\" ')
    return asked if here and plain and len(asked) <= TO_CHARS else INBOX


async def finish(house: House, ceremonies: Ceremonies, form: JsonObject) -> str:
    """Begin the session of whoever signed; return its secret.

    Raises:
        NotAuthenticatedError: Nobody here signed this.
    """
    credential = form.get("credential")
    if not isinstance(credential, dict):
        raise BadInputError("there is no passkey's answer", fix="use the page's own button")
    now_us = house.gateway.evidence.now_us()
    ceremony = ceremonies.take(str(form.get("ceremony")), KIND, now_us=now_us)
    signature = passkeys.signature_of(credential)
    for person in house.gateway.registry.people.values():
        if key_of(house.gateway.outside.signatures, person, ceremony.statement, signature):
            return await house.sessions.begin(person.name, how="passkey")
    raise NotAuthenticatedError(
        "nobody here has this passkey", fix="sign in by `sallyport console` and add it"
    )
