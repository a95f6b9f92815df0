"""Paths of files, read before they are compared: POSIX paths, part by part.

Rules:
  1. `a//b`, `a/./b` and `a/b/` are `a/b`. A path with `..` is refused wherever it leads: where a
     part is a link, no reader of texts can tell.
  2. An absolute path lies in an absolute folder only, a relative one in a relative folder only.
  3. What another reader takes for another path is refused: a backslash, a drive letter, `~`, `%`
     with two digits, a control character, two slashes at the beginning, a look-alike of `.` or `/`.
  4. A path lies in a folder part by part, and a folder lies in itself. What the parts are links to
     is not known here.
"""

from __future__ import annotations

import re
import unicodedata

from sallyport.model import Folder
from sallyport.rules.boundary.faults import Fault

PATH_MAX = 4_096

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def folder(text: str) -> Folder | Fault:
    """Return the path that a text is, in parts."""
    if not 0 < len(text) <= PATH_MAX:
        return Fault("it is empty or too long")
    parts = tuple(part for part in text.split("/") if part not in {"", "."})
    folded = unicodedata.normalize("NFKC", text)
    strange = (
        ("\\" in text or not text.isprintable(), "it has a backslash or a control character"),
        (bool(_ENCODED.search(text)), "it has a percent-encoded character"),
        (".." in parts, "it goes up with `..`"),
        (
            ".." in folded.split("/") or folded.count("/") > text.count("/") or "\\" in folded,
            "it has a character that some readers take for `.` or `/`",
        ),
        (text.startswith(("//", "~")), "it begins with `//` or `~`"),
        (":" in text.partition("/")[0], "it begins with a drive letter or a scheme"),
    )
    why = next((why for is_so, why in strange if is_so), "")
    return Fault(why) if why else Folder(text.startswith("/"), parts)


def bound_folder(text: str) -> Folder | Fault:
    """Return the folder that an owner writes; never a whole drive."""
    found = folder(text)
    if isinstance(found, Folder) and not found.parts:
        return Fault("it is the root of everything")
    return found


def inside(path: Folder, bound: Folder) -> bool:
    """Return whether a path is the folder itself or lies in it."""
    return path.absolute == bound.absolute and path.parts[: len(bound.parts)] == bound.parts


def may_be_inside(path: Folder, bound: Folder) -> bool:
    """Return whether a file system may find a path in a folder: some ignore capitals.

    Where a relative path begins is not known here.
    """
    if path.absolute != bound.absolute:
        return True
    found = [_found(part) for part in path.parts[: len(bound.parts)]]
    return found == [_found(part) for part in bound.parts]


def _found(part: str) -> str:
    return unicodedata.normalize("NFKC", part).casefold().rstrip(". ")
