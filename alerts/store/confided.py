"""What somebody told us: its words lie sealed beside a signal that has none of its own; so does who told it."""

from collections.abc import Iterable
from dataclasses import replace

from alerts.domain.partners import Confided
from alerts.domain.watching import Signal, Source
from alerts.store.tables import CONFIDED, PARTNER
from alerts.store.tx import Tx

PASTED = "pasted:"
"""How the address of a source begins whose messages one of staff pastes; their id follows."""


def seal(tx: Tx, signal: Signal) -> Signal:
    """Keep its words sealed. Answers the signal as its row is: without them."""
    tx.confided.add(Confided(signal.id, signal.title, signal.text))
    return replace(signal, title="", text="")


def opened(tx: Tx, signals: Iterable[Signal]) -> list[Signal]:
    """The signals with their words, wherever those lie."""
    signals = list(signals)
    silent = [signal.id for signal in signals if not (signal.title or signal.text)]
    told = {c.id: c for c in tx.confided.where(CONFIDED.c.id.in_(silent))} if silent else {}
    return [replace(s, title=told[s.id].title, text=told[s.id].text) if s.id in told else s for s in signals]


def tellers(tx: Tx, sources: Iterable[Source]) -> dict[str, str]:
    """By source, the name of the partner who writes or of the one of staff who pasted."""
    private = [source for source in sources if not source.public]
    if not private:
        return {}
    found = {p.source_id: p.name for p in tx.partners.where(PARTNER.c.source_id.in_([s.id for s in private]))}
    staff = {one.id: one.name for one in tx.staff.where()}
    return {source.id: staff.get(source.url.removeprefix(PASTED), "") for source in private} | found
