"""The whole house: settings, a real database, the door of this host, and a real receiver."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import anyio
import httpx2
import pytest

from sallyport.doors.app import opened, people_app
from sallyport.doors.settings import load_settings
from sallyport.flow.house import House
from tests.notify.test_webhook import Sink, sink

pytestmark = pytest.mark.anyio

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
WAIT_S = 20


@asynccontextmanager
async def house(home: Path, url: str) -> AsyncGenerator[tuple[House, httpx2.AsyncClient]]:
    """Open a house that tells a receiver, and a client of its people's door."""
    (home / "sallyport.yaml").write_text(
        "notify:\n  channels:\n"
        f"    hook: {{kind: webhook, url: '{url}', secret: hook_key}}\n"
        "    gone: {kind: slack, url_secret: not_kept, tells: [resumed]}\n",
        encoding="utf-8",
    )
    settings = load_settings(home)
    async with opened(settings) as one:
        transport = httpx2.ASGITransport(app=people_app(one, settings))
        async with httpx2.AsyncClient(transport=transport, base_url="http://sallyport") as client:
            yield one, client


async def _until(kept: Sink, count: int) -> list[dict[str, Any]]:
    with anyio.fail_after(WAIT_S):
        while len(kept.got) < count:  # noqa: ASYNC110 (the sender has no event for outsiders)
            await asyncio.sleep(0.01)
    return [json.loads(body) for _, body in kept.got]


async def _idle(one: House) -> None:
    with anyio.fail_after(WAIT_S):
        while await one.gateway.outside.store.rows("outbox", {"state": "waiting"}):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _warned(client: httpx2.AsyncClient) -> None:
    with anyio.fail_after(WAIT_S):
        while "channel `gone`" not in (await client.get("/admin/status")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _post(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/admin{path}", json=body)
    return cast("dict[str, Any]", answer.json())


async def test_a_stop_reaches_the_receiver(tmp_path: Path) -> None:
    """Set at the door, delivered by the sender, in the ledger; the reason stays in the ledger."""
    async with sink() as kept, house(tmp_path, kept.url) as (one, client):
        await _post(client, "/secrets", name="hook_key", value=KEY)
        await _post(client, "/stop", scope="everything", because="planted reason", by="ben")
        (body,) = await _until(kept, 1)
        assert body["type"] == "notice.stopped"
        assert body["data"]["title"] == "Everything is stopped"
        assert body["data"]["link"].startswith("http://localhost:")
        assert body["data"]["link"].endswith("/controls")
        assert "planted" not in json.dumps(body)
        await _idle(one)
        log = (await client.get("/admin/log", params={"kind": "notice.delivered"})).json()
        assert len(log["entries"]) == 1


async def test_what_waits_is_sent_after_a_restart(tmp_path: Path) -> None:
    """The receiver was down when the house closed; the next start delivers, under the same id."""
    async with sink() as kept:
        kept.status = 503
        async with house(tmp_path, kept.url) as (_, client):
            await _post(client, "/secrets", name="hook_key", value=KEY)
            await _post(client, "/stop", scope="everything", because="smoke", by="ben")
            await _until(kept, 1)
        kept.status = 200
        async with house(tmp_path, kept.url):
            first, *_, last = await _until(kept, 2)

    assert first["data"]["id"] == last["data"]["id"]


async def test_an_operator_tries_a_channel_and_sees_how_they_do(tmp_path: Path) -> None:
    """`admin notify test` and `list`; what does not get through is a warning of `status`."""
    async with sink() as kept, house(tmp_path, kept.url) as (one, client):
        missing = await _post(client, "/notify/test", channel="hook", by="ben")
        assert missing["delivered"] is False
        assert "no secret is kept under the name `hook_key`" in missing["came_of_it"]
        await _post(client, "/secrets", name="hook_key", value=KEY)
        tried = await _post(client, "/notify/test", channel="hook", by="ben")
        assert tried == {"delivered": True, "came_of_it": "delivered"}
        assert (await _until(kept, 1))[0]["type"] == "notice.test"

        unknown = await _post(client, "/notify/test", channel="attic", by="ben")
        assert unknown["error"]["code"] == "input.not_found"

        await one.controls.stop("everything", because="smoke", by="ben")
        await one.controls.resume("everything", because="smoke", by="ben")
        await _warned(client)
        listed = (await client.get("/admin/notify")).json()["channels"]
        assert [one["name"] for one in listed] == ["gone", "hook"]
        assert listed[0]["waiting"] == 1
        assert "not_kept" in listed[0]["failing"]


async def test_nothing_that_comes_back_answers_anything(tmp_path: Path) -> None:
    """A receiver that answers yes in every way it can think of lifts no stop."""
    async with sink() as kept, house(tmp_path, kept.url) as (one, client):
        kept.text = json.dumps({"approve": True, "yes": True, "answer": "approved"})
        await _post(client, "/secrets", name="hook_key", value=KEY)
        await one.controls.stop("everything", because="smoke", by="ben")
        await _until(kept, 1)

        status = (await client.get("/admin/status")).json()
        assert [switch["scope"] for switch in status["switches"]] == ["everything"]
