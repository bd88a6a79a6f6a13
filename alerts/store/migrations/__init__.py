"""Alembic's steps, run from the program: there is no alembic.ini.

Alembic itself is read only when there is a step to take.
"""

from pathlib import Path

import sqlalchemy as sa

from alerts.store.engine import Unavailable

HERE = Path(__file__).parent
UNKNOWN = "This database is another program's, or that of a newer Vigil: check database.url. Nothing was changed."


def upgrade(engine: sa.Engine) -> None:
    """Take every step that is missing, all in one transaction. Raises Unavailable where steps of others were taken."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(HERE))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        try:
            command.upgrade(config, "head")
        except CommandError:  # another program's steps, or those of a newer Vigil
            raise Unavailable(UNKNOWN) from None


def behind(conn: sa.Connection) -> bool:
    """Whether a step is missing. Each step's file begins with its number, and its number is its revision."""
    head = max(file.stem.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*.py"))
    return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() != head
