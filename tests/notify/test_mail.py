"""Mail, sent to a real server: what it gets, who may be at the other end, and what it cannot be."""

import asyncio
import email
import ipaddress
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from sallyport.adapters.notify.mail import MailNotifier, message
from sallyport.ports import Delivered, GaveUp, Sent, TryAgain
from sallyport.rules.channels import Mail
from sallyport.rules.notices import Kind, Notice

pytestmark = pytest.mark.anyio

NOTICE = Notice(
    id="a_1-asked",
    kind=Kind.ASKED,
    title="Refund a customer (refund.create) waits for a person",
    summary="Agent support-7, workflow refunds. Answer by 2026-11-21 14:00:00 UTC, within 4 hours.",
    link="https://gate.example.com/approvals/a_1",
    to=("ben", "cleo", "nobody"),
    made_us=1_795_255_200_000_000,
    about="a_1",
)
ADDRESSES = {"ada": "ada@example.com", "ben": "ben@example.com", "cleo": "cleo@example.com"}


@dataclass
class Post:
    """What a mail server got, and what it refuses."""

    got: list[Envelope] = field(default_factory=list[Envelope])
    refuses: dict[str, str] = field(default_factory=dict[str, str])
    data: str = "250 taken"
    signed_in: list[bytes] = field(default_factory=list[bytes])
    encrypted: list[bool] = field(default_factory=list[bool])

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an address or not."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take a message or not."""
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        self.got.append(envelope)
        return self.data

    def enter(self, server: Any, session: Any, envelope: Any, way: str, data: Any) -> AuthResult:
        """Let in whoever has the password."""
        assert isinstance(data, LoginPassword)
        self.signed_in.append(data.login)
        return AuthResult(success=data.password == b"open sesame", handled=False)


@asynccontextmanager
async def post(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False
) -> AsyncGenerator[tuple[Post, int]]:
    """Run a mail server on this host."""
    kept, loop = Post(), asyncio.get_running_loop()

    def greet() -> SMTP:
        return SMTP(
            kept,
            hostname="localhost",
            loop=loop,
            tls_context=None if implicit else tls,
            authenticator=kept.enter,
            auth_require_tls=not implicit,
        )

    server = await loop.create_server(greet, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        yield kept, server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context for 127.0.0.1, and the file that trusts it."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certified = folder / "certificate.pem"
    certified.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified, private)
    return context, certified


async def mail(
    port: int,
    notice: Notice = NOTICE,
    *,
    security: str = "none",
    trusts: Path | None = None,
    user: str = "",
    password: str = "open sesame",
) -> Sent:
    """Send the notice."""
    way = Mail(
        host="127.0.0.1",
        port=port,
        security=security,
        sender="sallyport@example.com",
        user=user,
        password="smtp_password" if user else "",
        addresses=ADDRESSES,
    )
    notifier = MailNotifier(
        way,
        secret=lambda _: password,
        trusted=lambda: ssl.create_default_context(cafile=trusts),
    )
    return await notifier.send(notice)


def read(envelope: Envelope) -> EmailMessage:
    """Return a message as a mail program reads it."""
    content = envelope.content
    assert isinstance(content, bytes)
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


async def test_those_who_are_told_and_have_an_address_get_one_message() -> None:
    """Plain text with the link; an id that stays; no answer wanted from machines."""
    async with post() as (kept, port):
        assert await mail(port) == Delivered()
        assert await mail(port) == Delivered()

    first, again = (read(envelope) for envelope in kept.got)
    assert kept.got[0].rcpt_tos == ["ben@example.com", "cleo@example.com"]
    assert first["to"] == "ben@example.com, cleo@example.com"
    assert first["subject"] == f"Sallyport: {NOTICE.title}"
    assert first["message-id"] == again["message-id"] == "<a_1-asked@example.com>"
    assert first["auto-submitted"] == "auto-generated"
    assert first.get_content_type() == "text/plain"
    lines = first.get_content().splitlines()
    assert NOTICE.link in lines
    assert "An answer to this message reaches nobody." in lines[-1]


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_it_is_encrypted_and_signed_in(
    certificate: tuple[ssl.SSLContext, Path], implicit: bool
) -> None:
    """STARTTLS, or TLS from the first byte; then the user signs in with the stored secret."""
    context, trusted = certificate
    security = "tls" if implicit else "starttls"
    async with post(context, implicit=implicit) as (kept, port):
        came = await mail(port, security=security, trusts=trusted, user="gate")

    assert came == Delivered()
    assert kept.encrypted == [True]
    assert kept.signed_in == [b"gate"]


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_a_certificate_that_does_not_fit_gets_nothing(
    certificate: tuple[ssl.SSLContext, Path], implicit: bool
) -> None:
    """Neither the message nor the password."""
    security = "tls" if implicit else "starttls"
    async with post(certificate[0], implicit=implicit) as (kept, port):
        came = await mail(port, security=security, user="gate")

    assert came == TryAgain("the mail server's certificate does not fit")
    assert (kept.got, kept.signed_in) == ([], [])


