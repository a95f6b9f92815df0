"""The schema by which an editor checks a workflow file: it marks nothing that loads."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

import sallyport
from sallyport.model import Json, Operator
from sallyport.rules import canonical
from sallyport.rules.boundary import workflow_file
from sallyport.rules.boundary.editor import workflow_schema
from sallyport.rules.boundary.new import render_system
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.system_editor import system_schema
from sallyport.rules.boundary.yaml_strict import parse, to_json
from sallyport.rules.cases import SUFFIX
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, header, problems_of
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR, SYSTEMS, WORKFLOWS, one_tool
from tests.unit.boundary.test_overlap import SAID

VALIDATOR = jsonschema_rs.validator_for(canonical.text(workflow_schema()))
OF_SYSTEMS = jsonschema_rs.validator_for(canonical.text(system_schema()))
WRITTEN = sorted(Path(sallyport.__file__).parent.glob("demo/files/**/workflows/*.yaml"))
FILES = [path for path in WRITTEN if not path.name.endswith(SUFFIX)]


def read(text: str) -> Json:
    """Return what stands in a file, as an editor sees it."""
    root = parse(text, Collector("w"))
    return to_json(root) if root is not None else None


@pytest.mark.parametrize("text", [WORKFLOW, EVERY_OPERATOR], ids=["support", "every operator"])
def test_a_file_that_loads_is_not_marked(text: str) -> None:
    """Whatever the loader takes, the editor takes."""
    assert problems_of(text) == ()
    assert [error.message for error in VALIDATOR.iter_errors(read(text))] == []


@pytest.mark.parametrize("said", SAID)
def test_no_line_of_the_vocabulary_is_marked(said: str) -> None:
    """Each operator in each of its ways to be written."""
    assert VALIDATOR.is_valid(read(one_tool(f"only: {{x: {said}}}")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_files_that_we_ship_are_not_marked(file: Path) -> None:
    """Whoever opens the demo's files sees no complaint."""
    found = read(file.read_text(encoding="utf-8"))
    assert [error.message for error in VALIDATOR.iter_errors(found)] == []


OURS = sorted(Path(sallyport.__file__).parent.glob("demo/files/**/systems/*.yaml"))
GALLERY = sorted(Path(__file__).parents[3].glob("examples/**/systems/*.yaml"))


@pytest.mark.parametrize("file", [*OURS, *GALLERY], ids=lambda file: file.name)
def test_the_system_files_that_we_ship_are_not_marked(file: Path) -> None:
    """Nor those that say how systems are reached."""
    found = read(file.read_text(encoding="utf-8"))
    assert [error.message for error in OF_SYSTEMS.iter_errors(found)] == []


NEW = render_system("desk", url="https://desk.example.com/mcp", reads=["look"], final=["send"])


@pytest.mark.parametrize("text", [SYSTEM, CHILD, NEW], ids=["support", "child", "new"])
def test_a_system_file_that_loads_is_not_marked(text: str) -> None:
    """Whatever the loader takes, the editor takes."""
    assert problems_of(text, system=True) == ()
    assert [error.message for error in OF_SYSTEMS.iter_errors(read(text))] == []


@pytest.mark.parametrize("title", ["an unknown recovery", "a command as one text"])
def test_what_an_editor_can_tell_of_a_system_it_marks(title: str) -> None:
    """Before the file is ever loaded."""
    assert not OF_SYSTEMS.is_valid(read(SYSTEMS[title]))


MARKED = [
    "a list instead of words",
    "everything is missing",
    "a misspelt word",
    "a misspelt constraint",
    "nobody may",
    "nobody answers",
    "an unknown level",
    "an unknown environment",
    "an unknown impact",
    "an unknown kind of input",
    "not a constraint",
    "nothing is asked of the items",
    "a length that is not whole",
    "a duration without its unit",
    "an unknown limit",
    "a word of the entry beside it",
    "text where a number was meant as text",
]


@pytest.mark.parametrize("title", MARKED)
def test_what_an_editor_can_tell_it_marks(title: str) -> None:
    """Before the file is ever loaded."""
    assert not VALIDATOR.is_valid(read(WORKFLOWS[title]))


def test_every_word_has_its_meaning_beside_it() -> None:
    """An editor shows what a word means while it is written."""
    schema = canonical.text(workflow_schema())
    for one in Operator:
        assert f'"{one.value}":{{' in schema
    for word in (*workflow_file.WORDS, *workflow_file.TOOL_WORDS):
        assert f'"{word}":{{' in schema
    described = read(header() + "tools: {t: {level: read}}\n")
    assert VALIDATOR.is_valid(described)
