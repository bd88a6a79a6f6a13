"""The command line: one command per service verb. Nothing prompts; `--json` wherever data is printed."""

import importlib
import logging
import os
import sys
import traceback
from pathlib import Path

import click

from alerts.domain.errors import VigilError

BUG = 70

ROOMS = {
    "demo": "demo", "run": "run", "serve": "run", "work": "run", "migrate": "run", "check": "check", "audit": "audit",
    "staff": "staff", "import": "imports", "subscriber": "subscriber", "poll": "poll", "match": "match",
    "rematch": "poll", "alert": "alert", "deadline": "deadline", "bench": "bench", "relay": "relay",
    "mailbox": "mailbox", "way": "way", "key": "way", "source": "source", "feed": "feed", "signal": "signal",
    "partner": "partner", "law": "law", "remind": "remind", "case": "case", "confidant": "confidant",
    "silence": "silence", "calendar": "calendar",
}  # fmt: skip
"""Which file holds which command; a file is read only when its command is asked for."""


class Rooms(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ROOMS:
            return None
        room = importlib.import_module(f"alerts.cli.{ROOMS[cmd_name]}")
        command: click.Command = getattr(room, f"{cmd_name}_")
        return command


@click.group(cls=Rooms)
@click.option(
    "--config", type=click.Path(path_type=Path), envvar="VIGIL_CONFIG", help="A TOML file with your settings."
)
@click.version_option(package_name="vigil-alerts")
@click.pass_context
def vigil(ctx: click.Context, config: Path | None) -> None:
    """A rapid-response desk for human rights defenders at risk."""
    ctx.obj = config


def main() -> None:
    """0 ok, 1 refused with one sentence, 2 usage, 70 a bug."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO, stream=sys.stderr)
    for chatty in ("alembic", "apscheduler", "mail.log", "procrastinate"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from alerts.cli.desk import one_line
    from alerts.store import Unavailable

    try:
        sys.exit(vigil.main(prog_name="vigil", standalone_mode=False) or 0)
    except (VigilError, Unavailable) as refusal:
        click.echo(f"vigil: {one_line(str(refusal))}", err=True)
        sys.exit(1)
    except click.exceptions.Abort:
        click.echo("vigil: interrupted.", err=True)
        sys.exit(1)
    except click.ClickException as usage:
        usage.show()
        sys.exit(usage.exit_code)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)
    except Exception:  # noqa: BLE001  whatever it is: a traceback in the log, a plain sentence outside
        logging.getLogger("vigil").error("A bug in Vigil:\n%s", traceback.format_exc())
        click.echo("vigil: something went wrong that is our mistake, not yours; nothing was half-done.", err=True)
        sys.exit(BUG)
