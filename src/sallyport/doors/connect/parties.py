"""Who takes part when a client is connected: the gateway, and a person who answers and signs.

Everything here is what `connect` needs of them and no more; the command line brings the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sallyport.adapters.host.clock import SystemClock
from sallyport.model import Json, JsonObject
from sallyport.rules.statements import statement


class Gateway(Protocol):
    """The people's door of a running gateway, by paths below `/admin`."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> JsonObject:
        """Return what a path answers.

        Raises:
            SallyportError: The gateway refused, or does not answer.
        """
        ...

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """Send a body to a path and return the answer.

        Raises:
            SallyportError: The gateway refused, or does not answer.
        """
        ...


class Signer(Protocol):
    """A person with their key at hand."""

    @property
    def name(self) -> str:
        """Who they are."""
        ...

    def sign(self, message: bytes) -> str:
        """Return their hex signature over a message."""
        ...


class Owner(Protocol):
    """The person whose authority a connection rests on."""

    @property
    def name(self) -> str:
        """Who they are, or will be once they are enrolled."""
        ...

    def signer(self) -> Signer:
        """Return them with their key, enrolled first where nobody is."""
        ...


class Dialogue(Protocol):
    """The person at the keyboard."""

    def say(self, text: str) -> None:
        """Show them something."""
        ...

    def agrees(self, question: str) -> bool:
        """Return whether they say yes."""
        ...


def signed(signer: Signer, verb: str, details: JsonObject) -> JsonObject:
    """Return a person's statement, signed now, as the gateway takes it."""
    at_us = SystemClock().now_us()
    said = statement(verb, details, person=signer.name, at_us=at_us)
    return {"person": signer.name, "at_us": at_us, "signature": signer.sign(said)}


def objects(answer: JsonObject, key: str) -> list[JsonObject]:
    """Return a list of objects in an answer; what is no object is left out."""
    found = answer.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def texts(value: Json) -> list[str]:
    """Return a list's items as text; nothing for anything but a list."""
    return [str(one) for one in value] if isinstance(value, list) else []
