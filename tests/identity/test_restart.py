"""What a restart of the gateway leaves of those for whom a provider stands."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest

from sallyport.adapters.identity import Who
from sallyport.doors.console import app, elsewhere
from sallyport.doors.console.app import OIDC_COOKIE
from sallyport.doors.console.elsewhere import BEGUN_US, CONFIRMED_US, LOOK_S, Elsewhere
from sallyport.errors import IdentityError
from sallyport.rules.times import SECOND_US
from tests.authenticator import Authenticator
from tests.console_client import window
from tests.identity.at_provider import SECRET, RealProvider, provider, signed_in
from tests.identity.conftest import ROLES, SCOPES, Office, person
from tests.integration.mcp.house_fixture import opened
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
ADA = "ada@firm.example"
OK, OUT = 200, 401
WITHIN_S = 60


@contextlib.asynccontextmanager
async def office_at(
    home: Path, real: RealProvider, recheck: str = "userinfo"
) -> AsyncGenerator[Office]:
    """Open an office in a folder, in front of a provider that outlives it."""
    async with opened(
        home,
        oidc_issuer=real.issuer,
        oidc_client_id="sallyport",
        oidc_secret="oidc-client",
        oidc_scopes=SCOPES,
        oidc_roles=ROLES,
        oidc_recheck=recheck,
    ) as kit:
        house = kit.house
        if "oidc-client" not in house.secrets.names():
            await house.secrets.put("oidc-client", SECRET, evidence=house.gateway.evidence)
        yield Office(kit=kit, provider=real, elsewhere=Elsewhere(house, kit.settings))


async def test_a_sign_in_that_was_begun_is_finished_after_a_restart(tmp_path: Path) -> None:
    """The browser alone keeps it, sealed: it can neither read nor change it."""
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real) as before:
            at = before.window()
            sent = await at.get("/oidc/begin", to="/ledger")
            kept = at.http.cookies[OIDC_COOKIE]
        answer = await signed_in(sent.headers["location"], "ada")
        async with office_at(tmp_path, real) as after:
            spoilt = after.window()
            spoilt.http.cookies.set(OIDC_COOKIE, kept[:-4] + "AAAA")
            assert (await spoilt.get("/oidc/callback", **answer)).status_code == OUT

            at = after.window()
            at.http.cookies.set(OIDC_COOKIE, kept)
            done = await at.get("/oidc/callback", **answer)
            assert done.status_code == OK, done.text
            assert 'content="0; url=/ledger"' in done.text
            assert after.kit.house.sessions.look(at.secret)[1].name == ADA


async def test_a_restart_makes_no_sign_in_longer(office: Office) -> None:
    """Its ten minutes stand in what the browser keeps."""
    at = office.window()
    answer = await office.answer(at, "ada")
    office.kit.clock.ahead_us += BEGUN_US
    fresh = Elsewhere(office.kit.house, office.kit.settings)
    with pytest.raises(Exception, match="took too long"):
        await fresh.finish(answer, at.http.cookies[OIDC_COOKIE])


@requirement("A-80")
async def test_whoever_left_while_the_gateway_was_down_is_out_at_the_first_look(
    tmp_path: Path,
) -> None:
    """Signed in or not: their roles are gone, and what they sign counts no more."""
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"), eve=person("eve", "reviewers"))
        async with office_at(tmp_path, real) as before:
            for who in ("ada", "eve"):
                await before.sign_in(before.window(), who)
            await before.kit.house.people.add_passkey(ADA, Authenticator().public, by="a test")
        await real.people(eve=person("eve", "admins"))
        async with office_at(tmp_path, real) as after:
            people = after.kit.house.gateway.registry.people
            assert people[ADA].roles == {"reviewer"}
            await after.elsewhere.look()
            assert people[ADA].roles == set()
            assert ADA not in after.kit.house.gateway.registry.signers()
            assert people["eve@firm.example"].roles == {"administrator", "operator"}
        async with office_at(tmp_path, real) as later:
            assert list(await later.kit.house.federated.remembered()) == [f"{real.issuer} eve"]


async def test_a_token_that_was_renewed_is_the_one_that_is_kept(tmp_path: Path) -> None:
    """A provider that takes each refresh token once is asked with the last one."""
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real) as before:
            await before.sign_in(before.window(), "ada")
            house = before.kit.house
            ((identity, kept),) = (await house.federated.remembered()).items()
            await house.federated.remember(identity, {**kept, "access": "ended"})
        async with office_at(tmp_path, real) as after:
            await after.elsewhere.look()
            ((_, renewed),) = (await after.kit.house.federated.remembered()).items()
            assert renewed["access"] != "ended"
            assert renewed["access"] != kept["access"]
            assert after.kit.house.gateway.registry.people[ADA].roles == {"reviewer"}


async def test_what_is_kept_of_somebody_lies_sealed_and_holds_no_more_than_is_needed(
    tmp_path: Path,
) -> None:
    """Tokens and groups: no e-mail, nothing else that the provider said."""
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real) as one:
            await one.sign_in(one.window(), "ada")
            ((_, kept),) = (await one.kit.house.federated.remembered()).items()
    assert kept["claims"] == {"groups": ["reviewers"]}
    raw = b"".join(path.read_bytes() for path in (tmp_path / ".sallyport").glob("sallyport.db*"))
    for name in ("access", "refresh"):
        token = kept[name]
        assert isinstance(token, str)
        assert token
        assert token.encode() not in raw


@requirement("A-80")
async def test_a_provider_that_answers_for_whoever_is_gone_is_asked_for_a_new_token(
    tmp_path: Path,
) -> None:
    """It goes on by the old token; with `oidc_recheck: refresh` nobody stays in by that."""
    async with provider(slow=True) as real:
        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real) as trusting:
            at = trusting.window()
            await trusting.sign_in(at, "ada")
            await real.people()
            await trusting.elsewhere.look()
            assert trusting.kit.house.sessions.look(at.secret)[1].name == ADA

        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real, "refresh") as careful:
            at = careful.window()
            await careful.sign_in(at, "ada")
            for _ in range(3):
                await careful.elsewhere.look()
            assert careful.kit.house.sessions.look(at.secret)[1].name == ADA
            await real.people()
            await careful.elsewhere.look()
            assert careful.kit.house.gateway.registry.people[ADA].roles == set()
            assert (await at.get("/people.json")).status_code == OUT


async def test_who_is_not_signed_in_is_asked_about_in_every_third_look(office: Office) -> None:
    """And who is, in each; so nobody's answers outlast a minute, and a provider is not flooded."""
    names = [f"p{number}" for number in range(6)]
    await office.provider.people(**{name: person(name, "reviewers") for name in names})
    at = office.window()
    for name in names[1:]:
        await office.sign_in(office.window(), name)
    for name in names[1:]:
        await office.kit.house.sessions.end_all(f"{name}@firm.example")
    await office.sign_in(at, names[0])
    await office.elsewhere.look()
    asked = watched(office)
    for _ in range(elsewhere.PARTS):
        await office.elsewhere.look()
    assert sorted(asked) == sorted([*names[1:], *[names[0]] * elsewhere.PARTS])
    assert (elsewhere.PARTS + 1) * LOOK_S <= CONFIRMED_US // SECOND_US


