"""Signing in at the real provider: who comes in, as what, and for how long."""

import pytest

from sallyport.doors.console.elsewhere import BEGUN_US, CONFIRMED_US
from sallyport.ports import LedgerQuery
from tests.authenticator import Authenticator
from tests.console_client import Window
from tests.identity.conftest import Office, person

ADA = "ada@firm.example"
pytestmark = pytest.mark.anyio
OK, OUT, FORBIDDEN, CONFLICT = 200, 401, 403, 409


async def roles(office: Office) -> list[str]:
    """Return ada's roles."""
    return sorted(office.kit.house.gateway.registry.people[ADA].roles)


async def test_whoever_the_provider_stands_for_has_the_roles_of_their_groups(
    office: Office,
) -> None:
    """Exactly those of the map, and it is on record."""
    at = office.window()
    done = await office.sign_in(at, "ada")
    assert done.status_code == OK, done.text
    assert (await at.get("/inbox")).status_code == OK
    assert await roles(office) == ["reviewer"]

    kept = await office.kit.house.reading.search(LedgerQuery(kind="person.kept", person=ADA))
    assert [(one.body["roles"], one.body["by"]) for one in kept] == [
        (["reviewer"], "identity provider")
    ]


async def test_whoever_is_in_no_group_with_a_role_stays_outside(office: Office) -> None:
    """And is no person here either."""
    at = office.window()
    refused = await office.sign_in(at, "bob")
    assert refused.status_code == FORBIDDEN
    assert "None of your groups has a role here" in refused.text
    assert at.secret == ""
    assert "bob@firm.example" not in office.kit.house.gateway.registry.people


async def test_what_changes_in_the_groups_changes_in_the_roles(office: Office) -> None:
    """At the next look, which is within a minute; other roles are not left over."""
    at = office.window()
    await office.sign_in(at, "ada")
    await office.provider.people(ada=person("ada", "admins"))
    await office.elsewhere.look()
    assert await roles(office) == ["administrator", "operator"]
    assert (await at.get("/inbox")).status_code == OK

    await office.provider.people(ada=person("ada"))
    await office.elsewhere.look()
    assert await roles(office) == []
    assert (await at.get("/inbox")).status_code == OUT


async def test_whoever_the_provider_no_longer_knows_is_out(office: Office) -> None:
    """Their roles are gone with their sessions, and what they sign counts no more."""
    at = office.window()
    await office.sign_in(at, "ada")
    house = office.kit.house
    await house.people.add_passkey(ADA, Authenticator().public, by="a test")
    assert ADA in house.gateway.registry.signers()

    await office.provider.people()
    await office.elsewhere.look()
    assert (await at.get("/inbox")).status_code == OUT
    assert await roles(office) == []
    assert ADA not in house.gateway.registry.signers()


async def test_a_provider_that_says_nothing_for_a_minute_stands_for_nobody(office: Office) -> None:
    """A shorter silence ends no session."""
    at = office.window()
    await office.sign_in(at, "ada")
    await office.provider.stop()
    office.kit.clock.ahead_us += CONFIRMED_US // 2
    await office.elsewhere.look()
    assert (await at.get("/inbox")).status_code == OK

    office.kit.clock.ahead_us += CONFIRMED_US
    await office.elsewhere.look()
    assert (await at.get("/inbox")).status_code == OUT


async def test_they_sign_in_nowhere_else(office: Office) -> None:
    """Neither by a link nor by a passkey: only the provider says that they are still here."""
    at = office.window()
    await office.sign_in(at, "ada")
    other = office.window()
    assert await other.sign_in(ADA) == ""
    assert (await other.get("/inbox")).status_code != OK


async def test_a_person_of_this_gateway_is_not_taken_over(office: Office) -> None:
    """Whatever a provider calls somebody, lena stays lena, with her roles."""
    house = office.kit.house
    before = house.gateway.registry.people["lena"]
    await office.provider.people(eve={**person("x", "reviewers"), "email": "lena"})
    at = office.window()
    refused = await office.sign_in(at, "eve")
    assert refused.status_code == CONFLICT
    assert house.gateway.registry.people["lena"] == before


async def test_an_e_mail_that_nobody_verified_is_no_name(office: Office) -> None:
    """At most providers everybody can write their own."""
    await office.provider.people(ada={**person("ada", "reviewers"), "email_verified": False})
    refused = await office.sign_in(office.window(), "ada")
    assert refused.status_code == OUT
    assert "has not verified your e-mail" in refused.text


async def refused_with(at: Window, answer: dict[str, str], because: str) -> None:
    """See an answer of the provider refused, for this reason."""
    done = await at.get("/oidc/callback", **answer)
    assert done.status_code == OUT, done.text
    assert because in done.text
    assert at.secret == ""


async def test_an_answer_to_another_state_is_refused(office: Office) -> None:
    """And to none at all."""
    at = office.window()
    answer = await office.answer(at, "ada")
    await refused_with(at, {**answer, "state": "other"}, "was not begun here")
    await refused_with(at, {"code": answer["code"]}, "was not begun here")


async def test_an_answer_belongs_to_the_browser_that_began(office: Office) -> None:
    """Nobody is signed in as somebody else by following a link."""
    answer = await office.answer(office.window(), "ada")
    await refused_with(office.window(), answer, "was not begun here")


async def test_an_answer_is_good_once(office: Office) -> None:
    """Its state is used up, and the provider does not take the code twice either."""
    at = office.window()
    answer = await office.answer(at, "ada")
    assert (await at.get("/oidc/callback", **answer)).status_code == OK
    again = office.window()
    again.http.cookies.update(at.http.cookies)
    done = await again.get("/oidc/callback", **answer)
    assert done.status_code == OUT


async def test_a_code_that_was_used_is_not_taken_in_another_sign_in(office: Office) -> None:
    """A replayed code under a fresh state is refused by the provider, and its verifier is wrong."""
    at = office.window()
    used = await office.answer(at, "ada")
    assert (await at.get("/oidc/callback", **used)).status_code == OK
    again = office.window()
    fresh = await office.answer(again, "ada")
    await refused_with(again, {**fresh, "code": used["code"]}, "does not stand for")


async def test_an_answer_of_another_issuer_is_refused(office: Office) -> None:
    """So that a provider cannot be mixed up with another; to say nothing is no way round it."""
    for mixed_up in ({"iss": "https://evil.example"}, {"iss": ""}):
        at = office.window()
        answer = await office.answer(at, "ada")
        await refused_with(at, {**answer, **mixed_up}, "another provider")
    at = office.window()
    answer = await office.answer(at, "ada")
    del answer["iss"]
    await refused_with(at, answer, "another provider")


async def test_a_sign_in_ends_after_ten_minutes(office: Office) -> None:
    """An answer that comes later is too late."""
    at = office.window()
    answer = await office.answer(at, "ada")
    office.kit.clock.ahead_us += BEGUN_US
    await refused_with(at, answer, "took too long")


async def test_a_provider_that_signs_nobody_in_is_believed(office: Office) -> None:
    """Its error is no way in."""
    at = office.window()
    answer = await office.answer(at, "ada")
    error = {"state": answer["state"], "iss": answer["iss"], "error": "access_denied"}
    await refused_with(at, error, "signed nobody in")
