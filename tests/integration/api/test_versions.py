"""Versions of a boundary at the people's door and in the command line, with the real solver."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sallyport.doors.cli import app as cli
from sallyport.errors import NotFoundError, NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules.boundary.signing import activation
from tests.integration.api.office import WORKFLOW, Office
from tests.requirements import requirement

NARROW = ("calls_per_task: 25", "calls_per_task: 10")
WIDE = ("calls_per_task: 25", "calls_per_task: 26")


class Desk:
    """The office's command line: its home holds the files, and one folder everybody's keys."""

    def __init__(self, office: Office, keys: Path, heard: pytest.CaptureFixture[str]) -> None:
        self.office = office
        self._heard = heard
        keys.mkdir()
        for name, key in office.keys.items():
            key.save(keys / f"{name}.key")

    def write(self, *changes: tuple[str, str]) -> None:
        """Write the workflow and its system into the home."""
        workflow, systems = self.office.files(*changes)
        for kind, files in (("workflows", {f"{WORKFLOW}.yaml": workflow}), ("systems", systems)):
            folder = self.office.settings.home / kind
            folder.mkdir(exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command, expect its exit code, and return what it printed."""
        self._heard.readouterr()
        done = cli.run([*words, "--home", str(self.office.settings.home)])
        out, err = self._heard.readouterr()
        assert done == code, out + err
        return out + err

    def json(self, *words: str) -> dict[str, Any]:
        """Run a command and return the object that it printed."""
        found: dict[str, Any] = json.loads(self.run(*words, "--json"))
        return found


