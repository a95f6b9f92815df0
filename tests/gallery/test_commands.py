"""`boundary test`, `boundary try` and `new --from`: files alone, and nothing is sent."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sallyport.doors.cli import app as cli
from sallyport.doors.cli import gallery
from tests.gallery.shelf import NAMES, PACKAGE, workflow_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every command away from this machine's own homes, and from any network."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("something was to be sent")

    monkeypatch.setenv("SALLYPORT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SALLYPORT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(socket.socket, "connect", refuse)


def say(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it printed."""
    code = cli.run(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def begun(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a home begun with one boundary of the gallery."""
    home = tmp_path / "begun"
    assert say(["new", "--from", name, "--home", str(home)], capsys)[0] == 0
    return home


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_the_gallery_hold_at_the_command_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for each case, and how many came as expected."""
    code, out, err = say(["boundary", "test", str(workflow_file(name))], capsys)
    assert (code, err) == (0, "")
    *cases, last = out.splitlines()
    assert last.endswith(f"{len(cases)} case(s), {len(cases)} as expected")
    assert all(line.startswith("ok     ") for line in cases)


def test_a_case_that_fails_says_what_came_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its place, what was expected, what came, and each reason in the owner's words."""
    home = begun("invoices", tmp_path, capsys)
    file = home / "workflows" / "invoice-approval.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("at_most: 200.00 EUR}}", "at_most: 150.00 EUR}}").replace(
            "above: 200.00 EUR", "above: 150.00 EUR"
        ),
        encoding="utf-8",
    )

    code, out, _ = say(["boundary", "test", "--home", str(home)], capsys)
    assert code == 1
    assert "WRONG  ask     Two hundred euros are approved without asking" in out
    assert "invoice-approval.cases.yaml:" in out
    assert "expected allow, came ask" in out
    assert "ask: the boundary asks accountant or accounting_lead (invoices.approve.ask[0])" in out

    code, out, _ = say(["boundary", "test", "--home", str(home), "--json"], capsys)
    said: dict[str, Any] = json.loads(out)
    (failed,) = (one for one in said["files"][0]["cases"] if not one["as_expected"])
    assert (code, said["failed"], said["files"][0]["workflow"]) == (1, 1, "invoice-approval")
    assert (failed["expected"], failed["came"]["verdict"]) == ("allow", "ask")
    assert failed["came"]["who"] == ["accountant", "accounting_lead"]


def test_both_the_boundary_and_its_cases_name_the_same_tests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever names the file of cases means them as well."""
    file = str(workflow_file("git"))
    by_cases = file.replace(".yaml", ".cases.yaml")
    assert say(["boundary", "test", file], capsys) == say(["boundary", "test", by_cases], capsys)


def test_errors_of_all_files_come_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the boundary and in its system; exit code 2."""
    home = begun("slack", tmp_path, capsys)
    for path in (home / "workflows" / "release-news.yaml", home / "systems" / "slack.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    code, _, err = say(["boundary", "test", "--home", str(home)], capsys)
    assert code == 2
    assert "release-news.yaml:" in err
    assert "slack.yaml:" in err


def test_without_a_list_of_tools_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The boundary's own words decide as before; only the tools' schemas are missing."""
    home = begun("slack", tmp_path, capsys)
    (home / "tools" / "slack.json").unlink()
    code, out, _ = say(["boundary", "test", "--home", str(home)], capsys)
    assert code == 0
    assert "tools/slack.json is not here: any arguments count as fitting its tools" in out


@pytest.mark.parametrize("text", ["", "[]", '{"tools": {}}', '{"tools": ["a"]}', "{"])
def test_a_list_of_tools_that_is_none_is_no_list(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not taken for a system without tools."""
    home = begun("slack", tmp_path, capsys)
    (home / "tools" / "slack.json").write_text(text, encoding="utf-8")
    code, _, err = say(["boundary", "test", "--home", str(home)], capsys)
    assert code == 2
    assert "slack.json" in err


def test_a_home_without_cases_is_told_how_to_write_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a named workflow as well."""
    home = begun("slack", tmp_path, capsys)
    (home / "workflows" / "release-news.cases.yaml").unlink()
    for named in ([], ["release-news"]):
        code, _, err = say(["boundary", "test", *named, "--home", str(home)], capsys)
        assert code == 2
        assert "beside" in err


def test_one_call_is_tried_with_every_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Verdict first, then each floor in the owner's words, then who would be asked."""
    file = str(workflow_file("demo"))
    task = ["--task", "ticket_id=T-4711", "--fact", "ticket_state=open"]
    args = '{"ticket_id": "T-4711", "status": "solved", "refund": 80}'
    words = ["boundary", "try", file, "tickets.update", "--args", args, *task]

    code, out, _ = say([*words, "--influenced", "--date", "2026-12-01"], capsys)
    assert code == 0
    assert out.splitlines()[0] == "ask (tickets.update.ask[0])"
    assert "  ask: text from outside entered this task, so level update asks a person" in out
    assert "who would be asked: support_lead; 1 needed" in out

    code, out, _ = say([*words, "--as", "stranger"], capsys)
    assert code == 1
    assert "refuse: the requester holds none of the roles support_agent, support_lead" in out

    code, out, _ = say([*words, "--json"], capsys)
    assert (json.loads(out)["verdict"], json.loads(out)["who"]) == ("ask", ["support_lead"])


def test_a_tool_that_is_misspelt_is_refused_and_the_right_one_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As the gateway refuses it."""
    code, out, _ = say(["boundary", "try", str(workflow_file("demo")), "tickets.updaet"], capsys)
    assert code == 1
    assert "is not declared in workflow `customer-support`" in out
    assert "did you mean `tickets.update`?" in out


@pytest.mark.parametrize(
    "words",
    [
        ["--args", "[]"],
        ["--args", '{"a": 1, "a": 2}'],
        ["--task", "ticket=T-4711"],
        ["--fact", "weather=fine"],
        ["--date", "tomorrow"],
    ],
)
def test_what_cannot_be_supposed_is_an_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and how to mend it; never a guess."""
    code, out, err = say(
        ["boundary", "try", str(workflow_file("demo")), "tickets.get", *words], capsys
    )
    assert (code, out) == (2, "")
    assert "fix: " in err


@pytest.mark.parametrize("name", gallery.names())
def test_a_home_can_begin_with_each_of_the_gallery(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files are those of the package, byte for byte, and its cases hold there."""
    home = begun(name, tmp_path, capsys)
    for kind in gallery.KINDS:
        for path in (PACKAGE / "gallery" / name / kind).iterdir():
            assert (home / kind / path.name).read_bytes() == path.read_bytes()
    assert say(["boundary", "test", "--home", str(home)], capsys)[0] == 0


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an owner has changed stays."""
    home = begun("git", tmp_path, capsys)
    file = home / "workflows" / "repository-helper.yaml"
    file.write_text("changed", encoding="utf-8")
    code, _, err = say(["new", "--from", "git", "--home", str(home)], capsys)
    assert code == 2
    assert "is there already" in err
    assert file.read_text(encoding="utf-8") == "changed"


@pytest.mark.parametrize("words", [["--from", "slak"], ["--from", "slack", "--name", "mine"]])
def test_what_the_gallery_cannot_give_is_said(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name it does not have, or options that it would not heed."""
    code, _, err = say(["new", *words, "--home", str(tmp_path / "none")], capsys)
    assert code == 2
    assert "fix: " in err
    assert not (tmp_path / "none").exists()


def test_the_gallery_is_described() -> None:
    """Every boundary that can be copied has its place in the docs."""
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert [name for name in gallery.names() if f"`{name}`" not in text] == []
