"""Slack, by an incoming webhook. Its whole address is a credential, so it is a stored secret.

Everything that others named stands in plain text blocks, where nothing is a link, a mention or a
picture. The one link is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sallyport.adapters.notify.web import Answer, Web
from sallyport.errors import SallyportError
from sallyport.model import Json, JsonObject
from sallyport.ports import ONE_LANE, Delivered, GaveUp, Sent, TryAgain
from sallyport.rules import canonical
from sallyport.rules.channels import Slack
from sallyport.rules.notices import Notice

OK: Final = 200
TOO_MANY: Final = 429
BROKEN: Final = 500

REFUSALS: Final[Mapping[str, str]] = {
    "invalid_payload": "Slack cannot read the message",
    "no_text": "Slack cannot read the message",
    "invalid_token": "Slack does not know this webhook any more",
    "no_active_hooks": "this webhook is switched off",
    "no_service": "this webhook was removed or switched off",
    "no_service_id": "this webhook was removed or switched off",
    "no_team": "Slack does not know this team",
    "team_disabled": "this team is switched off",
    "user_not_found": "whom the webhook writes to is gone",
    "channel_not_found": "the channel is gone",
    "channel_is_archived": "the channel is archived",
    "action_prohibited": "an administrator of the team forbids it",
    "posting_to_general_channel_denied": "the team keeps that channel to some people",
    "too_many_attachments": "Slack cannot read the message",
}
"""What Slack calls a message that it never will take, and what that means."""


class SlackNotifier:
    """Writes notices into a Slack channel."""

    kind = "slack"

    def __init__(self, way: Slack, *, secret: Callable[[str], str], unsafe_private: bool) -> None:
        self._way = way
        self._secret = secret
        self._web = Web(unsafe_private=unsafe_private)

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Return that the channel is told of everything."""
        del notice
        return ONE_LANE

    async def send(self, notice: Notice) -> Sent:
        """Write it into the channel."""
        try:
            url = self._secret(self._way.url)
        except SallyportError as error:
            return TryAgain(error.what)
        answer = await self._web.post(url, canonical.encode(message(notice)), {})
        return _came_of(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Close the connection."""
        await self._web.close()


def message(notice: Notice) -> JsonObject:
    """Return a notice as Slack takes it."""
    names = ", ".join(notice.to)
    small = f"For {names}. {notice.id}" if names else notice.id
    quick = f" · <{notice.quick}|Approve on one page>" if notice.quick else ""
    text = f"<{notice.link}|Open it in the console>{quick}"
    link: JsonObject = {"type": "mrkdwn", "text": text}
    blocks: list[Json] = [
        {"type": "section", "text": _plain(notice.title)},
        {"type": "section", "text": _plain(notice.summary)},
        {"type": "section", "text": link},
        {"type": "context", "elements": [_plain(small)]},
    ]
    return {
        "text": escaped(f"{notice.title}. {notice.summary}"),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escaped(text: str) -> str:
    """Return a text in which Slack finds no link and no mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text, "emoji": False}


def _came_of(answer: Answer) -> Sent:
    if answer.status == OK and answer.text.strip() == "ok":
        return Delivered()
    if answer.status == TOO_MANY:
        return TryAgain("Slack wants fewer messages", answer.after_s)
    if answer.status >= BROKEN:
        return TryAgain(f"Slack answered {answer.status}", answer.after_s)
    # Only words that we know are repeated: anybody may stand at the other end.
    known = REFUSALS.get(answer.text.strip())
    return GaveUp(known or f"it answered {answer.status} and not as Slack does")
