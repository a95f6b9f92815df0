"""Draw `docs/demo.svg` from a real run of the demo: `python -m scripts.picture`.

The run is the demo's own, answered by script; the picture leaves tickets and routine calls out and
changes no word. It has no digests and no times, so that it changes only when what people see does.
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "demo.svg"
COLUMNS = 90
TICKETS = ("T-4713", "T-4715", "T-4716")
OMITTED = ("gateway on ", "  done     tickets.draft_reply(", "  done     kb.search(")
FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
"""Without these the picture fetches nothing: it takes the reader's own fixed-width font."""


def run() -> str:
    """Return what the demo printed, with its colours.

    Raises:
        subprocess.CalledProcessError: It did not end well, so there is nothing to show.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sallyport.demo", "--unattended"]
        done = subprocess.run(
            [*command, "--folder", f"{folder}/demo"],
            check=True,
            capture_output=True,
            text=True,
            env={"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"},
        )
    return done.stdout


def chosen(printed: str) -> list[Text]:
    """Return the lines to draw: every heading, and of the tickets those that tell the story."""
    kept: list[Text] = []
    keep = True
    for line in Text.from_ansi(printed).split("\n", allow_blank=True):
        if line.plain.startswith("T-"):
            keep = line.plain.startswith(TICKETS)
        elif line.plain.startswith("─"):
            keep = True
        elif line.plain.startswith(OMITTED):
            continue
        if keep and (line.plain or (kept and kept[-1].plain)):
            kept.append(line)
    return kept


def main() -> None:
    """Write the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    for line in chosen(run()):
        console.print(line)
    svg = console.export_svg(title="make demo", unique_id="demo")
    PICTURE.write_text(FONTS.sub("", svg), encoding="utf-8")
    print(f"written: {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
