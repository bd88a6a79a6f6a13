"""How alerts reach a subscriber, where it is not by plain mail."""

from dataclasses import dataclass

from alerts.domain.times import Instant


@dataclass(frozen=True, slots=True)
class Way:
    """`id` is the subscriber's. `target`, `secret`, `cert`: sealed.

    `channel`: a file of channels/ (email, webhook, apprise). `target`: where to, for channels other than email.
    `secret`: what signs a webhook's posts. `cert`: their OpenPGP certificate. `encrypt_only`: never plaintext.
    """

    id: str
    channel: str = "email"
    target: str = ""
    secret: str = ""
    cert: str = ""
    encrypt_only: bool = False
    disabled_why: str = ""
    changed_at: Instant | None = None
