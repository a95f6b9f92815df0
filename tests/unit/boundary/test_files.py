"""What a file may say, what it may not, and that every mistake is named at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    ArgumentRule,
    Constraint,
    Environment,
    Json,
    Level,
    Limit,
    Lookup,
    Money,
    Operator,
    Plumbing,
    Recovery,
    TaskInput,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.inputs import fits, unfit
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Collector
from sallyport.rules.boundary.yaml_strict import parse, to_json
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, problems_of
from tests.unit.boundary.gallery import GOLDEN, SYSTEMS, TEXTS, WORKFLOWS, one_tool


@pytest.mark.parametrize("name", TEXTS)
def test_the_sentences_people_read_are_the_golden_ones(name: str) -> None:
    """Whoever changes a sentence changes `golden/` with it: see `gallery.py`."""
    assert TEXTS[name]() == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("title", WORKFLOWS)
def test_no_broken_workflow_loads(title: str) -> None:
    """Each of these has let a boundary say something else than its owner saw."""
    assert problems_of(WORKFLOWS[title])


@pytest.mark.parametrize("title", SYSTEMS)
def test_no_broken_system_loads(title: str) -> None:
    """A system file is as strict as a workflow's."""
    assert problems_of(SYSTEMS[title], system=True)


def test_no_value_of_a_secret_is_repeated() -> None:
    """A message names the word, not what stands beside it."""
    found = problems_of(SYSTEMS["a password in the address"], system=True)
    assert "hunter2" not in "".join(map(str, found))


def test_a_workflow_becomes_what_it_says() -> None:
    """Every word of the support desk's file stands in its place."""
    workflow = load_workflow(WORKFLOW, "w.yaml")
    update = workflow.tools["tickets.update"]
    assert workflow.environment is Environment.PRODUCTION
    assert workflow.expires == date(2027, 3, 31)
    assert workflow.users == ("support_agent", "support_lead")
    assert workflow.never == ("crm.export",)
    assert workflow.limits == (
        Limit(name="calls_per_task", at_most=25, per="task", counts="call"),
        Limit(name="sent_per_hour", at_most=20, per="hour", counts="external"),
    )
    assert update.level is Level.UPDATE
    assert update.only["ticket_id"] == ArgumentRule(
        name="ticket_id",
        constraints=(Constraint(operator=Operator.IS, bounds=(TaskInput("ticket_id"),)),),
    )
    assert update.allow[0].where == "tickets.update.allow[0]"
    assert update.allow[0].until == date(2027, 1, 31)
    assert update.allow[0].args["refund"].optional
    assert update.ask[0].args["refund"].constraints == (
        Constraint(operator=Operator.ABOVE, bounds=(Money(Decimal("50.00"), "EUR"),)),
        Constraint(operator=Operator.AT_MOST, bounds=(Money(Decimal("500.00"), "EUR"),)),
    )
    assert update.ask[0].within_s == 4 * 3600
    assert update.when == {"ticket_state": ("open", "pending")}


def test_a_system_becomes_what_it_says() -> None:
    """Plumbing that the file leaves out has the careful default."""
    system = load_system(SYSTEM, "desk.yaml")
    by_id = {"ticket_id": "arg.ticket_id"}
    assert system.url == "https://desk.example.com/mcp"
    assert system.credential == "desk-token"
    assert system.facts == {
        "ticket_state": Lookup(tool="tickets.get", args=by_id, path="ticket.state")
    }
    assert system.tools["tickets.update"] == Plumbing(
        recovery=Recovery.PROBE,
        timeout_ms=10_000,
        before=Lookup(tool="tickets.get", args=by_id),
        probe=Lookup(tool="tickets.get", args=by_id, path="ticket.status"),
        probe_expects="solved",
    )
    assert system.tools["mail.send"].idempotency_ttl_s == 2 * 24 * 3600
    assert system.tools["mail.send"].timeout_ms == Plumbing().timeout_ms


@pytest.mark.parametrize("url", ["http://localhost:1/mcp", "http://127.0.0.9/", "http://[::1]:8/"])
def test_clear_text_may_stay_on_this_machine(url: str) -> None:
    """What never crosses the network needs no TLS."""
    assert load_system(f"system: d\nurl: {url}\n", "d").url == url


