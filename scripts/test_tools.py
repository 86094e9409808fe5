"""Get what the tests need beside Python packages: a real Chromium, and a font that can write Japanese.

Each is taken from the machine where it is there, else from Debian's packages (as root), else from
Playwright's own download. What cannot be had is said; the tests that need it then skip with the reason, or fail
where CI=true.
"""

import os
import shutil
import subprocess
import sys

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> bool:
    """Whether a browser is there: on PATH or from Playwright."""
    if any(shutil.which(name) for name in CHROMIUMS):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return os.path.exists(playwright.chromium.executable_path)  # noqa: PTH110


def japanese_font() -> bool:
    """Whether some installed font has Japanese letters."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False).stdout)


def debian(*packages: str) -> None:
    """Install Debian packages where that is possible; quietly do nothing where it is not."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL,
    )


def main() -> None:
    """Install what is missing, and say what stays missing."""
    if not chromium():
        debian("chromium")
    if not chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not japanese_font():
        debian("fonts-noto-cjk", "fontconfig")
    for there, what in ((chromium(), "a Chromium browser"), (japanese_font(), "a Japanese font")):
        if not there:
            print(f"Could not get {what}: the tests that need it will say so.", file=sys.stderr)


if __name__ == "__main__":
    main()
