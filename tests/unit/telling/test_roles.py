"""Who may do what is a table, and no one role holds both ends of it."""

from sallyport.rules.roles import APART, NAMED_BY_A_BOUNDARY, RIGHTS, ROLES, difference, may
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
