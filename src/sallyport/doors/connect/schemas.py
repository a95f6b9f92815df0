"""The schemas that a home's files name in their first line, so that an editor finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sallyport.doors.connect import originals
from sallyport.rules.boundary.editor import workflow_schema
from sallyport.rules.boundary.new import SCHEMAS
from sallyport.rules.boundary.system_editor import system_schema


def keep_schemas(home: Path) -> Iterator[Path]:
    """Write what is missing or of another release; yield each file that was not there before."""
    for kind, schema in (("workflow", workflow_schema()), ("system", system_schema())):
        path = home / SCHEMAS / f"{kind}.schema.json"
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if not path.exists():
            yield path
        path.parent.mkdir(parents=True, exist_ok=True)
        originals.write(path, text.encode(), 0o644)