@pytest.fixture
def desk(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """Return the command line of the office, whose boundary is as the demo ships it."""
    monkeypatch.setenv("SALLYPORT_KEYS", str(tmp_path / "keys"))
    found = Desk(office, tmp_path / "keys", capsys)
    found.write()
    return found


def sign(desk: Desk, who: str, *more: str, code: int = 0) -> str:
    """Sign the home's boundary as somebody."""
    return desk.run("boundary", "sign", WORKFLOW, "--as", who, "--yes", *more, code=code)


def test_a_narrowing_is_proved_and_signed_by_its_owner_alone(desk: Desk) -> None:
    """The command says that it was proved, by which solver, and that it is in force."""
    desk.write(NARROW)
    said = sign(desk, "lena", "--because", "ten are enough")

    assert "proved: it grants nothing that the version before did not (z3" in said
    assert "in force: version 2" in said
    newest = desk.json("boundary", "history", WORKFLOW)["versions"][0]
    assert (newest["change"], newest["because"]) == ("narrows", "ten are enough")
    assert newest["proof"]["solver"].startswith("z3 ")
    assert len(newest["proof"]["formulas"]) == 64
    assert [one["person"] for one in newest["signatures"]] == ["lena"]


@requirement("A-24")
def test_a_widening_with_one_signature_is_not_in_force(desk: Desk) -> None:
    """The command says what is missing and how to get it; the second person completes it."""
    (before,) = desk.office.client.boundaries()
    desk.write(WIDE)
    said = sign(desk, "lena")
    assert "it widens what is granted" in said
    assert "would be: allow" in said
    assert "signed, and not in force yet: version 2" in said
    assert "a second person" in said
    assert f"sallyport boundary sign {WORKFLOW} --as NAME" in said
    assert desk.office.client.boundaries() == [before]
    pending = desk.run("boundary", "history", WORKFLOW)
    assert "pending: a signature is missing" in pending

    assert "signed this version already" in sign(desk, "lena", code=2)
    assert "may not sign boundaries" in sign(desk, "omar", code=1)
    said = sign(desk, "vera")
    assert "signed already by: lena" in said
    assert "in force: version 2" in said
    (active,) = desk.office.client.boundaries()
    assert active["digest"] != before["digest"]


def test_a_reviewer_cannot_begin(desk: Desk) -> None:
    """The error says who can."""
    desk.write(WIDE)
    said = sign(desk, "vera", code=1)

    assert "an owner has signed" in said
    assert "administrator or owner" in said


def test_the_second_person_signs_the_same_statement_at_the_door(office: Office) -> None:
    """With or without the files: what waits is told with all that a signature is for."""
    workflow, systems = office.files(WIDE)
    proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
    assert proposed["change"] == "widens"
    assert len(proposed["needs"]) == 2
    digest = str(proposed["digest"])
    signature = office.keys["lena"].sign(activation(**proposed["sign"]))
    first = office.client.activate(digest, person="lena", signature=signature)
    assert (first["state"], first["counts_from_us"]) == ("pending", 0)
    waiting = office.client.history(WORKFLOW)["versions"][0]
    assert waiting["missing"] == first["missing"] != []
    warned = f"version 2 of {WORKFLOW} is not fully signed"
    assert warned in office.client.status()["warnings"]
    told = office.client.get("/admin/boundaries")["pending"]
    assert [(one["workflow"], one["version"]) for one in told] == [(WORKFLOW, 2)]
    assert waiting["plain"] == proposed["plain"]
    assert waiting["sign"] == proposed["sign"]

    signature = office.keys["vera"].sign(activation(**waiting["sign"]))
    done = office.client.activate(digest, person="vera", signature=signature)
    assert (done["state"], done["missing"]) == ("active", [])
    assert office.client.get("/admin/boundaries")["pending"] == []


def test_a_revert_that_widens_waits_for_a_second_person(desk: Desk) -> None:
    """Version 1 allows more than version 2, so going back is a widening like any other."""
    desk.write(NARROW)
    sign(desk, "lena")
    words = ("boundary", "revert", WORKFLOW, "--to", "1", "--yes")
    said = desk.run(*words, "--as", "lena")
    assert "it widens what is granted" in said
    assert "not in force yet: version 3" in said
    said = desk.run(*words, "--as", "vera")
    assert "in force: version 3" in said

    versions = desk.json("boundary", "history", WORKFLOW)["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert versions[0]["digest"] == versions[2]["digest"]
    assert versions[0]["reverts"] == 1
    assert "already as version 1 has it" in desk.run(*words, "--as", "lena")


def test_history_says_who_when_why_and_what_changed(desk: Desk) -> None:
    """In plain words; digests are short for eyes, and whole for programs."""
    desk.write(NARROW)
    sign(desk, "lena", "--because", "ten are enough")
    told = desk.run("boundary", "history", WORKFLOW)
    whole = desk.json("boundary", "history", WORKFLOW)["versions"]

    assert "version 2" in told.splitlines()[0]
    assert "in force since" in told.splitlines()[0]
    assert "was in force from" in told
    assert "signed by lena" in told
    assert "signed by vera" in told
    assert "because: ten are enough" in told
    assert "+ At most 10 calls in one task (calls_per_task)." in told
    assert "- At most 25 calls in one task (calls_per_task)." in told
    for one in whole:
        assert len(one["digest"]) == 64
        assert one["digest"] not in told
        assert one["digest"][:12] in told
    with pytest.raises(NotFoundError, match="was ever signed"):
        desk.office.client.history("nothing")


def test_a_baseline_holds_while_it_is_on(desk: Desk) -> None:
    """Anybody on the host switches it on, only an owner's key switches it off."""
    office = desk.office
    desk.write(("calls_per_task: 25", "calls_per_task: 1"))
    sign(desk, "lena")
    desk.run("boundary", "baseline", WORKFLOW, "mark", "--version", "2", "--as", "lena")
    desk.write()
    sign(desk, "lena")
    sign(desk, "vera")
    task = office.open_task()
    assert office.propose(task, "kb.search", {"query": "one"}).status == 200
    assert office.propose(task, "kb.search", {"query": "two"}).status == 200

    why = ("--because", "a strange day")
    assert "version 2 as well" in desk.run("boundary", "baseline", WORKFLOW, "on", *why)
    assert office.propose(task, "kb.search", {"query": "three"}).status == 403
    assert office.client.get("/admin/boundaries")["baselines"] == [WORKFLOW]
    assert f"{WORKFLOW} is held to its baseline" in office.client.status()["warnings"]
    assert "baseline, which is on" in desk.run("boundary", "history", WORKFLOW)
    desk.run("boundary", "baseline", WORKFLOW, "off", *why, "--as", "vera", code=1)
    desk.run("boundary", "baseline", WORKFLOW, "off", *why, "--as", "lena")
    assert office.propose(task, "kb.search", {"query": "four"}).status == 200


def test_a_baseline_is_not_lifted_by_whoever_answers(office: Office) -> None:
    """At the door too: the signature must be an owner's."""
    details: JsonObject = {"workflow": WORKFLOW, "version": 1}
    signed = office.signed("omar", "baseline", details)
    with pytest.raises(NotPermittedError):
        office.client.mark_baseline(WORKFLOW, 1, signed=signed)


def test_a_digest_is_shown_once_and_short(desk: Desk) -> None:
    """Whoever reads what they sign is not shown 64 digits, nor the same ones twice."""
    desk.write(NARROW)
    said = sign(desk, "lena")
    (active,) = desk.office.client.boundaries()

    assert active["digest"] not in said
    assert said.count(f"Digest: {active['digest'][:12]}") == 1
    explained = desk.run("boundary", "explain", WORKFLOW)
    assert active["digest"] not in explained
    assert active["digest"][:12] in explained
    whole = desk.json("boundary", "explain", WORKFLOW)["boundaries"][0]
    assert active["digest"] in whole["plain"]
