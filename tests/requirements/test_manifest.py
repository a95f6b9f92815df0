"""The manifest is whole, and agrees with the marks on the tests in both directions."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.requirements import manifest, requirement
from tests.requirements.manifest import Mark, Row

ASKED_FOR = manifest.ROOT.parent / "shared" / "requirements.md"
ROW = Row(id="B-89", part="people", asks="Show it.", source="B:149", none_yet=None)
MARK = Mark(where="tests/test_page.py:7", test="test_page", ids=("B-89",))


def test_the_manifest_and_the_marks_agree() -> None:
    """Every id is proven or says why not, and every mark names an id that exists."""
    disagreements = manifest.problems(manifest.load(), manifest.marks())

    assert disagreements == [], "\n".join(disagreements)


def test_every_line_of_both_documents_has_its_row() -> None:
    """106 lines of document A and 165 of document B make 271, without a hole."""
    expected = {f"A-{n:02}" for n in range(1, 107)} | {f"B-{n:02}" for n in range(1, 166)}

    assert set(manifest.load()) == expected


def test_every_row_names_the_document_and_line_it_speaks_of() -> None:
    """An id's letter is its document, and the line is a number."""
    for row in manifest.load().values():
        assert re.fullmatch(rf"{row.id[0]}:[1-9]\d*", row.source), row.id


def test_no_two_rows_ask_the_same() -> None:
    """A sentence that fits two rows says what neither asks."""
    sentences = [row.asks for row in manifest.load().values()]

    assert sorted(set(sentences)) == sorted(sentences)


def test_the_rows_are_those_that_were_asked_for() -> None:
    """Ids and parts are the ones in the document that was agreed, where it lies beside us."""
    if not ASKED_FOR.exists():
        pytest.skip("NOT RUN: the agreed requirements do not lie beside this copy of the project")
    lines = ASKED_FOR.read_text(encoding="utf-8").splitlines()
    matches = [re.match(r"\| ([AB]-\d+) \| (\w+) \|", line) for line in lines]
    expected = {match[1]: match[2] for match in matches if match}

    assert {row.id: row.part for row in manifest.load().values()} == expected


def test_a_marked_id_must_not_excuse_itself() -> None:
    """The sentence names the line to delete and the file it stands in."""
    excused = replace(ROW, none_yet="later")

    (sentence,) = manifest.problems({"B-89": excused}, [MARK])

    assert sentence == (
        "B-89 is proven at tests/test_page.py:7: delete its none_yet line in "
        "tests/requirements/people.toml"
    )


def test_an_id_without_test_must_excuse_itself() -> None:
    """The sentence names both ways out."""
    (sentence,) = manifest.problems({"B-89": ROW}, [])

    assert sentence == (
        'B-89 has no test: mark the test that makes its check with @requirement("B-89"), '
        "or say in none_yet in tests/requirements/people.toml why there is none"
    )


def test_a_mark_of_an_unknown_id_is_an_error() -> None:
    """A slip of the finger in a mark proves nothing."""
    (sentence,) = manifest.problems({"B-89": ROW}, [MARK, replace(MARK, ids=("B-890",))])

    assert "`B-890`" in sentence
    assert sentence.startswith("tests/test_page.py:7: ")


@pytest.mark.parametrize(
    "line,fault",
    [
        ("@requirement()\ndef test_a() -> None: ...", "names no id"),
        ("@requirement(NAME)\ndef test_a() -> None: ...", "not a plain string"),
        ('@requirement("B-89")\ndef helper() -> None: ...', "`helper`, which is no test"),
    ],
)
def test_a_mark_that_proves_nothing_is_an_error(tmp_path: Path, line: str, fault: str) -> None:
    """An empty, computed or misplaced mark is reported, never counted."""
    (tmp_path / "test_it.py").write_text(line + "\n", encoding="utf-8")
    found = manifest.marks(tmp_path)

    assert manifest.proofs(found) == {}
    assert fault in manifest.problems({}, found)[0]


def test_marks_are_found_wherever_pytest_takes_them(tmp_path: Path) -> None:
    """Functions, coroutines, classes, parameters and whole modules can carry one."""
    (tmp_path / "test_it.py").write_text(
        'pytestmark = requirement("A-01")\n'
        '@requirement("A-02", "A-03")\n'
        "async def test_a() -> None: ...\n"
        '@requirement("A-04")\n'
        "class TestB: ...\n"
        'CASE = pytest.param(1, marks=requirement("A-05"))\n',
        encoding="utf-8",
    )

    assert set(manifest.proofs(manifest.marks(tmp_path))) == {
        "A-01",
        "A-02",
        "A-03",
        "A-04",
        "A-05",
    }


@pytest.mark.parametrize(
    "text",
    ['[A-01]\nasks = "x"\n', '[A-01]\nasks = "x"\nsource = "A:1"\nmaybe = "x"\n', "A-01 = 1\n"],
)
def test_a_row_that_is_no_row_is_refused(tmp_path: Path, text: str) -> None:
    """A missing or unknown word is an error, not a default."""
    for part in manifest.PARTS:
        (tmp_path / f"{part}.toml").write_text("", encoding="utf-8")
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")

    with pytest.raises(manifest.ManifestError, match="A-01"):
        manifest.load(tmp_path)


def test_an_id_stands_in_one_part(tmp_path: Path) -> None:
    """The same id in two parts would be counted twice."""
    for part in manifest.PARTS:
        (tmp_path / f"{part}.toml").write_text(
            '[A-01]\nasks = "x"\nsource = "A:1"\n' if part in {"gate", "scale"} else "",
            encoding="utf-8",
        )

    with pytest.raises(manifest.ManifestError, match="gate and in scale"):
        manifest.load(tmp_path)


def test_the_mark_carries_its_ids() -> None:
    """Pytest sees the ids, so that `-m requirement` selects the proofs."""
    assert requirement("B-89").mark.args == ("B-89",)
