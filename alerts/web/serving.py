"""The pages on a port, in a loop that others share."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from alerts.bootstrap import App
from alerts.domain.errors import Invalid
from alerts.web.app import pages


class _Quiet(uvicorn.Server):
    """Signals belong to the program, not to this part of it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: App, stop: asyncio.Event) -> None:
    """The desk's pages until `stop` is set. Raises Invalid where the port is taken."""
    await serve_site(pages(app), app.settings.web.host, app.settings.web.port, stop)


async def serve_site(site: FastAPI, host: str, port: int, stop: asyncio.Event) -> None:
    """Open pages get three seconds when `stop` is set. Raises Invalid where the port is taken."""
    listener = _listen(host, port)
    config = uvicorn.Config(
        site, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Invalid(f"Port {port} on {host} cannot be used: {why}. Set web.port to another.") from None
