"""What strangers send: it is refused in a sentence, and fills nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message

from sallyport.doors.console import console_app
from sallyport.doors.console.ceremonies import OPEN_MAX, Ceremonies
from sallyport.doors.console.headers import check
from sallyport.doors.mcp.refusals import ForeignHostError
from sallyport.doors.settings import Settings
from sallyport.errors import ConflictError
from tests.integration.mcp.house_fixture import opened

ODD_HOSTS = [b"[", b"[::1", b"localhost]", b"", b"localhost.evil.example", b"evil@example", b"\xff"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that name no host of their own."""
    return Settings(home=tmp_path)


def request(host: bytes, *, origin: bytes = b"") -> Request:
    """Return a change that a page, or something like it, sends."""
    named = [(b"host", host), (b"origin", origin), (b"content-type", b"application/json")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": named})


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_an_odd_host_is_foreign(settings: Settings, host: bytes) -> None:
    """Also one that no address can be read from."""
    with pytest.raises(ForeignHostError):
        check(request(host, origin=b"http://" + host), settings)


@pytest.mark.parametrize(
    "origin", [b"", b"null", b"http://[", b"http://localhost:9", b"http://localhost:8643@x"]
)
def test_what_another_page_sends_is_refused(settings: Settings, origin: bytes) -> None:
    """A page of another port of this machine is another page."""
    with pytest.raises(ForeignHostError):
        check(request(b"localhost:8643", origin=origin), settings)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ODD_HOSTS)
async def test_an_odd_host_gets_an_answer(tmp_path: Path, host: bytes) -> None:
    """And not the end of the handler."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/inbox",
        "raw_path": b"/inbox",
        "query_string": b"",
        "headers": [(b"host", host)],
        "scheme": "http",
        "server": ("localhost", 8643),
    }
    async with opened(tmp_path) as kit:
        await console_app(kit.house, kit.settings)(scope, receive, send)
    assert sent[0]["status"] == 403


def test_ceremonies_that_nobody_ends_do_not_pile_up() -> None:
    """Whoever begins to sign in without end takes nothing from those who are signed in."""
    ceremonies = Ceremonies()
    mine = ceremonies.begin("answer", b"yes", now_us=1, session="s1")
    begun = [ceremonies.begin("sign-in", b"x", now_us=1) for _ in range(OPEN_MAX + 1)]

    assert ceremonies.take(mine, "answer", now_us=2, session="s1").statement == b"yes"
    assert ceremonies.take(begun[-1], "sign-in", now_us=2).statement == b"x"
    with pytest.raises(ConflictError):
        ceremonies.take(begun[0], "sign-in", now_us=2)


def test_a_ceremony_is_of_one_session_and_one_kind() -> None:
    """What one began no other can end; and a wrong try ends it for all."""
    ceremonies = Ceremonies()
    for wrong in ({"session": "s2"}, {"session": ""}):
        begun = ceremonies.begin("answer", b"yes", now_us=1, session="s1")
        with pytest.raises(ConflictError):
            ceremonies.take(begun, "answer", now_us=2, **wrong)
    begun = ceremonies.begin("answer", b"yes", now_us=1, session="s1")
    with pytest.raises(ConflictError):
        ceremonies.take(begun, "activate", now_us=2, session="s1")
