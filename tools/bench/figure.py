"""Draws a report as SVG: a bar for each case, with its quartiles, its yardstick and its goal."""

import html

WIDTH, LABEL, PLOT = 900, 270, 520
ROW, BAR, TOP = 22, 12, 64
INK, FAINT, BAR_COLOUR, YARDSTICK, GOAL = "#222", "#ccc", "#3b6ea8", "#c2571a", "#2a8a3e"


def text(x: float, y: float, words: str, anchor: str = "start", size: int = 12,
         colour: str = INK, weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" font-weight="{weight}">{html.escape(words)}</text>')


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"/>')


def nice_step(largest: float) -> float:
    """The step of the axis: 1, 2 or 5 times a power of ten, about six steps."""
    step = 10.0 ** -3
    while True:
        for factor in (1, 2, 5):
            if largest / (step * factor) <= 7:
                return step * factor
        step *= 10


def panel(top: float, title: str, unit: str, rows: list[dict]) -> tuple[list[str], float]:
    """rows: {label, low, median, high, yardstick or None, goal or None}. Returns shapes, height."""
    largest = max(max(row["high"], row["yardstick"] or 0, row["goal"] or 0) for row in rows) * 1.05
    bottom = top + TOP + ROW * len(rows)

    def x(value: float) -> float:
        return LABEL + PLOT * value / largest

    shapes = [text(12, top + 24, title, size=15, weight="bold")]
    step = nice_step(largest)
    for i in range(int(largest / step) + 1):
        shapes.append(line(x(i * step), top + TOP - 8, x(i * step), bottom, FAINT))
        shapes.append(text(x(i * step), top + TOP - 14, f"{i * step:g}", "middle", 11))
    shapes.append(text(LABEL + PLOT + 12, top + TOP - 14, unit, size=11))
    for number, row in enumerate(rows):
        y = top + TOP + ROW * number
        middle = y + BAR / 2
        shapes.append(text(LABEL - 8, y + BAR - 1, row["label"], "end"))
        shapes.append(f'<rect x="{LABEL}" y="{y}" width="{x(row["median"]) - LABEL:.1f}" '
                      f'height="{BAR}" fill="{BAR_COLOUR}"/>')
        shapes.append(line(x(row["low"]), middle, x(row["high"]), middle, INK, 2))
        for key, colour in (("yardstick", YARDSTICK), ("goal", GOAL)):
            if row[key]:
                shapes.append(line(x(row[key]), y - 3, x(row[key]), y + BAR + 3, colour, 3))
        shapes.append(text(LABEL + PLOT + 12, y + BAR - 1, f"{row['median']:.1f}"))
    return shapes, bottom + 16 - top


def legend(y: float) -> list[str]:
    shapes, x = [], 12.0
    for colour, words in ((BAR_COLOUR, "median (line: quartiles)"),
                          (YARDSTICK, "5-tuple swap, same run"), (GOAL, "goal")):
        shapes.append(f'<rect x="{x}" y="{y}" width="14" height="10" fill="{colour}"/>')
        shapes.append(text(x + 20, y + 10, words))
        x += 40 + 7 * len(words)
    return shapes


def draw(title: str, panels: list[tuple[str, str, list[dict]]]) -> str:
    shapes, height = [text(12, 24, title, size=13)], 30.0
    for heading, unit, rows in panels:
        drawn, taken = panel(height, heading, unit, rows)
        shapes += drawn
        height += taken
    shapes += legend(height + 4)
    height += 26
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
            f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(shapes) + "\n</svg>\n")
