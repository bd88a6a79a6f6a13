"""The only reminders that a reader wants: rungs before a date, as `T-3d;T-3h`; none means the desk's own ladder."""

import re

from alerts.domain.errors import Invalid

MOST = 8
FARTHEST = {"d": 90, "h": 72}


def rungs(text: str) -> str:
    """As people write them (`T-3d, T-10d`), the earliest first, each once. Raises Invalid."""
    found: dict[int, str] = {}
    for word in re.split(r"[;,\s]+", text.strip()):
        match = re.fullmatch(r"[Tt][-\u2212\u2013](\d{1,2})([dDhH])", word)
        unit = match[2].lower() if match else ""
        if not match or not 1 <= int(match[1]) <= FARTHEST[unit]:
            raise Invalid(
                f"“{word}” is no reminder: write days or hours before the date, as T-10d; T-3h, "
                f"up to {FARTHEST['d']} days or {FARTHEST['h']} hours"
            )
        amount = int(match[1])
        found.setdefault(amount * (24 if unit == "d" else 1), f"T-{amount}{unit}")
    if len(found) > MOST:
        raise Invalid(f"{len(found)} reminders of one date are too many: name {MOST} at most")
    return ";".join(found[hours] for hours in sorted(found, reverse=True))
