"""Programs that tests need and pip cannot install. `make test` installs them on Debian as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

HOW_TO_GET = {
    "postgresql": "this test needs the PostgreSQL server: apt install postgresql (Debian, Ubuntu) "
    "or brew install postgresql (macOS), and run make test again",
    "postfix": "this test needs Postfix's smtp-sink and smtp-source: apt install postfix (Debian, Ubuntu); "
    "macOS has them in /usr/libexec/postfix",
    "faketime": "this test needs libfaketime, on Linux: apt install libfaketime (Debian, Ubuntu), "
    "and run make test again",
    "dovecot": "this test needs an IMAP server: apt install dovecot-imapd (Debian, Ubuntu) "
    "or brew install dovecot (macOS), and run make test again",
    "spamassassin": "this test needs SpamAssassin: apt install spamassassin (Debian, Ubuntu) "
    "or cpan Mail::SpamAssassin, and run make test again",
    "chromium": "this test needs Chromium: apt install chromium (Debian) "
    "or put chromium or google-chrome into PATH, and run make test again",
}


def lacks(component: str) -> NoReturn:
    """Skip with the sentence that says how to get it; with CI=true, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(HOW_TO_GET[component], pytrace=False)
    pytest.skip(HOW_TO_GET[component])


def needs(component: str) -> Path:
    """Where the component is: the folder of PostgreSQL's programs, the browser, the library, the Perl."""
    found = {
        "postgresql": postgresql_programs, "chromium": chromium, "faketime": faketime, "dovecot": dovecot,
        "spamassassin": spamassassin,
    }[component]()  # fmt: skip
    return found or lacks(component)


def postgresql_programs() -> Path | None:
    """The newest server's. Debian and Homebrew keep its programs out of PATH."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr/pgsql").glob("*/bin")]
    folders += [
        *Path("/opt/homebrew/opt").glob("postgresql*/bin"),
        *Path("/usr/local/opt").glob("postgresql*/bin"),
    ]
    if in_path := shutil.which("initdb"):
        folders.append(Path(in_path).resolve().parent)
    whole = [folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]
    return max(whole, key=_version, default=None)


def _version(folder: Path) -> int:
    digits = "".join(c for c in folder.parent.name if c.isdigit())
    return int(digits or 0)


def dovecot() -> Path | None:
    """Debian keeps it out of a user's PATH."""
    found = [shutil.which("dovecot"), "/usr/sbin/dovecot", "/opt/homebrew/sbin/dovecot", "/usr/local/sbin/dovecot"]
    return next((Path(path) for path in found if path and Path(path).exists()), None)


def spamassassin() -> Path | None:
    """The Perl that has its rules."""
    perl = shutil.which("perl")
    asked = [perl or "", "-MMail::SpamAssassin", "-e", "1"]
    return Path(asked[0]) if perl and subprocess.run(asked, capture_output=True, check=False).returncode == 0 else None


def chromium() -> Path | None:
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    found = [shutil.which(name) for name in names]
    found += [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome")]
    return next((Path(path) for path in found if path and Path(path).exists()), None)


def faketime() -> Path | None:
    """The variant for programs with threads."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
