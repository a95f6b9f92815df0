"""A console whose people come from a real provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from sallyport.doors.console.elsewhere import Elsewhere
from sallyport.model import JsonObject
from tests.console_client import Window, window
from tests.identity.at_provider import CONSOLE, SECRET, RealProvider, provider, signed_in
from tests.integration.mcp.house_fixture import Kit, opened

ROLES = (("reviewers", ("reviewer",)), ("admins", ("administrator", "operator")))
SCOPES = ("openid", "email", "groups", "offline_access")


@dataclass(kw_only=True)
class Office:
    """A house, its console, and the provider of its people."""

    kit: Kit
    provider: RealProvider
    elsewhere: Elsewhere

    def window(self) -> Window:
        """Return a fresh browser window on the console."""
        return window(self.kit, elsewhere=self.elsewhere)

    async def sign_in(self, at: Window, who: str) -> httpx2.Response:
        """Sign somebody in, in a window."""
        return await at.get("/oidc/callback", **await self.answer(at, who))

    async def answer(self, at: Window, who: str) -> dict[str, str]:
        """Go to the provider from a window, sign in there, and return its answer."""
        sent = await at.get("/oidc/begin")
        assert sent.status_code == 303, sent.text
        return await signed_in(sent.headers["location"], who)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Office]:
    """Return an office whose provider knows ada, a reviewer, and bob, who is in no group."""
    async with (
        provider() as real,
        opened(
            tmp_path,
            oidc_issuer=real.issuer,
            oidc_client_id="sallyport",
            oidc_secret="oidc-client",
            oidc_scopes=SCOPES,
            oidc_roles=ROLES,
            console_hosts=(CONSOLE.partition(":")[0],),
        ) as kit,
    ):
        await kit.house.secrets.put("oidc-client", SECRET, evidence=kit.house.gateway.evidence)
        await real.people(ada=person("ada", "reviewers", "choir"), bob=person("bob"))
        yield Office(kit=kit, provider=real, elsewhere=Elsewhere(kit.house, kit.settings))


def person(name: str, *groups: str) -> JsonObject:
    """Return what a provider says of somebody."""
    return {"email": f"{name}@firm.example", "email_verified": True, "groups": list(groups)}
