"""The desk of the stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import NOON
from servers import FeedServer, MailServer
from storydesk import StoryDesk


@pytest.fixture
def desk(tmp_path: Path, database_url: str, mail_server: MailServer, feed_server: FeedServer) -> Iterator[StoryDesk]:
    desk = StoryDesk(tmp_path, database_url, mail_server, feed_server, NOON)
    yield desk
    desk.app.close()
