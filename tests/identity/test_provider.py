"""The client of a provider: it takes what it asked for, signed, for itself and for now."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from sallyport.adapters.identity import Client, Provider, Tokens, Who
from sallyport.adapters.identity.oidc import SKEW_S
from sallyport.errors import IdentityError, NotAuthenticatedError
from tests.identity.at_provider import REDIRECT, SECRET, provider, signed_in
from tests.identity.conftest import SCOPES, person

KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
pytestmark = pytest.mark.anyio


def client(issuer: str, secret: str = SECRET, now_s: Callable[[], float] = time.time) -> Provider:
    """Return a client of a provider."""
    known = Client(issuer=issuer, id="sallyport", secret=lambda: secret, scopes=SCOPES)
    return Provider(known, now_s)


async def test_who_signs_in_at_the_real_provider_is_known() -> None:
    """By subject and claims; a token that ended is renewed, and one that cannot be is the end."""
    async with provider() as real:
        await real.people(ada=person("ada", "reviewers"))
        at = client(real.issuer)
        pending = await at.begin(REDIRECT)
        answer = await signed_in(pending.url, "ada")
        who = await at.finish(pending, answer)
        assert (who.subject, who.claims["groups"]) == ("ada", ["reviewers"])

        ended = replace(who, tokens=replace(who.tokens, access="ended"))
        renewed = await at.look(ended)
        assert renewed.tokens.access not in {"ended", who.tokens.access}
        with pytest.raises(NotAuthenticatedError):
            await at.look(replace(who, tokens=Tokens(access="ended")))
        with pytest.raises(NotAuthenticatedError, match="somebody else"):
            await at.look(replace(renewed, subject="bob"))


@pytest.mark.parametrize(
    "spoilt,because",
    [
        ({"nonce": "other"}, "another sign-in"),
        ({"verifier": "x" * 43}, "does not stand for"),
        ({"redirect": REDIRECT + "/other"}, "does not stand for"),
    ],
)
async def test_the_real_provider_and_the_token_are_held_to_what_was_asked(
    spoilt: dict[str, Any], because: str
) -> None:
    """A wrong nonce is seen here, a wrong verifier or address there."""
    async with provider() as real:
        await real.people(ada=person("ada"))
        at = client(real.issuer)
        pending = await at.begin(REDIRECT)
        answer = await signed_in(pending.url, "ada")
        with pytest.raises(NotAuthenticatedError, match=because):
            await at.finish(replace(pending, **spoilt), answer)


async def test_a_token_that_anybody_with_the_secret_could_sign_is_refused() -> None:
    """The real provider, told to sign with the client's secret."""
    async with provider("HS256") as real:
        await real.people(ada=person("ada"))
        at = client(real.issuer)
        pending = await at.begin(REDIRECT)
        answer = await signed_in(pending.url, "ada")
        with pytest.raises(NotAuthenticatedError, match="not signed as it should be"):
            await at.finish(pending, answer)


async def test_a_wrong_secret_is_the_operators_matter() -> None:
    """It is not blamed on the person who signs in."""
    async with provider() as real:
        await real.people(ada=person("ada"))
        at = client(real.issuer, secret="wrong")
        pending = await at.begin(REDIRECT)
        answer = await signed_in(pending.url, "ada")
        with pytest.raises(IdentityError, match="401"):
            await at.finish(pending, answer)


# --- A provider that lies. ---


