"""From the setting `notify` to the channels that it names."""

from __future__ import annotations

from collections.abc import Callable

from sallyport.adapters.notify.mail import MailNotifier
from sallyport.adapters.notify.push import PushNotifier
from sallyport.adapters.notify.slack import SlackNotifier
from sallyport.adapters.notify.webhook import WebhookNotifier
from sallyport.ports import BrowserKeys, Channel, Clock, Devices, Notifier
from sallyport.rules.channels import Mail, Notify, Push, Slack, Told, Webhook


def channels_of(
    notify: Notify,
    *,
    secret: Callable[[str], str],
    clock: Clock,
    devices: Devices,
    keys: BrowserKeys,
) -> tuple[Channel, ...]:
    """Return every channel of the settings.

    Args:
        notify: The setting.
        secret: Returns a stored secret by its name, at the time of each use.
        clock: The time that webhooks are dated by.
        devices: On which devices people are told.
        keys: How their browsers are written to.
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
            case Push() as way:
                return PushNotifier(
                    way,
                    devices=devices,
                    keys=keys,
                    secret=secret,
                    clock=clock,
                    unsafe_private=unsafe,
                )

    return tuple(
        Channel(name=told.name, notifier=notifier(told), tells=told.tells)
        for told in notify.channels
    )
