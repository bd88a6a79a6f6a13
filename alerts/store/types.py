"""How values are kept: our own column types, which SQLite's STRICT tables accept and PostgreSQL keeps alike."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum as PythonEnum
from functools import cache, lru_cache
from types import GenericAlias, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from alerts.domain.audience import Recipient
from alerts.domain.times import LocalTime, instant

SHORT = 1000
"""Letters of a JSON text that is kept once it was read."""


class Instant(TypeDecorator[datetime]):
    """Aware UTC, to the microsecond: fixed-width text on SQLite, timestamptz on PostgreSQL.

    A naive or other-zone value is a bug in the caller and raises ValueError.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        kind = sa.TIMESTAMP(timezone=True) if dialect.name == "postgresql" else sa.Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        instant(value)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        found = value if dialect.name == "postgresql" else datetime.fromisoformat(value)
        return found.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar day without a zone, as ISO text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> str | None:
        return value.isoformat() if value else None

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> date | None:
        return date.fromisoformat(value) if value else None


class Flag(TypeDecorator[bool]):
    """Yes or no: 1 or 0 on SQLite, which knows no boolean in a STRICT table."""

    impl = sa.Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.Boolean() if dialect.name == "postgresql" else sa.Integer())

    def process_bind_param(self, value: bool | None, dialect: sa.Dialect) -> int | None:
        if value is None:
            return None
        return bool(value) if dialect.name == "postgresql" else int(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> bool | None:
        return None if value is None else bool(value)


class Word(TypeDecorator[Any]):
    """A member of one of the domain's enums, by its value."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[PythonEnum]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        # not through `type_descriptor`: psycopg's own text type would make VARCHAR columns of them
        return sa.Integer() if isinstance(next(iter(self.kind)).value, int) else sa.Text()

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.kind(value)


class Json(TypeDecorator[Any]):
    """A value of the domain (a dataclass, a tuple, a mapping) as JSON text: the same bytes on both databases."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        load = _again if is_dataclass(self.kind) and len(value) < SHORT else _loaded
        return load(value, self.kind)


class Frozen(TypeDecorator[tuple[Recipient, ...]]):
    """A batch's recipients as JSON text: their reasons once, and each one as `[id, language, place of the reason]`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[Recipient] | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        because: dict[tuple[str, ...], int] = {}
        who = [[r.subscriber_id, r.language, because.setdefault(r.because, len(because))] for r in value]
        return json.dumps({"because": list(because), "who": who}, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[Recipient, ...] | None:
        if value is None:
            return None
        found = json.loads(value)
        because = [tuple(reasons) for reasons in found["because"]]
        return tuple(Recipient(id, language, because[place]) for id, language, place in found["who"])


def words() -> Json:
    """A column of several words, as a tuple of text."""
    return Json(GenericAlias(tuple, (str, ...)))


def local() -> Json:
    """A `LocalTime` with its wall time, zone, claim, and the instant derived from them."""
    return Json(LocalTime)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, PythonEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return value


def _loaded(text: str, kind: Any) -> Any:
    return _typed(json.loads(text), kind)


_again = lru_cache(20_000)(_loaded)
"""What is read again and again and seldom changes, as what visits taught of a source. It is frozen, and so shared."""


@cache
def _hints(kind: type) -> dict[str, Any]:
    """What its fields are. None: as JSON has it."""
    return {name: None if hint in (str, int, float, bool) else hint for name, hint in get_type_hints(kind).items()}


def _typed(value: Any, kind: Any) -> Any:
    """The plain value as what `kind` says it is. Fields that a stored value lacks keep their defaults."""
    if value is None:
        return None
    origin, args = get_origin(kind), get_args(kind)
    if origin in (UnionType, None) and isinstance(kind, UnionType):
        return _typed(value, next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return tuple(_typed(item, args[0]) for item in value)
    if origin is dict:
        return {key: _typed(item, args[1]) for key, item in value.items()}
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        own = {n: value[n] if h is None else _typed(value[n], h) for n, h in hints.items() if n in value}
        return kind(**own)  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, PythonEnum):
        return kind(value)
    if kind is datetime:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found
    if kind is date:
        return date.fromisoformat(value)
    return value