class Liar:
    """A provider whose every answer can be set; what it signs with is `key`."""

    def __init__(self) -> None:
        self.key = KEY
        self.issuer = ""
        self.description: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {"sub": "ada"}
        self.token: str | None = None
        self.elsewhere = False

    def app(self) -> Starlette:
        """Return what listens."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/me", self._me),
            ]
        )

    async def _describe(self, request: Request) -> JSONResponse:
        del request
        endpoints = {"authorization": "authorize", "token": "token", "userinfo": "me"}
        found = {f"{name}_endpoint": f"{self.issuer}/{at}" for name, at in endpoints.items()}
        found |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return JSONResponse({**found, **self.description})

    async def _keys(self, request: Request) -> JSONResponse:
        del request
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _me(self, request: Request) -> JSONResponse | RedirectResponse:
        del request
        return RedirectResponse("/keys") if self.elsewhere else JSONResponse(self.userinfo)

    async def _token(self, request: Request) -> JSONResponse:
        del request
        token = self.token or self.signed(self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def signed(self, key: RSAKey | OKPKey, algorithm: str = "RS256") -> str:
        """Return the token, signed."""
        head = {"alg": algorithm, "kid": "one"}
        return jwt.encode(head, self.claims, key, algorithms=[algorithm])


@pytest.fixture
async def liar() -> AsyncGenerator[Liar]:
    """Return a provider that lies, listening on loopback."""
    lying = Liar()
    config = uvicorn.Config(lying.app(), port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve)
        while not server.started:
            await anyio.lowlevel.checkpoint()
        port = server.servers[0].sockets[0].getsockname()[1]
        lying.issuer = f"http://127.0.0.1:{port}"
        yield lying
        server.should_exit = True


async def tried(liar: Liar, *, now_s: Callable[[], float] = time.time, **claims: Any) -> Who:
    """Sign in at the liar, whose token says what is right but for `claims`."""
    at = client(liar.issuer, now_s=now_s)
    pending = await at.begin(REDIRECT)
    now = int(time.time())
    right = {"iss": liar.issuer, "aud": "sallyport", "sub": "ada", "nonce": pending.nonce}
    said = {**right, "exp": now + 300, "iat": now, **claims}
    liar.claims = {name: value for name, value in said.items() if value is not None}
    return await at.finish(pending, {"state": pending.state, "code": "c"})


async def test_what_is_right_is_taken(liar: Liar) -> None:
    """So that what follows is refused for what is wrong with it."""
    assert (await tried(liar)).subject == "ada"
    assert (await tried(liar, aud=["sallyport", "other"], azp="sallyport")).subject == "ada"


@pytest.mark.parametrize(
    "claims,because",
    [
        ({"aud": "other"}, "another client"),
        ({"aud": ["other"]}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": ["sallyport", "other"]}, "several clients"),
        ({"azp": "other"}, "another client"),
        ({"iss": "https://evil.example"}, "another provider"),
        ({"iss": None}, "another provider"),
        ({"nonce": "other"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"sub": ""}, "no `sub`"),
        ({"sub": None}, "no `sub`"),
        ({"sub": 7}, "no `sub`"),
        ({"sub": "x" * 256}, "for nobody"),
        ({"sub": "bob"}, "somebody else"),
        ({"exp": None}, "not for now"),
        ({"exp": "soon"}, "not for now"),
        ({"exp": True}, "not for now"),
        ({"exp": 1}, "not for now"),
        ({"iat": 2**40}, "not for now"),
    ],
)
async def test_a_token_with_one_wrong_claim_is_refused(
    liar: Liar, claims: dict[str, Any], because: str
) -> None:
    """Each by itself; all else is as it should be, and the signature is good."""
    with pytest.raises(NotAuthenticatedError, match=because):
        await tried(liar, **claims)


async def test_clocks_may_differ_by_a_minute(liar: Liar) -> None:
    """And not by more."""
    now = int(time.time())
    here = float(now)
    await tried(liar, exp=now - SKEW_S + 1, now_s=lambda: here)
    await tried(liar, iat=now + SKEW_S, now_s=lambda: here)
    for late in ({"exp": now - SKEW_S}, {"iat": now + SKEW_S + 1}):
        with pytest.raises(NotAuthenticatedError, match="not for now"):
            await tried(liar, **late, now_s=lambda: here)


def unsigned(liar: Liar) -> str:
    """Return the token with the algorithm `none`."""
    parts = ({"alg": "none", "kid": "one"}, liar.claims)
    plain = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*plain, b""]).decode()


def forgeries(liar: Liar) -> dict[str, str]:
    """Return tokens that say what is right, and that the provider's key did not sign."""
    right = liar.signed(liar.key)
    return {
        "none": unsigned(liar),
        "other-key": liar.signed(OTHER),
        "other-kind": liar.signed(OKPKey.generate_key("Ed25519"), "Ed25519"),
        "changed": right[:-8] + "AAAAAAAA",
        "cut": right.rpartition(".")[0] + ".",
        "text": "no token",
        "dots": "a.b.c",
    }


FORGED = ("none", "other-key", "other-kind", "changed", "cut", "text", "dots")


@pytest.mark.parametrize("forged", FORGED)
async def test_a_token_that_the_providers_key_did_not_sign_is_refused(
    liar: Liar, forged: str
) -> None:
    """Whatever its head says of how it is signed."""
    at = client(liar.issuer)
    pending = await at.begin(REDIRECT)
    now = int(time.time())
    liar.claims = {"iss": liar.issuer, "aud": "sallyport", "sub": "ada", "nonce": pending.nonce}
    liar.claims |= {"exp": now + 300, "iat": now}
    liar.token = forgeries(liar)[forged]
    with pytest.raises(NotAuthenticatedError, match="not signed as it should be"):
        await at.finish(pending, {"state": pending.state, "code": "c"})


async def test_a_description_of_another_issuer_is_refused(liar: Liar) -> None:
    """The one of the settings counts, character by character."""
    liar.description = {"issuer": "https://evil.example"}
    with pytest.raises(IdentityError, match="calls itself otherwise"):
        await tried(liar)


@pytest.mark.parametrize("lacking", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
async def test_a_provider_without_what_is_needed_is_said_to_lack_it(
    liar: Liar, lacking: str
) -> None:
    """Above all without the one place that says whether it still stands for somebody."""
    liar.description = {lacking: None}
    with pytest.raises(IdentityError, match=lacking):
        await tried(liar)


@pytest.mark.parametrize(
    "address", ["http://provider.example/token", "ftp://127.0.0.1/", "file:///"]
)
async def test_nothing_leaves_without_tls(liar: Liar, address: str) -> None:
    """Neither code nor secret."""
    liar.description = {"token_endpoint": address}
    with pytest.raises(IdentityError, match="without TLS"):
        await tried(liar)


async def test_no_redirection_is_followed(liar: Liar) -> None:
    """What a provider says, it says itself."""
    liar.elsewhere = True
    with pytest.raises(IdentityError, match="307"):
        await tried(liar)


async def test_an_answer_without_end_is_cut(liar: Liar) -> None:
    """It is an error, not a full memory."""
    liar.userinfo = {"sub": "ada", "more": "x" * (1024 * 1024)}
    with pytest.raises(IdentityError):
        await tried(liar)


async def test_a_provider_that_is_not_there_is_an_error() -> None:
    """And no hang."""
    with anyio.fail_after(30), pytest.raises(IdentityError, match="does not answer"):
        await client("http://127.0.0.1:9").begin(REDIRECT)
