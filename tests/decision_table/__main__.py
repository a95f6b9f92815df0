"""Write the decision table anew (`make table`), or with `--digest` say it in short."""

from __future__ import annotations

import hashlib
import sys

from tests.decision_table.rows import compiled
from tests.decision_table.table import PLACE, kept, write


def main() -> None:
    """Do what the arguments say."""
    text = write(kept())
    if "--digest" in sys.argv[1:]:
        one = compiled("update", "records, money", "by amount").digest
        sys.stdout.write(f"{hashlib.sha256(text.encode()).hexdigest()} {one}\n")
        return
    PLACE.write_text(text, encoding="utf-8")


main()
