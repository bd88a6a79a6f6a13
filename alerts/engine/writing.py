"""Alerts as bytes: made once for all whose mails differ only by what is their own."""

from collections import OrderedDict
from dataclasses import replace
from typing import Protocol

from alerts.bootstrap import App
from alerts.channels.email import Channel
from alerts.domain.errors import Invalid
from alerts.domain.messages import Links, Message, Own, Reading
from alerts.services.addressing import Work
from alerts.services.links import addresses, blank

KEPT = 1_000
"""Skeletons that are kept, of some 10 KB each."""


class Filled(Protocol):
    def fill(self, own: Own) -> bytes:
        """The mail as it goes over the wire. Raises Invalid or ValueError for what cannot be in a mail."""


class Writing:
    """What the desk says, through one relay's channel."""

    def __init__(self, app: App, channel: Channel) -> None:
        self.app, self.channel = app, channel
        self._kept: OrderedDict[tuple[object, ...], Filled] = OrderedDict()

    def filled(self, work: Work, cohort: int, like: Own, *, eight: bool) -> Filled:
        """That which makes the mail of everybody in a cohort, of whom `like` is one's own. `eight`: the relay takes
        8BITMIME.
        """
        read = work.readings[cohort]
        theirs = (
            read.language, read.zone, read.because, read.note, read.away, read.card, read.names, read.rungs,
        )  # fmt: skip
        key = (work.alert.id, read.edition.id, *theirs, eight)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._made(read, like, eight)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    def _made(self, read: Reading, like: Own, eight: bool) -> Filled:
        own = blank(like)
        message = self.message(read, own)
        try:
            return self.channel.compile(message, own, eight=eight)
        except Invalid:  # a text in which no places can be left: each mail is made alone
            return Alone(self, read)

    def message(self, read: Reading, own: Own) -> Message:
        """One reader's mail before it is bytes."""
        ends = (own.leave, own.preferences, own.answer)
        base = self.app.settings.web.links
        theirs = addresses(base, ends, read.alert.reference) if own.leave else Links()
        date = read.alert.published_at or self.app.now()
        return self.app.render.message(replace(read, links=theirs), id=own.id, date=date)


class Alone:
    """A mail that is rendered anew for everybody."""

    def __init__(self, writing: Writing, read: Reading) -> None:
        self.writing, self.read = writing, read

    def fill(self, own: Own) -> bytes:
        return self.writing.channel.wire(own.to, own.name, self.writing.message(self.read, own))
