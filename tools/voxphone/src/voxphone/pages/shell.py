"""The page around the charts: one style for light and dark, tables, facts."""

from collections.abc import Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #fff; --ink: #1d1f24; --soft: #646a76; --rule: #e3e1dc;
  --bot: #2f6fde; --caller: #d9762b; --good: #1f8a55; --bad: #c4372e; --shade: #f9e7d6;
  --wait: #d9d4f5; --waitink: #4a3fb0 }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --card: #1c1f25; --ink: #e8e6e1; --soft: #9aa1ad;
  --rule: #30343c; --bot: #6ea3ff; --caller: #f2a05c; --good: #55c48c; --bad: #ff7a70; --shade: #3a2d20;
  --wait: #37325c; --waitink: #c4bcff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px }
h1 { font-size: 24px; margin: 0 0 4px; overflow-wrap: anywhere }
h2 { font-size: 16px; margin: 0 0 12px }
.sub { color: var(--soft); margin: 0 0 20px; overflow-wrap: anywhere }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 20px;
  margin: 16px 0; overflow-x: auto }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0 }
.fact { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px 14px }
.fact b { display: block; font-size: 21px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.fact span { color: var(--soft); font-size: 13px }
.good b { color: var(--good) } .bad b { color: var(--bad) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: 5px 10px; border-bottom: 1px solid var(--rule); vertical-align: top }
th { color: var(--soft); font-weight: 600; font-size: 13px }
th:first-child, td:first-child, td.words, th.words { text-align: left }
tr:last-child td { border-bottom: 0 }
p.none { color: var(--soft); margin: 0 } p.key { color: var(--soft); font-size: 13px; margin: 8px 0 0 }
svg { width: 100%; height: auto; display: block; min-width: 640px; font: 12px system-ui, sans-serif }
.axis { fill: var(--soft) } .label, .value { fill: var(--ink) }
.tag { fill: var(--waitink); font-weight: 600; font-size: 11px }
.tick { stroke: var(--soft) } .grid { stroke: var(--rule) } .lane { fill: var(--paper) }
.wave.bot { fill: var(--bot) } .wave.caller { fill: var(--caller) }
.turn { fill: var(--shade) } .wait { fill: var(--wait) }
.bar { fill: var(--bot) } .goal { stroke: var(--good); stroke-width: 2; stroke-dasharray: 5 4 }
.goal-name { fill: var(--good) } .stop { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3 }
.who-bot { color: var(--bot); font-weight: 600 } .who-caller { color: var(--caller); font-weight: 600 }
"""


def page(title: str, subtitle: str, body: Sequence[str]) -> str:
    """A whole HTML document. `body` parts are HTML already, title and subtitle are text."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="sub">{escape(subtitle)}</p>{"".join(body)}</main></body></html>\n'
    )


def section(heading: str, content: str, key: str = "") -> str:
    """A card; `content` is HTML, `key` a line of text that explains it."""
    below = f'<p class="key">{escape(key)}</p>' if key else ""
    return f"<section><h2>{escape(heading)}</h2>{content}{below}</section>"


def facts(items: Sequence[tuple[str, object, str]]) -> str:
    """Big figures: (name, value, `good`, `bad` or "")."""
    cards = (
        f'<div class="fact {mood}"><b>{escape(str(value))}</b><span>{escape(name)}</span></div>'
        for name, value, mood in items
    )
    return f'<div class="facts">{"".join(cards)}</div>'


def table(head: Sequence[str], rows: Sequence[Sequence[object]], words: Sequence[int] = ()) -> str:
    """Cells are text; columns in `words` are left-aligned."""
    if not rows:
        return '<p class="none">Nothing to show.</p>'

    def cell(tag: str, column: int, value: object) -> str:
        css = ' class="words"' if column in words else ""
        return f"<{tag}{css}>{escape(str(value))}</{tag}>"

    top = "".join(cell("th", i, value) for i, value in enumerate(head))
    lines = "".join("<tr>" + "".join(cell("td", i, v) for i, v in enumerate(row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
