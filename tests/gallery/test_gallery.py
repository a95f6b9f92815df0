"""The gallery: complete boundaries, each with cases that hold, attacks among them."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.demo.desk_tools import TOOLS
from sallyport.model import Level, Operator, Verdict
from sallyport.rules.boundary import system_file
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.problems import Severity
from sallyport.rules.boundary.workflow_file import ENTRY_WORDS, TOOL_WORDS, WORDS
from sallyport.rules.cases import unreached
from sallyport.rules.proof.claims import narrower
from sallyport.rules.proof.standing import standing
from tests.gallery.shelf import (
    DEMO,
    NAMES,
    NARROWER,
    PACKAGE,
    TODAY,
    WIDER,
    cases,
    edited,
    one,
    outcomes,
    workflow_file,
)
from tests.requirements import requirement

SECONDS = 60.0
ABILITIES = {
    "search": ("demo", "kb.search", Level.READ),
    "retrieve": ("demo", "tickets.get", Level.READ),
    "classify": ("invoices", "invoices.classify", Level.CLASSIFY),
    "draft": ("demo", "tickets.draft_reply", Level.DRAFT),
    "call an API": ("website", "cache.purge", Level.EXTERNAL),
    "create": ("github", "create_branch", Level.CREATE),
    "update": ("demo", "tickets.update", Level.UPDATE),
    "hand over": ("access", "requests.hand_over", Level.UPDATE),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_case_comes_as_expected(name: str) -> None:
    """Decided by the code that decides real calls, with the tools as they were listed."""
    assert {done.case.name: done.wrong for done in outcomes(name) if done.wrong} == {}
    assert one(name).unlisted == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_come_to_every_line(name: str) -> None:
    """At least a dozen, five attacks among them, and no tool or entry is left out."""
    assert unreached(one(name).boundary, outcomes(name)) == ()
    assert len(cases(name)) >= 12
    attacks = [done for done in outcomes(name) if done.case.name.startswith("Attack")]
    assert len(attacks) >= 5
    assert {done.decision.verdict for done in attacks} == {Verdict.REFUSE}


@pytest.mark.parametrize("name", NAMES)
def test_every_case_that_is_refused_says_why(name: str) -> None:
    """A refusal for another reason than the one that was meant would prove nothing."""
    refused = [case for case in cases(name) if case.expect is Verdict.REFUSE]
    assert [case.name for case in refused if not case.reason] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_check_finds_nothing_but_what_to_know(name: str) -> None:
    """No error and no warning; a note for each entry that lets things happen unasked."""
    found = check(one(name).boundary, today=TODAY)
    assert [str(problem) for problem in found if problem.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_each_version_must_keep_is_proved(name: str) -> None:
    """Its `always` lines hold, nothing guarded happens unasked unseen, and no line is dead."""
    found = standing(one(name).boundary, today=TODAY, solve=solver(SECONDS))
    assert (found.proved, found.unknown, found.useless) == (True, [], [])


@pytest.mark.parametrize("name", NAMES)
def test_a_careless_edit_of_each_is_no_narrowing(name: str) -> None:
    """It is not proved, and where there is a call that shows it, the call stands there."""
    found = narrower(
        edited(name, WIDER[name]), edited(name, ("", "")), today=TODAY, solve=solver(SECONDS)
    )
    assert not found.proved
    assert found.counterexamples or found.unknown


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_that_takes_away_is_proved_to_be_one(name: str) -> None:
    """So its owner alone can sign it."""
    found = narrower(
        edited(name, NARROWER[name]), edited(name, ("", "")), today=TODAY, solve=solver(SECONDS)
    )
    assert (found.proved, found.unknown) == (True, [])


@requirement("B-08")
@pytest.mark.parametrize("ability", ABILITIES)
def test_each_ability_of_an_agent_has_one_level(ability: str) -> None:
    """Search, retrieve, classify, draft, call an API, create, update, hand over."""
    name, tool, level = ABILITIES[ability]
    rules = [rule for rule in one(name).boundary.workflow.tools.values() if rule.tool == tool]
    assert [rule.level for rule in rules] == [level]


@requirement("B-08")
def test_every_level_has_a_tool_in_the_gallery() -> None:
    """And each tool that is declared has exactly one."""
    levels = Counter(
        rule.level for name in NAMES for rule in one(name).boundary.workflow.tools.values()
    )
    assert set(levels) == set(Level)


def test_the_demos_list_of_tools_is_what_its_desk_offers() -> None:
    """A list that is out of date would make its cases say something untrue."""
    file = PACKAGE / "demo" / "files" / "tools" / "desk.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["tools"]
    offered = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in TOOLS]
    assert listed == offered


@pytest.mark.parametrize("name", NAMES)
def test_every_list_says_where_it_was_taken_from(name: str) -> None:
    """With package and version, where somebody else publishes it."""
    folder = workflow_file(name).parent.parent
    for system in one(name).systems:
        said = json.loads((folder / "tools" / f"{system}.json").read_text(encoding="utf-8"))
        assert said["taken_from"]
        assert all(tool["inputSchema"]["type"] == "object" for tool in said["tools"])


def test_the_gallery_shows_every_word() -> None:
    """Of a workflow, a tool, an entry, a constraint and a system: each stands in some file."""
    files = [path for name in NAMES for path in workflow_file(name).parent.parent.glob("*/*.yaml")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files)
    words = [*WORDS, *TOOL_WORDS, *ENTRY_WORDS["allow"], *ENTRY_WORDS["ask"]]
    words += [*system_file.WORDS, *system_file.TOOL_WORDS, *(one.value for one in Operator)]
    assert [word for word in words if not re.search(rf"(?<![\w.]){word}:", said)] == []


def test_the_gallery_has_what_it_promises() -> None:
    """Four kinds of work, and five servers that others publish."""
    assert set(NAMES) == {
        *(DEMO, "invoices", "website", "access"),
        *("filesystem", "git", "github", "slack", "postgresql"),
    }
