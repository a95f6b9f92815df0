"""The wrong tool, the wrong task, rules that contradict each other, grants that are too broad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sallyport.doors.cli import app as cli
from sallyport.model import Boundary, Entry, Verdict
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.cases import Case, supposed
from tests.gallery.shelf import NAMES, cases, edited, one, problems_of, workflow_file
from tests.requirements import requirement

ALLOWED = [
    pytest.param(name, case, id=f"{name}: {case.name}")
    for name in NAMES
    for case in cases(name)
    if case.expect is Verdict.ALLOW
]


def codes(boundary: Boundary, case: Case) -> tuple[Verdict, set[str]]:
    """Return what comes of a case's call under a boundary, and the reasons of that verdict."""
    came = supposed(boundary, case.tool, case.args, case.given)
    return came.verdict, {floor.code for floor in came.floors if floor.verdict is came.verdict}


@requirement("B-115")
@pytest.mark.parametrize("name, case", ALLOWED)
def test_a_tool_of_another_workflow_is_refused(name: str, case: Case) -> None:
    """A call that is right where it belongs is refused in every other workflow of the gallery."""
    others = [other for other in NAMES if other != name]
    for boundary in (one(other).boundary for other in others):
        if case.tool in boundary.workflow.tools:
            continue
        given = replace(case.given, roles=boundary.workflow.users)
        verdict, said = codes(boundary, replace(case, given=given))
        assert verdict is Verdict.REFUSE
        assert said & {"boundary.tool_not_declared", "boundary.tool_never"}


@requirement("B-115")
def test_the_right_tool_for_the_wrong_task_is_refused() -> None:
    """What is bound to the task decides, so the ticket of another task does not fit."""
    (case,) = (one for one in cases("demo") if one.name == "The task's ticket is read")
    elsewhere = replace(case.given, inputs={**case.given.inputs, "ticket_id": "T-9"})
    assert codes(one("demo").boundary, case)[0] is Verdict.ALLOW
    assert codes(one("demo").boundary, replace(case, given=elsewhere)) == (
        Verdict.REFUSE,
        {"boundary.only"},
    )


@requirement("B-115")
def test_the_wrong_tool_for_the_right_record_is_refused_by_its_arguments() -> None:
    """Arguments of one tool do not fit another, even where both are declared."""
    (case,) = (one for one in cases("invoices") if one.name == "A comment is added")
    wrong = replace(case, tool="invoices.hand_over")
    verdict, said = codes(one("invoices").boundary, wrong)
    assert verdict is Verdict.REFUSE
    assert {"boundary.argument_unnamed", "boundary.argument_missing"} <= said


@requirement("B-103")
def test_rules_that_contradict_each_other_are_flagged_with_a_call() -> None:
    """Two entries that one call can match are an error which shows that call."""
    edit = ("above: 50.00 EUR", "above: 40.00 EUR")
    with pytest.raises(BoundaryErrors) as caught:
        edited("demo", edit)
    (problem,) = caught.value.problems
    assert problem.code == "boundary.overlap"
    assert problem.line > 0
    assert "`tickets.update.ask[0]` and `tickets.update.allow[0]` both match" in problem.what
    assert "refund" in problem.what


@requirement("B-103")
def test_where_rules_contradict_each_other_the_strictest_counts() -> None:
    """Even in a boundary that no loader let through: allow and ask ask, allow and never refuse."""
    boundary = one("demo").boundary
    rule = boundary.workflow.tools["tickets.update"]
    allowing = replace(rule.allow[0], args={})
    (case,) = (c for c in cases("demo") if c.name == "One cent more asks a support lead")

    def with_entries(allow: Entry, *never: Entry) -> Boundary:
        changed = replace(rule, allow=(allow,), never=never)
        tools = {**boundary.workflow.tools, rule.tool: changed}
        return replace(boundary, workflow=replace(boundary.workflow, tools=tools))

    wide = replace(allowing, args=rule.ask[0].args)
    assert codes(with_entries(wide), case)[0] is Verdict.ASK
    never = replace(wide, where="tickets.update.never[0]", args={"refund": wide.args["refund"]})
    verdict, said = codes(with_entries(wide, never), case)
    assert (verdict, said) == (Verdict.REFUSE, {"boundary.never"})


BROAD = [
    ("a wildcard for a tool", "demo", ("  kb.search:", '  "kb.*":'), "boundary.wildcard"),
    ("a wildcard for a role", "demo", ("for: [support_agent,", 'for: ["*",'), "boundary.wildcard"),
    (
        "the root of everything",
        "filesystem",
        ("source: {path_under: /srv/project/notes}", "source: {path_under: /}"),
        "boundary.bad_bound",
    ),
    (
        "whatever is left, without a reason",
        "git",
        ("      - because: what is staged can be unstaged\n        until", "      - until"),
        "boundary.exception",
    ),
    (
        "whatever is left, without an end",
        "git",
        ("what is staged can be unstaged\n        until: 2027-06-30", "what is staged"),
        "boundary.exception",
    ),
]


@requirement("B-56")
@pytest.mark.parametrize("what, name, edit, code", BROAD, ids=[case[0] for case in BROAD])
def test_broad_access_for_convenience_is_refused(
    what: str, name: str, edit: tuple[str, str], code: str
) -> None:
    """Wildcards and roots always; what happens unasked, unless it has a reason and an end."""
    assert code in problems_of(name, edit)


@requirement("B-56")
def test_broad_access_fails_a_build(tmp_path: Path) -> None:
    """`boundary test` in a pipeline ends with an exit code that is not 0."""
    text = workflow_file("filesystem").read_text(encoding="utf-8")
    (tmp_path / "workflows").mkdir()
    file = tmp_path / "workflows" / "files.yaml"
    file.write_text(text.replace("/srv/project/notes", "/"), encoding="utf-8")
    assert cli.run(["boundary", "test", str(file), "--home", str(tmp_path)]) == 2
