"""A boundary has the parts that an owner needs, and reads like sentences somebody says aloud."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import pytest

from sallyport.model import Boundary
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.editor import workflow_schema
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from tests.requirements import requirement

WORDS_MAX = 30
"""Words of one sentence, or of one part up to a colon or semicolon."""

MEAN_MAX = 12
JARGON = re.compile(r"\b(null|None|True|False|regex|enum|schema|dict|tuple|boolean|JSON|kwargs)\b")
SHIPPED = sorted(
    path
    for folder in ("gallery", "demo")
    for path in Path(str(files("sallyport") / folder)).glob("**/workflows/*.yaml")
    if not path.name.endswith(".cases.yaml")
)


def shipped(path: Path) -> Boundary:
    """Return a boundary that ships with the product, compiled."""
    found = (path.parent.parent / "systems").glob("*.yaml")
    systems = [load_system(one.read_text(encoding="utf-8"), one.name) for one in found]
    return compile_boundary(
        load_workflow(path.read_text(encoding="utf-8"), path.name),
        {one.name: one for one in systems},
        [],
        code_version="v",
        roles=(),
    )


@requirement("B-67")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_boundary_reads_like_sentences(path: Path) -> None:
    """Short ones, in no programmer's words; no line of the file's own notation."""
    text = explain(shipped(path))
    parts = [
        part.split()
        for line in text.splitlines()
        for part in re.split(r"(?<=[.:;])\s+", line.strip())
        if part
    ]

    assert max(map(len, parts)) <= WORDS_MAX
    assert sum(map(len, parts)) / len(parts) <= MEAN_MAX
    assert JARGON.search(text) is None
    assert "at_most" not in text
    assert "one_of" not in text


@requirement("B-66")
def test_a_boundary_states_tools_conditions_parameters_and_approval() -> None:
    """The published schema has the four parts, each where an owner writes it."""
    schema = cast("dict[str, Any]", workflow_schema())
    tool = _resolved(schema, schema["properties"]["tools"]["additionalProperties"])
    entry = _resolved(schema, _resolved(schema, tool["properties"]["ask"])["items"])

    assert "tools" in schema["required"]
    assert {"only", "when", "allow", "ask"} <= set(tool["properties"])
    assert {"args", "when", "who", "how_many", "within"} <= set(entry["properties"])


@requirement("B-66")
@pytest.mark.parametrize(
    "wrong",
    [
        {"tools": ["kb.search"]},
        {"tools": {"kb.search": {"level": "read", "when": "always"}}},
        {"tools": {"kb.search": {"level": "read", "only": ["q"]}}},
        {"tools": {"kb.search": {"level": "read", "ask": "lead"}}},
    ],
)
def test_each_part_has_a_form_of_its_own(wrong: dict[str, Any]) -> None:
    """And the schema says so before the loader does."""
    validator = jsonschema_rs.validator_for(cast("dict[str, Any]", workflow_schema()))
    file = {
        "workflow": "answers",
        "purpose": "Answer.",
        "owner": "ann",
        "agent": "bot",
        "environment": "test",
        "expires": "2090-12-31",
        "for": ["staff"],
        "tools": {"kb.search": {"level": "read", "only": {"q": {"max_length": 9}}}},
    }

    assert validator.is_valid(file)
    assert not validator.is_valid({**file, **wrong})


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the schema, followed to where it is written."""
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part
