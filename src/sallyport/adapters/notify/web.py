"""One request to somewhere on the web that an operator named, and nowhere else.

Rules:
  1. Over https, or to this very host. A redirect is never followed.
  2. A name is looked up once, and the connection goes to the address that was looked at: nothing
     private, unless the settings say so in as many words.
  3. No proxy, cookie or credential is added. Of what comes back at most a short piece is read.
  4. No failure repeats the address: it may be a credential.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from socket import AF_INET, AddressFamily
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from sallyport import __version__
from sallyport.ports import GaveUp, TryAgain
from sallyport.rules.channels import is_loopback, unusable

TIMEOUT_S: Final = 15
ANSWER_BYTES: Final = 200
AFTER_S_MAX: Final = 3600

_EMBEDDING: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""Networks whose last 32 bits are an address of the older kind."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PrivateAddressError(OSError):
    """A name leads into a private network."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the beginning of the text."""

    status: int
    text: str
    after_s: int = 0


def is_public(host: str) -> bool:
    """Return whether an IP address is one of the open internet, and not one in disguise."""
    address = ipaddress.ip_address(host.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in _meant(address))


def _meant(address: Address) -> list[Address]:
    """Return an address, and the older ones that it may be carried on to."""
    found: list[Address] = [address]
    if isinstance(address, ipaddress.IPv4Address):
        return found
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found += address.teredo
    if any(address in network for network in _EMBEDDING):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


class PublicResolver(AbstractResolver):
    """Looks names up, and lets only addresses pass that may be written to."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            PrivateAddressError: One of them is private; then none is used.
        """
        found = await self._inner.resolve(host, port, family)
        if not is_loopback(host) and not all(is_public(one["host"]) for one in found):
            raise PrivateAddressError("a private address")
        return found

    async def close(self) -> None:
        """Let go of nothing."""
        await self._inner.close()


class Web:
    """Sends requests for one channel.

    Args:
        unsafe_private: Whether private addresses may be written to.
    """

    def __init__(self, *, unsafe_private: bool) -> None:
        self._unsafe_private = unsafe_private
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer | TryAgain | GaveUp:
        """Send one request and return what came back, or why nothing did."""
        why = unusable(url) or self._barred(url)
        if why:
            return GaveUp(f"the address {why}")
        try:
            return await self._posted(url, body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _not_answered(error)

    async def _posted(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._opened().post(
            url,
            data=body,
            headers={"content-type": "application/json", **headers},
            allow_redirects=False,
        ) as response:
            text = await response.content.read(ANSWER_BYTES)
            after = response.headers.get("retry-after", "")
            return Answer(response.status, text.decode(errors="replace"), _after_s(after))

    def _barred(self, url: str) -> str:
        host = urlsplit(url).hostname or ""
        if self._unsafe_private or is_loopback(host):
            return ""
        try:
            return "" if is_public(host) else "leads into a private network"
        except ValueError:
            return ""

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            found = ThreadedResolver()
            resolver = found if self._unsafe_private else PublicResolver(found)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=resolver, use_dns_cache=False, force_close=True
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                headers={"user-agent": f"Sallyport/{__version__}"},
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _not_answered(error: Exception) -> TryAgain | GaveUp:
    match error:
        case aiohttp.ClientConnectorDNSError(os_error=PrivateAddressError()):
            return GaveUp("the address leads into a private network")
        case aiohttp.ClientConnectorDNSError():
            return TryAgain("its name cannot be looked up")
        case aiohttp.ClientSSLError():
            return TryAgain("its certificate does not fit")
        case TimeoutError():
            return TryAgain(f"no answer came within {TIMEOUT_S} seconds")
        case _:
            return TryAgain("it cannot be reached")


def _after_s(header: str) -> int:
    return min(int(header), AFTER_S_MAX) if header.isascii() and header.isdecimal() else 0
