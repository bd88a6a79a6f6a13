"""What a bug leaves in the log: where it is and of what kind, and nobody's address."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest
from servers import MailServer
from workdesk import WorkDesk

from alerts import engine
from alerts.domain.bugs import wordless
from alerts.engine import ticks
from alerts.engine.clock import _asked
from alerts.services import resuming

ADDRESS = "jan@embassy.example"


def breaks(*_: object, **__: object) -> None:
    raise LookupError(f"DETAIL: Key (email)=({ADDRESS}) already exists.")


def test_its_place_and_kind_are_said_and_none_of_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    try:
        breaks()
    except LookupError as bug:
        logging.getLogger("vigil").exception("It broke.", exc_info=wordless(bug))
    assert "It broke." in caplog.text and "LookupError" in caplog.text
    assert "test_bugs.py" in caplog.text and "in breaks" in caplog.text
    assert ADDRESS not in caplog.text


async def test_a_tick_that_fails_quotes_no_row(
    work_desk: WorkDesk, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen to fail with a traceback that ends in the database's own words."""
    monkeypatch.setattr(resuming, "retry", breaks)
    await _asked(work_desk.app, ticks.retries)
    assert "The tick retries failed." in caplog.text and "LookupError" in caplog.text
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize("file", sorted(Path(engine.__file__ or "").parent.glob("*.py")), ids=lambda file: file.stem)
def test_whatever_logs_a_bug_logs_it_so(file: Path) -> None:
    for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
        given = [ast.unparse(word.value) for word in call.keywords if word.arg == "exc_info"]
        if given or ast.unparse(call.func) == "log.exception":
            assert [words.partition("(")[0] for words in given] == ["wordless"], f"line {call.lineno}"
