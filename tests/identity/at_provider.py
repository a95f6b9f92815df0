"""The real `oidc-provider` of npm as a child process, and somebody who signs in there."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from sallyport.model import Json, JsonObject

HERE = Path(__file__).parent
CONSOLE = "localhost:8643"
REDIRECT = f"http://{CONSOLE}/oidc/callback"
SECRET = "a secret with: signs & spaces"
STARTS_S = 60
STEPS_MAX = 12


@dataclass(kw_only=True)
class RealProvider:
    """A provider that runs. `issuer` is its address."""

    issuer: str
    process: asyncio.subprocess.Process

    async def people(self, **people: JsonObject) -> None:
        """Say who there is, with their claims; whoever is left out is gone."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(people).encode() + b"\n")
        await _line(self.process)

    async def stop(self) -> None:
        """End it; it does not answer any longer."""
        await _end(self.process)


@asynccontextmanager
async def provider(
    algorithm: str = "RS256", redirect: str = REDIRECT, *, slow: bool = False
) -> AsyncGenerator[RealProvider]:
    """Run a provider, which sends browsers back to `redirect`, for as long as the block lasts.

    A slow one goes on answering for whoever is gone, by the tokens that it gave out.
    """
    node = shutil.which("node")
    assert node, "no node here: run `make identity`"
    assert (HERE / "node_modules").is_dir(), "no oidc-provider here: run `make identity`"
    asked = json.dumps({"redirects": [redirect], "algorithm": algorithm, "slow": slow})
    process = await asyncio.create_subprocess_exec(
        node,
        str(HERE / "provider.mjs"),
        asked,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    started: RealProvider | None = None
    try:
        started = RealProvider(issuer=str((await _line(process))["issuer"]), process=process)
        yield started
    finally:
        await _end(process)


async def signed_in(url: str, who: str) -> dict[str, str]:
    """Sign somebody in at the provider; return what it sends the browser back with."""
    async with httpx2.AsyncClient() as browser:
        for _ in range(STEPS_MAX):
            if url.startswith(REDIRECT):
                return dict(parse_qsl(urlsplit(url).query))
            page = await browser.get(url)
            if page.status_code == 200:
                prompt = "login" if 'name="login"' in page.text else "consent"
                form = {"prompt": prompt, "login": who, "password": "any"}
                page = await browser.post(url, data=form)
            url = urljoin(url, page.headers["location"])
    raise AssertionError(f"the provider ends nowhere: {url}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a provider: it leaves with its input, also behind a `node` that only starts another."""
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Json]:
    assert process.stdout is not None
    line = b""
    while not line.startswith(b"{"):
        line = await asyncio.wait_for(process.stdout.readline(), STARTS_S)
        assert line, "the provider has ended"
    found: dict[str, Json] = json.loads(line)
    return found
