"""YAML that means one thing only: what each text is read as, and what is said of every other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Json
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.yaml_strict import Listing, Scalar, Table, parse, to_json

MISSING = "w:1:4: a value is missing; write it after the colon"
HIDDEN = "text with a line break, a control character or an invisible one"
ONE_LINE = "write it as one line of visible characters"
SYNTAX = "correct the syntax at this place"
NO_DATE = "write it as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, or quote it as text"
DIGITS = "123456789012345678901234567890"
BIG = 256 * 1024


def read(text: str) -> tuple[Json, list[str]]:
    """Return the plain value of a text, and what is said of it."""
    out = Collector("w")
    node = parse(text, out)
    return to_json(node) if node is not None else None, [str(one) for one in out.found]


VALUES: list[tuple[str, Json]] = [
    ("a", "a"),
    ("'a b'", "a b"),
    ('"a\\u00e9"', "a\u00e9"),
    ('"\\ud83d\\ude00 \u00e9"', "\U0001f600 \u00e9"),
    ("a\n  b", "a b"),
    ("null", None),
    ("true", True),
    ("false", False),
    ("'null'", "null"),
    ("0", 0),
    ("-0", 0),
    ("-17", -17),
    (DIGITS, int(DIGITS)),
    (f"{DIGITS[:28]}.5", Decimal(f"{DIGITS[:28]}.5")),
    ("0.50", Decimal("0.50")),
    ("-10.05", Decimal("-10.05")),
    ("'017'", "017"),
    ("5 EUR", "5 EUR"),
    ("1.2.3", "1.2.3"),
    ("12:30 h", "12:30 h"),
    ("infinite", "infinite"),
    ("nobody", "nobody"),
    ("2026-01-31", "2026-01-31"),
    ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
    ("2026-01-31T12:00:00.25+01:00", "2026-01-31T12:00:00.25+01:00"),
    ("2026-01-31-7", "2026-01-31-7"),
    ("[a, [1, {b: c}], []]", ["a", [1, {"b": "c"}], []]),
    ("{'<<': a, \"b\": {}}", {"<<": "a", "b": {}}),
    ("\n  - a\n  - b: 1\n    c: 2", ["a", {"b": 1, "c": 2}]),
]


@pytest.mark.parametrize("written, value", VALUES)
def test_a_value_means_one_thing(written: str, value: Json) -> None:
    """Exact, whatever way it is written."""
    found, said = read(f"x: {written}\n")

    assert said == []
    assert found == {"x": value}
    assert repr(found) == repr({"x": value}), "no digit more or less, and true is no 1"


def test_every_node_knows_its_place() -> None:
    """Lines and columns count from one; a table has the place of each key."""
    out = Collector("w")

    assert parse("a: 1\nb:\n  - c: [d]\n", out) == Table(
        Mark(1, 1),
        {"a": Mark(1, 1), "b": Mark(2, 1)},
        {
            "a": Scalar(Mark(1, 4), 1),
            "b": Listing(
                Mark(3, 3),
                (
                    Table(
                        Mark(3, 5),
                        {"c": Mark(3, 5)},
                        {"c": Listing(Mark(3, 8), (Scalar(Mark(3, 9), "d"),))},
                    ),
                ),
            ),
        },
    )


def two_faced(word: str) -> str:
    """Return what is said of a word of which readers make different things."""
    what = f"w:1:4: `{word}` means different things to different readers of YAML"
    return f"{what}; write `true` or `false`, or quote it as text"


def no_number(text: str) -> str:
    """Return what is said of what some readers take for a number."""
    what = f"w:1:4: `{text}` is not written as a plain number"
    return f"{what}; write digits with at most one dot, or quote it as text"


FACED = ("yes", "no", "on", "off", "y", "n", "Yes", "NO", "True", "FALSE", "Null", "~", "=")
NUMERIC = (
    *("017", "+5", "-05", "5.", ".5", "1_000", "1_000.5", "1e5", "1.5E-5", "0x1F", "-0o17", "0b1"),
    *("0X_f", "12:30", "-1:02:03.5", ".inf", "-.INF", "+.NaN", ".nan"),
)
DATED = ("2026-1-31", "2026-01-3", "2026-01-31T12:00", "2026-01-31 12:00:00Z", "2026-01-31t1")


@pytest.mark.parametrize("word", FACED)
def test_a_word_that_readers_take_for_two_things_is_none(word: str) -> None:
    """It is quoted, or written otherwise; nothing more is said of its place."""
    assert read(f"x: {word}\n") == ({"x": word}, [two_faced(word)])
    assert read(f"x: '{word}'\n") == ({"x": word}, [])


@pytest.mark.parametrize("text", NUMERIC)
def test_a_number_is_digits_with_at_most_one_dot(text: str) -> None:
    """Whatever else some reader takes for one is refused, and fine as text in quotes."""
    assert read(f"x: {text}\n") == ({"x": text}, [no_number(text)])
    assert read(f"x: '{text}'\n") == ({"x": text}, [])


@pytest.mark.parametrize("text", DATED)
def test_a_date_is_written_in_one_way(text: str) -> None:
    """And a time has its zone."""
    said = [f"w:1:4: `{text}` is not a plain date or time; {NO_DATE}"]
    assert read(f"x: {text}\n") == ({"x": text}, said)


LONG_NUMBER = "w:1:4: a number of more than 30 digits; write a smaller number, or quote it as text"
REFUSED: list[tuple[str, Json, list[str]]] = [
    ("", None, ["w:1:1: the file is empty; write at least its name"]),
    ("# nothing\n", None, ["w:1:1: the file is empty; write at least its name"]),
    ("x:\n", {"x": ""}, ["w:1:3: a value is missing; write it after the colon"]),
    (f"x: {DIGITS}1\n", {"x": 0}, [LONG_NUMBER]),
    (f"x: {DIGITS}.5\n", {"x": 0}, [LONG_NUMBER]),
    (
        "a: 1\nb: 2\na: 3\n",
        {"a": 1, "b": 2},
        ["w:3:1: `a` stands here twice, first on line 1; merge the two into one"],
    ),
    (
        "5: a\nb: 2\n[c]: d\n",
        {"b": 2},
        [
            "w:1:1: a key that is not text; quote the key",
            "w:3:1: a key that is not text; quote the key",
        ],
    ),
    (
        "a: &x {b: 1}\nc: *x\n",
        {"a": {"b": 1}, "c": None},
        [
            "w:1:4: an anchor (`&name`) is not read here; remove it and repeat the value",
            "w:2:4: an alias (`*name`) is not read here; write it out, or quote the star",
        ],
    ),
    ("a: *\n", None, [f"w:1:5: this cannot be read as YAML; {SYNTAX}"]),
    (
        "a: {<<: b, c: d}\n",
        {"a": {"c": "d"}},
        ["w:1:5: a merge (`<<`) is not read here; write the lines out"],
    ),
    (
        "a: !!int 5\nb: ! c\n",
        {"a": 5, "b": "c"},
        [
            "w:1:4: a tag (`!name`) is not read here; remove it: every word has its own type",
            "w:2:4: a tag (`!name`) is not read here; remove it: every word has its own type",
        ],
    ),
    (
        "%YAML 1.1\n---\na: 1\n",
        {"a": 1},
        ["w:1:1: a `%` directive is not read here; remove that line"],
    ),
    (
        "%TAG ! tag:example.com,2026:\n---\na: 1\n",
        {"a": 1},
        ["w:1:1: a `%` directive is not read here; remove that line"],
    ),
    ("---\na: 1\n...\n", {"a": 1}, []),
    (
        "a: 1\n---\nb: 2\n",
        {"a": 1},
        ["w:2:1: a second document is not read here; put it into a file of its own"],
    ),
    ('a: "b\\nc"\n', {"a": ""}, [f"w:1:4: {HIDDEN}; {ONE_LINE}"]),
    ('a: "b\\u200bc"\n', {"a": ""}, [f"w:1:4: {HIDDEN}; {ONE_LINE}"]),
    ('a: "b\\ud83dc"\n', {"a": ""}, [f"w:1:4: {HIDDEN}; {ONE_LINE}"]),
    ('a: "\\U00110000"\n', None, ["w:1:1: this is not YAML; write it as docs/boundary.md shows"]),
    ('a: "\\UFFFFFFFF"\n', None, ["w:1:1: this is not YAML; write it as docs/boundary.md shows"]),
    ("a:\n\tb: 1\n", None, [f"w:2:1: a tab where YAML wants spaces; {SYNTAX}"]),
    (
        "a: b: c\n",
        None,
        [f"w:1:5: a second `:` on this line, or wrong indentation; {SYNTAX}"],
    ),
    ("a: 1\nb\n", None, [f"w:3:1: a key without its `:`; {SYNTAX}"]),
    ("a: 'b\n", None, [f"w:2:1: a quote that is never closed; {SYNTAX}"]),
    (
        "- a\nb: 1\n",
        None,
        [f"w:2:1: indentation that does not fit the lines above; {SYNTAX}"],
    ),
    (
        "a: [b, c\n",
        None,
        [f"w:2:1: a bracket that is never closed, or a comma that is missing; {SYNTAX}"],
    ),
    (
        "{a: 1",
        None,
        [f"w:1:6: a bracket that is never closed, or a comma that is missing; {SYNTAX}"],
    ),
    ("a: @b\n", None, [f"w:1:4: this cannot be read as YAML; {SYNTAX}"]),
    ("\ufeffa: 1\r\nb: 2 #\ta\r\n", {"a": 1, "b": 2}, []),
]


@pytest.mark.parametrize("text, value, said", REFUSED, ids=range(len(REFUSED)))
def test_what_may_mean_two_things_is_told(text: str, value: Json, said: list[str]) -> None:
    """Where it stands, what it is, and what to write; the rest is read, to find more."""
    assert read(text) == (value, said)


HIDING = "an invisible or control character; remove it, or end the line here"


@pytest.mark.parametrize(
    "text, place",
    [
        ("\x07", "1:1"),
        ("a: 1\n#\u2028never: []\n", "2:2"),
        ("a: 1\r\n# b\u202e\n", "2:4"),
        ("\ufeffa: \u200b1\n", "1:5"),
        ("a\tb: 1 # \xa0\n", "1:10"),
        ("\n\n\ufeff", "3:1"),
        ("a\u200b: 1\r\nb: 2 #\tc\r\n", "1:2"),
        ("a: b\ud83d\n", "1:5"),
    ],
)
def test_nothing_hides_in_a_file(text: str, place: str) -> None:
    """Nor in a remark, where an editor shows another end of the line than YAML reads."""
    assert read(text) == (None, [f"w:{place}: {HIDING}"])


@pytest.mark.parametrize("letter", ["x", "\u00e9"])
def test_a_file_has_at_most_256_kib(letter: str) -> None:
    """Counted in bytes."""
    size = len(letter.encode())
    head = "a: 1 # " if BIG % size == 7 % size else "a: 1 #  "
    text = head + letter * ((BIG - len(head)) // size)
    assert len(text.encode()) == BIG

    assert read(text) == ({"a": 1}, [])
    assert read(f"{text}x") == (
        None,
        ["w:1:1: the file is larger than 256 KiB; split it into several workflows"],
    )


@pytest.mark.parametrize("begin, end", [("[", "]"), ("{a: ", "}")])
def test_nothing_lies_deeper_than_24_levels(begin: str, end: str) -> None:
    """Below the top."""
    found, said = read(f"{begin * 24}x{end * 24}")
    assert said == []
    assert found is not None

    at = len(begin) * 25 + 1
    inner = at if begin == "[" else at - 3
    assert read(f"{begin * 25}x{end * 25}") == (
        None,
        [
            (
                f"w:1:{inner}: nested more than 24 levels deep; "
                "write it flatter: no word needs such depth"
            )
        ],
    )


CODES: list[tuple[str, list[str], bool]] = [
    ("", ["syntax"], False),
    ("a: b: c", ["syntax"], False),
    ('"\\UFFFFFFFF"', ["syntax"], False),
    (f"#{'x' * BIG}", ["too_large"], False),
    ("[" * 60, ["too_large"], False),
    (f"a: {DIGITS}1", ["too_large"], True),
    ("a: \u200b", ["hidden_text"], False),
    ('a: "\\u200b"', ["hidden_text"], True),
    ("%YAML 1.1\n---\na: &x !y 1\nb: *x\n<<: c\n---\nd: 1", ["yaml_feature"] * 6, True),
    ("a: 1\na: 2", ["duplicate_key"], True),
    ("5: a", ["wrong_type"], True),
    ("a:", ["empty"], True),
    ("a: [yes, 017, 2026-1-1]", ["two_faced"] * 3, True),
]


@pytest.mark.parametrize("text, codes, is_read", CODES, ids=range(len(CODES)))
def test_what_is_wrong_has_a_code(text: str, codes: list[str], *, is_read: bool) -> None:
    """By which programs tell it; nothing is made of a text of which nothing can be."""
    out = Collector("w")
    node = parse(text, out)

    assert [one.code for one in out.found] == [f"boundary.{code}" for code in codes]
    assert (node is not None) is is_read
