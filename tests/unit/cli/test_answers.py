"""What is said before and after an answer, and which entries of the log are worth a line."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from sallyport.doors.cli import inbox, log
from sallyport.model import Json, JsonObject

ITEM: JsonObject = {"agent": "bot", "workflow": "support", "system": "desk", "tool": "mail.send"}


@dataclass
class Status:
    """A gateway that says what is stopped."""

    switches: list[Json] = field(default_factory=list[Json])
    stop_file: list[Json] = field(default_factory=list[Json])

    def get(self, path: str, query: object = None) -> JsonObject:
        """Return the status."""
        del query
        assert path == "status"
        return {"switches": self.switches, "stop_file": self.stop_file}

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """Nothing is sent here."""
        raise AssertionError((path, body))


def _switch(scope: str, verdict: str = "refuse") -> JsonObject:
    return {"scope": scope, "verdict": verdict}


@pytest.mark.parametrize(
    "scope", ["everything", "agent:bot", "workflow:support", "system:desk", "tool:mail.send"]
)
def test_a_yes_during_a_stop_is_warned_of(scope: str) -> None:
    """Whatever the stop is of, in the database or in the stop file."""
    assert inbox.stopped_by(Status(switches=[_switch(scope)]), ITEM) == scope
    assert inbox.stopped_by(Status(stop_file=[scope]), ITEM) == scope


def test_a_stop_of_something_else_is_no_reason_to_warn() -> None:
    """Nor is a floor below a stop, which the yes is for."""
    others: list[Json] = [_switch("agent:other"), _switch("everything", "ask")]

    assert inbox.stopped_by(Status(switches=others), ITEM) == ""


def test_what_a_call_came_to_is_said_once() -> None:
    """A call that is done is done; where action and ending differ, both are told."""
    done: JsonObject = {"call": "c1", "ending": "done", "action": "done"}
    failed: JsonObject = {"call": "c1", "ending": "done", "action": "failed"}
    answered: JsonObject = {"approval": "a1", "state": "approved"}

    assert list(inbox.after({**answered, "outcome": done}))[1] == "the call c1: done"
    assert list(inbox.after({**answered, "outcome": failed}))[1] == "the call c1: done, failed"


def test_look_ups_are_told_from_calls_of_agents() -> None:
    """By their origin, or by the number that their id has behind the call's own."""
    own: JsonObject = {"body": {"call": "c0hd3k", "origin": "agent"}}
    look_up: JsonObject = {"body": {"call": "c0hd3k.0", "origin": "gateway"}}
    its_end: JsonObject = {"body": {"call": "c0hd3k.12", "ending": "done"}}

    assert not log.is_look_up(own)
    assert not log.is_look_up({"body": {"switch": "s1"}})
    assert log.is_look_up(look_up)
    assert log.is_look_up(its_end)
