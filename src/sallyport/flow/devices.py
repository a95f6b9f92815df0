"""On which devices people are told: added and removed by themselves, in the browser that it is.

Rules:
  1. Whoever is signed in adds the browser that they sit at, for themselves. One browser tells one
     person: the last who asked.
  2. Nobody is told on a device who is not active here, whatever was added.
  3. How a device is reached is sealed; the ledger has who, which and when.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sallyport.errors import ConflictError, NotFoundError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught
from sallyport.flow.gateway import Gateway
from sallyport.model import JsonObject
from sallyport.ports import Blocked, Insert, Row, Update
from sallyport.rules import canonical, devices
from sallyport.rules.devices import Device
from sallyport.rules.strict_json import loads

ON, OVER = "on", "over"
EACH_MAX = 10
BYTES_MAX = 8192


class DeviceBook:
    """The devices of people. Implements `ports.Devices`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._devices: dict[str, Device] = {}
        self._known: set[str] = set()

    def of(self, names: Collection[str] | None = None) -> Sequence[Device]:
        """Return the devices of these people, or of everybody, where they are active."""
        people = self._gateway.registry.people
        return tuple(
            one
            for one in self._devices.values()
            if (names is None or one.person in names)
            and one.person in people
            and people[one.person].active
        )

    async def add(self, person: str, given: JsonObject, services: Collection[str]) -> Device:
        """Tell a person on the browser that gave this subscription, and on no other's behalf.

        Raises:
            BadInputError: It is no subscription, or one at a host that the settings do not name.
            ConflictError: They have as many devices as anybody may.
        """
        draught = self._gateway.evidence.draught()
        device = devices.read(person, given, services, at_us=draught.at_us)
        others = [one for one in self.of((person,)) if one.id != device.id]
        if len(others) >= EACH_MAX:
            raise ConflictError(f"you have {EACH_MAX} devices already", fix="remove one of them")
        row = self._row(device, draught)
        if device.id in self._known:
            draught.changes.append(Update("devices", device.id, {}, row))
        else:
            draught.changes.append(Insert("devices", {"id": device.id, **row}))
        await self._note("device.added", device, draught)
        self._devices[device.id] = device
        self._known.add(device.id)
        return device

    async def remove(self, person: str, device: str) -> None:
        """Tell a person no longer on one of their devices.

        Raises:
            NotFoundError: It is none of theirs.
        """
        found = self._devices.get(device)
        if found is None or found.person != person:
            raise NotFoundError("none of your devices is this one", fix="read the page again")
        await self._end(found, f"removed by {person}")

    async def gone(self, device: str, why: str) -> None:
        """Forget a device that cannot be reached any more."""
        found = self._devices.get(device)
        if found is not None:
            await self._end(found, why)

    async def load(self) -> None:
        """Take in what the database keeps."""
        for row in await self._gateway.outside.store.rows("devices"):
            self._known.add(rows.text(row, "id"))
            if rows.text(row, "state") == ON:
                self._take(row)

    def _take(self, row: Row) -> None:
        device, vault = rows.text(row, "id"), self._gateway.outside.vault
        plain = vault.open(_label(device), rows.blob(row, "sealed"))
        said = loads(plain, bytes_max=BYTES_MAX, depth_max=4)
        kept: Mapping[str, str] = said if isinstance(said, dict) else {}  # type: ignore[assignment]
        self._devices[device] = Device(
            id=device,
            person=rows.text(row, "person"),
            label=rows.text(row, "label"),
            endpoint=kept["endpoint"],
            key=devices.from_text(kept["p256dh"]),
            auth=devices.from_text(kept["auth"]),
            made_us=rows.number(row, "made_us"),
        )

    async def _end(self, device: Device, why: str) -> None:
        draught = self._gateway.evidence.draught()
        over: Row = {"state": OVER, "sealed": b"", "changed_us": draught.at_us}
        draught.changes.append(Update("devices", device.id, {}, over))
        await self._note("device.removed", device, draught, why=why)
        self._devices.pop(device.id, None)

    def _row(self, device: Device, draught: Draught) -> Row:
        plain = canonical.encode(devices.as_json(device))
        return {
            "person": device.person,
            "label": device.label,
            "state": ON,
            "made_us": device.made_us,
            "changed_us": draught.at_us,
            "sealed": self._gateway.outside.vault.seal(_label(device.id), plain),
        }

    async def _note(self, kind: str, device: Device, draught: Draught, *, why: str = "") -> None:
        body: JsonObject = {"device": device.id, "person": device.person, "why": why}
        index = {"person": device.person}
        self._gateway.evidence.note(draught, kind, body, index=index)
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError("this device was changed meanwhile", fix="try again")


def _label(device: str) -> str:
    return f"devices/{device}"
