"""An edit that an owner might make late on a Friday, and what comes of signing it.

The support lead raises the highest refund by one cent, in the one line where it stands, and signs.
The file promises below that no refund goes above 500.00 EUR. So the version is refused, with a call
that breaks the promise and that the real evaluator has decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sallyport.demo import story
from sallyport.doors.client import LocalClient
from sallyport.errors import SallyportError
from sallyport.model import JsonObject
from sallyport.rules import canonical

Sign: TypeAlias = Callable[[dict[str, Any]], None]
BEFORE = "ask:\n      - args: {refund: {above: 50.00 EUR, at_most: 500.00 EUR}}"
AFTER = BEFORE.replace("500.00", "500.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What became of the edit.

    `why` are the problems that stood in its way; `answer` is what its signature was answered, or
    empty where it was taken; `calls` are those that the edit would let through and that the version
    in force refuses.
    """

    why: tuple[str, ...]
    answer: str
    calls: tuple[JsonObject, ...]
    still_in_force: bool

    @property
    def holds(self) -> bool:
        """Whether the promise held: refused, nothing changed, and shown by a refund above it."""
        shown = any("500.01" in one for one in self.why) or bool(self.calls)
        return bool(self.answer) and bool(self.why) and shown and self.still_in_force

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "refused": bool(self.answer),
            "why": list(self.why),
            "calls": [json.loads(canonical.text(call)) for call in self.calls],
            "still_in_force": self.still_in_force,
        }


def edited(workflow: str) -> str:
    """Return the workflow's text with the highest refund raised by one cent.

    Raises:
        ValueError: The line is not there, so nothing would be shown.
    """
    if workflow.count(BEFORE) != 1:
        raise ValueError("the demo's boundary has another line for larger refunds now")
    return workflow.replace(BEFORE, AFTER)


def attempt(client: LocalClient, workflow: str, systems: dict[str, str], sign: Sign) -> Refusal:
    """Propose and sign the edit, as its owner would.

    Args:
        client: The people's socket.
        workflow: The workflow file that is in force.
        systems: Its system files, text by name.
        sign: Signs what a proposal puts to its owner, and sends that off.
    """
    before = _digest(client)
    proposed = client.propose(edited(workflow), file=f"{story.WORKFLOW}.yaml", systems=systems)
    answer = ""
    try:
        sign(proposed)
    except SallyportError as refused:
        answer = refused.what
    return Refusal(
        why=tuple(_errors(proposed)),
        answer=answer,
        calls=tuple(proposed["proof"]["counterexamples"]),
        still_in_force=bool(before) and _digest(client) == before,
    )


def in_words(call: JsonObject) -> str:
    """Return a call that tells two versions apart, in one line."""
    told = canonical.text(call.get("args"))
    was, now = call.get("was"), call.get("now")
    return f"{call.get('tool')} {told}: in force it is {was}; the edit would make it {now}"


def _errors(proposed: dict[str, Any]) -> Iterator[str]:
    for one in proposed["problems"]:
        if one["severity"] == "error":
            yield str(one["what"])


def _digest(client: LocalClient) -> str:
    found = (one["digest"] for one in client.boundaries() if one["workflow"] == story.WORKFLOW)
    return next(found, "")
