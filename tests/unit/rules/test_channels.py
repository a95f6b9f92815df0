"""The setting `notify`, read word for word: what it may be, and one sentence for each mistake."""

from __future__ import annotations

import pytest

from sallyport.rules.boundary.problems import BoundaryErrors, Collector
from sallyport.rules.boundary.yaml_strict import parse
from sallyport.rules.channels import (
    SERVICES,
    VAPID,
    Mail,
    Notify,
    Push,
    Slack,
    Told,
    Way,
    Webhook,
    is_loopback,
    read,
    unusable,
)
from sallyport.rules.notices import USUAL, Kind

SLACK = "kind: slack, url_secret: s"
MAIL = "kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}"
PUSH = "kind: push, contact: ops@e.com"


def notify(text: str) -> Notify:
    """Return the setting that a text holds."""
    out = Collector("sallyport.yaml")
    node = parse(text, out)
    assert node is not None
    found = read(out, node)
    out.stop_if_any()
    return found


def way(channel: str) -> Way:
    """Return the one channel of a setting."""
    (one,) = notify(f"channels: {{x: {{{channel}}}}}").channels
    return one.way


def problems(text: str) -> list[str]:
    """Return everything that is wrong with a setting."""
    with pytest.raises(BoundaryErrors) as caught:
        notify(text)
    found = caught.value.problems
    return [f"{one.line}:{one.column} {one.code}: {one.what}; {one.fix}" for one in found]


# --- What it may be. ---


def test_nothing_is_told_where_nothing_is_said() -> None:
    """No channel, links to the console's own address, and no webhook to a private host."""
    nothing = Notify(console="", unsafe_private_webhooks=False, channels=())

    assert notify("{}") == nothing
    assert Notify() == nothing


def test_links_lead_to_the_console_that_is_named() -> None:
    """Whatever slash it ends with; on this host it may be plain."""
    assert notify("console: 'https://gate.e.com/'").console == "https://gate.e.com"
    assert notify("console: 'https://e.com/~'").console == "https://e.com/~"
    assert notify("console: 'http://localhost:8642'").console == "http://localhost:8642"
    assert notify("unsafe_private_webhooks: true").unsafe_private_webhooks is True


@pytest.mark.parametrize(
    "tells, kinds",
    [
        ("", USUAL),
        (", tells: [settled]", {Kind.SETTLED}),
        (", tells: [asked, stopped, asked]", {Kind.ASKED, Kind.STOPPED}),
    ],
)
def test_a_channel_tells_what_it_is_asked_to(tells: str, kinds: set[Kind]) -> None:
    """Otherwise the usual."""
    found = notify(f"channels: {{team-1: {{{SLACK}{tells}}}}}")

    assert found.channels == (Told(name="team-1", way=Slack(url="s"), tells=frozenset(kinds)),)


@pytest.mark.parametrize(
    "channel, made",
    [
        (
            "kind: webhook, url: 'https://e.com/in', secret: key",
            Webhook(url="https://e.com/in", secret="key"),
        ),
        (
            "kind: webhook, url: 'http://127.0.0.1:9/in', secret: key",
            Webhook(url="http://127.0.0.1:9/in", secret="key"),
        ),
        (SLACK, Slack(url="s")),
        (
            MAIL,
            Mail(
                host="smtp.e.com",
                port=587,
                security="starttls",
                sender="s@e.com",
                user="",
                password="",
                addresses={"a": "a@e.com"},
            ),
        ),
        (
            f"{MAIL}, security: tls, user: me, password: pw",
            Mail(
                host="smtp.e.com",
                port=465,
                security="tls",
                sender="s@e.com",
                user="me",
                password="pw",
                addresses={"a": "a@e.com"},
            ),
        ),
        (
            f"{MAIL.replace('smtp.e.com', 'localhost')}, security: none",
            Mail(
                host="localhost",
                port=25,
                security="none",
                sender="s@e.com",
                addresses={"a": "a@e.com"},
            ),
        ),
        (
            f"{MAIL}, security: starttls, port: 65535",
            Mail(
                host="smtp.e.com",
                port=65535,
                security="starttls",
                sender="s@e.com",
                addresses={"a": "a@e.com"},
            ),
        ),
        (PUSH, Push(contact="ops@e.com", services=SERVICES)),
        (
            f"{PUSH}, services: [Push.E.com, e-2.com]",
            Push(contact="ops@e.com", services=("push.e.com", "e-2.com")),
        ),
    ],
    ids=["webhook", "own host", "slack", "mail", "tls", "plain", "port", "push", "services"],
)
def test_each_kind_of_channel_is_read(channel: str, made: Way) -> None:
    """What is not said has its usual value."""
    assert way(channel) == made


