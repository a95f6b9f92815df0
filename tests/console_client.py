"""A browser window on the console without a browser: cookies, own origin, JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

import httpx2

from sallyport.doors.console import console_app
from sallyport.doors.console.app import COOKIE
from sallyport.doors.console.elsewhere import Elsewhere
from sallyport.model import Json, JsonObject
from tests.integration.mcp.house_fixture import Kit

ORIGIN = "https://localhost:8643"


@dataclass
class Window:
    """One window; what it is sent back with stays in it."""

    http: httpx2.AsyncClient
    kit: Kit

    async def sign_in(self, person: str) -> str:
        """Sign somebody in by a link, as `sallyport console` does; return the session's secret."""
        await self.get(f"/enter/{self.kit.house.sessions.link(person)}")
        return self.secret

    @property
    def secret(self) -> str:
        """The session's secret; empty without one."""
        return self.http.cookies.get(COOKIE) or ""

    async def get(self, path: str, **query: str) -> httpx2.Response:
        """Open an address."""
        return await self.http.get(path, params=query)

    async def post(self, path: str, body: JsonObject | None = None) -> httpx2.Response:
        """Do what a page's script does."""
        headers = {"origin": ORIGIN, "content-type": "application/json"}
        return await self.http.post(path, content=json.dumps(body or {}), headers=headers)

    async def view(self, path: str) -> dict[str, Json]:
        """Return the twin of a page."""
        answer = await self.get(f"{path}.json")
        found: dict[str, Json] = answer.json()
        return found


def window(kit: Kit, *, elsewhere: Elsewhere | None = None) -> Window:
    """Return a new window on the console of a house."""
    app = console_app(kit.house, kit.settings, elsewhere=elsewhere)
    transport = httpx2.ASGITransport(app=app)
    return Window(httpx2.AsyncClient(transport=transport, base_url=ORIGIN), kit)
