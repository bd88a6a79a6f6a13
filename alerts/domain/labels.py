"""What may we say, and to whom: five plain answers, and the TLP 2.0 labels that they set (first.org/tlp).

A rendering for an audience is built only from what that audience may have.
"""

from enum import StrEnum

from alerts.domain.errors import Invalid


class Label(StrEnum):
    """TLP 2.0, the widest audience first."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def strictness(self) -> int:
        return list(Label).index(self)

    def allows(self, audience: "Label") -> bool:
        """Whether what carries this label may stand in a text that carries `audience`."""
        return self.strictness <= audience.strictness

    @property
    def public(self) -> bool:
        """Whether an alert with this label has a number that strangers may count."""
        return self in (Label.GREEN, Label.CLEAR)


class Answer(StrEnum):
    """The answer of a case to “What may we say?”."""

    ONLY_US = "only-us"
    TRUSTED_NO_NAME = "trusted-no-name"
    TRUSTED_NAME = "trusted-name"
    ALL_SUBSCRIBERS = "all-subscribers"
    EVERYONE = "everyone"


UNANSWERED = (Label.AMBER, Label.RED)
"""Nobody has answered yet: facts for trusted subscribers, names for nobody."""

ANSWERS = {
    Answer.ONLY_US: (Label.RED, Label.RED),
    Answer.TRUSTED_NO_NAME: (Label.AMBER, Label.RED),
    Answer.TRUSTED_NAME: (Label.AMBER, Label.AMBER),
    Answer.ALL_SUBSCRIBERS: (Label.GREEN, Label.GREEN),
    Answer.EVERYONE: (Label.CLEAR, Label.CLEAR),
}


def labels(answer: Answer | None) -> tuple[Label, Label]:
    """The labels of a case's facts and of its names."""
    return ANSWERS[answer] if answer else UNANSWERED


def strictest(*found: Label) -> Label:
    return max(found, key=lambda label: label.strictness)


def label(text: str) -> Label:
    """A label as a person wrote it. Raises Invalid."""
    try:
        return Label(text.strip().lower())
    except ValueError:
        raise Invalid(f"“{text}” is not a label: write red, amber, green or clear.") from None


def label_of(own: Label | None, case: Label | None) -> Label:
    """The label of what is said of a deadline: its own, or its case's if that is stricter."""
    ours = case or Label.GREEN
    return strictest(own, ours) if own else ours
