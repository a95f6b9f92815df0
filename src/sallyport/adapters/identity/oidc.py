"""Signing in at an OpenID provider: the authorization code flow, and nothing else of it.

Rules:
  1. Every request has its own state, nonce and PKCE verifier (S256); each is good once.
  2. The issuer is the one of the settings: in its own description, in its answer, in its token.
  3. A token counts with a signature by one of the provider's keys, in an asymmetric algorithm. What
     it says is for this client, for this request and for now, give or take a minute.
  4. Nothing is followed elsewhere, and nothing leaves or arrives without TLS, but on this machine.

Source: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636, RFC 9207.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sallyport.errors import BadInputError, IdentityError, NotAuthenticatedError
from sallyport.model import Json, JsonObject
from sallyport.rules.strict_json import loads

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
SKEW_S = 60
BYTES_MAX = 1024 * 1024
DEPTH_MAX = 32
TIMEOUT = aiohttp.ClientTimeout(total=10)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SUBJECT_MAX = 255
NOBODY: frozenset[int] = frozenset()
UNKNOWN_TOKEN = frozenset({401, 403})
UNKNOWN_GRANT = frozenset({400})
"""With these, at its two addresses, a provider says that it does not stand for somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What this gateway is at its provider. `secret` returns the client's own, or nothing."""

    issuer: str
    id: str
    secret: Callable[[], str]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One sign-in that was begun: what the answer must fit."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect: str

    def as_json(self) -> JsonObject:
        """Return it as it is kept sealed while a browser is away."""
        return {**asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the provider is asked with, later, whether it still stands for somebody."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody whom the provider stands for, and what it says of them."""

    subject: str
    claims: JsonObject
    tokens: Tokens

    def as_json(self) -> JsonObject:
        """Return it as it is kept sealed, for as long as the provider stands for them."""
        return {
            "subject": self.subject,
            "claims": self.claims,
            "access": self.tokens.access,
            "refresh": self.tokens.refresh,
        }


def pending_of(kept: JsonObject) -> Pending:
    """Return a sign-in from how it is kept.

    Raises:
        NotAuthenticatedError: It is none.
    """
    return Pending(**{one.name: _text(kept, one.name) for one in fields(Pending)})


def who_of(kept: JsonObject) -> Who:
    """Return somebody from how they are kept.

    Raises:
        NotAuthenticatedError: It is nobody.
    """
    claims = kept.get("claims")
    tokens = Tokens(access=_text(kept, "access"), refresh=_text(kept, "refresh", need=False))
    return Who(
        subject=_text(kept, "subject"),
        claims=claims if isinstance(claims, dict) else {},
        tokens=tokens,
    )


class Provider:
    """An OpenID provider, as one of its clients sees it.

    Args:
        client: This gateway's name and secret there.
        now_s: The time, seconds since 1970 UTC.
    """

    def __init__(self, client: Client, now_s: Callable[[], float]) -> None:
        self._client = client
        self._now_s = now_s
        self._described: JsonObject = {}

    async def begin(self, redirect: str) -> Pending:
        """Return where to send a browser, and what its answer must fit.

        Raises:
            IdentityError: The provider does not answer, or is another one.
        """
        described = await self._description()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": redirect,
            "scope": " ".join(self._client.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
        }
        if "offline_access" in self._client.scopes:
            asked["prompt"] = "consent"
        return Pending(
            url=f"{_endpoint(described, 'authorization_endpoint')}?{urlencode(asked)}",
            state=state,
            nonce=nonce,
            verifier=verifier,
            redirect=redirect,
        )

    async def finish(self, pending: Pending, answer: Mapping[str, str]) -> Who:
        """Return who signed in.

        Args:
            pending: What was begun; the caller lets it be used once.
            answer: The parameters that the browser came back with.

        Raises:
            NotAuthenticatedError: The answer or the token is not what was asked for.
            IdentityError: The provider does not answer.
        """
        described = await self._description()
        self._fits(pending, answer, described)
        given = await self._token(
            described,
            {
                "grant_type": "authorization_code",
                "code": answer.get("code", ""),
                "redirect_uri": pending.redirect,
                "code_verifier": pending.verifier,
            },
        )
        claims = await self._checked(described, _text(given, "id_token"), pending.nonce)
        subject = _text(claims, "sub")
        tokens = Tokens(
            access=_text(given, "access_token"), refresh=_text(given, "refresh_token", need=False)
        )
        return await self.look(Who(subject=subject, claims=claims, tokens=tokens))

    async def look(self, who: Who, *, renew: bool = False) -> Who:
        """Return what the provider says of somebody now.

        Args:
            who: Whom it said it of before.
            renew: Whether to have it give out a new token first, which it does for nobody who is
                gone, even where an older token is still good for a while.

        Raises:
            NotAuthenticatedError: It does not stand for them any longer.
            IdentityError: It does not answer.
        """
        described = await self._description()
        tokens = who.tokens
        if renew:
            tokens = await self._refreshed(described, tokens)
        try:
            said = await self._said_of(described, tokens.access)
        except NotAuthenticatedError:
            if not tokens.refresh or renew:
                raise
            tokens = await self._refreshed(described, tokens)
            said = await self._said_of(described, tokens.access)
        if said.get("sub") != who.subject:
            raise _wrong("the provider answers for somebody else")
        return Who(subject=who.subject, claims={**who.claims, **said}, tokens=tokens)

    def _fits(self, pending: Pending, answer: Mapping[str, str], described: JsonObject) -> None:
        if not secrets.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise _wrong("this answer belongs to another sign-in")
        named = answer.get("iss")
        if named != self._client.issuer and (
            named is not None
            or described.get("authorization_response_iss_parameter_supported") is True
        ):
            raise _wrong("this answer comes from another provider")
        if "error" in answer or not answer.get("code"):
            raise _wrong("the provider signed nobody in")

    async def _description(self) -> JsonObject:
        if not self._described:
            issuer = self._client.issuer
            found = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise IdentityError(
                    "the identity provider calls itself otherwise than `oidc_issuer`",
                    fix="write `oidc_issuer` exactly as the provider does",
                )
            self._described = found
        return self._described

    async def _checked(self, described: JsonObject, token: str, nonce: str) -> JsonObject:
        """Return what a token says, once it is certain that the provider says it, here and now."""
        keys = await self._get(_endpoint(described, "jwks_uri"))
        try:
            known = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            claims: JsonObject = jwt.decode(token, known, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _wrong("the provider's token is not signed as it should be") from error
        self._for_us(claims, nonce)
        return claims

    def _for_us(self, claims: JsonObject, nonce: str) -> None:
        audience = claims.get("aud")
        listed = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self._client.issuer:
            raise _wrong("the token is of another provider")
        if self._client.id not in listed or claims.get("azp", self._client.id) != self._client.id:
            raise _wrong("the token is for another client")
        if len(listed) > 1 and "azp" not in claims:
            raise _wrong("the token is for several clients")
        if claims.get("nonce") != nonce:
            raise _wrong("the token belongs to another sign-in")
        if not 0 < len(_text(claims, "sub")) <= SUBJECT_MAX:
            raise _wrong("the token is for nobody")
        now_s = self._now_s()
        if _number(claims, "exp") <= now_s - SKEW_S or _number(claims, "iat") > now_s + SKEW_S:
            raise _wrong("the token is not for now", fix="set the clocks, or sign in again")

    async def _refreshed(self, described: JsonObject, tokens: Tokens) -> Tokens:
        asked = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        given = await self._token(described, asked)
        fresh = _text(given, "refresh_token", need=False) or tokens.refresh
        return Tokens(access=_text(given, "access_token"), refresh=fresh)

    async def _said_of(self, described: JsonObject, access: str) -> JsonObject:
        url = _endpoint(described, "userinfo_endpoint")
        headers = {"authorization": f"Bearer {access}"}
        return await self._fetch("GET", url, headers=headers, refusing=UNKNOWN_TOKEN)

    async def _token(self, described: JsonObject, asked: dict[str, str]) -> JsonObject:
        headers: dict[str, str] = {}
        secret = self._client.secret()
        methods = described.get("token_endpoint_auth_methods_supported")
        by_post = isinstance(methods, list) and "client_secret_basic" not in methods
        if not secret or by_post:
            asked["client_id"] = self._client.id
        if secret and by_post:
            asked["client_secret"] = secret
        elif secret:
            pair = f"{quote_plus(self._client.id)}:{quote_plus(secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        url = _endpoint(described, "token_endpoint")
        return await self._fetch("POST", url, headers=headers, data=asked, refusing=UNKNOWN_GRANT)

    async def _get(self, url: str) -> JsonObject:
        return await self._fetch("GET", url)

    async def _fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        refusing: frozenset[int] = NOBODY,
    ) -> JsonObject:
        _safe(url)
        named = {"accept": "application/json", **(headers or {})}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.request(
                    method, url, headers=named, data=data, allow_redirects=False
                ) as response,
            ):
                status, plain = response.status, await response.content.read(BYTES_MAX + 1)
                while not response.content.at_eof() and len(plain) <= BYTES_MAX:
                    plain += await response.content.read(BYTES_MAX + 1 - len(plain))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise IdentityError("the identity provider does not answer") from error
        if status in refusing:
            raise _wrong("the identity provider does not stand for this person")
        return _table(status, plain)


