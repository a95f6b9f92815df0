"""What fits into a list, what stands out of it, and what its one signature covers."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    ArgumentRule,
    Call,
    Constraint,
    Ending,
    Impact,
    Json,
    JsonObject,
    Level,
    Listed,
    Money,
    Operator,
    Passed,
    Proposal,
    Question,
    ToolRule,
)
from sallyport.rules import approval as approvals
from sallyport.rules import batches
from sallyport.rules.answering import Kind, Said
from sallyport.rules.batches import AT_MOST, Plan, Row, check, plan, unfit
from sallyport.rules.routine import HARMLESS

RULE = ToolRule(tool="desk.tag", system="desk", level=Level.UPDATE)
AMOUNT = ArgumentRule(
    name="note",
    constraints=(Constraint(operator=Operator.AT_MOST, bounds=(Money(50, "EUR"),)),),  # type: ignore[arg-type]
)
PASSED = Passed(person="lea", how="not_mine", to="", because="", at_us=1, signature="")


def row(number: int, args: JsonObject | None = None, **changes: Any) -> Row:
    """Return a row that fits into a list; `changes` are of its object, call, approval and rule."""
    args = {"id": f"T{number}", "tag": "billing"} if args is None else args
    call = Call(
        id=f"c{number}",
        proposal=Proposal(
            call_id=f"c{number}",
            task_id="t1",
            tool=changes.pop("tool", "desk.tag"),
            args=args,
            channel="mcp",
        ),
        agent=changes.pop("agent", "helper"),
        instance="run-1",
        workflow=changes.pop("workflow", "support"),
        requester="rita",
        system="desk",
        level=changes.pop("level", Level.UPDATE),
        digest=f"digest-{number}",
        boundary="v1",
        ending=Ending.WAITING,
        proposed_us=number,
    )
    made: JsonObject = {
        "agent": call.agent,
        "workflow": call.workflow,
        "action": {"tool": "desk.tag", "args": args},
        "findings": changes.pop("findings", ["boundary.ask", "influence.untrusted"]),
        "reversibility": changes.pop("reversibility", ""),
        "again": changes.pop("again", None),
    }
    held, rule = changes.pop("held", ""), changes.pop("rule", RULE)
    approval = Approval(
        id=f"a-{number:03}",
        call_id=call.id,
        digest=call.digest,
        boundary="v1",
        question=Question(who=("lead",), how_many=changes.pop("how_many", 1)),
        state=ApprovalState.WAITING,
        asked_us=number,
        expires_us=10**18,
        about=f"about-{number}",
        object=made,
    )
    return Row(approval=replace(approval, **changes), call=call, rule=rule, held=held)


UNFIT: dict[str, dict[str, Any]] = {
    "answered already": {"state": ApprovalState.APPROVED},
    "expired": {"state": ApprovalState.EXPIRED},
    "external": {"level": Level.EXTERNAL},
    "external by its rule": {"rule": replace(RULE, level=Level.EXTERNAL)},
    "money": {"rule": replace(RULE, touches=frozenset({Impact.MONEY}))},
    "access": {"rule": replace(RULE, touches=frozenset({Impact.RECORDS, Impact.ACCESS}))},
    "deletion": {"rule": replace(RULE, touches=frozenset({Impact.DELETION}))},
    "irreversible": {"rule": replace(RULE, irreversible=True)},
    "declared irreversible": {"reversibility": "false"},
    "two people": {"how_many": 2},
    "a floor by hand": {"findings": ["boundary.ask", "switch.floor"]},
    "changed by a person": {"findings": ["edit.ask"]},
    "a reason of another release": {"findings": ["something.new"]},
    "no reasons known": {"findings": None},
    "asked before": {"again": {"approval": "a-000", "changed": []}},
    "passed on": {"passed": (PASSED,)},
    "held": {"held": "look at it"},
    "unknown tool": {"rule": None},
    "hidden characters": {"args": {"id": "T1", "tag": "bil\u200bling"}},
    "hidden in a list": {"args": {"id": "T1", "tag": ["x", {"y": "\u202e"}]}},
    "an amount": {
        "args": {"id": "T1", "note": 3},
        "rule": replace(RULE, only={"note": AMOUNT}),
    },
    "an amount in cents": {
        "args": {"id": "T1", "note": 3},
        "rule": replace(RULE, units={"note": "EUR"}),
    },
}


@pytest.mark.parametrize("why", list(UNFIT))
def test_what_could_hurt_or_was_remarked_on_is_answered_by_itself(why: str) -> None:
    """Each of these alone keeps a question out of every list, and the list says so."""
    one = row(1, **UNFIT[why])
    assert unfit(one)
    others = [row(number) for number in (2, 3, 4)]
    found = plan([one, *others])
    assert one.approval.id in {left.approval.id for left, _ in found.apart}
    with pytest.raises(NotPermittedError, match=one.approval.id):
        check([one, *others])


@given(
    level=st.sampled_from(Level),
    ruled=st.sampled_from(Level),
    touches=st.frozensets(st.sampled_from(Impact)),
    irreversible=st.booleans(),
    how_many=st.integers(1, 3),
    findings=st.lists(st.sampled_from([*sorted(HARMLESS), "switch.floor", "edit.ask"])),
)
def test_a_row_fits_exactly_where_every_rule_says_so(  # noqa: PLR0917
    level: Level,
    ruled: Level,
    touches: frozenset[Impact],
    irreversible: bool,
    how_many: int,
    findings: list[Json],
) -> None:
    """Below external, records at most, reversible, one person, nothing remarked on: all of them."""
    rule = replace(RULE, level=ruled, touches=touches, irreversible=irreversible)
    one = row(1, level=level, rule=rule, how_many=how_many, findings=findings)
    fits = (
        max(level, ruled) < Level.EXTERNAL
        and touches <= {Impact.RECORDS}
        and not irreversible
        and how_many == 1
        and set(findings) <= HARMLESS
    )
    assert (unfit(one) == "") is fits


VALUES = st.one_of(
    st.integers(-10, 10_000), st.text(string.ascii_letters, max_size=300), st.booleans(), st.none()
)


@given(
    args=st.lists(st.fixed_dictionaries({"id": VALUES, "tag": VALUES}), min_size=0, max_size=30),
    agents=st.lists(st.sampled_from(["helper", "clerk"]), min_size=30, max_size=30),
    shuffled=st.randoms(use_true_random=False),
)
def test_a_plan_can_be_signed_as_it_is_and_loses_nothing(
    args: list[JsonObject], agents: list[str], shuffled: Any
) -> None:
    """Whatever is wished for stands in the list or beside it; nothing stands out of what is left.

    The same questions in another order make the same list.
    """
    rows = [row(at, one, agent=agents[at]) for at, one in enumerate(args)]
    found = plan(rows)
    named = [one.approval.id for one in found.rows]
    apart = [one.approval.id for one, _ in found.apart]
    assert sorted([*named, *apart]) == sorted(one.approval.id for one in rows)
    assert len({one.kind for one in found.rows}) <= 1
    assert len(found.rows) <= AT_MOST
    other = list(rows)
    shuffled.shuffle(other)
    if len({one.kind for one in rows}) == 1:
        assert [one.approval.id for one in plan(other).rows] == named
    if len(found.rows) >= batches.AT_LEAST and len(rows) <= AT_MOST:
        assert check(found.rows) == found.rows


def test_only_what_differs_is_shown_and_what_stands_out_is_taken_out() -> None:
    """One row with another tag, and one with an amount far above the others."""
    rows = [row(at, {"id": f"T{at}", "tag": "billing", "days": 10 + at}) for at in range(6)]
    tag = row(6, {"id": "T6", "tag": "closed", "days": 12})
    days = row(7, {"id": "T7", "tag": "billing", "days": 900})
    long = row(8, {"id": "T8" + "x" * 300, "tag": "billing", "days": 12})
    found = plan([tag, days, long, *rows])

    assert [one.approval.id for one in found.rows] == [one.approval.id for one in rows]
    assert found.differing == ("days", "id")
    assert found.same == {"tag": "billing"}
    why = {one.approval.id: said for one, said in found.apart}
    assert why == {
        "a-006": "`tag` is not what it is in most of the others",
        "a-007": "`days` is more than 3 times the middle of the list",
        "a-008": "`id` is much longer than in the others",
    }


def test_two_sorts_of_values_are_no_outliers() -> None:
    """Five of one and four of another: neither is alone."""
    tags = ["billing"] * 5 + ["shipping"] * 4
    rows = [row(at, {"id": f"T{at}", "tag": tag}) for at, tag in enumerate(tags)]

    assert len(plan(rows).rows) == 9


OTHERS = "is not what it is in most of the others"
MIDDLE = "is more than 3 times the middle of the list"
LONGER = "is much longer than in the others"
LENGTHS: tuple[Json, ...] = ("a" * 150, "b" * 150, "c" * 150)
EDGES: dict[str, tuple[tuple[Json, ...], str]] = {
    "one of two": (("a", "b"), ""),
    "one of two amounts": ((1, 900), ""),
    "one of three": (("a", "a", "b"), OTHERS),
    "each of three another": (("a", "b", "c"), ""),
    "two of five": (("a", "a", "a", "b", "b"), ""),
    "two of seven": (("a",) * 5 + ("b", "b"), ""),
    "two of eight": (("a",) * 6 + ("b", "b"), OTHERS),
    "three of eight": (("a",) * 5 + ("b", "b", "c"), ""),
    "three times the middle": ((9, 10, 11, 12, 33), ""),
    "above three times the middle": ((9, 10, 11, 12, 34), MIDDLE),
    "far below zero": ((9, 10, 11, -900), MIDDLE),
    "an amount among texts": (("x", "y", 3, 900), ""),
    "a text of a hundred letters": (("x", "y", "z", "a" * 100), ""),
    "as long as 200 with its quotes": (("x", "y", "z", "a" * 198), ""),
    "longer than 200 with its quotes": (("x", "y", "z", "a" * 199), LONGER),
    "three times as long": ((*LENGTHS, "d" * 454), ""),
    "above three times as long": ((*LENGTHS, "d" * 455), LONGER),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_value_stands_out_just_above_the_edge_and_not_on_it(name: str) -> None:
    """Of the same values with one more or one less beside them."""
    values, why = EDGES[name]
    found = plan([row(at, {"value": value}) for at, value in enumerate(values)])
    said = {f"`value` {why}"} if why else set[str]()

    assert {reason for _, reason in found.apart} == said
    assert len(found.apart) == (values.count(values[-1]) if why else 0)


def test_rows_of_another_kind_stand_apart() -> None:
    """Another agent, workflow, tool or set of arguments; the larger group makes the list."""
    rows = [row(at) for at in range(3)]
    apart = [
        row(3, agent="clerk"),
        row(4, workflow="billing"),
        row(5, tool="desk.note"),
        row(6, {"id": "T6"}),
    ]
    found = plan([*apart, *rows])

    assert [one.approval.id for one in found.rows] == ["a-000", "a-001", "a-002"]
    assert [why for _, why in found.apart] == [
        "it is of another agent",
        "it is of another workflow",
        "it is of another tool",
        "it has other arguments",
    ]


@pytest.mark.parametrize("count", [0, 1, 26])
def test_a_list_has_two_to_twenty_five_rows(count: int) -> None:
    """One is no list, and nobody compares more."""
    with pytest.raises(BadInputError) as caught:
        check([row(at) for at in range(count)])

    assert caught.value.what == f"a list has 2 to 25 rows, and this has {count}"
    assert caught.value.fix == "answer one by itself, and more in several lists"


@pytest.mark.parametrize("count", [2, 25])
def test_as_many_rows_as_a_list_has_are_signed_as_they_are(count: int) -> None:
    """In the order of their ids."""
    rows = [row(at) for at in range(count)]

    assert check(rows[::-1]) == tuple(rows)


def test_what_is_over_twenty_five_is_for_the_next_list() -> None:
    """The first by their ids are in it; the others are named with the reason."""
    rows = [row(at) for at in range(27)]
    found = plan(rows)

    assert found.rows == tuple(rows[:25])
    assert found.apart == tuple((one, "a list has no more than 25 rows") for one in rows[25:])


def test_a_row_is_held_only_where_the_gateway_says_why() -> None:
    """Without a reason of its own it may stand in a list."""
    one = row(1)

    assert unfit(Row(approval=one.approval, call=one.call, rule=one.rule)) == ""


def test_what_differs_is_known_of_two_rows_and_of_one() -> None:
    """Nothing differs in a single row, and nothing is the same in none."""
    one, other = row(1), row(2)

    assert (Plan(rows=(one, other)).differing, Plan(rows=(one, other)).same) == (
        ("id",),
        {"tag": "billing"},
    )
    assert (Plan(rows=(one,)).differing, Plan(rows=(one,)).same) == (
        (),
        {"id": "T1", "tag": "billing"},
    )
    assert (Plan().differing, Plan().same) == ((), {})


def test_a_question_stands_in_a_list_once() -> None:
    """Twice would count one row for two."""
    with pytest.raises(BadInputError, match="twice"):
        check([row(1), row(1)])


# --- What is signed. ---


def listed(rows: list[Row]) -> tuple[Listed, ...]:
    """Return the places of rows in their list."""
    return batches.places([approvals.bound(one.approval) for one in rows])


@given(size=st.integers(2, AT_MOST), data=st.data())
def test_every_row_leads_to_the_same_bytes_and_a_changed_one_to_none(
    size: int, data: st.DataObject
) -> None:
    """One signature for all of them; another row, place, root or size has no bytes to sign."""
    rows = [row(at) for at in range(size)]
    places = listed(rows)
    said = Said(kind=Kind.APPROVE, because="seen")
    made = {
        approvals.said_to_list(one.approval, place, said, person="lea", at_us=5)
        for one, place in zip(rows, places, strict=True)
    }
    assert len(made) == 1
    at = data.draw(st.integers(0, size - 1))
    approval, place = rows[at].approval, places[at]
    forged = [
        (replace(approval, digest="another"), place),
        (replace(approval, about="another"), place),
        (replace(approval, boundary="v2"), place),
        (replace(approval, expires_us=10**18 + 1), place),
        (approval, replace(place, root="00" * 32)),
        (approval, replace(place, index=(at + 1) % size)),
        (approval, replace(place, path=place.path[:-1])),
        (approval, replace(place, size=26)),
        (approval, replace(place, size=1, index=0, path=())),
    ]
    for one, where in forged:
        assert approvals.said_to_list(one, where, said, person="lea", at_us=5) == b""


def test_an_answer_from_a_list_is_checked_by_its_own_proof() -> None:
    """`statement_of` gives the bytes of the list; of a changed question, none."""
    rows = [row(at) for at in range(5)]
    place = listed(rows)[2]
    answer = Answer(person="lea", yes=True, because="seen", at_us=5, signature="s", listed=place)
    said = Said(kind=Kind.APPROVE, because="seen")
    made = approvals.said_to_list(rows[0].approval, listed(rows)[0], said, person="lea", at_us=5)

    assert approvals.statement_of(rows[2].approval, answer) == made
    assert approvals.statement_of(rows[3].approval, answer) == b""
    assert approvals.statement_of(rows[2].approval, replace(answer, because="other")) != made


def test_what_is_signed_for_a_list_is_these_bytes() -> None:
    """Letter by letter: who reads an old signature has to make the same ones."""
    made: JsonObject = {
        "agent": "helper",
        "workflow": "support",
        "action": {"tool": "desk.tag", "args": {"tag": "billing", "id": "T1"}},
        "more": "is of one row",
    }

    assert batches.signable(batches.about(made, "00ff", 2), {"person": "lea"}) == (
        b"sallyport/list/v1\n"
        b'{"list":{"agent":"helper","arguments":["id","tag"],"root":"00ff","size":2,'
        b'"tool":"desk.tag","workflow":"support"},"person":"lea"}'
    )


def test_of_an_object_without_an_action_nothing_is_made_up() -> None:
    """Its signature would be for no tool and no arguments."""
    assert batches.about({"action": "soon"}, "00ff", 2) == {
        "root": "00ff",
        "size": 2,
        "agent": None,
        "workflow": None,
        "tool": None,
        "arguments": [],
    }


@pytest.mark.parametrize("size", [1, 2, 25, 26])
def test_a_row_stands_in_a_list_of_two_to_twenty_five(size: int) -> None:
    """Its proof may hold in a longer one; nobody signed that as a list."""
    bounds: list[JsonObject] = [{"approval": f"a-{at}"} for at in range(size)]
    places = batches.places(bounds)

    assert [batches.stands_in(b, p) for b, p in zip(bounds, places, strict=True)] == (
        [size in {2, 25}] * size
    )
