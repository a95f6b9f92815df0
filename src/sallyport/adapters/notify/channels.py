"""From the setting `notify` to the channels that it names."""

from __future__ import annotations

from collections.abc import Callable

from sallyport.adapters.notify.mail import MailNotifier
from sallyport.adapters.notify.slack import SlackNotifier
from sallyport.adapters.notify.webhook import WebhookNotifier
from sallyport.ports import Channel, Clock, Notifier
from sallyport.rules.channels import Mail, Notify, Slack, Told, Webhook


def channels_of(
    notify: Notify, *, secret: Callable[[str], str], clock: Clock
) -> tuple[Channel, ...]:
    """Return every channel of the settings.

    Args:
        notify: The setting.
        secret: Returns a stored secret by its name, at the time of each use.
        clock: The time that webhooks are dated by.
    """

    def notifier(told: Told) -> Notifier:
        unsafe = notify.unsafe_private_webhooks
        match told.way:
            case Webhook() as way:
                return WebhookNotifier(way, secret=secret, clock=clock, unsafe_private=unsafe)
            case Slack() as way:
                return SlackNotifier(way, secret=secret, unsafe_private=unsafe)
            case Mail() as way:
                return MailNotifier(way, secret=secret)

    return tuple(
        Channel(name=told.name, notifier=notifier(told), tells=told.tells)
        for told in notify.channels
    )
