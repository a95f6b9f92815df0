"""Make the console's font out of what npm brought: Latin, three weights, the features it uses.

Run by scripts/setup.sh. Source: Inter (SIL Open Font License 1.1, no reserved name).
"""

# pyright: basic

from __future__ import annotations

import io
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

CONSOLE = Path(__file__).resolve().parents[1] / "src/sallyport/doors/console"
PACKAGE = CONSOLE / "assets/node_modules/inter-ui"
WEIGHTS = (400, 600)
UNICODES = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x20AC, 0x2212),
    *range(0x2190, 0x2194),
]
FEATURES = ["kern", "calt", "ccmp", "locl", "mark", "tnum", "zero", "ss02"]


def main() -> None:
    """Write `static/inter.woff2` and its licence."""
    font = TTFont(PACKAGE / "variable/InterVariable.woff2")
    narrowed = io.BytesIO()
    instancer.instantiateVariableFont(font, {"wght": WEIGHTS, "opsz": 14}).save(narrowed)
    narrowed.seek(0)
    font = TTFont(narrowed)  # read anew: the instancer leaves tables half loaded
    options = Options()
    options.layout_features = FEATURES
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(CONSOLE / "static/inter.woff2")
    licence = next(PACKAGE.glob("LICENSE*"))
    shutil.copyfile(licence, CONSOLE / "static/inter.LICENSE.txt")


if __name__ == "__main__":
    main()
