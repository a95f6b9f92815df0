"""Web push: a notice on people's own devices, by the push services of their browsers.

Rules:
  1. What leaves is encrypted for one device. The push service sees that something was sent, to whom
     and when, and neither what nor how much.
  2. Each device is a lane of its own: one that cannot be reached holds up no other.
  3. A notice that comes twice takes the place of itself: at the push service by its topic, on the
     device by its tag.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from sallyport.adapters.notify.web import Answer, Web
from sallyport.errors import SallyportError
from sallyport.model import JsonObject
from sallyport.ports import BrowserKeys, Clock, Delivered, Devices, GaveUp, Sent, TryAgain
from sallyport.rules import canonical
from sallyport.rules.channels import VAPID, Push
from sallyport.rules.devices import Device, served, to_text
from sallyport.rules.notices import Kind, Notice
from sallyport.rules.times import SECOND_US

KEPT_S: Final = 24 * 3600
"""How long a push service keeps what has no end of its own."""
TOPIC_CHARS: Final = 32
GONE: Final = frozenset({404, 410})
NOT_US: Final = frozenset({400, 401, 403})
TOO_MUCH: Final = 413
TITLE_CHARS, SUMMARY_CHARS = 200, 400
PATIENT: Final = frozenset({Kind.SETTLED, Kind.TEST})
"""Kinds that can wait until a device wakes up by itself."""


class PushNotifier:
    """Tells people on their devices."""

    kind = "push"

    def __init__(
        self,
        way: Push,
        *,
        devices: Devices,
        keys: BrowserKeys,
        secret: Callable[[str], str],
        clock: Clock,
        unsafe_private: bool,
    ) -> None:
        self._way = way
        self._devices = devices
        self._keys = keys
        self._secret = secret
        self._clock = clock
        self._web = Web(unsafe_private=unsafe_private)

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Return the devices of those who are told; a try reaches all there are."""
        names = None if notice.kind is Kind.TEST else notice.to
        return tuple(one.id for one in self._devices.of(names))

    async def send(self, notice: Notice) -> Sent:
        """Tell of it on the device that is its lane; a try on all of them."""
        found = [one for one in self._devices.of() if notice.lane in {"", one.id}]
        if not found:
            return GaveUp("this device was removed" if notice.lane else "nobody has a device here")
        came = await asyncio.gather(*(self._told(one, notice) for one in found))
        if len(came) == 1:
            return came[0]
        got = sum(isinstance(one, Delivered) for one in came)
        return Delivered(f"on {got} of {len(came)} devices") if got else came[0]

    async def close(self) -> None:
        """Close the connection."""
        await self._web.close()

    async def _told(self, device: Device, notice: Notice) -> Sent:
        if not served(device.endpoint, self._way.services):
            return GaveUp("its push service is none of `services`")
        try:
            body = self._keys.encrypted(canonical.encode(message(notice)), device)
        except ValueError:
            return GaveUp("nothing can be encrypted for this device")
        try:
            headers = self._headers(device, notice)
        except SallyportError as error:
            return TryAgain(error.what)
        except ValueError:
            return TryAgain(f"the secret `{VAPID}` is not a key on P-256")
        answer = await self._web.post(device.endpoint, body, headers)
        return await self._came_of(device, answer) if isinstance(answer, Answer) else answer

    def _headers(self, device: Device, notice: Notice) -> Mapping[str, str]:
        now_s = self._clock.now_us() // SECOND_US
        left_s = notice.ends_us // SECOND_US - now_s if notice.ends_us else KEPT_S
        return {
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "ttl": str(max(0, min(left_s, KEPT_S))),
            "urgency": "normal" if notice.kind in PATIENT else "high",
            "topic": to_text(hashlib.sha256(notice.id.encode()).digest())[:TOPIC_CHARS],
            "authorization": self._keys.authorization(
                self._secret(VAPID), device.endpoint, contact=self._way.contact, now_s=now_s
            ),
        }

    async def _came_of(self, device: Device, answer: Answer) -> Sent:
        host = urlsplit(device.endpoint).hostname
        match answer.status:
            case status if 200 <= status < 300:  # noqa: PLR2004 (classes of statuses)
                return Delivered()
            case status if status in GONE:
                await self._devices.gone(device.id, "its push service does not know it any more")
                return GaveUp("its push service does not know this device any more")
            case status if status in NOT_US:
                return GaveUp(f"`{host}` does not take what this gateway sends ({status})")
            case status if status == TOO_MUCH or 300 <= status < 400:  # noqa: PLR2004
                return GaveUp(f"`{host}` answered {status}")
            case status:
                return TryAgain(f"`{host}` answered {status}", answer.after_s)


def message(notice: Notice) -> JsonObject:
    """Return what a device shows: a title, a summary, and where its own console opens."""
    parts = urlsplit(notice.link)
    return {
        "id": notice.id,
        "title": notice.title[:TITLE_CHARS],
        "body": notice.summary[:SUMMARY_CHARS],
        "path": parts.path or "/",
    }
