"""Charts as SVG text. Colours are CSS classes of the page, so that they follow its light or dark dress."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from voxphone import pcm

WIDTH = 1000
LEFT, RIGHT = 58, 12


def _svg(height: int, label: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label, quote=True)}">'
    return f"{head}{''.join(parts)}</svg>"


def _text(x: float, y: float, words: str, css: str = "axis", anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, css: str, title: str = "") -> str:
    inside = f"<title>{escape(title)}</title>" if title else ""
    size = f'width="{max(0.6, width):.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} class="{css}">{inside}</rect>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def nice_step(span: float, wanted: int) -> float:
    """A round step (1, 2 or 5 times a power of ten) that cuts `span` into about `wanted` parts."""
    if span <= 0:
        return 1.0
    raw = span / max(1, wanted)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


@dataclass(frozen=True)
class Span:
    """Part of the time axis, seconds."""

    start_s: float
    end_s: float
    css: str
    label: str = ""
    title: str = ""


def _envelope(samples: pcm.Samples, seconds: float, columns: int) -> list[float]:
    """Loudest sample of each column, on a root scale: quiet speech stays visible beside loud."""
    per_column = max(1, math.ceil(seconds * pcm.RATE_HZ / columns))
    padded = np.zeros(per_column * columns, dtype=np.float32)
    count = min(samples.size, padded.size)
    padded[:count] = np.abs(samples[:count].astype(np.float32))
    peaks = padded.reshape(columns, per_column).max(axis=1) / 32768.0
    return [float(value) for value in np.sqrt(peaks)]


def waveform(
    heard: pcm.Samples, said: pcm.Samples, seconds: float, spans: Sequence[Span], marks: Sequence[Span]
) -> str:
    """Both channels over time. `spans` shade the lower channel or the gap between, `marks` are vertical lines."""
    top, lane, gap, height = 16, 84, 26, 252
    plot = WIDTH - LEFT - RIGHT
    seconds = max(seconds, 0.1)
    middles = (top + lane / 2, top + lane + gap + lane / 2)

    def x(at_s: float) -> float:
        return LEFT + plot * min(1.0, max(0.0, at_s / seconds))

    parts = [_rect(LEFT, middle - lane / 2, plot, lane, "lane") for middle in middles]
    for span in spans:
        y, tall = (middles[1] - lane / 2, lane) if span.css == "turn" else (top + lane + 3, gap - 6)
        parts.append(_rect(x(span.start_s), y, x(span.end_s) - x(span.start_s), tall, span.css, span.title))
        if span.label:
            parts.append(_text(x(span.end_s) + 4, top + lane + gap / 2 + 4, span.label, "tag", "start"))
    columns = plot
    for samples, middle, css in ((heard, middles[0], "bot"), (said, middles[1], "caller")):
        peaks = _envelope(samples, seconds, columns)
        above = " ".join(f"{LEFT + i},{middle - p * lane / 2:.1f}" for i, p in enumerate(peaks))
        below = " ".join(f"{LEFT + i},{middle + p * lane / 2:.1f}" for i, p in reversed(list(enumerate(peaks))))
        parts.append(f'<polygon points="{above} {below}" class="wave {css}"/>')
    for mark in marks:
        at = x(mark.start_s)
        parts.append(
            f"<g><title>{escape(mark.title)}</title>{_line(at, top - 6, at, middles[1] + lane / 2, mark.css)}</g>"
        )
    parts += [
        _text(LEFT - 8, middles[0] + 4, "bot", "axis", "end"),
        _text(LEFT - 8, middles[1] + 4, "caller", "axis", "end"),
    ]
    bottom = middles[1] + lane / 2
    step = nice_step(seconds, 10)
    for index in range(int(seconds / step) + 1):
        at = x(index * step)
        parts += [_line(at, bottom, at, bottom + 5, "tick"), _text(at, bottom + 20, f"{index * step:g} s")]
    return _svg(height, "Waveform of both channels with the turns marked", parts)


def bars(rows: Sequence[tuple[str, float | None]], unit: str, goal: float | None = None, goal_name: str = "") -> str:
    """Horizontal bars; a row without a value says so. `goal` is a line across."""
    row, top = 26, 8
    label_width = 340
    height = top + row * len(rows) + 38
    known = [value for _, value in rows if value is not None]
    most = max([*known, goal or 0.0, 1.0])
    step = nice_step(most, 6)
    most = math.ceil(most / step) * step
    plot = WIDTH - label_width - 80

    def x(value: float) -> float:
        return label_width + plot * value / most

    bottom = top + row * len(rows)
    parts = []
    for index in range(round(most / step) + 1):
        parts += [
            _line(x(index * step), top, x(index * step), bottom, "grid"),
            _text(x(index * step), bottom + 18, f"{index * step:g}"),
        ]
    for index, (name, value) in enumerate(rows):
        y = top + row * index
        short = name if len(name) <= 46 else name[:45] + "…"
        parts.append(_text(label_width - 10, y + 17, short, "label", "end"))
        if value is None:
            parts.append(_text(label_width + 6, y + 17, "no answer to measure", "axis", "start"))
        else:
            parts.append(_rect(x(0), y + 5, x(value) - x(0), row - 10, "bar", f"{name}: {value:g} {unit}"))
            parts.append(_text(x(value) + 6, y + 17, f"{value:.0f} {unit}", "value", "start"))
    if goal is not None:
        parts += [_line(x(goal), top - 4, x(goal), bottom, "goal"), _text(x(goal), bottom + 33, goal_name, "goal-name")]
    return _svg(height, "Bars", parts)


def offset_labels(reach_ms: int) -> list[str]:
    """Names of the buckets of `measure.histogram`; the outer ones hold everything beyond."""
    return [f"≤ -{reach_ms}", *map(str, range(1 - reach_ms, reach_ms)), f"≥ {reach_ms}"]


def histogram(counts: Sequence[int], labels: Sequence[str], unit: str) -> str:
    """Counts of named buckets. A lone late chunk beside tall bars stays visible: no bar is lower than 2 px."""
    height, top, bottom = 220, 18, 182
    plot = WIDTH - LEFT - RIGHT
    most = max([*counts, 1])
    width = plot / max(1, len(counts))
    parts = [_line(LEFT, bottom, WIDTH - RIGHT, bottom, "tick")]
    for share in (0.5, 1.0):
        y = bottom - (bottom - top) * share
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, "grid"))
        parts.append(_text(LEFT - 8, y + 4, f"{most * share:g}", "axis", "end"))
    every = max(1, round(len(counts) / 10))
    for index, (count, label) in enumerate(zip(counts, labels, strict=True)):
        x = LEFT + width * index
        if count:
            tall = max(2.0, (bottom - top) * count / most)
            parts.append(_rect(x + 0.5, bottom - tall, width - 1, tall, "bar", f"{label} {unit}: {count}"))
        if index % every == 0:
            parts.append(_text(x + width / 2, bottom + 18, label))
    parts.append(_text(LEFT + plot / 2, bottom + 35, unit))
    return _svg(height, "Histogram", parts)
