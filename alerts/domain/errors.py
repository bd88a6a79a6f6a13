"""The four ways a request can be refused. Everything else is a bug."""


class VigilError(Exception):
    """Base of every error that a person, not an engineer, should read: one clear sentence."""


class Invalid(VigilError):
    """What was asked makes no sense as written."""


class NotFound(VigilError):
    """There is no such thing, or the asker may not know of it."""


class Conflict(VigilError):
    """The thing has moved on since the asker last saw it."""


class Forbidden(VigilError):
    """The asker may not do this."""