def _table(status: int, plain: bytes) -> JsonObject:
    try:
        found = loads(plain, bytes_max=BYTES_MAX, depth_max=DEPTH_MAX) if status == 200 else None  # noqa: PLR2004
    except BadInputError as error:
        raise IdentityError("the identity provider answers no JSON") from error
    if not isinstance(found, dict):
        raise IdentityError(f"the identity provider answers {status}, and no JSON object")
    return found


def _endpoint(described: JsonObject, name: str) -> str:
    value = described.get(name)
    if not isinstance(value, str):
        raise IdentityError(
            f"the identity provider has no `{name}`", fix="use a provider that has one"
        )
    _safe(value)
    return value


def _safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return
    raise IdentityError(
        "the identity provider is reached without TLS", fix="use addresses that begin with https://"
    )


def _text(found: JsonObject, name: str, *, need: bool = True) -> str:
    value = found.get(name, "")
    if not isinstance(value, str) or (need and not value):
        raise _wrong(f"the provider's answer has no `{name}`")
    return value


def _number(found: JsonObject, name: str) -> float:
    value: Json = found.get(name)
    try:
        return float(value) if not isinstance(value, bool | list | dict) and value else 0.0
    except ValueError:
        return 0.0


def _wrong(what: str, fix: str = "sign in again") -> NotAuthenticatedError:
    return NotAuthenticatedError(what, fix=fix)


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
