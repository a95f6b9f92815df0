"""Web push: a push service of this host takes what is sent, and the browser's keys open it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sallyport.adapters.keys.browsers import Once, encrypted, public_push_key
from sallyport.doors.app import opened
from sallyport.doors.settings import load_settings
from sallyport.errors import BadInputError, ConflictError, NotFoundError
from sallyport.flow.devices import EACH_MAX
from sallyport.flow.house import House
from sallyport.ports import Delivered, LedgerQuery
from sallyport.rules.channels import SERVICES, VAPID
from sallyport.rules.devices import Device, from_text, read, served, to_text
from tests.notify.browser import Browser, sender
from tests.notify.test_webhook import sink

WAIT_S = 20
HERE = ("127.0.0.1",)
GONE, BUSY, FORBIDDEN = 410, 503, 403
ANYIO = pytest.mark.anyio


@asynccontextmanager
async def house(home: Path, *people: str) -> AsyncGenerator[House]:
    """Open a house that tells its operators on their devices of every stop of one agent."""
    (home / "sallyport.yaml").write_text(
        "port: 0\nnotify:\n  console: https://gate.example.com\n  channels:\n"
        "    phones: {kind: push, contact: ops@example.com, services: ['127.0.0.1']}\n",
        encoding="utf-8",
    )
    async with opened(load_settings(home)) as one:
        for name in people:
            await one.people.enrol(name, {"operator"}, "", by=None)
        if people:
            await one.people.add_agent(
                "bot", owner=people[0], purpose="be tested", contact="operator", by=people[0]
            )
        yield one


async def stop(one: House) -> None:
    """Stop the agent: its contact is told."""
    await one.controls.stop("agent:bot", because="planted reason", by="ben")


async def rows(one: House, state: str) -> list[dict[str, Any]]:
    """Return what waits in the outbox, or came of it."""
    found = await one.gateway.outside.store.rows("outbox", {"state": state})
    return [dict(row) for row in found]


async def settled(one: House, *, waiting: int = 0) -> None:
    """Wait until no more than so many notices wait."""
    with anyio.fail_after(WAIT_S):
        while len(await rows(one, "waiting")) > waiting:  # noqa: ASYNC110 (as in test_house)
            await anyio.sleep(0.01)


def test_a_message_is_that_of_the_standard() -> None:
    """RFC 8291, 5 and appendix A: the same keys, salt and text give the same bytes."""
    device = Device(
        id="d_1",
        person="ada",
        label="",
        endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        key=from_text(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=from_text("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    number = int.from_bytes(from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    once = Once(ec.derive_private_key(number, ec.SECP256R1()), from_text("DGv6ra1nlYgDCS1FRnbzlw"))
    plain = b"When I grow up, I want to be a watermelon"
    assert to_text(encrypted(plain, device, once, padded=len(plain) + 1)) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
        "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
        "gSxsj_Qulcy4a-fN"
    )


@ANYIO
async def test_a_device_opens_what_its_push_service_took(tmp_path: Path) -> None:
    """Signed by the kept key, encrypted for that browser alone, without reason or argument."""
    async with sink() as kept, house(tmp_path, "ada") as one:
        phone = Browser(url=kept.url)
        await one.devices.add("ada", phone.subscription(), HERE)
        await stop(one)
        await settled(one)
        ((headers, body),) = kept.got

        said = phone.opens(body)
        assert said["title"] == "Agent bot is stopped"
        assert said["path"] == "/controls"
        assert "planted" not in json.dumps(said)
        key, claims = sender(headers)
        assert key == public_push_key(one.secrets.get(VAPID))
        assert claims["aud"] == kept.url.partition("/hook")[0]
        assert claims["sub"] == "mailto:ops@example.com"
        assert 0 < claims["exp"] - one.gateway.evidence.now_us() // 1_000_000 <= 24 * 3600
        assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "high")
        assert 0 < int(headers["ttl"]) <= 24 * 3600
        with pytest.raises(AssertionError):
            Browser(url=kept.url).opens(body)


@ANYIO
async def test_all_messages_have_one_length(tmp_path: Path) -> None:
    """So that their length says nothing; and none is longer than a push service must take."""
    async with sink() as kept, house(tmp_path, "ada") as one:
        await one.devices.add("ada", Browser(url=kept.url).subscription(), HERE)
        await stop(one)
        await one.notices.test("phones", by="ada")
        await settled(one)

    lengths = {len(body) for _, body in kept.got}
    assert len(kept.got) == 2
    assert len(lengths) == 1
    assert lengths.pop() <= 4096


@ANYIO
async def test_the_key_and_the_devices_survive_a_restart_and_lie_sealed(tmp_path: Path) -> None:
    """A browser that subscribed with a key is reached only with that key."""
    async with sink() as kept:
        phone = Browser(url=kept.url)
        async with house(tmp_path, "ada") as one:
            await one.devices.add("ada", phone.subscription(), HERE)
            key = one.secrets.get(VAPID)
        async with house(tmp_path) as one:
            assert one.secrets.get(VAPID) == key
            await stop(one)
            await settled(one)
        assert phone.opens(kept.got[0][1])["title"] == "Agent bot is stopped"
    raw = b"".join(path.read_bytes() for path in (tmp_path / ".sallyport").glob("sallyport.db*"))
    for sealed in (key, phone.auth, phone.endpoint, str(phone.subscription()["keys"])):
        assert sealed.encode() not in raw


@ANYIO
async def test_a_device_that_cannot_be_reached_holds_up_no_other(tmp_path: Path) -> None:
    """Each is a lane of its own, tried again by itself under the same id and topic."""
    async with sink() as kept, sink() as busy, house(tmp_path, "ada", "cleo") as one:
        busy.status = BUSY
        await one.devices.add("ada", Browser(url=busy.url).subscription(), HERE)
        await one.devices.add("cleo", Browser(url=kept.url, name="cleo").subscription(), HERE)
        for _ in range(3):
            await stop(one)
            await one.controls.resume("agent:bot", because="fine", by="ben")
        await settled(one, waiting=6)

        assert len(kept.got) == 6
        assert len(busy.got) == 1
        (warning,) = await one.notices.warnings()
        assert warning == "channel `phones` does not get through: `127.0.0.1` answered 503"


def first(one: House, person: str) -> Device:
    """Return somebody's first device."""
    return one.devices.of((person,))[0]


