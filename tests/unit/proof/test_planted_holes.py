"""Holes that somebody plants in a boundary, each found through the command, with a real call.

Whatever a call is said to show is put before the evaluator once more.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sallyport.model import Verdict
from tests.requirements import requirement
from tests.unit.proof.planted import DESK, Prove, calls, changed, refusals, replayed, written


@pytest.fixture
def prove(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Prove:
    """The command, on files of its own."""
    return Prove(tmp_path, capsys)


HOLES = [
    ("a limit raised by one cent", "at_most: 500.00 EUR}}", "at_most: 500.01 EUR}}"),
    ("a whole domain below", "email: '@example.com'", "email: under example.com"),
    ("a look-alike", "email: '@example.com'", "email: ['@example.com', '@examp1e.com']"),
    ("a sub-domain", "email: '@example.com'", "email: ['@example.com', '@mail.example.com']"),
    ("another host", "kb.example.com/docs'", "kb.example.com.evil.example/docs'"),
    ("a prefix without its end", "kb.example.com/docs'", "kb.example.com/doc'"),
    ("a prefix without its folder", "kb.example.com/docs'", "kb.example.com'"),
    ("a dropped constraint", "ticket_id: {is: task.ticket_id}", "ticket_id: any"),
    ("a bound that an absent argument skips", "{at_most: 50.00 EUR}", "{at_most: 50.00 EUR, optional: true}"),  # noqa: E501
    ("a `when` gone from one of two", "        when: {ticket_state: [open, pending]}\n", ""),
    ("a question skipped", "    ask: [{who: [support_agent, support_lead], within: 8h}]", "    allow: [{because: busy, until: 2027-01-01}]"),  # noqa: E501
    ("a role added", "for: [support_agent,", "for: [guest, support_agent,"),
    ("an `allow` that ends later", "until: 2027-01-31", "until: 2027-03-31"),
    ("a `never` gone", "    never:\n      - args: {status: {one_of: [pending]}}\n        because: it would never come back\n", ""),  # noqa: E501
    ("a sum that many small calls pass", "refunds_per_day: 2000.00 EUR, ", ""),
    ("a sum raised by one cent", "refunds_per_day: 2000.00", "refunds_per_day: 2000.01"),
    ("a sum for each ticket alone", "refunds_per_day: 2000.00 EUR", "refunds_per_day: {at_most: 2000.00 EUR, each: ticket_id}"),  # noqa: E501
    ("a sum by the hour", "refunds_per_day: 2000.00", "refunds_per_hour: 2000.00"),
    ("one call more", "calls_per_task: 25", "calls_per_task: 26"),
]  # fmt: skip


@pytest.mark.parametrize("what, before, after", HOLES, ids=[one[0] for one in HOLES])
def test_a_planted_hole_is_found_with_a_call_that_replay_confirms(
    what: str, before: str, after: str, prove: Prove
) -> None:
    """The call is treated more loosely under the new words than under the old ones."""
    new = changed(before, after)
    code, answer = prove.against(new)

    assert code == 1
    assert set(answer) == {"proved", "unknown", "counterexamples"}
    assert answer["proved"] is False
    found = calls(answer)
    assert found, (what, answer["unknown"])
    for one in found:
        if "task of its own" in str(one["context"]):
            continue
        now, was = replayed(one, new), replayed(one, DESK)
        assert now.verdict < was.verdict or now.question != was.question, what
        assert str(one["was"]).startswith(was.verdict.name.lower())
        assert str(one["now"]).startswith(now.verdict.name.lower())


REFUSED = [
    ("a domain where an address belongs", "email: '@example.com'", "email: example.com", "@example.com"),  # noqa: E501
    ("a letter that only looks like one", "'@example.com'", "'@ex\u0430mple.com'", "email"),
    ("letters where an address belongs", "url: 'https://kb.example.com/docs'", "starts_with: 'https://kb.example.com'", "`url`"),  # noqa: E501
    ("overlapping entries", "above: 50.00 EUR", "at_least: 50.00 EUR", "both match a call with"),
    ("overlapping facts", "{above: 50.00 EUR, at_most: 500.00 EUR}", "{at_most: 500.00 EUR}", "both match a call with"),  # noqa: E501
    ("a `never` twice", "  mail.send:\n", "    never: [{args: {status: {one_of: [lost]}}}]\n  mail.send:\n", "never"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize("what, before, after, said", REFUSED, ids=[one[0] for one in REFUSED])
def test_a_hole_that_no_file_may_have_is_refused_on_loading(
    what: str, before: str, after: str, said: str, prove: Prove
) -> None:
    """With the place, and with the call where one shows it."""
    code, answer = prove.against(changed(before, after))

    assert code not in {0, 1}, what
    assert said in refusals(answer), answer


def test_what_a_second_never_would_hide_is_shown_by_a_call(prove: Prove) -> None:
    """Another reader keeps the last of two words of one name: this is what would slip through."""
    last = changed("{one_of: [pending]}", "{one_of: [open]}")
    code, answer = prove.against(last)

    assert code == 1
    (one,) = calls(answer)
    assert one["args"] == {**one["args"], "status": "pending"}  # type: ignore[dict-item]
    assert replayed(one, DESK).verdict is Verdict.REFUSE
    assert replayed(one, last).verdict is not Verdict.REFUSE


@requirement("A-20")
def test_an_allow_without_an_end_is_refused_and_one_with_an_end_is_named(prove: Prove) -> None:
    """What reaches outside asks; the one way around it has a reason and an end, and is listed."""
    ask = "    ask: [{who: [support_agent, support_lead], within: 8h}]"
    code, answer = prove.alone(changed(ask, "    allow: [{because: busy}]"))

    assert code not in {0, 1}
    assert "add `until`" in refusals(answer)

    open_ended = changed(ask, "    allow: [{because: busy, until: 2027-03-31}]")
    code, answer = prove.alone(open_ended)
    assert code == 0
    assert answer["unasked"] == [
        "tickets.update.allow[0] until 2027-01-31, because twelve weeks asked, none rejected",
        "mail.send.allow[0] until 2027-03-31, because busy",
    ]
    (one,) = calls(prove.against(open_ended)[1])
    assert (one["tool"], one["now"]) == ("mail.send", "allow")
    assert replayed(one, DESK).verdict is Verdict.ASK


TRUE = """\
always:
  - {tool: tickets.update, args: {refund: {at_most: 500.00 EUR}}}
  - {level: external, at_least: ask}
  - {tool: mail.send, args: {to: {email: '@example.com'}}}
  - {sum: refund_per_day, at_most: 2000.00 EUR}
  - {sum: refund_per_hour, at_most: 2000.00 EUR}
  - {sum: sent_per_day, at_most: 480}
  - {sum: sent_per_task, at_most: 25}