async def test_a_provider_that_answers_nobody_is_not_waited_for_person_by_person(
    office: Office,
) -> None:
    """The look ends after the first ones, and whose minute is over is out, asked or not."""
    names = [f"p{number}" for number in range(elsewhere.AT_ONCE + 5)]
    await office.provider.people(**{name: person(name, "reviewers") for name in names})
    windows = {name: office.window() for name in names}
    for name, at in windows.items():
        await office.sign_in(at, name)
    asked = watched(office, IdentityError("the identity provider does not answer"))
    office.kit.clock.ahead_us += CONFIRMED_US
    await office.elsewhere.look()
    assert len(asked) == elsewhere.AT_ONCE
    assert office.kit.house.sessions.present() == frozenset()


def watched(office: Office, fails: Exception | None = None) -> list[str]:
    """Return whom the provider is asked about from now on."""
    provider_of: Any = office.elsewhere
    asked: list[str] = []
    look = provider_of._provider.look

    async def looked(who: Who, *, renew: bool = False) -> Who:
        asked.append(who.subject)
        if fails is not None:
            raise fails
        found: Who = await look(who, renew=renew)
        return found

    provider_of._provider.look = looked
    return asked


def test_a_look_comes_well_within_the_minute() -> None:
    """Two looks and the longest answer that is waited for fit into it."""
    assert 2 * LOOK_S + 20 < CONFIRMED_US // SECOND_US <= 60


@requirement("A-80")
async def test_a_console_that_is_left_alone_asks_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody calls anything: the session ends, and so does what was open in its name."""
    monkeypatch.setattr(app, "LOOK_S", 0.05)
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"))
        async with office_at(tmp_path, real) as office:
            at = window(office.kit, elsewhere=office.elsewhere)
            await office.sign_in(at, "ada")
            assert office.kit.house.sessions.look(at.secret)[1].name == ADA
            await real.people()
            with anyio.fail_after(WITHIN_S):
                while office.kit.house.gateway.registry.people[ADA].roles:  # noqa: ASYNC110
                    await anyio.sleep(0.02)
            assert (await at.get("/people.json")).status_code == OUT
    assert elsewhere.LOOK_S == LOOK_S