async def test_a_server_without_encryption_gets_nothing() -> None:
    """Whoever takes STARTTLS out of the greeting learns nothing."""
    async with post() as (kept, port):
        came = await mail(port, security="starttls", user="gate")

    assert came == TryAgain("the mail server offers no encryption")
    assert (kept.got, kept.signed_in) == ([], [])


async def test_a_wrong_password_is_said_and_not_shown(
    certificate: tuple[ssl.SSLContext, Path],
) -> None:
    """Somebody must correct it; until then it is tried again."""
    context, trusted = certificate
    async with post(context) as (_, port):
        came = await mail(
            port, security="starttls", trusts=trusted, user="gate", password="planted-secret"
        )

    assert came == TryAgain("the mail server does not let this user sign in")


@pytest.mark.parametrize(
    "refuses, data, came",
    [
        (
            {"ben@example.com": "550 unknown"},
            "250 taken",
            Delivered("the mail server refused 1 address(es)"),
        ),
        (
            dict.fromkeys(ADDRESSES.values(), "550 unknown"),
            "250 taken",
            GaveUp("the mail server refused every address (550)"),
        ),
        (
            dict.fromkeys(ADDRESSES.values(), "451 later"),
            "250 taken",
            TryAgain("the mail server refused every address (451)"),
        ),
        ({}, "554 spam", GaveUp("the mail server refused the message (554)")),
        ({}, "452 full", TryAgain("the mail server refused the message (452)")),
    ],
)
async def test_what_a_server_refuses_decides_whether_to_try_again(
    refuses: dict[str, str], data: str, came: Sent
) -> None:
    """From 500 on never, below later, and some of several is enough."""
    async with post() as (kept, port):
        kept.refuses, kept.data = refuses, data
        assert await mail(port) == came


async def test_nobody_there_is_tried_again() -> None:
    """A server that is gone."""
    async with post() as (_, port):
        pass

    assert await mail(port) == TryAgain("the mail server cannot be reached")


async def test_a_notice_for_people_without_an_address_is_not_for_this_channel() -> None:
    """A try reaches every address instead."""
    notifier = MailNotifier(
        Mail(host="h", port=25, security="none", sender="s@e.com", addresses=ADDRESSES),
        secret=str,
    )
    assert not notifier.reaches(replace(NOTICE, to=("nobody",)))
    assert not notifier.reaches(replace(NOTICE, to=()))
    assert notifier.reaches(NOTICE)
    assert notifier.reaches(replace(NOTICE, to=(), kind=Kind.TEST))


@given(text=st.text(max_size=80), ident=st.text(max_size=20))
def test_no_header_can_be_added(text: str, ident: str) -> None:
    """Whatever stands in a notice: the same headers, each once, and one part of plain text."""
    planted = f"{text}\r\nBcc: evil@example.com\r\n\r\n<script>"
    hostile = replace(NOTICE, title=planted, summary=planted, id=ident + "\r\nX: 1", about=planted)
    raw = message(hostile, "sallyport@example.com", ["ben@example.com"]).as_bytes()
    found = email.message_from_bytes(raw, policy=default)

    assert sorted(name.lower() for name in found) == sorted(
        [
            *("from", "to", "subject", "date", "message-id", "references", "auto-submitted"),
            *("content-type", "content-transfer-encoding", "mime-version"),
        ]
    )
    assert found["to"] == "ben@example.com"
    assert not found.is_multipart()
