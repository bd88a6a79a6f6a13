"""What this room needs to know of the desk's settings. It knows no other room, so it says so itself."""

from typing import Protocol


class Desk(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def exercise(self) -> str: ...


class Smtp(Protocol):
    @property
    def sender(self) -> str: ...


class Mail(Protocol):
    @property
    def reply_to(self) -> str: ...


class Web(Protocol):
    @property
    def base_url(self) -> str: ...


class Settings(Protocol):
    @property
    def desk(self) -> Desk: ...
    @property
    def smtp(self) -> Smtp: ...
    @property
    def mail(self) -> Mail: ...
    @property
    def web(self) -> Web: ...
