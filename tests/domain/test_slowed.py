"""Domains that ask for patience, and those that only greylist."""

from collections import Counter
from datetime import timedelta

import pytest
from builders import MINUTE, NOON

from alerts.domain.delivery import Again, NotNow, Rejected, Retry, Sent, settle
from alerts.domain.slowed import Slowed

SECOND = timedelta(seconds=1)
TOO_FAST = "421 4.7.0 too fast"


def test_a_domain_that_asks_for_patience_gets_one_mail_in_six_seconds():
    slowed = Slowed()
    assert all(slowed.may("mfa.example", NOON) for _ in range(100))
    slowed.refused("MFA.example", TOO_FAST, NOON)
    assert not slowed.may("mfa.example", NOON)
    assert slowed.next_at("mfa.example") == NOON + 6 * SECOND
    assert slowed.may("mfa.example", NOON + 6 * SECOND)
    assert not slowed.may("mfa.example", NOON + 7 * SECOND)
    assert slowed.may("other.example", NOON)


MUCH = [
    "450 4.7.1 Error: too much mail from 192.0.2.1",
    "451 4.7.500 Server busy. Please try again later",
    "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation",
    "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
    "451 Ratelimit exceeded",
]
GREYLISTED = [
    "450 4.2.0 Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/x.example.html",
    "451 4.7.1 Greylisting in action, please come back later",
    "451 4.7.1 Try again later",
    "451 4.3.0 Temporary lookup failure",
]


@pytest.mark.parametrize("reply", MUCH)
def test_one_who_gets_too_much_says_nothing_of_the_others_three_within_a_minute_do(reply):
    slowed = Slowed()
    for n in range(2):
        slowed.refused("mfa.example", reply, NOON + n * SECOND)
    assert slowed.pace("mfa.example") is None
    slowed.refused("mfa.example", reply, NOON + 2 * SECOND)
    assert slowed.pace("mfa.example") == 10
    slow = Slowed()
    for n in range(6):
        slow.refused("mfa.example", reply, NOON + n * MINUTE)
    assert slow.pace("mfa.example") is None


@pytest.mark.parametrize("reply", GREYLISTED)
def test_those_who_are_greylisted_say_nothing_of_the_others(reply):
    slowed = Slowed()
    for n in range(100):
        slowed.refused("mfa.example", reply, NOON + n * SECOND)
    assert not slowed.any


def goes_out(readers, answer):
    """One mail to each of so many readers of one domain, as a worker does it: how long the last took to have it, and in
    which minute the domain was asked how often. `answer`: its refusal of this reader at this moment, if any.
    """
    slowed, now, asked = Slowed(), NOON, Counter()
    waiting = dict.fromkeys(range(readers))
    while waiting:
        for n, before in list(waiting.items()):
            if before and before.not_before > now:
                continue
            if slowed.may("mfa.example", now):
                asked[(now - NOON) // MINUTE] += 1
                refusal = answer(n, now)
                outcome = Retry(refusal) if refusal else Sent()
                slowed.heard("mfa.example", outcome, now)
            else:
                outcome = NotNow("slowed", slowed.next_at("mfa.example") or now)
            found = settle(outcome, 1, n, before, None, now)
            if isinstance(found, Again):
                waiting[n] = found
            else:
                del waiting[n]
        now += 2 * SECOND
    return now - NOON, asked


def test_a_domain_that_greylists_for_five_minutes_has_all_its_100_readers_written_to_within_20():
    """Seen to fail with a pace that each reader's first refusal halved: the last had it after three hours."""
    first = {}
    took, _ = goes_out(100, lambda n, now: now < first.setdefault(n, now) + 5 * MINUTE and GREYLISTED[1])
    assert took < 20 * MINUTE


@pytest.mark.parametrize("reply", [TOO_FAST, *MUCH])
def test_a_domain_that_says_we_send_too_much_is_asked_less_and_less_until_it_takes_mail_again(reply):
    took, asked = goes_out(100, lambda n, now: now < NOON + 20 * MINUTE and reply)
    assert sum(asked[minute] for minute in range(20)) < 40, "and 500, were each to wait for themselves alone"
    assert took < 45 * MINUTE


def test_each_answer_is_heard_as_what_it_is():
    slowed = Slowed()
    slowed.heard("mfa.example", Rejected("550 5.1.1 no such user"), NOON)
    slowed.heard("mfa.example", Retry("the connection broke"), NOON)
    assert slowed.pace("mfa.example") is None
    slowed.heard("mfa.example", Retry(TOO_FAST), NOON)
    assert slowed.pace("mfa.example") == 10
    slowed.heard("mfa.example", Sent(), NOON + MINUTE)
    assert slowed.pace("mfa.example") == 20


def test_a_bad_address_slows_nobody():
    slowed = Slowed()
    for _ in range(5):
        slowed.refused("mfa.example", "550 5.1.1 no such user, too many have left", NOON)
    assert slowed.may("mfa.example", NOON)


def test_a_pace_halves_when_refused_again_and_doubles_with_each_clean_minute():
    slowed, now = Slowed(), NOON
    for n in range(3):
        slowed.refused("mfa.example", TOO_FAST, NOON + n * SECOND)  # what was under way already
    assert slowed.pace("mfa.example") == 10
    for n in range(1, 6):
        slowed.refused("mfa.example", TOO_FAST, NOON + n * MINUTE)
    assert slowed.pace("mfa.example") == 1
    now = NOON + 5 * MINUTE
    slowed.took("mfa.example", now)
    assert slowed.pace("mfa.example") == 1
    for _ in range(10):
        now += MINUTE
        slowed.took("mfa.example", now)
    assert slowed.pace("mfa.example") is None
    assert slowed.next_at("mfa.example") is None


def test_a_million_domains_do_not_stay_in_memory():
    slowed = Slowed()
    slowed.refused("slow.example", TOO_FAST, NOON)
    for n in range(30_000):
        slowed.refused(f"d{n}.example", MUCH[0], NOON + n * SECOND)
    assert len(slowed._domains) <= 10_001
    assert slowed.pace("slow.example") == 10
