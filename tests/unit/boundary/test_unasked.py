"""The narrowest `allow`: what was seen passes, all else is decided as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject, Level, Question, ToolRule, Verdict
from sallyport.rules.boundary.evaluate import rule_on
from sallyport.rules.boundary.narrowest import NotNarrowed
from sallyport.rules.boundary.rewrite import entries
from sallyport.rules.boundary.unasked import Unasked, end_of, unasked
from sallyport.rules.boundary.workflow_file import load_workflow

TODAY, UNTIL = date(2026, 11, 21), date(2027, 2, 19)
WHO = Question(who=("owner", "reviewer"))
INPUTS: JsonObject = {"ticket_id": "T-1"}
FILE = """\
# A remark at the top.
workflow: triage
purpose: Sort what comes in.
owner: ops@example.com
agent: sorter
environment: test
expires: 2030-12-31
for: [support_agent]
task: {ticket_id: text}
tools:
  tickets.label:   # sorts
    level: update
    touches: [records]
    only:
      ticket_id: {is: task.ticket_id}
      queue: {one_of: [billing, spam, sales]}
      weight: {at_least: 0, at_most: 100}
      note: {max_length: 200, optional: true}
%s
  # What only reads.
  tickets.get:
    level: read
    only: {ticket_id: {is: task.ticket_id}}
"""
DEFAULT = FILE % ""
WITH_ENTRY = (
    FILE
    % """\
    allow:
      - args: {weight: {below: 10}}
        because: they are nothing
        until: 2029-12-31
    ask:
      # What weighs something.
      - args: {weight: {at_least: 10, below: 50}}
        who: [support_lead]
        within: 2h
      - args: {weight: {at_least: 50}}
        who: [support_lead]
        how_many: 2
    undo: {queue: put_back}"""
)
GATES = ((DEFAULT, ""), (WITH_ENTRY, "tickets.label.ask[0]"))

queues = st.sampled_from(["billing", "spam", "sales", "else"])
notes = st.none() | st.text("ab", max_size=3)


def _rule(text: str) -> ToolRule:
    return load_workflow(text, "triage.yaml").tools["tickets.label"]


def _call(queue: str, weight: int, note: str | None = None, ticket: str = "T-1") -> JsonObject:
    made: dict[str, Json] = {"ticket_id": ticket, "queue": queue, "weight": weight}
    return made if note is None else {**made, "note": note}


def proposed(text: str, where: str, seen: Sequence[JsonObject]) -> Unasked | NotNarrowed:
    """Return what is proposed where these calls were seen at a gate."""
    because = "asked 20 times, each time approved as it was"
    return unasked(text, _rule(text), where, WHO, seen, because=because, until=UNTIL)


def _verdict(rule: ToolRule, args: JsonObject) -> tuple[Verdict, tuple[str, ...], int]:
    """Return what becomes of a call, and whom it asks, the level's default among it."""
    ruled = rule_on(rule, args, inputs=INPUTS, facts={}, today=TODAY)
    worst = max((one.verdict for one in ruled.floors), default=Verdict.ALLOW)
    if worst is Verdict.REFUSE:
        return worst, (), 0
    asked = ruled.question or (None if ruled.loosens else WHO)
    if asked is None:
        return Verdict.ALLOW, (), 0
    return Verdict.ASK, asked.who, asked.how_many


def _is_like(args: JsonObject, seen: Sequence[JsonObject]) -> bool:
    """Return whether a call lies within what was seen, argument by argument."""
    weights = [one["weight"] for one in seen]
    noted = [one for one in seen if "note" in one]
    within = args["queue"] in [one["queue"] for one in seen]
    given_note = "note" in args
    noted_so = not given_note if not noted else given_note if len(noted) == len(seen) else True
    assert isinstance(args["weight"], int)
    low, high = min(map(int, map(str, weights))), max(map(int, map(str, weights)))
    return within and low <= args["weight"] <= high and noted_so


@st.composite
def calls(draw: st.DrawFn, low: int = 0, high: int = 100, *, any_ticket: bool = True) -> JsonObject:
    """Return a call, mostly of what may be."""
    ticket = draw(st.sampled_from(["T-1", "T-2"])) if any_ticket else "T-1"
    return _call(draw(queues), draw(st.integers(low, high)), draw(notes), ticket)


@settings(max_examples=40)
@given(
    seen=st.lists(
        st.builds(_call, st.sampled_from(["billing", "spam", "sales"]), st.integers(10, 49), notes),
        min_size=1,
        max_size=6,
    ),
    tried=calls(),
    gate=st.sampled_from(GATES),
)
def test_what_was_seen_passes_and_all_else_is_decided_as_before(
    seen: list[JsonObject], tried: JsonObject, gate: tuple[str, str]
) -> None:
    """For any calls that were seen and any call that is tried, whichever gate it was."""
    text, where = gate
    made = proposed(text, where, seen)
    assert isinstance(made, Unasked)
    old, new = _rule(text), _rule(made.text)

    assert all(_verdict(new, one)[0] is Verdict.ALLOW for one in seen)
    before, after = _verdict(old, tried), _verdict(new, tried)
    if before[0] is Verdict.ASK and _is_like(tried, seen):
        assert after[0] is Verdict.ALLOW
    else:
        assert after == before


