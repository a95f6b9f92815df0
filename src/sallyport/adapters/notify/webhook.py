"""Signed webhooks, as Standard Webhooks 1.0 has them: id, time, and an HMAC over both and the body.

Whoever receives one checks the signature with the shared secret, and drops an id it has seen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence

from sallyport.adapters.notify.web import Web
from sallyport.errors import SallyportError
from sallyport.ports import ONE_LANE, Clock, Delivered, GaveUp, Sent, TryAgain
from sallyport.rules import canonical
from sallyport.rules.channels import Webhook
from sallyport.rules.notices import Notice
from sallyport.rules.times import SECOND_US

PREFIX = "whsec_"
SECRET_BYTES_MIN = 24
GONE = 410
"""Standard Webhooks: the receiver wants no more of these."""


class WebhookNotifier:
    """Sends notices to a program."""

    kind = "webhook"

    def __init__(
        self, way: Webhook, *, secret: Callable[[str], str], clock: Clock, unsafe_private: bool
    ) -> None:
        self._way = way
        self._secret = secret
        self._clock = clock
        self._web = Web(unsafe_private=unsafe_private)

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Return that a program is told of everything."""
        del notice
        return ONE_LANE

    async def send(self, notice: Notice) -> Sent:
        """Send it, signed."""
        try:
            key = key_of(self._secret(self._way.secret))
        except SallyportError as error:
            return TryAgain(error.what)
        if key is None:
            return TryAgain(f"the secret `{self._way.secret}` is not `{PREFIX}` and base64")
        data = notice.as_json()
        body = canonical.encode(
            {"type": f"notice.{notice.kind.value}", "timestamp": data["made"], "data": data}
        )
        headers = signed(notice.id, self._clock.now_us() // SECOND_US, body, key)
        answer = await self._web.post(self._way.url, body, headers)
        if isinstance(answer, TryAgain | GaveUp):
            return answer
        return _came_of(answer.status, answer.after_s)

    async def close(self) -> None:
        """Close the connection."""
        await self._web.close()


def key_of(secret: str) -> bytes | None:
    """Return the key in a secret, None where it holds none or a short one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= SECRET_BYTES_MIN else None


def signed(notice_id: str, at_s: int, body: bytes, key: bytes) -> dict[str, str]:
    """Return the headers that go with a body."""
    said = f"{notice_id}.{at_s}.".encode() + body
    mac = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{mac}",
    }


def _came_of(status: int, after_s: int) -> Sent:
    match status:
        case _ if 200 <= status < 300:  # noqa: PLR2004 (classes of statuses)
            return Delivered()
        case _ if 300 <= status < 400:  # noqa: PLR2004
            return GaveUp(f"it answered {status}, and a redirect is not followed")
        case _ if status == GONE:
            return GaveUp("it wants no more (410)")
        case _:
            return TryAgain(f"it answered {status}", after_s)
