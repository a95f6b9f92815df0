"""How long a key in the inbox's filter takes in a real browser: from key to picture."""

from __future__ import annotations

import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TYPED = "note bench "
TIMED = """
(letter) => new Promise((done) => {
  const field = document.querySelector("[data-filter]");
  const began = performance.now();
  field.value += letter;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})
"""


async def filter_ms(link: str, keys: int) -> tuple[list[float], str]:
    """Type into the filter; return how long each key took, or why nobody could type.

    Args:
        link: Signs somebody in to the console, once.
        keys: How many keys.
    """
    try:
        from playwright.async_api import async_playwright  # noqa: PLC0415 (only this needs it)
    except ImportError:
        return [], "playwright is not installed"
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        return [], "there is no Chromium here"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            page = await browser.new_page()
            await page.goto(link)
            letters = (TYPED * keys)[:keys]
            return [float(await page.evaluate(TIMED, letter)) for letter in letters], ""
        finally:
            await browser.close()
