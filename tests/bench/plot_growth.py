#!/usr/bin/env python3
"""Draws the table of core_growth_bench in tests/bench/README.md as docs/growth.svg.

  plot_growth.py [--table FILE.md] [--output FILE.svg]

The table is the one in FILE.md whose first column is `sessions`: a new row is drawn when it is there.
"""

import argparse
import math
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
# For each panel its title, and the lines: the column's name in the table, and what the line is called.
PANELS = (
    ("learned a second, without pair tables", (("learned/s, without pair tables", ""),)),
    ("a session query, microseconds", (("mean us", "mean"), ("p99 us", "p99"))),
    ("memory, bytes a click", (("index, bytes a click", "session index"),
                               ("sessions, bytes a click", "sessions"))),
)
COLOURS = ("#1b6ca8", "#c8553d")
WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 190, 62, 34, 76  # of a panel, and around it


def read_table(path):
    """A dictionary of numbers a row."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    start = next((i for i, row in enumerate(rows) if row[0] == "sessions"), None)
    if start is None:
        raise SystemExit(f"{path} has no table whose first column is sessions")
    names, table = rows[start], []
    for row in rows[start + 2:]:
        if len(row) != len(names):
            break
        table.append({name: float(cell.replace(",", "")) for name, cell in zip(names, row)})
    return table


def round_up(value):
    """The next round number whose quarters are round too."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.6, 2, 4, 6, 8, 10) if step * power >= value)


def short(number):
    return f"{number / 1e6:g} M" if number >= 1e6 else f"{number / 1e3:g} k"


def text(x, y, words, anchor="middle", colour="#333"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def panel(left, title, lines, table):
    bottom = TOP + HEIGHT
    sessions = [math.log10(row["sessions"]) for row in table]
    first, last = min(sessions), max(sessions)
    top = round_up(max(row[column] for row in table for column, _ in lines))

    def place(row, column):
        across = (math.log10(row["sessions"]) - first) / ((last - first) or 1)
        return left + 20 + across * (WIDTH - 40), bottom - HEIGHT * row[column] / top

    drawn = [text(left + WIDTH / 2, TOP - 14, title)]
    for part in range(5):  # from zero, so that flat looks flat
        y = bottom - HEIGHT * part / 4
        drawn.append(f'<path d="M{left} {y:.0f}h{WIDTH}" stroke="#ddd"/>')
        drawn.append(text(left - 6, y + 4, f"{top * part / 4:,.10g}", "end"))
    for row in table:
        x = place(row, lines[0][0])[0]
        drawn.append(text(x, bottom + 18, short(row["sessions"])))
        drawn.append(text(x, bottom + 33, short(row["items"])))
    for (column, name), colour in zip(lines, COLOURS):
        points = [place(row, column) for row in table]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        drawn.append(text(points[-1][0], points[-1][1] - 8, name, "end", colour))
    return drawn


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=pathlib.Path, default=ROOT / "tests/bench/README.md")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/growth.svg")
    options = parser.parse_args()
    table = read_table(options.table)
    width, height = len(PANELS) * (WIDTH + GAP) + 30, TOP + HEIGHT + 44
    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
             ' font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>',
             text(LEFT - 6, TOP + HEIGHT + 18, "sessions", "end"),
             text(LEFT - 6, TOP + HEIGHT + 33, "items", "end")]
    for number, (title, lines) in enumerate(PANELS):
        drawn += panel(LEFT + number * (WIDTH + GAP), title, lines, table)
    options.output.write_text("\n".join([*drawn, "</svg>"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
