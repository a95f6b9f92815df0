"""Exercises at the people's door and over the network, the team's figures, and gates to give up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.doors.cli import app as cli
from sallyport.doors.cli.attention import exercised
from sallyport.errors import ConflictError, NotFoundError, NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules.attention.attention import Attention
from sallyport.rules.attention.exercises import DELAY_S, Exercise
from tests.integration.api.office import WORKFLOW, Office


@pytest.fixture
def second_look(office: Office) -> Exercise:
    """Have a mail approved by omar, and return the second look that is made of it."""
    office.house.inbox.exercises.attention = Attention(on=True, canaries=0, second_looks=1000)
    asked = office.mail(office.open_task())
    office.answer("omar", office.next_question(), yes=True)
    office.settled(str(asked.body["call"]["id"]))
    office.later(DELAY_S[1])
    office.portal.call(office.house.inbox.exercises.look)
    (found,) = office.portal.call(office.house.inbox.exercises.waiting)
    return found


def test_it_is_listed_and_shown_like_a_question_to_all_but_who_answered_it(
    office: Office, second_look: Exercise
) -> None:
    """In the terminal's list, and in the list of a person who signs for it."""
    (item,) = office.client.inbox()
    shown = office.client.item(second_look.id)
    assert (item["id"], item["kind"], item["state"]) == (second_look.id, "question", "waiting")
    assert item["sentences"] == shown["sentences"] != []
    assert shown["object"]["approval"] == second_look.id
    assert "exercise" not in json.dumps(shown)
    lists = {
        who: office.v1("GET", "/v1/inbox", headers=office.inbox_headers(who)).body["items"]
        for who in ("lena", "omar", "mara")
    }
    assert [len(lists[who]) for who in ("lena", "omar", "mara")] == [1, 0, 0]


def test_its_answer_is_taken_like_any_other_and_told_to_be_none(
    office: Office, second_look: Exercise
) -> None:
    """Signed, admitted, kept; then what it was, and nothing left the house for it."""
    with pytest.raises(NotPermittedError):
        office.answer("omar", second_look.id, yes=True)
    with pytest.raises(NotPermittedError):
        office.answer("vera", second_look.id, yes=True)
    signed = office.client.verify_log()["signed"]
    sent, again = _intents(office), office.an_answer("lena", second_look.id, yes=True)
    told = office.answer("lena", second_look.id, yes=False)

    assert told["state"] == "exercise"
    assert told["exercise"]["outcome"] == "differed"
    assert "you do not agree" in "\n".join(exercised(told["exercise"]))
    assert _intents(office) == sent
    with pytest.raises(NotFoundError):
        office.client.item(second_look.id)
    with pytest.raises(ConflictError):
        office.client.answer(second_look.id, **again)
    verified = office.client.verify_log()
    assert (verified["intact"], verified["unsigned"]) == (True, [])
    assert verified["signed"] == signed + 1


def test_an_agent_finds_nothing_of_it(office: Office, second_look: Exercise) -> None:
    """Its picture of a call is no call of any task."""
    token = office.open_task()
    answer = office.v1("GET", f"/v1/calls/{second_look.call.id}", token=token)
    assert answer.status == 404


def test_the_terminal_reads_the_teams_figures_and_which_gates_always_pass(office: Office) -> None:
    """Too few have answered to say anything of them; no gate was passed so often."""
    found: dict[str, Any] = office.client.get("/admin/team")
    assert found["withheld"] is True
    assert found["attention"]["on"] is False
    assert office.client.get(f"/admin/boundary/unasked/{WORKFLOW}") == {"gates": []}
    with pytest.raises(NotFoundError):
        office.client.post(
            "/admin/boundary/unasked", {"workflow": WORKFLOW, "tool": "mail.send", "entry": ""}
        )


def test_what_leaves_the_house_goes_on_asking(office: Office) -> None:
    """A mail was approved as often as it takes, and the terminal says why it is still asked."""
    office.house.stop_asking.enough = 1
    for ticket in ("T-4711", "T-4712"):
        asked = office.mail(office.open_task(ticket), ticket)
        office.answer("omar", office.next_question(), yes=True)
        office.settled(str(asked.body["call"]["id"]))
    (gate,) = office.client.get(f"/admin/boundary/unasked/{WORKFLOW}")["gates"]
    assert gate["why_not"] == "nobody can take it back"
    body = {"workflow": WORKFLOW, "tool": "mail.send", "entry": gate["entry"]}
    with pytest.raises(ConflictError, match="goes on asking"):
        office.client.post("/admin/boundary/unasked", body)


