"""What people tell us without a feed: a message that staff paste, a bulletin that a partner mails. Each is a signal."""

from alerts.domain import returns
from alerts.domain.errors import Invalid
from alerts.domain.partners import Partner
from alerts.domain.replywords import REPLIED
from alerts.domain.returns import Returned, Sort
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Rule, Then, Verdict
from alerts.domain.watching import Health, Signal, Source
from alerts.render import clean
from alerts.services import matching, replying
from alerts.services.ids import new_id
from alerts.services.judging import Judge, settle
from alerts.store import Store, Tx, confided
from alerts.store.confided import PASTED
from alerts.store.tables import PARTNER, SIGNAL, SOURCE

LONGEST, LONGEST_TITLE = 20_000, 200
TOLD = "somebody told us"


def paste(store: Store, text: str, *, by: Staff, now: Instant, rules: list[Rule]) -> Signal:
    """Keep a message as a signal. It is for us alone, and its words lie sealed. Pasted twice it is one signal.

    Raises Forbidden, Invalid (empty, or longer than a message is).
    """
    by.must_be(Role.AUTHOR, "add news")
    said = clean.text(text).strip()
    if not said:
        raise Invalid("The message is empty.")
    if len(said) > LONGEST:
        raise Invalid(f"The message is longer than {LONGEST} letters: paste the part that matters.")
    with store.begin() as tx:
        source = _source(tx, f"{PASTED}{by.id}", "pasted", now)
        title, _, rest = said.partition("\n")
        if len(title) > LONGEST_TITLE:
            title, rest = f"{title[: LONGEST_TITLE - 1]}…", said
        fingerprint = tx.vault.index(said).hex()
        signal = Signal(new_id(now), source.id, fingerprint, clean.line(title), text=rest.strip(), seen_at=now)
        if known := _known(tx, signal):
            return known
        _keep(tx, signal, rules, now)
        tx.audit.add("signal pasted", signal.id, by=by, at=now)
    return signal


def by_mail(store: Store, mail: Returned, now: Instant, rules: list[Rule]) -> replying.Became | None:
    """Take a partner's bulletin as a signal; None where it is none: another's mail, an answer to us, or forged."""
    if not mail.sender or returns.sort(mail) not in (Sort.PERSON, Sort.AUTOMATIC) or returns.forged(mail):
        return None
    away = mail.headers.get("auto-submitted", "").lower().startswith("auto-replied") or returns.AWAY.match(mail.subject)
    if away or REPLIED.match(mail.subject):
        return None
    if replying.word_of(mail):
        return None  # they subscribe, confirm or leave: partners read us too
    with store.begin() as tx:
        partner = tx.partners.find_by("email", mail.sender)
        if partner is None:
            return None
        title, text = clean.line(mail.subject)[:LONGEST_TITLE], clean.text(mail.text).strip()[:LONGEST]
        if not (title or text):
            return None
        source = tx.sources.get(partner.source_id)
        signal = Signal(
            new_id(now), source.id, mail.source, title or clean.line(text[:LONGEST_TITLE]), text=text,
            country=source.country, seen_at=now,
        )  # fmt: skip
        if _known(tx, signal):
            return replying.Became.AGAIN
        _keep(tx, signal, rules, now)
    return replying.Became.SIGNAL


def add_partner(
    store: Store, email: str, name: str, *, by: Staff, now: Instant, country: str = ""
) -> Partner:  # fmt: skip
    """From now on what this address mails is news, not an answer. Raises Forbidden, Invalid (it is listed already)."""
    by.must_be(Role.ADMIN, "add partners")
    name = clean.line(name)
    if not name:
        raise Invalid("Say who it is: the name stands beside their news.")
    with store.begin() as tx:
        if tx.partners.find_by("email", email):
            raise Invalid("This address is a partner's already.")
        id = new_id(now)
        source = _source(tx, f"mail:{id}", "mail", now, country)
        partner = Partner(id, email, name, source.id, now)
        tx.partners.add(partner)
        tx.audit.add("partner added", id, by=by, at=now)
    return partner


def partners(store: Store) -> list[Partner]:
    with store.read() as tx:
        return tx.partners.where(by=[PARTNER.c.added_at, PARTNER.c.id])


def remove_partner(store: Store, id: str, *, by: Staff, now: Instant) -> None:
    """What they mail is an answer again. Their news stay. Raises Forbidden, NotFound."""
    by.must_be(Role.ADMIN, "remove partners")
    with store.begin() as tx:
        tx.partners.get(id)
        tx.partners.delete(PARTNER.c.id == id)
        tx.audit.add("partner removed", id, by=by, at=now)


def _source(tx: Tx, url: str, kind: str, now: Instant, country: str = "") -> Source:
    found = tx.sources.find(SOURCE.c.url == url)
    if found is None:
        found = Source(new_id(now), url, kind=kind, country=country, health=Health.OK, worked_at=now, created_at=now)
        tx.sources.add(found)
    return found


def _known(tx: Tx, signal: Signal) -> Signal | None:
    return tx.signals.find(SIGNAL.c.source_id == signal.source_id, SIGNAL.c.fingerprint == signal.fingerprint)


def _keep(tx: Tx, signal: Signal, rules: list[Rule], now: Instant) -> None:
    """Matched and judged as any other; but what somebody found worth telling waits for a person, whomever it names."""
    matches = matching.found(matching.index(tx), signal, now)
    verdict = Judge(tx, rules)(signal, matches, now)
    if verdict.then is Then.DISMISS and not matches:
        verdict = Verdict(signal.id, Then.HOLD, TOLD)
    tx.signals.add(confided.seal(tx, signal))
    tx.matches.add(*matches)
    settle(tx, [signal], matches, [verdict], now)