@ANYIO
async def test_a_device_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """Its push service says so; the ledger and the warnings do, and nobody is told there again."""
    async with sink() as kept, house(tmp_path, "ada") as one:
        kept.status = GONE
        await one.devices.add("ada", Browser(url=kept.url).subscription(), HERE)
        await stop(one)
        await settled(one)
        assert one.devices.of(("ada",)) == ()
        (removed,) = await one.reading.search(LedgerQuery(kind="device.removed"))
        assert removed.body["why"] == "its push service does not know it any more"
        await one.controls.resume("agent:bot", because="fine", by="ben")
        assert await rows(one, "waiting") == []


@ANYIO
async def test_a_push_service_that_refuses_us_is_said_so(tmp_path: Path) -> None:
    """Once, as something given up, and not as silence."""
    async with sink() as kept, house(tmp_path, "ada") as one:
        kept.status = FORBIDDEN
        await one.devices.add("ada", Browser(url=kept.url).subscription(), HERE)
        await stop(one)
        await settled(one)
        (given_up,) = await rows(one, "given_up")
        assert given_up["why"] == "`127.0.0.1` does not take what this gateway sends (403)"


@ANYIO
async def test_nobody_is_told_who_is_switched_off_or_handed_the_device_on(tmp_path: Path) -> None:
    """A browser tells the last who asked on it, and only while they are active."""
    async with sink() as kept, house(tmp_path, "ada", "cleo") as one:
        shared = Browser(url=kept.url).subscription()
        await one.devices.add("ada", shared, HERE)
        await one.devices.add("cleo", shared, HERE)
        assert [device.person for device in one.devices.of()] == ["cleo"]
        with pytest.raises(NotFoundError):
            await one.devices.remove("ada", first(one, "cleo").id)
        cleo = one.gateway.registry.people["cleo"]
        await one.people.keep(replace(cleo, active=False), "a test")
        assert one.devices.of() == ()


@ANYIO
async def test_somebody_has_so_many_devices_and_no_more(tmp_path: Path) -> None:
    """The next is refused; one that is known already is kept again."""
    async with house(tmp_path, "ada") as one:
        names = [f"n{number}" for number in range(EACH_MAX + 1)]
        made = [Browser(url="http://127.0.0.1:9", name=name).subscription() for name in names]
        for each in made[:-1]:
            await one.devices.add("ada", each, HERE)
        await one.devices.add("ada", made[0], HERE)
        with pytest.raises(ConflictError):
            await one.devices.add("ada", made[-1], HERE)


@ANYIO
async def test_a_try_reaches_every_device(tmp_path: Path) -> None:
    """`admin notify test` says on how many it came."""
    async with sink() as kept, house(tmp_path, "ada", "cleo") as one:
        for name in ("ada", "cleo"):
            device = Browser(url=kept.url, name=name).subscription()
            await one.devices.add(name, device, HERE)
        assert await one.notices.test("phones", by="ada") == Delivered("on 2 of 2 devices")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x",
        "http://fcm.googleapis.com/x",
        "https://user@fcm.googleapis.com/x",
        "https://169.254.169.254/latest",
        "http://localhost:8642/x",
        "https://[::1]/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 3000,
        "",
    ],
)
def test_a_device_is_reached_at_a_named_push_service_alone(endpoint: str) -> None:
    """Whoever signs in can have the gateway write to nothing else."""
    assert not served(endpoint, SERVICES)
    given = {**Browser(url="x").subscription(), "endpoint": endpoint}
    with pytest.raises(BadInputError, match="push service"):
        read("ada", given, SERVICES, at_us=0)


@pytest.mark.parametrize("host", [*SERVICES, "updates.push.services.mozilla.com"])
def test_the_push_services_of_browsers_are_known(host: str) -> None:
    """Without a setting."""
    assert served(f"https://{host}/wpush/v2/token", SERVICES)


@pytest.mark.parametrize("name,value", [("p256dh", "AAAA"), ("auth", ""), ("p256dh", "!!")])
def test_a_subscription_with_half_a_key_is_none(name: str, value: str) -> None:
    """It is refused when it is made and not when somebody is to be told."""
    given = Browser(url="https://fcm.googleapis.com").subscription()
    keys = given["keys"]
    assert isinstance(keys, dict)
    with pytest.raises(BadInputError, match="no push subscription"):
        read("ada", {**given, "keys": {**keys, name: value}}, SERVICES, at_us=0)


def test_what_a_browser_calls_itself_is_shown_inert_and_short() -> None:
    """It stands on the page of its owner."""
    given = Browser(url="https://fcm.googleapis.com").subscription()
    device = read("ada", {**given, "label": "x\u202e" + "y" * 500}, SERVICES, at_us=0)
    assert device.label.startswith("x<U+202E>y")
    assert len(device.label) == 80
