"""The setting `notify`: what it may be, and one clear sentence for what it may not."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from sallyport.adapters.host.clock import SystemClock
from sallyport.adapters.keys.browsers import BrowserKeys
from sallyport.adapters.notify import channels_of
from sallyport.doors.settings import Settings, load_settings
from sallyport.errors import SettingsError
from sallyport.rules.channels import SERVICES, Mail, Push, Slack, Webhook
from sallyport.rules.devices import Device
from sallyport.rules.notices import USUAL, Kind

WHOLE = """
notify:
  console: https://gate.example.com/
  channels:
    pager: {kind: webhook, url: "https://hooks.example.com/in", secret: pager_key, tells: [stopped]}
    team-slack: {kind: slack, url_secret: slack_url}
    team-mail:
      kind: mail
      host: smtp.example.com
      sender: sallyport@example.com
      user: sallyport
      password: smtp_password
      addresses: {ada: ada@example.com, "on-call desk": desk@example.com}
    phones: {kind: push, contact: ops@example.com}
"""


class NoDevices:
    """Nobody has one."""

    def of(self, names: Collection[str] | None = None) -> Sequence[Device]:
        """Return none."""
        return ()

    async def gone(self, device: str, why: str) -> None:
        """Forget nothing."""


def load(folder: Path, text: str) -> Settings:
    """Return the settings of a home with this text."""
    (folder / "sallyport.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder)


def test_every_kind_of_channel_is_read(tmp_path: Path) -> None:
    """Credentials stand as names; what is not said has its usual value."""
    notify = load(tmp_path, WHOLE).notify

    assert notify.console == "https://gate.example.com"
    pager, slack, mail, phones = notify.channels
    assert pager.way == Webhook(url="https://hooks.example.com/in", secret="pager_key")
    assert pager.tells == {Kind.STOPPED}
    assert slack.way == Slack(url="slack_url")
    assert slack.tells == USUAL
    assert isinstance(mail.way, Mail)
    assert (mail.way.port, mail.way.security) == (587, "starttls")
    assert phones.way == Push(contact="ops@example.com", services=SERVICES)
    made = channels_of(
        notify, secret=str, clock=SystemClock(), devices=NoDevices(), keys=BrowserKeys()
    )
    assert [one.notifier.kind for one in made] == ["webhook", "slack", "mail", "push"]


def test_nobody_is_told_where_nothing_is_set_up(tmp_path: Path) -> None:
    """The default has no channel."""
    assert load(tmp_path, "port: 1\n").notify.channels == ()


MAIL = "kind: mail, host: smtp.example.com, sender: s@example.com, addresses: {a: a@example.com}"


@pytest.mark.parametrize(
    "channel, what",
    [
        ("kind: pigeon", "`pigeon` is not a kind of channel"),
        ("url: 'https://e.com', secret: s", "channel `x` lacks `kind`"),
        ("kind: webhook, url: 'https://e.com'", "channel `x` lacks `secret`"),
        ("kind: webhook, url: 'http://e.com', secret: s", "`url` is not https"),
        ("kind: webhook, url: 'https://a:b@e.com', secret: s", "has a name or password in it"),
        ("kind: slack, url: 'https://hooks.slack.com/services/planted'", "lacks `url_secret`"),
        ("kind: slack, url_secret: s, tells: []", "`tells` is an empty list"),
        ("kind: slack, url_secret: s, tells: [asked, soon]", "`soon` is not something a channel"),
        (f"{MAIL}, security: none", "mail would leave this host unencrypted"),
        (f"{MAIL}, security: ssl3", "`ssl3` is not a way to a mail server"),
        (f"{MAIL}, user: me", "`user` goes with a `password`"),
        (f"{MAIL}, port: 70000", "`port` is not such a number"),
        (MAIL.replace("a@example.com", '"a@e.com, b@e.com"'), "`a` is not a mail address"),
        (MAIL.replace("a@example.com", '"Ada <a@e.com>"'), "`a` is not a mail address"),
        (MAIL.replace("{a: a@example.com}", "{}"), "`addresses` names nobody"),
        (MAIL.replace("smtp.example.com", '"smtp.example.com/x"'), "`host` is not a host name"),
        ("kind: push", "channel `x` lacks `contact`"),
        ("kind: push, contact: nobody", "`contact` is not a mail address"),
        ("kind: push, contact: a@e.com, services: []", "`services` names none, or too many"),
        ("kind: push, contact: a@e.com, services: ['e.com:1']", "is not a host name"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, channel: str, what: str) -> None:
    """One sentence: where, what, how to mend it; and never a value that may be a credential."""
    text = f"notify:\n  channels:\n    x: {{{channel}}}\n"
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)

    assert what in caught.value.what
    assert caught.value.what.startswith("sallyport.yaml:3:")
    assert caught.value.fix
    assert "planted" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    "text, what",
    [
        ("notify: on-call", "`notify` is not a table of words"),
        ("notify: {chanels: {}}", "unknown word `chanels` in `notify`"),
        ("notify: {console: 'http://gate.example.com'}", "`console` is not an address"),
        ("notify: {unsafe_private_webhooks: maybe}", "neither true nor false"),
        ("notify: {channels: {'a b': {kind: slack, url_secret: s}}}", "`a b` cannot be the name"),
    ],
)
def test_a_mistake_around_the_channels_is_named(tmp_path: Path, text: str, what: str) -> None:
    """As every other setting."""
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)

    assert what in caught.value.what
