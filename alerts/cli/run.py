"""`vigil run`, `serve`, `work`, `migrate`: the desk as a service."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

from alerts.bootstrap import App, build, utc_now
from alerts.cli.desk import open_desk, settings

T = TypeVar("T")


@click.command("run")
def run_() -> None:
    """Everything in one process: pages, clock, watchers and mail."""
    with open_desk() as app:
        run_loop(_together(app, pages=True, works=True))


@click.command("serve")
def serve_() -> None:
    """The pages alone."""
    with open_desk() as app:
        run_loop(_together(app, pages=True, works=False))


@click.command("work")
def work_() -> None:
    """Clock, watchers and mail, without the pages."""
    with open_desk() as app:
        run_loop(_together(app, pages=False, works=True))


@click.command("migrate")
def migrate_() -> None:
    """Make the tables, or bring them up to date."""
    app = build(settings(), utc_now)
    try:
        app.vault.keys  # noqa: B018  keys first: a desk without them must not get tables
        app.store.migrate()
        click.echo("The tables are up to date.")
    finally:
        app.close()


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """On uvloop where it is to be had.

    What is there by now stays: looking through it again and again for rubbish costs a sixth of all time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


async def _together(app: App, *, pages: bool, works: bool) -> None:
    """Each part runs until a signal comes or one of them fails; then all stop in order.

    The pages open once it is sure that nobody else works at this desk: whoever starts a second one learns that, and not
    that a port is taken.
    """
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    parts: list[asyncio.Task[None]] = []
    if works:
        from alerts.engine.running import work

        began = asyncio.Event()
        parts.append(asyncio.create_task(work(app, stop, began)))
        sure = asyncio.create_task(began.wait())
        await asyncio.wait([parts[0], sure], return_when=asyncio.FIRST_COMPLETED)
        sure.cancel()
    if pages and not any(part.done() for part in parts):
        from alerts.web.serving import serve

        click.echo(f"Vigil is at {app.settings.web.base_url} – Ctrl-C stops it.", err=True)
        parts.append(asyncio.create_task(serve(app, stop)))
    await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    ends = await asyncio.gather(*parts, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