def test_an_owner_reads_what_was_there_and_what_is_new() -> None:
    """Word by word: remarks outside stay, the rest asks the same people for as long."""
    seen = [_call("spam", 12), _call("spam", 30), _call("billing", 15)]
    made = proposed(WITH_ENTRY, "tickets.label.ask[0]", seen)
    assert isinstance(made, Unasked)
    assert made.left == ()
    assert "# A remark at the top." in made.text
    assert "  # What only reads.\n  tickets.get:" in made.text
    allow = entries(made.text, "tickets.label", "allow")
    assert allow[0]["because"] == "they are nothing"
    assert allow[1] == {
        "args": {
            "weight": {"at_least": 12, "at_most": 30},
            "queue": {"one_of": ["billing", "spam"]},
            "note": "absent",
        },
        "because": "asked 20 times, each time approved as it was",
        "until": "2027-02-19",
    }
    ask = entries(made.text, "tickets.label", "ask")
    assert [one["who"] for one in ask] == [["support_lead"]] * len(ask)
    assert ask[-1]["how_many"] == 2
    assert "undo: {queue: put_back}" in made.text


def test_where_the_default_asks_the_rest_asks_the_same_people() -> None:
    """Owner or reviewer, and as long as it was."""
    made = proposed(DEFAULT, "", [_call("spam", 1)])
    assert isinstance(made, Unasked)
    assert {str(one["who"]) for one in entries(made.text, "tickets.label", "ask")} == {
        "['owner', 'reviewer']"
    }
    assert {str(one["within"]) for one in entries(made.text, "tickets.label", "ask")} == {"4h"}


def test_free_text_that_only_its_length_bounds_is_named() -> None:
    """An owner is told what nothing but their own bound holds."""
    made = proposed(DEFAULT, "", [_call("spam", 1, note="a"), _call("spam", 1, note="b")])
    assert isinstance(made, Unasked)
    assert made.left == ("note",)


def test_what_may_be_anything_and_differed_cannot_be_narrowed() -> None:
    """No rule can say which are fine, so none is proposed."""
    text = DEFAULT.replace("note: {max_length: 200, optional: true}", "note: any")
    found = proposed(text, "", [_call("spam", 1, note="a"), _call("spam", 1, note="b")])
    assert found == NotNarrowed(why="`note` may be anything, and was something else each time")


def test_numbers_that_name_records_have_nothing_between_them() -> None:
    """A yes to account 5 and to account 900 is none to those between; to one of them, to that."""
    text = DEFAULT.replace("weight:", "account_id:")

    def call(account: int) -> JsonObject:
        return {"ticket_id": "T-1", "queue": "spam", "account_id": account}

    assert isinstance(proposed(text, "", [call(5), call(90)]), NotNarrowed)
    made = proposed(text, "", [call(5), call(5)])
    assert isinstance(made, Unasked)
    (allow,) = entries(made.text, "tickets.label", "allow")
    args = allow["args"]
    assert isinstance(args, dict)
    assert args["account_id"] == {"at_least": 5, "at_most": 5}


def test_an_entry_that_is_gone_is_not_split() -> None:
    """Another version has other entries."""
    gone = NotNarrowed(why="the entry that asked is no longer there")
    seen = [_call("spam", 12)]
    allow, ask, undo = (WITH_ENTRY.index(f"    {word}:") for word in ("allow", "ask", "undo"))
    asks = WITH_ENTRY[:allow] + WITH_ENTRY[ask:]
    allows = WITH_ENTRY[:ask] + WITH_ENTRY[undo:]

    assert proposed(WITH_ENTRY, "tickets.label.ask[7]", seen) == gone
    assert proposed(DEFAULT, "tickets.label.ask[0]", seen) == gone
    for text in (WITH_ENTRY, asks, allows):
        assert proposed(text, "", seen) == gone


def test_an_entry_ends_after_three_months_or_with_its_workflow() -> None:
    """Whichever comes first."""
    assert end_of(TODAY, date(2030, 1, 1)) == date(2027, 2, 19)
    assert end_of(TODAY, date(2026, 12, 1)) == date(2026, 12, 1)


def test_only_what_stays_inside_and_can_be_put_right_is_everproposed() -> None:
    """The level of what was written here is one that may be."""
    assert _rule(DEFAULT).level < Level.EXTERNAL


@pytest.mark.parametrize(
    "said", ["{is: task.ticket_id, optional: true}", "{max_length: 9, optional: true}"]
)
def test_what_was_always_there_asks_as_before_where_it_is_left_out(said: str) -> None:
    """Whatever its value was: only calls that had it were ever approved."""
    text = DEFAULT.replace(
        "ticket_id: {is: task.ticket_id}\n      queue", f"ticket_id: {said}\n      queue"
    )
    made = proposed(text, "", [_call("spam", 12), _call("spam", 30)])
    assert isinstance(made, Unasked)
    without = _call("spam", 12)
    del without["ticket_id"]

    assert _verdict(_rule(made.text), _call("spam", 12))[0] is Verdict.ALLOW
    assert _verdict(_rule(made.text), without) == _verdict(_rule(text), without)
    assert _verdict(_rule(text), without)[0] is Verdict.ASK
