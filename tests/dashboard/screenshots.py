"""`python -m tests.dashboard.screenshots ADDRESS`: pictures of a running page.

ADDRESS is what the demo prints, with its token; pictures go to `docs/images/`.
"""

import argparse
import sys
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM_ARGUMENTS
from tests.dashboard.conftest import ROOT

FOLDER = ROOT / "docs" / "images"
PICTURES = {
    # name: width, height, colours
    "page": (1440, 1000, "light"),
    "page-dark": (1440, 1000, "dark"),
    "page-tablet": (768, 1100, "light"),
    "page-phone": (390, 844, "dark"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard.screenshots")
    parser.add_argument("address", help="the page, with #token=…")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=CHROMIUM_ARGUMENTS
        )
        for name, (width, height, scheme) in PICTURES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto(options.address)
            settled(page)
            page.screenshot(path=FOLDER / f"{name}.png")
            if name == "page":
                picture_of_a_log(page)
            page.close()
        browser.close()
    print(f"wrote {FOLDER.relative_to(ROOT)}/ from {urlsplit(options.address).netloc}")


def settled(page: Page) -> None:
    page.locator("[data-card=logs], #notice .gate").first.wait_for()
    if page.locator("#notice .gate").is_visible():
        sys.exit(f"the page shows no logs, but says: {page.locator('#notice').inner_text()}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # the charts draw on the frame after their data


def picture_of_a_log(page: Page) -> None:
    page.locator(".anomaly button.text").first.click()
    page.locator(".log-view .current").wait_for()
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / "log.png")


if __name__ == "__main__":
    main()
