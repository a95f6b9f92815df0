"""The chain finds whatever was done to the ledger, and says what it cannot find."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import InvariantError
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical, ledger
from sallyport.rules.ledger import Content, Fault, Head, Link, Problem

STREAM = "w-0a1b2c3d"


def chain(length: int = 6, stream: str = STREAM) -> list[Link]:
    """Return an intact ledger."""
    links: list[Link] = []
    prev = ledger.genesis(stream)
    for seq in range(1, length + 1):
        content = Content(
            kind="note", at_us=seq, body={"n": seq, "s": 'ü"\\\n'}, index={"call": f"c_{seq}"}
        )
        data = ledger.entry_bytes(stream, seq, prev, content)
        prev = ledger.chain_hash(data)
        columns: dict[str, str | int] = {
            "kind": "note",
            "at_us": seq,
            "call": f"c_{seq}",
            "tool": "",
            "commit": "",
        }
        links.append(Link(stream=stream, seq=seq, hash=prev, data=data, columns=columns))
    return links


def faults(links: Sequence[Link]) -> list[tuple[int, Fault]]:
    """Return what is wrong, by position."""
    return [(problem.index, problem.what) for problem in ledger.verify(links).problems]


bodies = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), bodies, max_size=4), st.dictionaries(st.text(), st.text()))
def test_entry_bytes_are_the_canonical_bytes_of_the_whole_entry(
    body: dict[str, Json], index: dict[str, str]
) -> None:
    """Writing the two parts of an entry one after the other changes nothing."""
    content = Content(kind="k", at_us=1, body=body, index=index, commit="ab")
    data = ledger.entry_bytes(STREAM, 3, "00", content)

    said: dict[str, Json] = dict(index)
    assert data == canonical.encode(
        {
            "stream": STREAM,
            "seq": 3,
            "prev": "00",
            "kind": "k",
            "at_us": 1,
            "body": body,
            "index": said,
            "commit": "ab",
        }
    )


def test_an_intact_ledger_has_no_faults_and_a_tail_that_nothing_anchors() -> None:
    """Without a checkpoint outside, the whole ledger is unanchored, and that is said."""
    links = chain()
    shown = ledger.verify(links)

    assert shown.intact
    assert shown.problems == ()
    assert shown.heads == {STREAM: Head(6, links[-1].hash)}
    assert (shown.entries, shown.anchored_up_to, shown.unanchored_tail) == (6, 0, 6)


def test_an_empty_ledger_is_intact() -> None:
    """Nothing is wrong with nothing."""
    assert ledger.verify([]).intact


def test_every_flipped_byte_is_found_at_its_entry() -> None:
    """Each bit-flip of each byte of an entry fails exactly that entry."""
    links = chain(3)
    for position, byte in enumerate(links[1].data):
        for flip in (0x01, 0x80):
            data = links[1].data
            data = data[:position] + bytes([byte ^ flip]) + data[position + 1 :]
            found = faults([links[0], replace(links[1], data=data), links[2]])
            assert (1, Fault.CHANGED) in found
            assert {index for index, _ in found} == {1}


def test_a_changed_hash_is_found() -> None:
    """The stored hash is not trusted either."""
    links = chain(3)
    links[1] = replace(links[1], hash="0" * 64)

    assert faults(links) == [(1, Fault.CHANGED), (2, Fault.BROKEN)]


def test_a_rewritten_entry_with_its_new_hash_breaks_its_successor() -> None:
    """Whoever rewrites an entry has to rewrite all that follow."""
    links = chain(4)
    data = ledger.entry_bytes(STREAM, 2, links[0].hash, Content(kind="lie", at_us=2, body={}))
    links[1] = Link(stream=STREAM, seq=2, hash=ledger.chain_hash(data), data=data)

    assert faults(links) == [(2, Fault.BROKEN)]


@given(st.integers(1, 6), st.integers(1, 5))
def test_dropped_entries_leave_a_gap(first: int, count: int) -> None:
    """Entries cut out of the middle are missed at the next one that is left."""
    links = chain(8)
    kept = links[:first] + links[first + count :]

    expected = [(first, Fault.GAP)] if first + count < len(links) else []
    assert faults(kept) == expected


def test_dropped_first_entries_leave_a_gap() -> None:
    """A ledger begins with its first entry."""
    assert faults(chain(4)[2:]) == [(0, Fault.GAP)]


def test_a_cut_tail_is_what_only_an_anchor_can_find() -> None:
    """The limit of a bare chain, as a test: it is why the unanchored tail is stated."""
    shown = ledger.verify(chain(6)[:4])

    assert shown.intact
    assert shown.unanchored_tail == 4


def test_swapped_entries_are_found() -> None:
    """Order is part of what was said."""
    links = chain(5)
    links[1], links[2] = links[2], links[1]

    assert faults(links) == [(1, Fault.GAP), (2, Fault.REORDERED)]


def test_swapped_contents_are_found() -> None:
    """The same with the numbers left in place."""
    links = chain(4)
    links[1], links[2] = (
        replace(links[1], data=links[2].data, hash=links[2].hash),
        replace(links[2], data=links[1].data, hash=links[1].hash),
    )

    assert [what for _, what in faults(links)][:2] == [Fault.CHANGED, Fault.CHANGED]


def test_a_doubled_entry_is_found() -> None:
    """Nothing happened twice because it stands there twice."""
    links = chain(3)

    assert faults([links[0], links[1], links[1], links[2]]) == [(2, Fault.DUPLICATE)]


def test_an_entry_of_another_stream_fits_nowhere() -> None:
    """Stream and genesis are in the bytes."""
    foreign = chain(2, "w-ffffffff")
    moved = [replace(link, stream=STREAM) for link in foreign]

    assert faults(moved) == [(0, Fault.CHANGED), (1, Fault.CHANGED)]
    assert ledger.verify([*chain(2), *foreign]).intact


def test_bytes_that_sallyport_would_not_write_are_found_even_if_hashed() -> None:
    """White space, unsorted keys, doubled keys and odd numbers are no entries."""
    for data in (b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"[]", b'{"a":-0}', b"\xff",
                 b'{"a":NaN}', b'{"a":1E9999999999999999999}', b'{"a":1.5e9999999999999999999}',
                 b"[" * 100_000, b'{"a":"\\u0041"}'):  # fmt: skip
        link = Link(stream=STREAM, seq=1, hash=ledger.chain_hash(data), data=data)
        assert faults([link]) == [(0, Fault.NOT_CANONICAL)]


@pytest.mark.parametrize(
    "lie", [{"call": "c_7"}, {"at_us": 9}, {"kind": "x"}, {"call": ""}, {"tool": "mail.send"}]
)
def test_a_search_column_that_lies_is_found(lie: dict[str, str | int]) -> None:
    """An entry that can no longer be found by its agent is as good as removed."""
    links = chain(3)
    links[1] = replace(links[1], columns={**(links[1].columns or {}), **lie})

    assert faults(links) == [(1, Fault.COLUMNS)]


def test_a_ledger_wrong_everywhere_is_counted_and_not_collected() -> None:
    """Memory stays bounded, and the count is right."""
    broken = [replace(link, hash="") for link in chain(1500)]
    shown = ledger.verify(broken)

    assert len(shown.problems) == 1000
    assert shown.faults == 1500


def test_reading_goes_on_from_a_known_entry() -> None:
    """The last entries can be checked without the first."""
    links = chain(5)

    assert ledger.verify(links[3:], after={STREAM: Head(3, links[2].hash)}).intact
    assert not ledger.verify(links[3:], after={STREAM: Head(3, "0" * 64)}).intact


@given(st.binary(), st.binary(min_size=32, max_size=32))
def test_a_commitment_is_the_hmac_of_what_was_said(plain: bytes, salt: bytes) -> None:
    """HMAC-SHA256 under the salt, in hex."""
    assert ledger.commit(salt, plain) == hmac.new(salt, plain, "sha256").hexdigest()


def test_a_float_has_no_place_in_an_entry() -> None:
    """Numbers are exact, or they are refused."""
    with pytest.raises(InvariantError):
        ledger.prepare(Content(kind="x", at_us=1, body={"a": 0.5}))  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def test_an_entry_is_these_bytes_and_has_this_hash() -> None:
    """As `docs` tell whoever verifies with a program of their own: nothing here can move."""
    genesis = hashlib.sha256(b"sallyport/ledger-genesis/v1\nw-1").hexdigest()
    full = Content(kind="k", at_us=5, body={"n": 1}, index={"call": "c_1"}, commit="ab")
    data = ledger.entry_bytes("w-1", 1, genesis, full)

    assert ledger.genesis("w-1") == genesis
    assert data == (
        b'{"at_us":5,"body":{"n":1},"commit":"ab","index":{"call":"c_1"},"kind":"k",'
        b'"prev":"%b","seq":1,"stream":"w-1"}' % genesis.encode()
    )
    assert (
        ledger.chain_hash(data) == hashlib.sha256(b"sallyport/ledger-entry/v1\n" + data).hexdigest()
    )
    assert ledger.prepare(Content(kind="k", at_us=5, body={})) == (
        '{"at_us":5,"body":{},"commit":"","index":{},"kind":"k"'
    )


def test_a_problem_says_what_and_where() -> None:
    """Which entry of those that were read, of which stream, under which number."""
    links = chain(3)
    shown = ledger.verify([links[0], links[2]])

    assert shown.problems == (Problem(index=1, stream=STREAM, seq=3, what=Fault.GAP),)
    assert (shown.faults, shown.intact, shown.entries) == (1, False, 2)
    assert (shown.anchored_up_to, shown.unanchored_tail) == (0, 2)
    assert shown.heads == {STREAM: Head(3, links[2].hash)}


def test_every_fault_has_its_word() -> None:
    """Doors and exports show these words."""
    one, two, three = chain(3)
    foreign = replace(one, data=two.data, hash=two.hash)
    unread = replace(one, data=b"[]", hash=ledger.chain_hash(b"[]"))
    lie = replace(one, columns={"kind": "lie"})
    said = {
        "gap": [two],
        "reordered": [one, two, three, one],
        "duplicate": [one, one],
        "changed": [foreign],
        "broken": [replace(one, hash="00"), two],
        "not_canonical": [unread],
        "columns": [lie],
    }

    assert {fault.value for fault in Fault} == {*said}
    for word, links in said.items():
        assert ledger.verify(links).problems[-1].what.value == word


def test_an_entry_can_be_wrong_in_two_ways() -> None:
    """Both are said; what cannot be read is not held against its columns as well."""
    links = chain(3)
    away = replace(links[2], hash="0" * 64)
    spoilt = replace(links[1], data=b"[]")
    hashed = replace(spoilt, hash=ledger.chain_hash(b"[]"))

    assert faults([links[0], away]) == [(1, Fault.GAP), (1, Fault.CHANGED)]
    assert faults([links[0], spoilt]) == [(1, Fault.NOT_CANONICAL), (1, Fault.CHANGED)]
    assert faults([links[0], hashed]) == [(1, Fault.NOT_CANONICAL)]


def test_streams_are_read_side_by_side() -> None:
    """Each has its own beginning and its own last entry."""
    one, two = chain(2), chain(2, "w-ffffffff")
    shown = ledger.verify([one[0], two[0], one[1], two[1]])

    assert shown.intact
    assert shown.heads == {STREAM: Head(2, one[1].hash), "w-ffffffff": Head(2, two[1].hash)}


def test_the_head_of_a_stream_is_its_last_entry_however_it_is_read() -> None:
    """What stands after a later one moves nothing back."""
    links = chain(3)

    assert ledger.verify([links[0], links[2], links[1]]).heads == {STREAM: Head(3, links[2].hash)}


@pytest.mark.parametrize(
    "entry, said",
    [
        (
            {"at_us": 1, "commit": "ab", "kind": "k", "index": {"call": "c_1", "tool": ""}},
            {"at_us": 1, "commit": "ab", "kind": "k", "call": "c_1"},
        ),
        ({"at_us": 1, "commit": "", "kind": "k", "index": 5}, {"at_us": 1, "kind": "k"}),
        ({}, {"at_us": None, "commit": None, "kind": None}),
    ],
    ids=["whole", "no index", "nothing"],
)
def test_the_columns_repeat_the_index_and_three_words_of_the_entry(
    entry: JsonObject, said: JsonObject
) -> None:
    """What is empty has no column; what is missing agrees with no column."""
    assert ledger.columns(entry) == said


def test_an_entry_reads_back_with_every_digit() -> None:
    """An amount is no float on the way either; what is not an entry is none."""
    assert ledger.read(b'{"a":1.50}') == {"a": Decimal("1.50")}
    assert ledger.read(b'{"a":1.5e0}') is None
    assert ledger.read(b"{") is None
