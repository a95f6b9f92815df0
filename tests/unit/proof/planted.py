"""A desk whose words are changed by one, the calls that show it, and their replay."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from sallyport.doors.cli import app as cli
from sallyport.model import Boundary, Decision, Json, JsonObject
from sallyport.rules import strict_json
from sallyport.rules.replay import Recorded, decided, in_turn
from tests.unit.boundary.examples import SYSTEM, support

DESK = """\
workflow: desk
purpose: Answer tickets; small refunds only.
owner: support-ops@example.com
agent: support-bot
environment: production
expires: 2027-03-31
for: [support_agent, support_lead]
task: {ticket_id: text}
limits: {calls_per_task: 25, refunds_per_day: 2000.00 EUR, sent_per_hour: 20}
tools:
  kb.fetch:
    level: read
    only: {url: {url: 'https://kb.example.com/docs'}}
  tickets.update:
    level: update
    touches: [records, money]
    only:
      ticket_id: {is: task.ticket_id}
      status: {one_of: [open, pending, solved]}
    allow:
      - args: {refund: {at_most: 50.00 EUR}}
        when: {ticket_state: [open, pending]}
        because: twelve weeks asked, none rejected
        until: 2027-01-31
    ask:
      - args: {refund: {above: 50.00 EUR, at_most: 500.00 EUR}}
        when: {ticket_state: [open]}
        who: [support_lead]
        within: 4h
    never:
      - args: {status: {one_of: [pending]}}
        because: it would never come back
  mail.send:
    level: external
    only:
      to: {email: '@example.com'}
      body: {max_length: 4000}
    ask: [{who: [support_agent, support_lead], within: 8h}]
"""
PLUMBING = SYSTEM.replace(", reversible: false", "")
"""The desk's system, where a letter can be called back, so that an entry may lift asking."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def changed(before: str, after: str, desk: str = DESK) -> str:
    """Return the desk with one place changed."""
    assert desk.count(before) == 1, before
    return desk.replace(before, after)


def written(folder: Path, desk: str) -> str:
    """Write a workflow file with its system beside it; return where."""
    for place, text in ((folder / "workflows", desk), (folder / "systems", PLUMBING)):
        place.mkdir(parents=True, exist_ok=True)
        (place / "desk.yaml").write_text(text, encoding="utf-8")
    return str(folder / "workflows" / "desk.yaml")


class Prove:
    """`sallyport boundary prove`, run on files in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> None:
        self._options = options
        self._folder = folder
        self._capsys = capsys

    def alone(self, new: str) -> tuple[int, JsonObject]:
        """Return the exit code and the answer about one version by itself."""
        return self.run("boundary", "prove", written(self._folder / "new", new), "--json")

    def against(self, new: str, old: str = DESK) -> tuple[int, JsonObject]:
        """Return the exit code and the answer about two versions."""
        files = written(self._folder / "new", new), written(self._folder / "old", old)
        return self.run("boundary", "prove", files[0], "--against", files[1], "--json")

    def run(self, *words: str) -> tuple[int, JsonObject]:
        """Return the exit code and the answer of a command."""
        code = cli.run([*words, *self._options])
        out, err = self._capsys.readouterr()
        said = strict_json.loads((out or err).encode(), bytes_max=1 << 20, depth_max=64)
        assert isinstance(said, dict)
        return code, said


def refusals(answer: JsonObject) -> str:
    """Return what a loader said against a file."""
    assert "error" in answer, answer
    return json.dumps(answer["error"], default=str)


def calls(answer: JsonObject) -> list[JsonObject]:
    """Return the counterexamples of an answer."""
    found = answer["counterexamples"]
    assert isinstance(found, list)
    return [_object(one) for one in found]


def replayed(one: JsonObject, desk: str) -> Decision:
    """Put a counterexample before the evaluator: what does this version say of its last call?"""
    return _in_turn(one, support(desk, PLUMBING))


def _in_turn(one: JsonObject, boundary: Boundary) -> Decision:
    context = _object(one["context"])
    last = _call(str(one["tool"]), _object(one["args"]), context)
    earlier = context.get("earlier_calls", 0)
    if not earlier:
        return decided(last, boundary)
    assert isinstance(earlier, int)
    like = _object(context["each_of_them"])
    first = _call(str(like["tool"]), _object(like["args"]), context)
    *_, (decision, _) = in_turn([first] * earlier + [last], boundary)
    return decision


def _call(tool: str, args: JsonObject, context: JsonObject) -> Recorded:
    day = date.fromisoformat(str(context["day"]))
    at = datetime.combine(day, time(12), UTC)
    return Recorded(
        where="a call",
        tool=tool,
        args=args,
        role=str(context["role"]),
        agent=str(context["agent"]),
        inputs=_object(context["inputs"]),
        facts=_object(context["facts"]),
        at_us=(at - _EPOCH) // timedelta(microseconds=1),
    )


def _object(value: Json) -> JsonObject:
    assert isinstance(value, dict)
    return value
