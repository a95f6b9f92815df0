"""Where one person works alone in production, what they sign counts a day later.

Real store, keys and demo desk; only the clock can jump.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from sallyport.adapters.host.clock import SystemClock
from sallyport.adapters.keys.people import PersonKey
from sallyport.demo import story
from sallyport.demo.launch import running_desk
from sallyport.doors import app
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.model import JsonObject
from sallyport.rules.statements import Signed, statement

pytestmark = pytest.mark.anyio

CREDENTIAL = "a-credential-of-the-desk"
DAY_US = 24 * 3600 * 1_000_000


class Jumping:
    """The host's clock, some time ahead."""

    ahead_us = 0

    def now_us(self) -> int:
        """Return the host's time and what was jumped."""
        return SystemClock().now_us() + self.ahead_us


@asynccontextmanager
async def home(
    folder: Path, clock: Jumping, monkeypatch: pytest.MonkeyPatch, team: str = "one"
) -> AsyncGenerator[House]:
    """Open a real house whose clock can jump."""
    monkeypatch.setattr(app, "SystemClock", lambda: clock)
    async with app.opened(Settings(home=folder, team=team)) as house:
        yield house


async def sign(house: House, key: PersonKey, url: str, environment: str, who: str = "anna") -> int:
    """Propose the demo's boundary for an environment, sign it, and return when it counts."""
    files = story.demo_files()
    workflow = (files / "workflows" / f"{story.WORKFLOW}.yaml").read_text(encoding="utf-8")
    workflow = workflow.replace("environment: test", f"environment: {environment}")
    system = (files / "systems" / "desk.yaml").read_text(encoding="utf-8")
    system = system.replace("http://127.0.0.1:8787/mcp", url)
    proposed = await house.authority.propose(workflow, "w.yaml", {"desk.yaml": system})
    signed = await house.authority.activate(
        proposed.boundary.digest, person=who, signature=key.sign(proposed.statement)
    )
    return signed.counts_from_us


async def set_up(house: House) -> PersonKey:
    """Enrol one person who owns, reviews and asks; keep the desk's credential."""
    key = PersonKey.generate()
    roles = ("administrator", "owner", "support_agent", "support_lead")
    await house.people.enrol("anna", roles, key.public_key, by=None)
    await house.people.add_agent(
        "support-bot", owner="anna", purpose="be tested", contact="anna", by="anna"
    )
    evidence = house.gateway.evidence
    await house.secrets.put(story.CREDENTIAL, CREDENTIAL, evidence=evidence, by="anna")
    return key


async def test_a_lone_signature_waits_a_day_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a microsecond earlier, and a restart in between changes nothing."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with running_desk(tmp_path / "desk.db", CREDENTIAL) as desk:
            async with home(tmp_path / "home", clock, monkeypatch) as house:
                key = await set_up(house)
                from_us = await sign(house, key, desk.url, "production")
                await house.authority.bring_due()

                assert from_us >= clock.now_us() + DAY_US - 60_000_000
                assert house.gateway.registry.active == {}
            clock.ahead_us = DAY_US + 60_000_000
            async with home(tmp_path / "home", clock, monkeypatch) as house:
                assert house.gateway.registry.active == {}

                await house.authority.bring_due()
                assert list(house.gateway.registry.active) == [story.WORKFLOW]


async def test_a_lone_signature_counts_at_once_in_a_test_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting protects production; elsewhere it would only be in the way."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", CREDENTIAL) as desk,
            home(tmp_path / "home", clock, monkeypatch) as house,
        ):
            await sign(house, await set_up(house), desk.url, "test")

            assert list(house.gateway.registry.active) == [story.WORKFLOW]


async def test_the_wait_ends_with_being_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second person with a key can look, so `team: one` is over, and they have to."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", CREDENTIAL) as desk,
            home(tmp_path / "home", clock, monkeypatch) as house,
        ):
            key = await set_up(house)
            ben = PersonKey.generate()
            details: JsonObject = {
                "name": "ben",
                "roles": ["reviewer"],
                "public_key": ben.public_key,
            }
            at_us = clock.now_us()
            signature = key.sign(statement("enrol", details, person="anna", at_us=at_us))
            by = Signed(person="anna", at_us=at_us, signature=signature)
            await house.people.enrol("ben", ("reviewer",), str(details["public_key"]), by=by)
            assert await sign(house, key, desk.url, "production") == 0
            assert house.gateway.registry.active == {}

            await sign(house, ben, desk.url, "production", who="ben")
            assert list(house.gateway.registry.active) == [story.WORKFLOW]


async def test_leaving_production_waits_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else calling the same workflow a test would be the way around the day."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", CREDENTIAL) as desk,
            home(tmp_path / "home", clock, monkeypatch) as house,
        ):
            key = await set_up(house)
            await sign(house, key, desk.url, "production")
            clock.ahead_us = DAY_US + 60_000_000
            await house.authority.bring_due()
            before = dict(house.gateway.registry.active)
            await sign(house, key, desk.url, "test")

            assert before
            assert house.gateway.registry.active == before


async def test_the_last_signature_counts_when_two_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was signed and thought better of does not come into force after all."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", CREDENTIAL) as desk,
            home(tmp_path / "home", clock, monkeypatch) as house,
        ):
            key = await set_up(house)
            await sign(house, key, desk.url, "production")
            await sign(house, key, desk.url, "test")
            first = dict(house.gateway.registry.active)
            clock.ahead_us = DAY_US + 60_000_000
            await house.authority.bring_due()

            assert list(first) == [story.WORKFLOW]
            assert house.gateway.registry.active == first


async def test_what_waits_needs_its_signer_to_be_an_owner_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that was switched off within the day puts nothing in force."""
    clock = Jumping()
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", CREDENTIAL) as desk,
            home(tmp_path / "home", clock, monkeypatch) as house,
        ):
            key = await set_up(house)
            await sign(house, key, desk.url, "production")
            at_us = clock.now_us()
            signature = key.sign(
                statement("deactivate", {"name": "anna"}, person="anna", at_us=at_us)
            )
            by = Signed(person="anna", at_us=at_us, signature=signature)
            await house.people.deactivate("anna", by=by)
            clock.ahead_us = DAY_US + 60_000_000
            await house.authority.bring_due()

            assert house.gateway.registry.active == {}
