"""What is typed before a yes to something that nobody can take back: one value, as it will be sent.

Rules:
  1. The gateway chooses the value, from the arguments that decide whom or how much; it stands in
     what people answer about, so it is signed with it.
  2. A yes without it is refused by whoever takes the answer, not only by the page that asks for it.
  3. What was typed is signed as it was typed. A value that only looks the same is another one.
"""

from __future__ import annotations

from typing import Final

from sallyport.errors import NotConfirmedError
from sallyport.model import Approval, Json, JsonObject, Plumbing, Reversible
from sallyport.rules.answering import Said
from sallyport.rules.shown import shown

CHARS_MAX: Final = 80
"""A longer value is not one that somebody types."""

PART: Final = "confirm"
"""What it is called in all that people answer about."""


def wanted(args: JsonObject, plumbing: Plumbing) -> JsonObject | None:
    """Return the argument to type and how it is spelled; None where the call can be taken back.

    It is the first one that decides whom or how much, amounts as amounts.
    """
    if plumbing.reversible is not Reversible.FALSE:
        return None
    seen: dict[str, Json] = {**args, **shown(args, plumbing).amounts}
    for name in (*(one for one in plumbing.critical if one in args), *args):
        value = seen[name]
        if isinstance(value, str | int) and 0 < len(str(value).strip()) <= CHARS_MAX:
            return {"name": name, "value": str(value).strip()}
    return None


def asked(approval: Approval) -> JsonObject | None:
    """Return what has to be typed for a yes to a question; None for nothing."""
    found = approval.object.get(PART)
    return found if isinstance(found, dict) else None


def value(approval: Approval) -> str:
    """Return what has to be typed for a yes to a question; empty for nothing."""
    found = asked(approval)
    return str(found.get("value") or "") if found else ""


def check(approval: Approval, said: Said) -> None:
    """Check that a yes to what nobody can take back names what it is about.

    Raises:
        NotConfirmedError: It does not, or something was typed where nothing is asked.
    """
    if said.typed != (value(approval) if said.yes else ""):
        found = asked(approval)
        if found is None or not said.yes:
            what = "something was typed where nothing is asked"
            raise NotConfirmedError(what, fix="leave it out")
        raise NotConfirmedError(
            f"this cannot be taken back, and `{found.get('name')}` was not typed as it stands there"
        )
