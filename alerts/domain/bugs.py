"""How a bug stands in the log: of what kind it is and where, in none of its own words, which may quote an address."""


class Bug(Exception):
    """Stands for another."""


def wordless(bug: BaseException) -> Bug:
    """For `exc_info`: the traceback of this one, and its type instead of its message."""
    return Bug(type(bug).__qualname__).with_traceback(bug.__traceback__)
