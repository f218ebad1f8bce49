"""Three charts of simulated days, as SVG: seats that talk, abandoned calls, dials a second."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxdialler.simulation import Day, Minute

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 300, 60, 40, 170, 40
# Colour is not the only mark: each line has its own dash, and its name at its end.
LOOKS = (("#5b6472", ""), ("#1f6feb", ""), ("#0a7d5a", "7 4"), ("#b5452c", "2 3"))
Value = Callable[["Minute"], "float | None"]


def write(days: Sequence[Day], folder: Path) -> list[Path]:
    """`pacing-{seats,abandoned,dials}.svg`. Returns: their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted: tuple[tuple[str, str, Value, float], ...] = (
        ("seats", "Share of seats in a conversation, %", lambda minute: minute.seat_use * 100, 100),
        ("abandoned", "Answered calls without a bot, last five minutes, %", _abandoned, 5),
        ("dials", "Dials a second", lambda minute: minute.dials_s, 0),
    )
    paths: list[Path] = []
    for name, title, value, top in wanted:
        path = folder / f"pacing-{name}.svg"
        path.write_text(chart(title, days, value, top))
        paths.append(path)
    return paths


def _abandoned(minute: Minute) -> float | None:
    return None if minute.abandon is None else minute.abandon * 100


def chart(title: str, days: Sequence[Day], value: Value, top: float) -> str:
    """Lines of all days over the hours. `top`: the highest value, 0 = what is needed."""
    highest = max((value(minute) or 0 for day in days for minute in day.minutes), default=1)
    top = math.ceil(max(top, highest) / 4) * 4  # whole numbers at the four lines
    hours = max(1.0, max((day.minutes[-1].at_s for day in days if day.minutes), default=3600) / 3600)

    def x(at_s: float) -> float:
        return LEFT + at_s / 3600 / hours * (WIDTH - LEFT - RIGHT)

    def y(number: float) -> float:
        return HEIGHT - BOTTOM - number / top * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>']
    for step in range(5):
        number = top * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(number):.1f}" y2="{y(number):.1f}" stroke="#c9ced6"/>'
        )
        parts.append(f'<text x="{LEFT - 8}" y="{y(number) + 4:.1f}" text-anchor="end">{number:g}</text>')
    for hour in range(int(hours) + 1):
        parts.append(f'<text x="{x(hour * 3600):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{9 + hour}:00</text>')
    for number, day in enumerate(days):
        colour, dash = LOOKS[number % len(LOOKS)]
        points = [(x(minute.at_s), y(found)) for minute in day.minutes if (found := value(minute)) is not None]
        name = day.mode if day.mode == "reserved" else f"predictive, cap {day.cap:.0%}"
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}" points="{path}">'
            f"<title>{escape(name)}</title></polyline>"
        )
        at = TOP + 20 * number
        parts.append(
            f'<line x1="{WIDTH - RIGHT + 14}" x2="{WIDTH - RIGHT + 40}" y1="{at}" y2="{at}" stroke="{colour}" '
            f'stroke-width="2.4" stroke-dasharray="{dash}"/>'
            f'<text x="{WIDTH - RIGHT + 46}" y="{at + 4}">{escape(name)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title, quote=True)}" font-family="sans-serif" font-size="12" fill="#1b1f24">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )
