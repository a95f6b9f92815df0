"""Mail, in plain text, to the addresses that the settings give to names.

Rules:
  1. Nothing is sent before the connection is encrypted and the server's certificate fits, unless
     the server is this very host and the settings say `none`.
  2. A header is one line, made by the library from one line of ours.
  3. One message for all who are told, with an id that stays the same when it is sent again.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from sallyport.errors import SallyportError
from sallyport.ports import NOBODY, ONE_LANE, Delivered, GaveUp, Sent, TryAgain
from sallyport.rules.channels import Mail
from sallyport.rules.notices import Kind, Notice
from sallyport.rules.times import SECOND_US

TIMEOUT_S: Final = 15
WHOLE_S: Final = 50
FOR_GOOD: Final = 500
"""RFC 5321 4.2.1: from 500 on a server will not take it however often it is asked."""

HERE: Final = "[127.0.0.1]"
"""What we call ourselves; the host's own name is nobody's business."""


class MailNotifier:
    """Sends notices by mail."""

    kind = "mail"

    def __init__(
        self,
        way: Mail,
        *,
        secret: Callable[[str], str],
        trusted: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._way = way
        self._secret = secret
        self._trusted = trusted

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Return the one lane there is, where somebody who is told has an address here."""
        return ONE_LANE if self._addresses(notice) else NOBODY

    async def send(self, notice: Notice) -> Sent:
        """Send it to everybody who has an address here."""
        to = self._addresses(notice)
        if not to:
            return GaveUp("nobody who is told has an address here")
        try:
            password = self._secret(self._way.password) if self._way.password else ""
            said = message(notice, self._way.sender, to)
            async with asyncio.timeout(WHOLE_S):
                return await asyncio.to_thread(self._exchange, said, to, password)
        except SallyportError as error:
            return TryAgain(error.what)
        except TimeoutError:
            return TryAgain(f"the mail server was not done within {WHOLE_S} seconds")

    async def close(self) -> None:
        """Let go of nothing: every message has a connection of its own."""

    def _addresses(self, notice: Notice) -> tuple[str, ...]:
        known = self._way.addresses
        names: Iterable[str] = known if notice.kind is Kind.TEST else notice.to
        return tuple(dict.fromkeys(known[name] for name in names if name in known))

    def _exchange(self, said: EmailMessage, to: tuple[str, ...], password: str) -> Sent:
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            return _not_connected(error)
        try:
            if self._way.user:
                server.login(self._way.user, password)
            refused = server.send_message(said, self._way.sender, list(to))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return _came_of(error)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        return Delivered(f"the mail server refused {len(refused)} address(es)" if refused else "")

    def _connected(self) -> smtplib.SMTP:
        way = self._way
        if way.security == "tls":
            return smtplib.SMTP_SSL(
                way.host,
                way.port,
                local_hostname=HERE,
                timeout=TIMEOUT_S,
                context=self._trusted(),
            )
        server = smtplib.SMTP(way.host, way.port, local_hostname=HERE, timeout=TIMEOUT_S)
        if way.security == "starttls":
            try:
                server.starttls(context=self._trusted())
            except BaseException:
                server.close()
                raise
        return server


def message(notice: Notice, sender: str, to: Iterable[str]) -> EmailMessage:
    """Return a notice as a message."""
    said = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    said["From"] = sender
    said["To"] = ", ".join(to)
    said["Subject"] = one_line(f"Sallyport: {notice.title}")
    said["Date"] = format_datetime(datetime.fromtimestamp(notice.made_us // SECOND_US, tz=UTC))
    said["Message-ID"] = f"<{_atom(notice.id)}@{domain}>"
    if notice.about:
        said["References"] = f"<about-{_atom(notice.about)}@{domain}>"
    # RFC 3834 5: so that no absence notice is sent back.
    said["Auto-Submitted"] = "auto-generated"
    quick = f"On one page, with one button: {notice.quick}\n\n" if notice.quick else ""
    body = (
        f"{one_line(notice.title)}.\n\n{one_line(notice.summary)}\n\n{notice.link}\n\n{quick}"
        "Sign in there to look and to answer. An answer to this message reaches nobody.\n"
    )
    said.set_content(body, charset="utf-8", cte="quoted-printable")
    return said


def one_line(text: str) -> str:
    """Return a text in one line without a control character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _atom(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", text)


def _not_connected(error: Exception) -> Sent:
    match error:
        case ssl.SSLError():
            return TryAgain("the mail server's certificate does not fit")
        case smtplib.SMTPNotSupportedError():
            return TryAgain("the mail server offers no encryption")
        case _:
            return TryAgain("the mail server cannot be reached")


def _came_of(error: Exception) -> Sent:
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            return TryAgain("the mail server does not let this user sign in")
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return _refused("every address", min(codes))
        case smtplib.SMTPSenderRefused():
            return _refused("the sender", error.smtp_code)
        case smtplib.SMTPResponseException():
            return _refused("the message", error.smtp_code)
        case _:
            return TryAgain("the connection to the mail server broke off")


def _refused(subject: str, code: int) -> Sent:
    why = f"the mail server refused {subject} ({code})"
    return GaveUp(why) if code >= FOR_GOOD else TryAgain(why)
