"""Mail addresses are checked at the edge: what is stored is what is sent, byte for byte."""

import re

import email_validator
from email_validator import EmailNotValidError, validate_email

from alerts.domain.errors import Invalid

# The library's own switch. A desk may live in a network of .local names, and exercises use .test and localhost.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "invalid", "onion"]

LONGEST = 254
PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^@\s\x00-\x1f\x7f\"()<>\[\],:;\\]+")
"""No quotes, comments, display names, spaces, control characters or line ends, and an ASCII local part."""


def address(text: str) -> str:
    """The address as it goes over the wire: the domain in lower case, an international one in punycode.

    Raises Invalid: quoted, commented, folded or non-ASCII local parts are tricks before they are people.
    """
    given = text.strip(" \t")
    if not given:
        raise Invalid("email: the address is empty.")
    if len(given) > LONGEST or not PLAIN.fullmatch(given):
        raise Invalid(f"email: “{_shown(given)}” is not a mail address.")
    try:
        checked = validate_email(
            given, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False, test_environment=True
        )
    except EmailNotValidError:
        raise Invalid(f"email: “{_shown(given)}” is not a mail address.") from None
    if checked.ascii_email is None or len(checked.ascii_email) > LONGEST:
        raise Invalid(f"email: “{_shown(given)}” is not a mail address.")
    return checked.ascii_email


def _shown(given: str) -> str:
    """What was given, safe to print on one line."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in given)
    return plain if len(plain) <= 60 else f"{plain[:60]}…"
