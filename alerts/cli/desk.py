"""What every command needs: the desk that it works on, who asks, and a way to print."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from alerts.bootstrap import App, build, utc_now
from alerts.domain.errors import Invalid
from alerts.settings import Settings, load

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
    """The file's text (`-`: standard input), its line ends as one. Raises Invalid where it is not UTF-8."""
    data = read_bytes(file)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(f"{file} is not UTF-8 text (line {line}): save it as UTF-8.") from None


def read_bytes(file: str) -> bytes:
    """What is in the file (`-`: standard input). Raises Invalid."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None


def one_line(text: str) -> str:
    """What a refusal quotes may hold line ends or a terminal's commands: one sentence is one line."""
    return "".join(letter if letter.isprintable() else " " if letter in "\r\n\t" else "�" for letter in text)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
