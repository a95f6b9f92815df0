"""What a browser hands over so that its device can be told something, read strictly.

Rules:
  1. A device is reached at a push service that the settings name, over https, and nowhere else:
     whoever signs in could otherwise have the gateway write to any host it can reach.
  2. It is told only what is encrypted for it, so its key and its secret must be whole.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sallyport.errors import BadInputError
from sallyport.model import JsonObject
from sallyport.rules.channels import unusable
from sallyport.rules.inert import plain

ENDPOINT_CHARS: Final = 2048
LABEL_CHARS: Final = 80
KEY_BYTES: Final = 65
UNCOMPRESSED: Final = 4
AUTH_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One browser of one person, and how it is told something (RFC 8030, RFC 8291).

    `key` is its public key on P-256, uncompressed, and `auth` the secret that it shares with us.
    """

    id: str
    person: str
    label: str
    endpoint: str
    key: bytes
    auth: bytes
    made_us: int = 0


def read(person: str, given: JsonObject, services: Collection[str], *, at_us: int) -> Device:
    """Return the device of a person from what their browser gave.

    Args:
        person: Whose it is.
        given: `PushSubscription.toJSON()`, and a `label`.
        services: The hosts at which devices may be reached, with those below them.
        at_us: Now.

    Raises:
        BadInputError: It is no subscription, or one at another host.
    """
    keys = given.get("keys")
    found = keys if isinstance(keys, dict) else {}
    endpoint = _text(given, "endpoint")
    key, auth = from_text(_text(found, "p256dh")), from_text(_text(found, "auth"))
    if len(key) != KEY_BYTES or key[0] != UNCOMPRESSED or len(auth) != AUTH_BYTES:
        raise BadInputError("this is no push subscription", fix="use the page's own button")
    if not served(endpoint, services):
        raise BadInputError(
            "this browser is reached at a push service that the settings do not name",
            fix="have an operator add its host to `services` of the channel",
        )
    label = " ".join(plain(_text(given, "label")).split())
    return Device(
        id=f"d_{hashlib.sha256(endpoint.encode()).hexdigest()[:20]}",
        person=person,
        label=label[:LABEL_CHARS],
        endpoint=endpoint,
        key=key,
        auth=auth,
        made_us=at_us,
    )


def served(endpoint: str, services: Collection[str]) -> bool:
    """Return whether an address is one of these hosts, or of a host below one of them."""
    if len(endpoint) > ENDPOINT_CHARS or unusable(endpoint):
        return False
    host = str(urlsplit(endpoint).hostname)
    return any(host == one or host.endswith(f".{one}") for one in services)


def as_json(device: Device) -> JsonObject:
    """Return what is kept sealed of a device."""
    return {
        "endpoint": device.endpoint,
        "p256dh": to_text(device.key),
        "auth": to_text(device.auth),
    }


def to_text(raw: bytes) -> str:
    """Return bytes as browsers write them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Return bytes from how browsers write them; none where it is no such text."""
    try:
        return base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _text(given: JsonObject, name: str) -> str:
    found = given.get(name, "")
    return found if isinstance(found, str) else ""
