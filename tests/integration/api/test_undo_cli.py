"""`inbox undo` and `break-glass` as people type them, each with a key of their own."""

from __future__ import annotations

import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.doors.cli import app as cli
from sallyport.model import CoolOff, JsonObject
from tests.integration.api.office import Office

REFUSED = 1


@pytest.fixture(autouse=True)
def _keys(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep everybody's key where the commands look for it, and add somebody who audits."""
    folder = office.settings.home / "keys"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SALLYPORT_KEYS", str(folder))
    office.keys["ada"] = PersonKey.generate()
    key = office.keys["ada"].public_key
    details: JsonObject = {"name": "ada", "roles": ["auditor"], "public_key": key}
    office.client.enrol("ada", ["auditor"], key, signed=office.signed("lena", "enrol", details))
    for name, one in office.keys.items():
        one.save(folder / f"{name}.key")


def typed(office: Office, *words: str) -> int:
    """Type a command; return its exit code."""
    return cli.run([*words, "--home", str(office.settings.home)])


def test_a_yes_is_taken_back_in_a_terminal(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer says until when and how, the list how long is left, and then it is undone."""
    office.house.gateway.cool_off = CoolOff(usual_s=30, money_s=600)
    call = str(office.mail(office.open_task()).body["call"]["id"])
    question = office.next_question()
    office.answer("omar", question, yes=True)

    assert typed(office, "inbox") == 0
    listed = capsys.readouterr().out
    assert "mail.send by support-bot" in listed
    assert f"sallyport inbox undo {question}" in listed
    assert typed(office, "inbox", "undo", question, "--as", "vera") == REFUSED
    assert "gave no yes" in capsys.readouterr().err
    assert typed(office, "inbox", "undo", question, "--as", "omar", "--because", "no") == 0
    assert "nothing was sent" in capsys.readouterr().out
    assert office.settled(call)["ending"] == "refused"


def test_the_glass_is_broken_and_looked_at_in_a_terminal(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ask, second, end, review, each by another person; and what each is told."""
    ask = ("break-glass", "ask", "tool:mail.send", "--for", "1h", "--because", "nobody is there")
    assert typed(office, *ask, "--as", "lena") == 0
    assert "nothing has changed yet" in capsys.readouterr().out
    glass = str(office.client.get("/admin/break-glass")["break_glass"][0]["id"])
    assert typed(office, "break-glass", "second", glass, "--as", "lena") == REFUSED
    assert "nobody breaks the glass alone" in capsys.readouterr().err
    assert typed(office, "break-glass", "second", glass, "--as", "vera") == 0
    assert "in force until" in capsys.readouterr().out
    assert office.mail(office.open_task()).body["call"]["ending"] == "done"

    assert typed(office, "break-glass", "end", glass) == 0
    assert "1 call(s) went ahead" in capsys.readouterr().out
    assert typed(office, "inbox") == 0
    assert f"sallyport break-glass show {glass}" in capsys.readouterr().out
    review = ("break-glass", "review", glass, "in_order", "--because", "I read it")
    assert typed(office, *review, "--as", "vera") == REFUSED
    capsys.readouterr()
    assert typed(office, *review, "--as", "ada") == 0
    assert "mail.send" in capsys.readouterr().out
    assert typed(office, "break-glass") == 0
    assert "nothing goes past the reviewers" in capsys.readouterr().out
