"""Why a signal is where it is: the verdict's reason, taken apart so that a page can say it in the reader's language."""

import re

from alerts.domain.triage import Verdict

KINDS = {
    "rule": re.compile(r"rule “(.+)”"),
    "names": re.compile(r"names (?!nobody whom)(.+)"),
    "critical": re.compile(r"critical: (.+)"),
    "again": re.compile(r"the same story as from (\d+) sources? before"),
}  # fmt: skip


def said(verdict: Verdict) -> tuple[str, str]:
    """A kind with its value; or "" with the whole sentence, which the catalogue knows."""
    for kind, pattern in KINDS.items():
        if found := pattern.fullmatch(verdict.because):
            return kind, found[1]
    return "", verdict.because
