"""`always` lines at the command line: proved when a version is checked and before it is signed."""

from __future__ import annotations

import pytest

from tests.integration.api.office import WORKFLOW
from tests.integration.api.test_versions import Desk, desk, sign

__all__ = ["desk"]


LAST = "  - {level: external, at_least: ask}\n"


def promising(line: str) -> tuple[str, str]:
    """Return the change that adds a line to the two under `always`."""
    return (LAST, f"{LAST}  - {line}\n")


@pytest.mark.parametrize(
    "line, said",
    [
        ("{tool: tickets.update, args: {refund: {at_most: 499.99 EUR}}}", "would be ask"),
        ("{touches: money, at_least: ask}", "would be allow, not at least ask"),
    ],
)
def test_a_version_that_does_not_keep_its_word_is_not_signed(
    desk: Desk, line: str, said: str
) -> None:
    """The check names the line and the call that shows it, and no signature helps."""
    (before,) = desk.office.client.boundaries()
    desk.write(promising(line))

    checked = desk.run("boundary", "check", WORKFLOW, code=1)
    assert "`always[2]` is false: tickets.update with" in checked
    assert said in checked
    assert "1 error(s)" in checked
    assert "has 1 error(s)" in sign(desk, "lena", code=2)
    assert desk.office.client.boundaries() == [before]


def test_a_version_that_keeps_its_word_is_signed(desk: Desk) -> None:
    """Its owner alone may add a line, which grants nothing; to take it away needs two people."""
    line = "{sum: calls_per_task, at_most: 25}"
    desk.write(promising(line))
    assert "in force: version 2" in sign(desk, "lena")

    desk.write()
    said = sign(desk, "lena")
    assert "`always[2]` is proved of this version no more" in said
    assert "not in force yet" in said


def test_the_check_names_what_opens_a_hard_gate(desk: Desk) -> None:
    """Each with its end, for programs as well."""
    opened = "billing (tickets.update): a person is asked, except for tickets.update.allow[0] until"
    assert opened in " ".join(desk.run("boundary", "check", WORKFLOW).split())
    (found,) = desk.json("boundary", "check", WORKFLOW)["boundaries"]

    assert [one["gate"] for one in found["gates"]] == ["sending", "deleting", "billing", "access"]
    billing = found["gates"][2]
    assert billing["tools"] == ["tickets.update"]
    assert [one["entry"] for one in billing["openings"]] == ["tickets.update.allow[0]"]
    assert billing["openings"][0]["until"]
