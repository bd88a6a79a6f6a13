"""What every command needs: the desk that it works on, who asks, and a way to print."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from alerts.bootstrap import App, build, utc_now
from alerts.domain.errors import Invalid
from alerts.settings import Settings, load

F = TypeVar("F", bound=Callable[..., Any])

as_staff = click.option("--as", "email", required=True, metavar="EMAIL", help="The staff member who does this.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def settings() -> Settings:
    return load(click.get_current_context().obj, os.environ)


@contextmanager
def open_desk() -> Iterator[App]:
    """The desk of these settings; an empty database gets its tables. Raises Invalid, Unavailable."""
    app = build(settings(), utc_now)
    try:
        app.ready()
        yield app
    finally:
        app.close()


def read_text(file: str) -> str:
    """The file's text (`-`: standard input). Raises Invalid where it cannot be read as UTF-8."""
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{file} is not UTF-8 text (byte {error.start + 1}): save it as UTF-8.") from None
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