"""


def test_lines_that_are_true_are_proved(prove: Prove) -> None:
    """Also where they follow from other words than their own."""
    code, answer = prove.alone(DESK + TRUE)

    assert (code, answer["proved"], answer["unknown"]) == (0, True, [])


FALSE = [
    "{tool: tickets.update, args: {refund: {at_most: 499.99 EUR}}}",
    "{tool: tickets.update, args: {status: {one_of: [open]}}}",
    "{tool: tickets.update, at_least: ask}",
    "{touches: [access, money], at_least: ask}",
    "{system: desk, at_least: ask}",
    "{level: [read, external], at_least: draft}",
    "{sum: refund_per_day, at_most: 1999.99 EUR}",
    "{sum: refund_per_task, at_most: 1900.00 EUR}",
    "{sum: sent_per_hour, at_most: 19}",
    "{sum: sent_per_day, at_most: 5, each: to}",
    "{sum: calls_per_day, at_most: 100}",
]


@pytest.mark.parametrize("line", FALSE)
def test_a_line_that_is_simply_false_is_refuted_by_a_call(line: str, prove: Prove) -> None:
    """Its owner sees what would happen, and what the line wanted."""
    code, answer = prove.alone(f"{DESK}always:\n  - {line}\n")

    assert code == 1
    assert answer["proved"] is False
    assert calls(answer), answer["unknown"]
    for one in calls(answer):
        assert '"claim": "always[0]"' in str(one["context"]).replace("'", '"')
        if "task of its own" not in str(one["context"]):
            verdict = replayed(one, DESK).verdict
            assert str(one["now"]).startswith(verdict.name.lower())
            assert verdict < (Verdict.ASK if one["was"] == "at least ask" else Verdict.REFUSE)


def test_a_narrowing_is_proved(prove: Prove) -> None:
    """Exit code 0, and nothing is unknown."""
    for before, after in (
        ("at_most: 500.00 EUR}}", "at_most: 499.99 EUR}}"),
        ("refunds_per_day: 2000.00", "refunds_per_day: 1999.99"),
        ("for: [support_agent, support_lead]", "for: [support_lead]"),
        ("kb.example.com/docs'", "kb.example.com/docs/public'"),
        ("limits: {calls_per_task: 25", "limits: {calls_per_task: 25, cost_per_task: 0.50 USD"),
    ):
        code, answer = prove.against(changed(before, after))
        assert (code, answer) == (0, {"proved": True, "unknown": [], "counterexamples": []}), after


def test_a_solver_that_is_stopped_proves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is over: the process is killed, and what it was asked is unknown."""
    monkeypatch.setattr("sallyport.adapters.prover.process._WORKER", ("-c", "while True: pass"))
    new = changed("at_most: 500.00 EUR}}", "at_most: 499.99 EUR}}")
    code, answer = Prove(tmp_path, capsys, "--seconds", "0.3").against(new)

    assert code == 1
    assert answer["proved"] is False
    assert answer["unknown"] == ["the solver was stopped after 0.3 s"]


def test_lists_of_tools_beside_the_files_say_which_system_offers_a_tool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where two systems' files name it, nothing is proved of it until both lists are there."""
    written(tmp_path, DESK)
    other = "system: other\ntransport: http\nurl: https://other.invalid/mcp\ntools:\n"
    (tmp_path / "systems" / "other.yaml").write_text(
        f"{other}  tickets.update: {{reversible: false}}\n", encoding="utf-8"
    )
    words = ("boundary", "prove", "desk", "--against", "desk", "--home", str(tmp_path), "--json")
    prove = Prove(tmp_path, capsys)

    assert prove.run(*words)[1]["unknown"] == [
        "`tickets.update`: it is not known which system offers it"
    ]

    (tmp_path / "tools").mkdir()
    offered = {"desk": ("kb.fetch", "tickets.update", "mail.send"), "other": ()}
    for system, names in offered.items():
        listed = {"tools": [{"name": one, "inputSchema": {"type": "object"}} for one in names]}
        (tmp_path / "tools" / f"{system}.json").write_text(json.dumps(listed), encoding="utf-8")

    code, answer = prove.run(*words)
    assert (code, answer["unknown"]) == (0, []), answer


def test_a_home_s_workflow_is_proved_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`boundary prove NAME --home HOME` finds files as the other commands do."""
    written(tmp_path, DESK)

    code, answer = Prove(tmp_path, capsys).run(
        "boundary", "prove", "desk", "--against", "desk", "--home", str(tmp_path), "--json"
    )

    assert code == 0, answer