@pytest.fixture
def terminal(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., str]:
    """Return a command line with everybody's keys; a command returns what it printed."""
    monkeypatch.setenv("SALLYPORT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "keys").mkdir()
    for name, key in office.keys.items():
        key.save(tmp_path / "keys" / f"{name}.key")

    def run(*words: str) -> str:
        capsys.readouterr()
        done = cli.run([*words, "--home", str(office.settings.home)])
        out, err = capsys.readouterr()
        assert done == 0, out + err
        return out + err

    return run


def test_the_terminal_says_at_once_what_an_exercise_was(
    second_look: Exercise, terminal: Callable[..., str]
) -> None:
    """After the yes or no that somebody signed there."""
    said = terminal("inbox", "no", second_look.id, "--because", "no", "--as", "lena")
    assert "This was a second look" in said
    assert "Nothing was sent" in said
    assert "is exercise" not in said


def test_an_owner_and_a_second_person_have_a_gate_stop_asking_in_the_terminal(
    office: Office, terminal: Callable[..., str]
) -> None:
    """Listed, proposed, proved by the real solver to widen, signed twice, and then it passes."""
    office.house.stop_asking.enough = 2
    office.sign_boundary((_AS_SHIPPED, _PREPARED))
    for body in ("thanks", "sorry"):
        call = _reply(office, body)
        office.answer("vera", office.next_question(), yes=True)
        office.settled(call)
    listed = terminal("boundary", "unasked", WORKFLOW)
    assert "tickets.draft_reply  2 " in listed
    assert "can stop: add --tool" in listed
    stop = ("boundary", "unasked", WORKFLOW, "--tool", "tickets.draft_reply")
    assert "one_of: [thanks, sorry]" in terminal(*stop, "--text")
    first = terminal(*stop, "--as", "lena", "--yes")
    assert "asked 2 times from" in first
    assert "not in force" in first
    assert "in force: version 3" in terminal(*stop, "--as", "vera", "--yes")
    assert _reply(office, "thanks")
    assert office.client.inbox() == []
    assert _reply(office, "done")
    assert len(office.client.inbox()) == 1


def test_the_terminal_tells_the_figures_of_the_team(
    office: Office, terminal: Callable[..., str]
) -> None:
    """Too few people: that, and nothing else; then counts and shares."""
    assert "fewer than 3 people answered" in terminal("inbox", "team")
    for who, yes in (("omar", True), ("lena", True), ("ida", False)):
        if who not in office.keys:
            _hire(office, who)
        call = str(office.mail(office.open_task(requester="mara")).body["call"]["id"])
        office.answer(who, office.next_question(), yes=yes)
        office.settled(call)
    said = terminal("inbox", "team")
    assert "questions: 3" in said
    assert "approved: 2 (66 %)" in said
    assert "rejected: 1 (33 %)" in said
    assert "no exercises are on" in said
    assert not any(name in said for name in ("omar", "lena", "ida"))


_AS_SHIPPED = """\
    level: draft
    only:
      ticket_id: {is: task.ticket_id}
      body: {max_length: 4000}
"""
_PREPARED = """\
    level: update
    touches: [records]
    only:
      ticket_id: {is: task.ticket_id}
      body: {one_of: [thanks, sorry, done]}
"""


def _reply(office: Office, body: str) -> str:
    """Have a run that has read nothing propose a prepared reply; return the call."""
    token = office.open_task(run=office.house.gateway.outside.ids.new("run"))
    args = {"ticket_id": "T-4711", "body": body}
    answer = office.propose(token, "tickets.draft_reply", args)
    return str(answer.body["call"]["id"])


def _hire(office: Office, name: str) -> None:
    office.keys[name] = PersonKey.generate()
    details: JsonObject = {
        "name": name,
        "roles": ["support_lead"],
        "public_key": office.keys[name].public_key,
    }
    signed = office.signed("lena", "enrol", details)
    office.client.enrol(name, ["support_lead"], office.keys[name].public_key, signed=signed)


def _intents(office: Office) -> int:
    return len(office.client.get("/admin/log", kind="call.intended")["entries"])
