"""Reads the setting `notify`: by which channels people are told, of what, and where links lead.

Rules:
  1. A credential never stands in settings: only the name under which it is kept.
  2. What leaves this host is encrypted. Only to this very host may it be plain.
  3. Every mistake is named with its place, and an address or name that could end a header is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from sallyport.rules.boundary import values
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.yaml_strict import Listing, Node, Table
from sallyport.rules.notices import USUAL, Kind

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SECURITY: Final = ("starttls", "tls", "none")
PORTS: Final[Mapping[str, int]] = {"starttls": 587, "tls": 465, "none": 25}
PORT_MAX: Final = 65535
CHANNELS_MAX: Final = 20

SERVICES: Final = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "web.push.apple.com",
    "notify.windows.com",
)
"""The push services of the browsers that people have, with the hosts below each."""
SERVICES_MAX: Final = 20
VAPID: Final = "push-vapid"
"""The name under which the key is kept that push services know this gateway by."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}", re.ASCII)

_TELLS: Final = sorted(kind.value for kind in Kind if kind is not Kind.TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A program that gets each notice as JSON, signed with the stored secret `secret`."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail server, and where each name's mail goes. `user` is empty where nobody signs in."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """A Slack channel, by an incoming webhook whose whole address is the stored secret `url`."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """People's own devices, by the push services of their browsers, and by no other host.

    `contact` is whom such a service writes to when something is wrong with us (RFC 8292, 2.1).
    """

    contact: str
    services: tuple[str, ...] = SERVICES


Way: TypeAlias = "Webhook | Mail | Slack | Push"
_Make: TypeAlias = Callable[[Collector, Table], Way]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One channel of the settings."""

    name: str
    way: Way
    tells: frozenset[Kind] = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """The whole setting. `console` is what links begin with; empty: the console's own address."""

    console: str = ""
    unsafe_private_webhooks: bool = False
    channels: tuple[Told, ...] = ()


def read(out: Collector, node: Node) -> Notify:
    """Return the setting `notify`; every mistake goes to `out`, and then it is not to be used."""
    found = values.table(out, node, "`notify`")
    words = ("console", "unsafe_private_webhooks", "channels")
    values.known_words(out, found, words, "`notify`")
    unsafe = found.values.get("unsafe_private_webhooks")
    channels = values.table(out, found.values.get("channels"), "`channels`")
    if len(channels.values) > CHANNELS_MAX:
        fix = f"name {CHANNELS_MAX} at most"
        out.add(channels.mark, "too_large", "there are too many channels", fix)
    return Notify(
        console=_console(out, found.values.get("console")),
        unsafe_private_webhooks=values.truth(out, unsafe, "`unsafe_private_webhooks`"),
        channels=tuple(
            told
            for name, value in channels.values.items()
            if (told := _channel(out, channels, name, value)) is not None
        ),
    )


def is_loopback(host: str) -> bool:
    """Return whether a host, as it is written, is this very host."""
    return host in LOOPBACK


def _channel(out: Collector, channels: Table, name: str, node: Node) -> Told | None:
    values.check_name(out, channels.keys[name], name, "a channel")
    found = values.table(out, node, f"channel `{name}`")
    values.required(out, found, {"kind": "webhook"}, f"channel `{name}`")
    kind = values.choice(out, found.values.get("kind"), _WAYS, "a kind of channel")
    if not kind:
        return None
    needs, may, make = _WAYS[kind]
    values.known_words(out, found, ("kind", "tells", *needs, *may), f"channel `{name}`")
    values.required(out, found, needs, f"channel `{name}`")
    return Told(name=name, way=make(out, found), tells=_tells(out, found.values.get("tells")))


def _tells(out: Collector, node: Node | None) -> frozenset[Kind]:
    if node is None:
        return USUAL
    words = [
        values.choice(out, item, _TELLS, "something a channel tells of")
        for item in values.items(out, node, "`tells`")
    ]
    if isinstance(node, Listing) and not words:
        out.add(node.mark, "wrong_type", "`tells` is an empty list", "name at least one")
    return frozenset(Kind(word) for word in words if word)


def _webhook(out: Collector, found: Table) -> Webhook:
    return Webhook(
        url=_url(out, found.values.get("url")),
        secret=values.name(out, found.values.get("secret"), "`secret`"),
    )


def _slack(out: Collector, found: Table) -> Slack:
    return Slack(url=values.name(out, found.values.get("url_secret"), "`url_secret`"))


def _mail(out: Collector, found: Table) -> Mail:
    given = found.values.get("security")
    security = values.choice(out, given, SECURITY, "a way to a mail server") or "starttls"
    host = _host(out, found.values.get("host"))
    if given is not None and security == "none" and not is_loopback(host):
        fix = "use `starttls` or `tls`; without either only this host may be written to"
        out.add(given.mark, "out_of_range", "mail would leave this host unencrypted", fix)
    user = values.text(out, found.values.get("user"), "`user`")
    password = values.name(out, found.values.get("password"), "`password`")
    if bool(user) != bool(password):
        fix = "give both `user` and `password`, the name of a stored secret, or neither"
        out.add(found.mark, "missing_word", "a mail server's `user` goes with a `password`", fix)
    port = found.values.get("port")
    return Mail(
        host=host,
        port=values.whole(out, port, "`port`", at_most=PORT_MAX) if port else PORTS[security],
        security=security,
        sender=_address(out, found.values.get("sender"), "`sender`"),
        user=user,
        password=password,
        addresses=_addresses(out, found.values.get("addresses")),
    )


def _push(out: Collector, found: Table) -> Push:
    contact = _address(out, found.values.get("contact"), "`contact`")
    node = found.values.get("services")
    if node is None:
        return Push(contact=contact)
    services = tuple(_service(out, one) for one in values.items(out, node, "`services`"))
    if isinstance(node, Listing) and not 0 < len(services) <= SERVICES_MAX:
        fix = f"name 1 to {SERVICES_MAX}, or leave `services` out"
        out.add(node.mark, "out_of_range", "`services` names none, or too many", fix)
    return Push(contact=contact, services=services)


def _service(out: Collector, node: Node) -> str:
    found = values.text(out, node, "a push service").lower()
    if found and (not _HOST.fullmatch(found) or ":" in found):
        fix = "write a host without a port"
        out.add(node.mark, "wrong_type", "a push service is not a host name", fix)
    return found


def _addresses(out: Collector, node: Node | None) -> Mapping[str, str]:
    found = values.table(out, node, "`addresses`")
    if isinstance(node, Table) and not node.values:
        out.add(node.mark, "missing_word", "`addresses` names nobody", "add `ada: ada@example.com`")
    return {name: _address(out, at, f"`{name}`") for name, at in found.values.items()}


def _address(out: Collector, node: Node | None, what: str) -> str:
    found = values.text(out, node, what)
    if found and node is not None and not _ADDRESS.fullmatch(found):
        fix = "write it as name@example.com, without a display name"
        out.add(node.mark, "wrong_type", f"{what} is not a mail address", fix)
    return found


def _host(out: Collector, node: Node | None) -> str:
    found = values.text(out, node, "`host`")
    if found and node is not None and not _HOST.fullmatch(found):
        out.add(node.mark, "wrong_type", "`host` is not a host name", "write it without a port")
    return found


def _url(out: Collector, node: Node | None) -> str:
    """Return where a webhook goes: over https, or to this very host."""
    found = values.text(out, node, "`url`")
    why = unusable(found) if found else ""
    if why and node is not None:
        out.add(node.mark, "wrong_type", f"`url` {why}", "write https://host/path")
    return found


def unusable(url: str) -> str:
    """Return why nothing may be sent to an address, in words that do not repeat it; else empty."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 (raises for a port that is none)
    except ValueError:
        return "is not an address of the web"
    if any(not character.isprintable() or character.isspace() for character in url) or not host:
        return "is not an address of the web"
    if parts.username is not None or parts.password is not None:
        return "has a name or password in it"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return ""
    return "is not https"


def _console(out: Collector, node: Node | None) -> str:
    found = values.text(out, node, "`console`").rstrip("/")
    if found and node is not None and (unusable(found) or urlsplit(found).query):
        fix = "write https://host, as people type it"
        out.add(node.mark, "wrong_type", "`console` is not an address to open a console at", fix)
    return found


_WAYS: Final[Mapping[str, tuple[Mapping[str, str], tuple[str, ...], _Make]]] = {
    "webhook": ({"url": "https://…", "secret": "a_stored_secret"}, (), _webhook),
    "slack": ({"url_secret": "a_stored_secret"}, (), _slack),
    "mail": (
        {
            "host": "smtp.example.com",
            "sender": "sallyport@example.com",
            "addresses": "{ada: ada@example.com}",
        },
        ("port", "security", "user", "password"),
        _mail,
    ),
    "push": ({"contact": "ops@example.com"}, ("services",), _push),
}
