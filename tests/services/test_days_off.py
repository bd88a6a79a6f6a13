"""The days on which nobody works, as governments announced them."""

from datetime import date

import pytest

from alerts.services.lawbooks import books
from alerts.settings import load

ANNOUNCED = [
    (
        "KG",
        "2025-01-02 2025-01-03 2025-01-06 2025-05-02",
        "2025-01-11 2025-02-24 2025-03-10 2025-09-01",
    ),  # 24.kg 315814
    ("KG", "2024-05-02 2024-05-03", "2024-05-06 2024-05-11"),  # 24.kg 293408
    ("KZ", "2026-03-09 2026-03-24 2026-03-25 2026-05-11 2026-10-26", ""),  # ministry of labour, 10 Dec 2025
    ("KZ", "", "2026-08-31"),  # the new Constitution's day is 15 March; taspanews.kz 18 Mar 2026
    ("UZ", "2025-12-31 2026-01-02 2026-05-28 2026-05-29 2026-08-31 2026-12-31", "2026-12-12"),  # nuz.uz 24 Dec 2025
    ("UZ", "2026-03-09 2026-03-23 2026-05-11", ""),  # the same decree
    ("TM", "2026-03-20 2026-03-23", "2026-03-24"),  # decree of 16 Mar 2026, metbugat.gov.tm 3984
]


@pytest.mark.parametrize(("country", "off", "worked"), ANNOUNCED)
def test_days_off_and_moved_working_days_are_those_that_were_announced(country, off, worked):
    known = books(load(None, {}).law).days_off(country, date(2024, 1, 1), date(2027, 12, 31)).days
    assert [day for day in off.split() if date.fromisoformat(day) not in known] == []
    assert [day for day in worked.split() if date.fromisoformat(day) in known] == []