@pytest.mark.parametrize("host", ["127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
def test_a_host_that_only_looks_local_needs_tls(host: str) -> None:
    """The address is parsed, not matched by how it begins."""
    assert problems_of(f"system: d\nurl: http://{host}/\n", system=True)


def test_json_is_the_same_model() -> None:
    """A file that a program wrote loads to the same workflow."""
    root = parse(WORKFLOW, Collector("w"))
    assert root is not None
    text = canonical.text(to_json(root))
    assert load_workflow(text, "w.json") == load_workflow(WORKFLOW, "w.yaml")


def test_two_halves_of_a_character_as_json_escapes_them_are_one() -> None:
    """JSON has no other way to escape what lies beyond 16 bits."""
    found = load_workflow(WORKFLOW.replace("on-call", '"\\ud83d\\ude00"'), "w")
    assert found.stop.tell == "\U0001f600"


def test_numbers_are_exact() -> None:
    """No digit is lost on the way from the file to the comparison."""
    text = one_tool("only: {a: {at_most: 0.1000000000000000000001}}")
    bounds = load_workflow(text, "w").tools["t"].only["a"].constraints[0].bounds
    assert bounds == (Decimal("0.1000000000000000000001"),)


def test_all_problems_of_a_file_are_named_at_once_and_in_order() -> None:
    """Nobody corrects a file one mistake per run."""
    text = WORKFLOW.replace("purpose", "porpose").replace("level: read", "level: raed")
    found = problems_of(text.replace("within: 8h", "within: 8"))
    places = [(one.line, one.column) for one in found]
    assert [one.code for one in found] == [
        "boundary.missing_word",
        "boundary.unknown_word",
        "boundary.unknown_word",
        "boundary.wrong_type",
    ]
    assert places == sorted(places)


def test_the_error_holds_its_problems_for_programs_too() -> None:
    """`--json` shows what the sentences say."""
    with pytest.raises(BoundaryErrors) as raised:
        load_workflow("workflow: w\nfor: []\n", "w.yaml")
    error = raised.value
    assert error.code == "boundary.file"
    assert str(error) == error.format() == "\n".join(map(str, error.problems))
    assert error.problems[-1].as_dict()["line"] == 2


@given(st.text())
def test_any_text_loads_or_is_refused_in_words(text: str) -> None:
    """Never a traceback, whatever the file holds."""
    for system in (True, False):
        problems_of(text, system=system)


@given(st.data())
def test_a_damaged_file_loads_or_is_refused_in_words(data: st.DataObject) -> None:
    """A real file with a part cut out, doubled or replaced."""
    original = data.draw(st.sampled_from([WORKFLOW, SYSTEM]))
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(len(original), start + 40)))
    patch = data.draw(
        st.sampled_from(["", "{", "]", ": ", "- ", "\n", "  ", '"', "*a", "null", "1"])
    )
    problems_of(original[:start] + patch + original[end:], system=original is SYSTEM)


@pytest.mark.parametrize(
    "kind,value,expected",
    [
        ("text", "T-1", True),
        ("text", "", False),
        ("text", "a\nb", False),
        ("text", "\u202eb", False),
        ("text", "x" * 501, False),
        ("text", 5, False),
        ("email", "ann@example.com", True),
        ("email", "ann@evil.example@example.com", False),
        ("email", "ann@example.com,eve@evil.example", False),
        ("email", "<ann@example.com>", False),
        ("email", "@example.com", False),
        ("number", 5, True),
        ("number", True, False),
        ("number", "5", False),
        ("date", "2026-12-01", True),
        ("date", "2026-13-01", False),
        ("email", "Ann@xn--bcher-kva.example", True),
        ("email", "ann@ex\u0430mple.com", False),
        ("time", "2026-12-01T12:00:00Z", True),
        ("time", "2026-12-01T12:00:00", False),
        ("domain", "example.com", True),
        ("domain", "under example.com", False),
        ("url", "https://example.com/docs/", True),
        ("url", "https://example.com/?a=b", False),
        ("path", "/srv/reports", True),
        ("path", "/", False),
        ("path", "../x", False),
        ("anything", "x", False),
    ],
)
def test_an_input_fits_its_kind(kind: str, value: Json, *, expected: bool) -> None:
    """What is bound to a task is checked once, when it is bound."""
    assert fits(kind, value) is expected


def test_inputs_that_were_not_declared_are_named() -> None:
    """An opener that sends more than the workflow knows is told so."""
    assert unfit({"a": "number", "b": "text"}, {"a": "x", "c": 1}) == (
        "input `a` is not of kind number",
        "input `c` is not declared",
    )


def test_a_systems_file_in_place_of_a_workflow_is_one_problem() -> None:
    """Whoever names the wrong file hears that, and not that each of its words is unknown."""
    (problem,) = problems_of(SYSTEM)

    assert problem.what == "this is a system's file"
    assert problem.fix.startswith("name a workflow file")
