"""`python -m tests.dashboard.first_paint ADDRESS`: how long a running page takes to show data.

ADDRESS is what the demo prints, with its token. Each round is a new browser with nothing cached;
the clock starts with the navigation and is read on the frame after the data stand in the document.
"""

import argparse
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser import CHROMIUM_ARGUMENTS

WATCH = """
(() => {
  const seen = (window.seen = {});
  const note = (name) =>
    requestAnimationFrame(() => setTimeout(() => (seen[name] ??= performance.now())));
  new MutationObserver(() => {
    const page = document.querySelector("#page");
    if (!page || page.hidden) return;
    if (document.querySelector("[data-card=logs] .value")) note("figures");
    if (document.querySelector("#timeline .u-over")) note("chart");
    if (!document.querySelector("#page [aria-busy=true], .skeleton")) note("everything");
  }).observe(document, { subtree: true, childList: true, attributes: true });
})()
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard.first_paint")
    parser.add_argument("address", help="the page, with #token=…")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rounds = []
    with sync_playwright() as playwright:
        for _ in range(options.rounds):
            browser = playwright.chromium.launch(
                executable_path=options.chromium, args=CHROMIUM_ARGUMENTS
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(WATCH)
            page.goto(options.address)
            page.wait_for_function("() => 'everything' in window.seen")
            rounds.append(page.evaluate("window.seen"))
            browser.close()
    for name in ("figures", "chart", "everything"):
        times = [each[name] for each in rounds]
        print(f"{name:<12}median {median(times):4.0f} ms   slowest {max(times):4.0f} ms")


if __name__ == "__main__":
    main()
