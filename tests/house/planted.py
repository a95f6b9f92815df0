"""Violations of the floors, one a file, and a copy of the source to plant them in."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A file that must not pass, and the words by which it is named when it is found."""

    path: str
    text: str
    named: str
    rule: str


def copy_of_the_source(to: Path) -> Path:
    """Copy the source tree below `to` and return the copy's root."""
    shutil.copytree(ROOT / "src", to / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def plant(root: Path, violation: Plant) -> None:
    """Write a violation as a module, with the packages it stands in."""
    path = root / "src" / "sallyport" / violation.path
    for folder in reversed(path.relative_to(root / "src").parents[:-1]):
        package = root / "src" / folder
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    path.write_text(f'"""Planted."""\n\n{violation.text}\n', encoding="utf-8")
