"""One hash for a list: every row can be shown to stand in it, and nothing else can."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from sallyport.rules import merkle

ROWS = st.lists(st.binary(max_size=20), min_size=1, max_size=26)


def test_the_tree_is_that_of_the_rfc() -> None:
    """Roots of the eight rows that implementations of certificate transparency are tested with."""
    texts = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
    rows = [bytes.fromhex(one) for one in (*texts, "606162636465666768696a6b6c6d6e6f")]

    assert merkle.root([]) == hashlib.sha256(b"").hexdigest()
    assert merkle.root(rows[:1]) == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.root(rows[:3]) == (
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    )
    assert merkle.root(rows) == ("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")


@given(rows=ROWS)
def test_every_row_stands_at_its_place_and_at_no_other(rows: list[bytes]) -> None:
    """Its path holds for itself, at its index, in a list of this length."""
    root = merkle.root(rows)
    for at, row in enumerate(rows):
        path = merkle.path(rows, at)
        assert merkle.holds(row, at, len(rows), path, root)
        for other in range(len(rows)):
            if rows[other] != row:
                assert not merkle.holds(row, other, len(rows), path, root)


@given(rows=ROWS, foreign=st.binary(max_size=20), data=st.data())
def test_a_row_that_is_not_in_the_list_has_no_proof(
    rows: list[bytes], foreign: bytes, data: st.DataObject
) -> None:
    """Neither with a path of another row, nor with a cut, longer or changed one."""
    root, at = merkle.root(rows), data.draw(st.integers(0, len(rows) - 1))
    path = merkle.path(rows, at)
    if foreign not in rows:
        assert not merkle.holds(foreign, at, len(rows), path, root)
    assert not merkle.holds(rows[at], at, len(rows), (*path, "00" * 32), root)
    if path:
        step = data.draw(st.integers(0, len(path) - 1))
        changed = (*path[:step], "00" * 32, *path[step + 1 :])
        assert not merkle.holds(rows[at], at, len(rows), path[:-1], root)
        assert not merkle.holds(rows[at], at, len(rows), changed, root)


@given(
    way=st.lists(st.text(max_size=70), max_size=8),
    index=st.integers(-3, 40),
    size=st.integers(-3, 40),
)
def test_whatever_a_proof_is_made_of_it_only_does_not_hold(
    way: list[str], index: int, size: int
) -> None:
    """It comes from a database, so it may be anything; nothing is raised for it."""
    assert not merkle.holds(b"row", index, size, way, "root")


def test_an_inner_node_does_not_pass_for_a_row() -> None:
    """Two rows' hashes, joined, are not a row with the same hash."""
    rows = [b"a", b"b"]
    joined = b"".join(hashlib.sha256(b"\x00" + row).digest() for row in rows)

    assert merkle.root([joined]) != merkle.root(rows)


def test_there_is_no_row_after_the_last_and_none_before_the_first() -> None:
    """Though the walk from such a place would come out at the root."""
    root = merkle.root([b"row"])

    assert merkle.holds(b"row", 0, 1, (), root)
    assert not merkle.holds(b"row", 1, 1, (), root)
    assert not merkle.holds(b"row", -1, 1, (), root)
