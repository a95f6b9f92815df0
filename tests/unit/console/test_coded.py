"""Sentences of ours on a page: what they quote stands as code, and stays text."""

from __future__ import annotations

import pytest

from sallyport.doors.console.page import coded


@pytest.mark.parametrize(
    "sentence, shown",
    [
        ("", ""),
        ("nothing quoted", "nothing quoted"),
        ("run `sallyport inbox`", "run <code>sallyport inbox</code>"),
        ("`a` or `b`.", "<code>a</code> or <code>b</code>."),
        ("one ` alone", "one ` alone"),
        ("`a` and ` alone", "`a` and ` alone"),
        ("`<b>` & `x`", "<code>&lt;b&gt;</code> &amp; <code>x</code>"),
        ("<i>`a`</i>", "&lt;i&gt;<code>a</code>&lt;/i&gt;"),
        ("it is `a\u200bb`", "it is <code>a&lt;U+200B&gt;b</code>"),
    ],
)
def test_what_is_quoted_is_code_and_nothing_else_is_markup(sentence: str, shown: str) -> None:
    """Backticks in pairs; a sentence in which they do not pair is shown as it is."""
    assert coded(sentence) == shown
