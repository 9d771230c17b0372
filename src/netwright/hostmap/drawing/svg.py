"""A Picture as SVG: one file that needs nothing else, light or dark as its reader likes it."""

from . import palette
from .words import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scene import Bar, Box, Line, Mark, Picture, Text


def svg(picture: "Picture", theme: str = "auto") -> str:
    """`theme`: light, dark, or auto (as the reader's system is set)."""
    body = "\n".join(elements(picture))
    w, h = number(picture.width), number(picture.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">\n'
        f"<title>{escaped(picture.title)}</title>\n<style>{styles(theme)}</style>\n"
        f'<rect class="paper" width="{w}" height="{h}"/>\n{body}\n</svg>\n'
    )


def styles(theme: str) -> str:
    """The style sheet."""
    if theme != "auto":
        return palette.shape() + palette.style(theme == "dark")
    return f"{palette.shape()}{palette.style(False)}@media (prefers-color-scheme:dark){{{palette.style(True)}}}"


def elements(picture: "Picture", whole: bool = False) -> "Iterator[str]":
    """Heading, cables, boxes (over the cables), legend. `whole`: with the insides of closed groups, for a page that opens them."""
    if not whole:
        yield f'<text class="head" x="24" y="28">{escaped(picture.title)}</text>'
    yield '<g id="lines">'
    for line in picture.lines:
        yield _line(line, whole)
    yield '</g>\n<g id="boxes">'
    for box in picture.boxes:
        yield _box(box, whole)
    lift = 24 - picture.caption[0].y if whole and picture.caption else 0
    yield f'</g>\n<g id="caption" transform="translate(0,{number(lift)})">'
    for text in picture.caption:
        yield _key(text) + _text(text)
    yield "</g>"


def _key(text: "Text") -> str:
    """What stands before a word of the legend: a stretch of cable, or a colour."""
    style = text.style.removeprefix("legend ")
    if style in ("many", "down", "stands"):
        return f'<path class="wire {style}" d="M{number(text.x - 29)},{number(text.y + 8)}h24"/>'
    return f'<rect class="{escaped(text.style)}" x="{number(text.x - 15)}" y="{number(text.y + 3)}" width="10" height="10" rx="2"/>'


def number(value: float) -> str:
    """One decimal, and none where it is 0."""
    return f"{value:.1f}".removesuffix(".0")


# -- cables ----------------------------------------------------------------------------------------------------------------


def _line(line: "Line", whole: bool) -> str:
    """Drawn twice: once to be seen, once broad and invisible, to be met with a mouse."""
    style = f"wire {line.style}{' many' if line.cables > 1 else ''}"
    d = way(line)
    label = ""
    ends = f' data-one="{escaped(line.one[0])}" data-other="{escaped(line.other[0])}"'
    more = f'{ends} data-bow="{number(line.bow)}" data-points="{_points(line)}" data-follows="{" ".join(line.follows)}"' if whole else ""
    if line.label:
        x, y, w, h = line.label[:4]
        label = f'<rect class="halo" x="{number(x - 2)}" y="{number(y)}" width="{number(w + 4)}" height="{number(h)}" rx="3"/>' + _text(line.label)
    return f'<g class="line"{more}><title>{escaped(line.full)}</title><path class="{style}" d="{d}"/><path class="hit" d="{d}"/>{label}</g>'


def _points(line: "Line") -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in line.points)


def way(line: "Line") -> str:
    """The path: straight out of the column, a bend, straight past a column, a bend …, straight to the plug."""
    points = line.points
    out = [f"M{number(points[0][0])},{number(points[0][1])}"]
    for at, (x, y) in enumerate(points[1:], 1):
        before = points[at - 1]
        if at % 2:
            out.append(f"L{number(x)},{number(y)}")
            continue
        reach = (x - before[0]) / 2 if x != before[0] else line.bow * 4 / 3
        first, second = before[0] + reach, (x - reach if x != before[0] else x + reach)
        out.append(f"C{number(first)},{number(before[1])} {number(second)},{number(y)} {number(x)},{number(y)}")
    return "".join(out)


# -- boxes -----------------------------------------------------------------------------------------------------------------


def _box(box: "Box", whole: bool) -> str:
    state = "" if box.state == "ok" else " " + box.state
    group = " group open" if box.is_open else " group" if box.inner else ""
    more = ""
    if whole:
        more = f' tabindex="0" data-h="{number(box.h)}" data-other="{number(box.other)}" data-part="{box.part}" data-column="{box.column}"'
    place = f'id="{escaped(box.id)}" transform="translate({number(box.x)},{number(box.y)})"'
    out = [f'<g class="box {escaped(box.tone)}{escaped(state)}{group}" {place}{more}>']
    out.append(f"<title>{escaped(box.full)}</title>")
    if box.inner and (whole or not box.is_open):
        out += [_rect("back", shift, shift, box.w, box.h) for shift in (6, 3)]
    out.append(_rect("frame", 0, 0, box.w, box.h))
    out += [_bar(bar) for bar in box.bars]
    out += [_text(text) for text in box.texts]
    out += [_mark(mark) for mark in box.marks]
    if box.inner and (box.is_open or whole):
        out.append('<g class="cells">' + "".join(_text(text) for text in box.inner) + "</g>")
    if box.inner and (box.is_open or whole):
        out.append(f'<text class="title more" x="{number(box.w - 20)}" y="16">{"−" if box.is_open else "+"}</text>')
    return "".join(out) + "</g>"


def _rect(style: str, x: float, y: float, w: float, h: float) -> str:
    return f'<rect class="{style}" x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}" rx="6"/>'


def _bar(bar: "Bar") -> str:
    title = f"<title>{escaped(bar.full)}</title>" if bar.full else ""
    start = f'<rect class="{escaped(bar.style)}" x="{number(bar.x)}" y="{number(bar.y)}" width="{number(bar.w)}" height="{number(bar.h)}" rx="3"'
    return f"{start}>{title}</rect>" if title else f"{start}/>"


def _text(text: "Text") -> str:
    title = f"<title>{escaped(text.full)}</title>" if text.full else ""
    return f'<text class="{escaped(text.style)}" x="{number(text.x)}" y="{number(text.y + text.h / 2 + 3.8)}">{title}{escaped(text.text)}</text>'


def _mark(mark: "Mark") -> str:
    return f'<rect class="mark {mark.style}" x="{number(mark.x - 4)}" y="{number(mark.y - 4)}" width="8" height="8" rx="2"/>'
