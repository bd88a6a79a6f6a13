"""The dates of a case on a line: what is vague is drawn as the span that it may mean, never as a day."""

from dataclasses import dataclass

from alerts.domain.times import Instant, LocalTime

WIDTH, MARGIN = 900, 70
LETTER, GAP = 7, 14
SHORTEST_SPAN = 26
LANE = 42


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands on the line: its own `label` or the `kind` of date it is; `style` is a word of rooms.css."""

    label: str
    date: str
    when: LocalTime
    style: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`x` is its middle; `width` is 0 for a point; the texts stand at `x` and these heights, `stem` leads to them."""

    mark: Mark
    x: int
    width: int
    label_y: int
    date_y: int
    anchor: str
    stem: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Timeline:
    marks: list[Drawn]
    now: int
    line: int
    height: int


def draw(marks: list[Mark], now: Instant) -> Timeline | None:
    """Partly to scale, partly even: years of silence must not crush the week that matters.

    Texts that would meet take turns above and below the line, ever farther from it.
    """
    if not marks:
        return None
    ordered = sorted(marks, key=lambda mark: (mark.when.instant, mark.when.ends))
    stops = sorted({at for mark in ordered for at in _reach(mark)} | {now.timestamp()})
    ends: list[int] = []
    placed = [(mark, *_placed(mark, stops, ends)) for mark in ordered]
    lanes = len(ends)
    line = 46 if lanes == 1 else 54 + LANE * ((lanes - 1) // 2)
    height = line + (60 if lanes == 1 else 72 + LANE * max(0, lanes // 2 - 1))
    return Timeline(
        [_drawn(*each, line=line, alone=lanes == 1) for each in placed], _x(now.timestamp(), stops), line, height
    )


def _placed(mark: Mark, stops: list[float], ends: list[int]) -> tuple[int, int, str, int]:
    """Middle, width, which way the text runs, and the first lane in which it meets no other."""
    left, right = (_x(at, stops) for at in _reach(mark))
    middle, half = (left + right) // 2, LETTER * max(len(mark.label or mark.kind) + 4, len(mark.date)) // 2
    anchor = "start" if middle < half else "end" if middle + half > WIDTH else "middle"
    begins = middle - {"start": 0, "middle": half, "end": 2 * half}[anchor]
    lane = next((n for n, end in enumerate(ends) if end < begins), len(ends))
    ends[lane : lane + 1] = [begins + 2 * half + GAP]
    return middle, 0 if right == left else max(SHORTEST_SPAN, right - left), anchor, lane


def _drawn(mark: Mark, x: int, width: int, anchor: str, lane: int, *, line: int, alone: bool) -> Drawn:
    if alone:
        return Drawn(mark, x, width, line - 18, line + 28, anchor, None)
    away = LANE * (lane // 2)
    if lane % 2 == 0:
        label = line - 32 - away
        return Drawn(mark, x, width, label, label + 16, anchor, (label + 20, line - 8) if away else None)
    label = line + 28 + away
    return Drawn(mark, x, width, label, label + 16, anchor, (line + 8, label - 12) if away else None)


def _reach(mark: Mark) -> tuple[float, float]:
    first = mark.when.instant.timestamp()
    return first, first if mark.when.exact else mark.when.ends.timestamp()


def _x(at: float, stops: list[float]) -> int:
    span, places = (stops[-1] - stops[0]) or 1, max(1, len(stops) - 1)
    share = 0.35 * (at - stops[0]) / span + 0.65 * stops.index(at) / places
    return round(MARGIN + (WIDTH - 2 * MARGIN) * share)
