"""A mail address is checked at the edge, so that what is stored is what is sent."""

import pytest

from alerts.domain.errors import Invalid
from alerts.services.addresses import address


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Jan@Mission.EXAMPLE", "Jan@mission.example"), (" a@x.test ", "a@x.test"), ("a@localhost", "a@localhost"),
        ("a@bücher.example", "a@xn--bcher-kva.example"), ("o'neil+desk@x.example.org", "o'neil+desk@x.example.org"),
    ],
)  # fmt: skip
def test_an_address_is_kept_as_it_goes_over_the_wire(given: str, kept: str) -> None:
    assert address(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "", "a", "a@b@c", '"a b"@x.org', '"a\r\nRSET"@x.org', "a(comment)@x.org", "a@x.org\r\nBcc: b@x.org", "a@x.org.",
        "ü@x.org", "а@x.org", "a" * 65 + "@x.org", "a@" + "x." * 130 + "org", "a..b@x.org", ".a@x.org", "a@[127.0.0.1]",
        "Ana <a@x.org>", "a b@x.org", "a@x.org\u2028", "a@x\x00.org", "a@-x.org", "a@x.org,b@x.org", "\u200ba@x.org",
    ],
)  # fmt: skip
def test_a_trick_is_no_address(given: str) -> None:
    with pytest.raises(Invalid, match=r"^email: "):
        address(given)
