"""Signed webhooks, read by the library that receivers use, and where they never go."""

import base64
import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web as served
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from sallyport.adapters.host.clock import SystemClock
from sallyport.adapters.notify import mail, push, web
from sallyport.adapters.notify.slack import REFUSALS, SlackNotifier, message
from sallyport.adapters.notify.webhook import WebhookNotifier, key_of
from sallyport.errors import NotFoundError
from sallyport.ports import Delivered, GaveUp, Sent, TryAgain
from sallyport.rules.channels import Slack, Webhook, unusable
from sallyport.rules.notices import Kind, Notice

pytestmark = pytest.mark.anyio

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOTICE = Notice(
    id="a_1-asked",
    kind=Kind.ASKED,
    title="Refund <!channel> & <http://evil.example|you> (refund.create) waits for a person",
    summary="Agent support-7, workflow refunds. Answer by 2026-11-21 14:00:00 UTC, within 4 hours.",
    link="https://gate.example.com/approvals/a_1",
    to=("ben", "cleo"),
    made_us=1_795_255_200_000_000,
    ends_us=1_795_269_600_000_000,
    about="a_1",
)


@dataclass
class Sink:
    """A server on this host that keeps what it gets and answers as it is told."""

    url: str = ""
    status: int = 200
    text: str = "ok"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    got: list[tuple[dict[str, str], bytes]] = field(
        default_factory=list[tuple[dict[str, str], bytes]]
    )

    async def take(self, request: served.Request) -> served.Response:
        """Keep a request."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append((headers, await request.read()))
        return served.Response(status=self.status, text=self.text, headers=self.headers)


@asynccontextmanager
async def sink() -> AsyncGenerator[Sink]:
    """Listen on this host."""
    kept, app = Sink(), served.Application()
    app.router.add_route("*", "/{path:.*}", kept.take)
    runner = served.AppRunner(app)
    await runner.setup()
    site = served.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    kept.url = f"http://127.0.0.1:{port}/hook/secret-path"
    try:
        yield kept
    finally:
        await runner.cleanup()


async def hook(url: str, *, secret: str = KEY, unsafe: bool = False) -> Sent:
    """Send the notice to an address."""
    way = Webhook(url=url, secret="hook_key")
    notifier = WebhookNotifier(
        way, secret=lambda _: secret, clock=SystemClock(), unsafe_private=unsafe
    )
    try:
        return await notifier.send(NOTICE)
    finally:
        await notifier.close()


async def slack(url: str) -> Sent:
    """Write the notice to a Slack webhook."""
    notifier = SlackNotifier(Slack(url="slack_url"), secret=lambda _: url, unsafe_private=False)
    try:
        return await notifier.send(NOTICE)
    finally:
        await notifier.close()


async def test_a_receiver_with_the_secret_accepts_it() -> None:
    """The `standardwebhooks` library verifies id, time and signature; another key does not."""
    async with sink() as kept:
        assert await hook(kept.url) == Delivered()

    ((headers, body),) = kept.got
    assert Receiver(KEY).verify(body, headers)["data"]["id"] == NOTICE.id
    assert headers["webhook-id"] == NOTICE.id
    with pytest.raises(WebhookVerificationError):
        Receiver("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Receiver(KEY).verify(body.replace(b"refunds", b"pardons"), headers)


async def test_the_body_is_the_notice_and_nothing_else() -> None:
    """Kind, words, link, names and times."""
    async with sink() as kept:
        await hook(kept.url)

    body = json.loads(kept.got[0][1])
    assert set(body) == {"type", "timestamp", "data"}
    assert body["type"] == "notice.asked"
    assert body["data"] == NOTICE.as_json()
    assert "cookie" not in kept.got[0][0]
    assert "authorization" not in kept.got[0][0]


@pytest.mark.parametrize(
    "status, came",
    [
        (200, Delivered()),
        (204, Delivered()),
        (307, GaveUp("it answered 307, and a redirect is not followed")),
        (404, TryAgain("it answered 404")),
        (410, GaveUp("it wants no more (410)")),
        (429, TryAgain("it answered 429", 77)),
        (503, TryAgain("it answered 503", 77)),
    ],
)
async def test_what_a_receiver_answers_decides_whether_to_try_again(
    status: int, came: Sent
) -> None:
    """A redirect is not followed: one request arrives."""
    async with sink() as kept:
        kept.status = status
        kept.headers = {"location": kept.url.replace("hook", "other")}
        if status in {429, 503}:
            kept.headers["retry-after"] = "77"
        assert await hook(kept.url) == came

    assert len(kept.got) == 1


async def test_nobody_there_is_tried_again() -> None:
    """A port that nobody listens on."""
    async with sink() as kept:
        pass

    assert await hook(kept.url) == TryAgain("it cannot be reached")


@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1"),
        *("127.0.0.2", "224.0.0.1", "[fe80::1]", "[fd00::1]", "[::]", "[::ffff:127.0.0.1]"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]"),
    ],
)
async def test_a_private_address_is_refused(host: str) -> None:
    """Also one that is private in disguise. Nothing is connected to."""
    assert await hook(f"https://{host}/") == GaveUp("the address leads into a private network")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost.", "LOCALHOST.."])
async def test_a_name_that_leads_into_a_private_network_is_refused(host: str) -> None:
    """Other spellings of this host are looked up first, and the address found is what counts."""
    assert isinstance(await hook(f"https://{host}:1/"), GaveUp | TryAgain)
    async with sink() as kept:
        port = kept.url.split(":")[2]
        came = await hook(f"http://{host}:{port}")
        assert isinstance(came, GaveUp | TryAgain)

    assert kept.got == []


class Names(AbstractResolver):
    """Gives every name the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return them."""
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def test_every_address_of_a_name_is_looked_at() -> None:
    """One private address among public ones is enough, and none of them is used."""
    public = "93.184.216.34"
    found = await web.PublicResolver(Names(public)).resolve("plain.example", 443)
    assert [one["host"] for one in found] == [public]
    with pytest.raises(web.PrivateAddressError):
        await web.PublicResolver(Names(public, "10.0.0.1")).resolve("rebound.example", 443)


async def test_a_private_address_is_written_to_where_the_settings_say_so() -> None:
    """`unsafe_private_webhooks`; over https all the same."""
    assert await hook("https://127.0.0.2:1/", unsafe=True) == TryAgain("it cannot be reached")
    assert await hook("http://10.0.0.8/", unsafe=True) == GaveUp("the address is not https")


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1/"),
        *("https://user:pass@example.com/", "https://", "https://exa mple.com/", "//example.com"),
        *("https://example.com/\r\nHost: evil", "https://example.com:port/", ""),
    ],
)
def test_an_address_that_is_none_or_not_https_is_unusable(url: str) -> None:
    """The reason never repeats the address."""
    why = unusable(url)

    assert why
    assert "example" not in why


@pytest.mark.parametrize("secret", ["", "short", "whsec_c2hvcnQ=", "not base64 at all !!"])
async def test_a_secret_that_cannot_sign_is_named_and_not_shown(secret: str) -> None:
    """Nothing is sent unsigned."""
    async with sink() as kept:
        came = await hook(kept.url, secret=secret)

    assert came == TryAgain("the secret `hook_key` is not `whsec_` and base64")
    assert key_of(secret) is None
    assert kept.got == []


async def test_a_secret_that_is_not_kept_is_asked_for_by_name() -> None:
    """The failure says which name."""

    def nothing(name: str) -> str:
        raise NotFoundError(f"no secret is kept under the name `{name}`")

    way = Webhook(url="https://hooks.example.com/", secret="hook_key")
    notifier = WebhookNotifier(way, secret=nothing, clock=SystemClock(), unsafe_private=False)
    assert await notifier.send(NOTICE) == TryAgain("no secret is kept under the name `hook_key`")


# --- Slack. It cannot run here; a server on this host answers as it is documented to. ---


async def test_slack_gets_plain_text_and_one_link() -> None:
    """What others named is in plain text blocks, and escaped where Slack would read it."""
    async with sink() as kept:
        assert await slack(kept.url) == Delivered()

    body = json.loads(kept.got[0][1])
    assert body == message(NOTICE)
    assert "<" not in body["text"]
    linked = [
        b["text"]["text"] for b in body["blocks"] if b.get("text", {}).get("type") == "mrkdwn"
    ]
    assert linked == [f"<{NOTICE.link}|Open it in the console>"]
    assert not any(block["type"] == "actions" for block in body["blocks"])


def test_slack_and_mail_have_the_second_link_where_there_is_one_and_push_has_none() -> None:
    """One button is behind it; a device opens the whole question."""
    quick = "https://gate.example.com/quick/sealed"
    given = replace(NOTICE, quick=quick)
    assert f"<{quick}|Approve on one page>" in json.dumps(message(given))
    text = mail.message(given, "s@example.com", ["ben@example.com"]).get_content()
    assert f"On one page, with one button: {quick}" in text
    for notice, has in ((given, True), (NOTICE, False)):
        both = (message(notice), mail.message(notice, "s@e.com", ["b@e.com"]).get_content())
        assert [("quick" in json.dumps(one)) for one in both] == [has, has]
        assert "quick" not in json.dumps(push.message(notice))


@pytest.mark.parametrize("word", sorted(REFUSALS))
async def test_what_slack_refuses_is_given_up_in_words(word: str) -> None:
    """Slack's own words for it, as it documents them."""
    async with sink() as kept:
        kept.status, kept.text = 404, word
        assert await slack(kept.url) == GaveUp(REFUSALS[word])


@pytest.mark.parametrize(
    "status, text, came",
    [
        (429, "rate_limited", TryAgain("Slack wants fewer messages", 30)),
        (500, "rollup_error", TryAgain("Slack answered 500", 30)),
        (200, "<html>hello</html>", GaveUp("it answered 200 and not as Slack does")),
        (302, "ok", GaveUp("it answered 302 and not as Slack does")),
    ],
)
async def test_slack_is_tried_again_where_that_may_help(status: int, text: str, came: Sent) -> None:
    """And what is not Slack is not believed, nor repeated."""
    async with sink() as kept:
        kept.status, kept.text, kept.headers = status, text, {"retry-after": "30"}
        assert await slack(kept.url) == came


@pytest.mark.parametrize("send", [hook, slack])
async def test_no_failure_repeats_the_address(send: Callable[[str], Awaitable[Sent]]) -> None:
    """A webhook's address is a credential."""
    async with sink() as kept:
        kept.status, kept.text = 418, kept.url
        said = [await send(kept.url)]
    said.append(await send(kept.url))
    said.append(await send("http://hooks.example.com/secret-path"))

    assert "secret-path" not in repr(said)