def test_devices_are_reached_by_the_services_of_the_browsers_that_people_have() -> None:
    """And by no other host, unless it is named; they know us by a key of this name."""
    assert way(PUSH) == Push(
        contact="ops@e.com",
        services=(
            "fcm.googleapis.com",
            "push.services.mozilla.com",
            "web.push.apple.com",
            "notify.windows.com",
        ),
    )
    assert VAPID == "push-vapid"


# --- What it may not be. ---


@pytest.mark.parametrize(
    "text, found",
    [
        pytest.param("- 5", ["1:1 boundary.wrong_type: `notify` is not a table of words; write `word: value`"], id="no table"),  # noqa: E501
        pytest.param("chanels: {}", ["1:1 boundary.unknown_word: unknown word `chanels` in `notify`; did you mean `channels`?"], id="unknown word"),  # noqa: E501
        pytest.param("channels: 5", ["1:11 boundary.wrong_type: `channels` is not a table of words; write `word: value`"], id="no table of channels"),  # noqa: E501
        pytest.param("channels: {'a b': {kind: slack, url_secret: s}}", ["1:12 boundary.bad_name: `a b` cannot be the name of a channel; use letters, digits, `_`, `-` and `.`, and the exact spelling"], id="a name"),  # noqa: E501
        pytest.param("channels: {x: 5}", ["1:15 boundary.wrong_type: channel `x` is not a table of words; write `word: value`", "1:15 boundary.missing_word: channel `x` lacks `kind`; add `kind: webhook`"], id="no channel"),  # noqa: E501
        pytest.param("unsafe_private_webhooks: maybe", ["1:26 boundary.wrong_type: `unsafe_private_webhooks` is neither true nor false; write `true` or `false`"], id="unsafe"),  # noqa: E501
        pytest.param("console: 'http://e.com'", ["1:10 boundary.wrong_type: `console` is not an address to open a console at; write https://host, as people type it"], id="console plain"),  # noqa: E501
        pytest.param("console: 'https://e.com/?a=b'", ["1:10 boundary.wrong_type: `console` is not an address to open a console at; write https://host, as people type it"], id="console query"),  # noqa: E501
        pytest.param("console: 5", ["1:10 boundary.wrong_type: `console` is not text; write text, in quotes if need be"], id="console no text"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_mistake_around_the_channels_is_named(text: str, found: list[str]) -> None:
    """Its place, what it is, how to mend it, and nothing besides."""
    assert problems(text) == found


@pytest.mark.parametrize(
    "channel, found",
    [
        pytest.param("url: 'https://e.com'", ["1:15 boundary.missing_word: channel `x` lacks `kind`; add `kind: webhook`"], id="no kind"),  # noqa: E501
        pytest.param("kind: webhok", ["1:22 boundary.unknown_word: `webhok` is not a kind of channel; did you mean `webhook`?"], id="unknown kind"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https://e.com/in', secrets: s", ["1:15 boundary.missing_word: channel `x` lacks `secret`; add `secret: a_stored_secret`", "1:56 boundary.unknown_word: unknown word `secrets` in channel `x`; did you mean `secret`?"], id="unknown word in channel"),  # noqa: E501
        pytest.param("kind: slack, url_secret: s, tells: []", ["1:51 boundary.wrong_type: `tells` is an empty list; name at least one"], id="tells empty"),  # noqa: E501
        pytest.param("kind: slack, url_secret: s, tells: asked", ["1:51 boundary.wrong_type: `tells` is not a list; write `[one, two]`"], id="tells none"),  # noqa: E501
        pytest.param("kind: slack, url_secret: s, tells: [asked, soon]", ["1:59 boundary.unknown_word: `soon` is not something a channel tells of; did you mean `ends_soon`?"], id="tells unknown"),  # noqa: E501
        pytest.param("kind: slack, url_secret: s, tells: [test]", ["1:52 boundary.unknown_word: `test` is not something a channel tells of; use one of: asked, break_glass, ends_soon, escalated, floor, in_doubt, resumed, settled, signature, stopped"], id="tells test"),  # noqa: E501
        pytest.param("kind: webhook", ["1:15 boundary.missing_word: channel `x` lacks `url`; add `url: https://…`", "1:15 boundary.missing_word: channel `x` lacks `secret`; add `secret: a_stored_secret`"], id="webhook missing"),  # noqa: E501
        pytest.param("kind: webhook, url: 'http://e.com/in', secret: s", ["1:36 boundary.wrong_type: `url` is not https; write https://host/path"], id="webhook http"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https://a:b@e.com/in', secret: s", ["1:36 boundary.wrong_type: `url` has a name or password in it; write https://host/path"], id="webhook userinfo"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https:///x', secret: s", ["1:36 boundary.wrong_type: `url` is not an address of the web; write https://host/path"], id="webhook no url"),  # noqa: E501
        pytest.param("kind: webhook, url: 5, secret: s", ["1:36 boundary.wrong_type: `url` is not text; write text, in quotes if need be"], id="webhook int"),  # noqa: E501
        pytest.param("kind: slack", ["1:15 boundary.missing_word: channel `x` lacks `url_secret`; add `url_secret: a_stored_secret`"], id="slack missing"),  # noqa: E501
        pytest.param("kind: slack, url_secret: 'https://x'", ["1:41 boundary.bad_name: `https://x` cannot be the name of `url_secret`; use letters, digits, `_`, `-` and `.`, and the exact spelling"], id="slack name"),  # noqa: E501
        pytest.param("kind: mail", ["1:15 boundary.missing_word: channel `x` lacks `host`; add `host: smtp.example.com`", "1:15 boundary.missing_word: channel `x` lacks `sender`; add `sender: sallyport@example.com`", "1:15 boundary.missing_word: channel `x` lacks `addresses`; add `addresses: {ada: ada@example.com}`"], id="mail missing"),  # noqa: E501
        pytest.param("security: none, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:26 boundary.out_of_range: mail would leave this host unencrypted; use `starttls` or `tls`; without either only this host may be written to"], id="mail none"),  # noqa: E501
        pytest.param("security: ssl3, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:26 boundary.unknown_word: `ssl3` is not a way to a mail server; use one of: starttls, tls, none"], id="mail bad sec"),  # noqa: E501
        pytest.param("user: me, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:15 boundary.missing_word: a mail server's `user` goes with a `password`; give both `user` and `password`, the name of a stored secret, or neither"], id="mail user"),  # noqa: E501
        pytest.param("password: pw, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:15 boundary.missing_word: a mail server's `user` goes with a `password`; give both `user` and `password`, the name of a stored secret, or neither"], id="mail pw"),  # noqa: E501
        pytest.param("port: 0, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:22 boundary.wrong_type: `port` is not such a number; write a whole number from 1 to 65535"], id="port 0"),  # noqa: E501
        pytest.param("port: 65536, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:22 boundary.wrong_type: `port` is not such a number; write a whole number from 1 to 65535"], id="port high"),  # noqa: E501
        pytest.param("kind: mail, host: 'smtp.e.com/x', sender: s@e.com, addresses: {a: a@e.com}", ["1:34 boundary.wrong_type: `host` is not a host name; write it without a port"], id="host"),  # noqa: E501
        pytest.param("kind: mail, host: 5, sender: s@e.com, addresses: {a: a@e.com}", ["1:34 boundary.wrong_type: `host` is not text; write text, in quotes if need be"], id="host int"),  # noqa: E501
        pytest.param("kind: mail, host: smtp.e.com, sender: nobody, addresses: {a: a@e.com}", ["1:54 boundary.wrong_type: `sender` is not a mail address; write it as name@example.com, without a display name"], id="sender"),  # noqa: E501
        pytest.param("kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {}", ["1:74 boundary.missing_word: `addresses` names nobody; add `ada: ada@example.com`"], id="addresses none"),  # noqa: E501
        pytest.param("kind: mail, host: smtp.e.com, sender: s@e.com, addresses: [a]", ["1:74 boundary.wrong_type: `addresses` is not a table of words; write `word: value`"], id="addresses list"),  # noqa: E501
        pytest.param("kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: 'a@e.com, b@e.com'}", ["1:78 boundary.wrong_type: `a` is not a mail address; write it as name@example.com, without a display name"], id="address two"),  # noqa: E501
        pytest.param("kind: push", ["1:15 boundary.missing_word: channel `x` lacks `contact`; add `contact: ops@example.com`"], id="push missing"),  # noqa: E501
        pytest.param("kind: push, contact: ops", ["1:37 boundary.wrong_type: `contact` is not a mail address; write it as name@example.com, without a display name"], id="push contact"),  # noqa: E501
        pytest.param("services: [], kind: push, contact: ops@e.com", ["1:26 boundary.out_of_range: `services` names none, or too many; name 1 to 20, or leave `services` out"], id="services 0"),  # noqa: E501
        pytest.param("services: ['e.com:1'], kind: push, contact: ops@e.com", ["1:27 boundary.wrong_type: a push service is not a host name; write a host without a port"], id="services port"),  # noqa: E501
        pytest.param("services: ['e.com/x'], kind: push, contact: ops@e.com", ["1:27 boundary.wrong_type: a push service is not a host name; write a host without a port"], id="services path"),  # noqa: E501
        pytest.param("services: [5], kind: push, contact: ops@e.com", ["1:27 boundary.wrong_type: a push service is not text; write text, in quotes if need be"], id="services int"),  # noqa: E501
        pytest.param("services: e.com, kind: push, contact: ops@e.com", ["1:26 boundary.wrong_type: `services` is not a list; write `[one, two]`"], id="services text"),  # noqa: E501
        pytest.param("kind: mail, host: smtp.e.com, sender: 5, addresses: {a: a@e.com}", ["1:54 boundary.wrong_type: `sender` is not text; write text, in quotes if need be"], id="sender int"),  # noqa: E501
        pytest.param("user: 5, password: pw, kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:15 boundary.missing_word: a mail server's `user` goes with a `password`; give both `user` and `password`, the name of a stored secret, or neither", "1:22 boundary.wrong_type: `user` is not text; write text, in quotes if need be"], id="user int"),  # noqa: E501
        pytest.param("user: me, password: 'p w', kind: mail, host: smtp.e.com, sender: s@e.com, addresses: {a: a@e.com}", ["1:36 boundary.bad_name: `p w` cannot be the name of `password`; use letters, digits, `_`, `-` and `.`, and the exact spelling"], id="password name"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https://e.com/in', secret: 's s'", ["1:64 boundary.bad_name: `s s` cannot be the name of `secret`; use letters, digits, `_`, `-` and `.`, and the exact spelling"], id="secret name"),  # noqa: E501
        pytest.param("services: ['e.com:1', 'fe80::1'], kind: push, contact: ops@e.com", ["1:27 boundary.wrong_type: a push service is not a host name; write a host without a port", "1:38 boundary.wrong_type: a push service is not a host name; write a host without a port"], id="services twice wrong"),  # noqa: E501
        pytest.param("kind: 5", ["1:22 boundary.wrong_type: a kind of channel is not text; write text, in quotes if need be"], id="kind int"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https://e.com:port/in', secret: s", ["1:36 boundary.wrong_type: `url` is not an address of the web; write https://host/path"], id="webhook no port"),  # noqa: E501
        pytest.param("kind: webhook, url: 'https://e.com/i n', secret: s", ["1:36 boundary.wrong_type: `url` is not an address of the web; write https://host/path"], id="webhook space"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_mistake_in_a_channel_is_named(channel: str, found: list[str]) -> None:
    """One sentence for each mistake, which repeats no address."""
    assert problems(f"channels: {{x: {{{channel}}}}}") == found


def test_twenty_channels_are_read_and_no_more() -> None:
    """Nobody reads what comes by more."""
    each = [f"c{number}: {{{SLACK}}}" for number in range(21)]

    assert len(notify(f"channels: {{{', '.join(each[:20])}}}").channels) == 20
    assert problems(f"channels: {{{', '.join(each)}}}") == [
        "1:11 boundary.too_large: there are too many channels; name 20 at most"
    ]


def test_twenty_push_services_are_read_and_no_more() -> None:
    """As many as anybody has browsers."""
    each = [f"h{number}.e.com" for number in range(21)]
    twenty = way(f"{PUSH}, services: [{', '.join(each[:20])}]")

    assert twenty == Push(contact="ops@e.com", services=tuple(each[:20]))
    (problem,) = problems(f"channels: {{x: {{{PUSH}, services: [{', '.join(each)}]}}}}")
    assert problem == (
        "1:58 boundary.out_of_range: `services` names none, or too many; "
        "name 1 to 20, or leave `services` out"
    )


# --- Where anything may be sent. ---

NO_ADDRESS = "is not an address of the web"


@pytest.mark.parametrize(
    "url, why",
    [
        ("https://e.com", ""),
        ("https://e.com:8443/a?b=c", ""),
        ("http://localhost/a", ""),
        ("http://127.0.0.1:1", ""),
        ("http://[::1]:1/a", ""),
        ("http://e.com", "is not https"),
        ("http://127.0.0.2", "is not https"),
        ("http://localhost.e.com", "is not https"),
        ("ftp://localhost", "is not https"),
        ("//e.com", "is not https"),
        ("https://me@e.com", "has a name or password in it"),
        ("https://:pw@e.com", "has a name or password in it"),
        ("https://@e.com", "has a name or password in it"),
        ("https://", NO_ADDRESS),
        ("https:///a", NO_ADDRESS),
        ("e.com", NO_ADDRESS),
        ("https://e.com:port", NO_ADDRESS),
        ("https://e.com:65536", NO_ADDRESS),
        ("https://[::1", NO_ADDRESS),
        ("https://e.com/a b", NO_ADDRESS),
        ("https://e.com/a\u200bb", NO_ADDRESS),
        ("https://e.com/a\u00a0b", NO_ADDRESS),
        ("https://e.com/a\r\nHost: x", NO_ADDRESS),
        ("", NO_ADDRESS),
    ],
    ids=ascii,
)
def test_where_nothing_may_be_sent_is_said_without_repeating_it(url: str, why: str) -> None:
    """Over https, or to this very host; nothing that could end a header or holds a credential."""
    assert unusable(url) == why


@pytest.mark.parametrize(
    "host, own",
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.0.0.2", False),
        ("LOCALHOST", False),
        ("", False),
        ("e.com", False),
    ],
)
def test_this_very_host_is_known_by_three_names(host: str, *, own: bool) -> None:
    """As they are written, and by no other."""
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    "address",
    ["a@e", f"{'a' * 64}@e.com", f"a@{'e' * 250}", "a.b!#$%&'*+/=?^_`{|}~-c@E-1.com", "0@0"],
)
def test_a_mail_address_is_one_that_can_end_no_header(address: str) -> None:
    """It has a name, an @ and a host, of characters that need no quoting."""
    channel = f"{MAIL.replace('s@e.com', chr(34) + address + chr(34))}"
    found = way(channel)

    assert isinstance(found, Mail)
    assert found.sender == address


@pytest.mark.parametrize(
    "address",
    [
        "a",
        "@e.com",
        "a@",
        f"{'a' * 65}@e.com",
        f"a@{'e' * 251}",
        "a b@e.com",
        "a@e_.com",
        "ä@e.com",
    ],
)
def test_what_is_no_mail_address_is_none(address: str) -> None:
    """Also one that is too long."""
    channel = MAIL.replace("s@e.com", f'"{address}"')

    (problem,) = problems(f"channels: {{x: {{{channel}}}}}")
    assert problem == (
        "1:54 boundary.wrong_type: `sender` is not a mail address; "
        "write it as name@example.com, without a display name"
    )


@pytest.mark.parametrize(
    "host, fits",
    [
        ("h", True),
        ("2001:db8::1", True),
        (":1", True),
        ("e" * 253, True),
        ("e" * 254, False),
        ("-e.com", False),
        ("e com", False),
    ],
    ids=["short", "an address", "shortest address", "longest", "too long", "a dash", "a space"],
)
def test_a_mail_server_is_named_by_its_host(host: str, *, fits: bool) -> None:
    """A name or an address of the net, without a port and of a length that a name may have."""
    channel = MAIL.replace("smtp.e.com", f'"{host}"')

    if fits:
        found = way(channel)
        assert isinstance(found, Mail)
        assert found.host == host
    else:
        assert problems(f"channels: {{x: {{{channel}}}}}") == [
            "1:34 boundary.wrong_type: `host` is not a host name; write it without a port"
        ]
