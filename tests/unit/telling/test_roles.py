"""Who may do what is a table, and no one role holds both ends of it."""

from sallyport.rules.roles import (
    APART,
    NAMED_BY_A_BOUNDARY,
    RIGHTS,
    ROLES,
    difference,
    may,
    rights_of,
)
from tests.requirements import requirement


def test_every_right_is_described_and_somebody_has_it() -> None:
    """The catalogue and the roles name the same rights."""
    named = frozenset[str]().union(NAMED_BY_A_BOUNDARY, *ROLES.values())
    assert named == set(RIGHTS)


@requirement("A-27")
def test_no_single_role_writes_a_rule_and_answers_under_it() -> None:
    """For each pair that stands apart, no role holds both rights."""
    for role, rights in {**ROLES, "(a boundary's)": NAMED_BY_A_BOUNDARY}.items():
        for one, other in APART:
            assert not {one, other} <= rights, f"{role} holds {one} and {other}"


def test_nobody_without_a_role_may_do_anything() -> None:
    """An empty set permits nobody."""
    assert not any(may((), right) for right in RIGHTS)
    assert not may(("owner",), "no.such.right")


def test_a_difference_names_exactly_the_added_right() -> None:
    """A change of the catalogue is one line for each right given or taken."""
    wider = {**ROLES, "auditor": ROLES["auditor"] | {"floor.lift"}}
    assert difference(ROLES, wider) == ("+ auditor: floor.lift",)
    assert difference(wider, ROLES) == ("- auditor: floor.lift",)
    assert difference(ROLES, ROLES) == ()


CATALOGUE: dict[str, str] = {
    "inbox.read": "see what waits",
    "call.answer": "answer what waits for one of one's roles",
    "call.read": "see calls with their arguments and results",
    "call.undo": "take back anybody's yes while it can be taken back",
    "draft.release": "release or discard drafts",
    "doubt.settle": "say what became of a call in doubt",
    "boundary.read": "see what agents may do",
    "boundary.sign": "put a boundary in force",
    "boundary.second": "sign a widening second",
    "ledger.read": "search and verify the ledger",
    "floor.set": "stop, and set floors",
    "floor.lift": "lift stops and floors",
    "glass.ask": "ask to go past the reviewers for a while",
    "glass.second": "sign second for going past the reviewers",
    "glass.review": "look, as a third person, at what was done past the reviewers",
    "agent.read": "see agents and what they did",
    "agent.stage": "move an agent to another stage",
    "people.read": "see people, roles and keys",
    "people.change": "enrol, give roles, switch off",
}
HELD: dict[str, set[str]] = {
    "owner": {"inbox.read", "call.read", "draft.release", "doubt.settle", "boundary.read"}
    | {"boundary.sign", "boundary.second", "ledger.read", "floor.set", "floor.lift", "glass.ask"}
    | {"glass.second", "glass.review", "agent.read", "agent.stage", "people.read"},
    "reviewer": {"inbox.read", "call.answer", "call.read", "draft.release", "doubt.settle"}
    | {"boundary.read", "boundary.second", "floor.set", "glass.second", "glass.review"}
    | {"agent.read", "people.read"},
    "operator": {"inbox.read", "call.read", "call.undo", "doubt.settle", "boundary.read"}
    | {"ledger.read", "floor.set", "floor.lift", "glass.ask", "glass.second", "agent.read"}
    | {"people.read"},
    "auditor": {"inbox.read", "call.read", "boundary.read", "ledger.read", "glass.review"}
    | {"agent.read", "people.read"},
    "administrator": {"inbox.read", "call.read", "doubt.settle", "boundary.read", "boundary.sign"}
    | {"boundary.second", "ledger.read", "floor.set", "floor.lift", "agent.read", "people.read"}
    | {"people.change"},
}


def test_the_catalogue_is_this_one() -> None:
    """Whoever changes it changes it here as well, and somebody reads that."""
    assert dict(RIGHTS) == CATALOGUE
    assert {role: rights_of([role]) for role in HELD} == HELD
    assert set(ROLES) == set(HELD)
    assert (
        rights_of(["support_lead"])
        == NAMED_BY_A_BOUNDARY
        == {
            *("inbox.read", "call.answer", "call.read", "draft.release", "boundary.read"),
            *("floor.set", "agent.read", "people.read"),
        }
    )
    assert APART == (("boundary.sign", "call.answer"), ("people.change", "call.answer"))


def test_rights_come_with_each_of_ones_roles() -> None:
    """A role that only a boundary knows brings what such a role has; none brings nothing."""
    assert rights_of(()) == frozenset()
    assert rights_of(["auditor", "operator"]) == HELD["auditor"] | HELD["operator"]
    assert rights_of(["support_lead"]) == NAMED_BY_A_BOUNDARY
    assert may(["auditor", "support_lead"], "call.answer")
    assert not may(["auditor"], "call.answer")


def test_a_difference_is_told_role_by_role_what_is_given_first() -> None:
    """In order, whatever order the catalogue has; a role that is new or gone as well."""
    old = {"b": ["y", "x"], "a": ["x"]}
    new = {"c": ["z"], "b": ["w", "v"]}

    assert difference(old, new) == (
        *("- a: x",),
        *("+ b: v", "+ b: w", "- b: x", "- b: y"),
        *("+ c: z",),
    )
