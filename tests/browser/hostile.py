"""Text that wants to be more than text, and what a page must not have let it become."""

from __future__ import annotations

from collections.abc import Callable

from playwright.async_api import Page

from sallyport.model import Json

HOSTILE = (
    "javascript:window.ran=1//\"'><img src=x onerror=window.ran=1><script>window.ran=1</script>"
    "<svg onload=window.ran=1><a href='javascript:window.ran=1'>x</a>\" onmouseover=window.ran=1 "
    "https://evil.example/x </title></textarea></select></pre>{{7*7}}--> "
    "\u202e\u2066\u200b\u200f\ufeff\u00ad\u2028\x07\x1b[31m\U000e0041\u3164 "
)
"""Script, markup, links, a way out of every element that holds text, and all that hides."""

LOOK = r"""
() => {
  const found = [];
  const hidden = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u3164]|[\0-\x08\x0b-\x1f\x7f-\x9f]/u;
  const plain = (text) => JSON.stringify(text.slice(0, 60));
  if (window.ran) found.push("something ran");
  if (hidden.test(document.title)) found.push("the title hides something");
  for (const one of document.querySelectorAll("*")) {
    const name = one.tagName.toLowerCase();
    if (["iframe", "object", "embed", "img", "base"].includes(name)) found.push(`a ${name}`);
    const ours = one.getAttribute("src") === "/static/console.js";
    if (name === "script" && !ours) found.push("a script");
    for (const { name: field, value } of one.attributes) {
      if (field.startsWith("on")) found.push(`${name} has ${field}`);
      if (field === "style") found.push(`${name} has a style`);
      if (hidden.test(value)) found.push(`${name} ${field} hides something: ${plain(value)}`);
      if (!["href", "src", "action", "formaction"].includes(field)) continue;
      const to = new URL(value, location.href);
      if (to.origin !== location.origin) found.push(`${name} leads to ${plain(value)}`);
    }
    if (name === "textarea" && hidden.test(one.value)) found.push("a field hides something");
    if (one.closest("svg") && !["svg", "use", "symbol", "path", "circle", "rect", "line", "g",
      "polyline", "polygon", "ellipse"].includes(name)) found.push(`an svg holds ${name}`);
  }
  const shown = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT;
  const walker = document.createTreeWalker(document, shown);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.COMMENT_NODE) found.push(`a comment: ${plain(node.data)}`);
    else if (hidden.test(node.data)) found.push(`text hides something: ${plain(node.data)}`);
  }
  return [...new Set(found)];
}
"""


async def faults(page: Page) -> list[str]:
    """Return what a page let text become: run, click, load, or hide; one line each."""
    found: list[str] = await page.evaluate(LOOK)
    return found


def replaced(value: Json, by: Callable[[str, str], str], at: str = "") -> Json:
    """Return a JSON value with each text in it replaced by what `by` gives for its place and it.

    A place is the names that lead to it, as `origins.argument`: one for all items of a list.
    """
    if isinstance(value, str):
        return by(at, value)
    if isinstance(value, dict):
        return {name: replaced(one, by, f"{at}.{name}".lstrip(".")) for name, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, by, at) for one in value]
    return value


def places(value: Json) -> dict[str, str]:
    """Return every place of a JSON value that holds text, with one of its texts."""
    found: dict[str, str] = {}

    def note(at: str, text: str) -> str:
        found[at] = text
        return text

    replaced(value, note)
    return found
