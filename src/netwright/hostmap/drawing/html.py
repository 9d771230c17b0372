"""A Picture and its HostMap as one HTML file that asks the network for nothing: pan, zoom, search, groups that open, details.

The page's own policy forbids every connection and every script but its own, whose hash stands in it.
"""

import json

from ..plain import record
from . import palette
from .page_script import SCRIPT
from .svg import elements, number
from .words import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import HostMap
    from .scene import Picture

# page, bar, text, softer text, lines, accent
LIGHT = ("#ffffff", "#f4f6f9", "#1a2028", "#4a5462", "#c9d1db", "#0b66a8")
DARK = ("#12161c", "#1b212a", "#e8ecf1", "#b3bdc9", "#39424e", "#6bb8f0")
LAYOUT = (
    "*{box-sizing:border-box}html,body{margin:0;height:100%;overflow:hidden}body{display:flex;flex-direction:column;font:14px/1.4 system-ui,sans-serif}"
    "header{display:flex;flex-wrap:wrap;gap:6px;align-items:center;padding:6px 10px;border-bottom:1px solid}h1{font-size:14px;margin:0 auto 0 0}"
    "button,input{font:inherit;padding:3px 9px;border:1px solid;border-radius:6px;min-height:30px}input{width:min(240px,40vw)}"
    "main{flex:1;display:flex;min-height:0;position:relative}#picture{flex:1;min-width:0;height:100%;touch-action:none;cursor:grab}"
    "#panel{width:340px;overflow:auto;padding:10px 14px;border-left:1px solid;overflow-wrap:anywhere;font-size:13px}#panel[hidden]{display:none}"
    "#panel h2{font-size:15px;margin:2px 30px 6px 0}#panel h3{font-size:12px;margin:12px 0 2px}#panel ul{margin:0;padding-left:16px}"
    "#panel details{padding:2px 0}.close{float:right}"
    "@media(max-width:640px){#panel{position:absolute;inset:45% 0 0 0;width:auto;border-top:1px solid}h1{width:100%}}"
    "g.box{cursor:pointer;outline:none}g.box:focus-visible .frame,.chosen .frame,.hit-box .frame{stroke-width:3}"
    ".group:not(.open) .cells,.group.open .back{display:none}.searching g.box:not(.hit-box):not(.lit){opacity:.25}.searching g.line:not(.lit){opacity:.25}"
    ".choosing g.line:not(.lit){opacity:.18}.choosing g.lit .wire{stroke-width:3}.choosing g.lit .wire.many{stroke-width:5}g.line:hover .wire{stroke-width:4}"
)


def html(picture: "Picture", host: "HostMap") -> str:
    """The page."""
    body = "\n".join(elements(picture, whole=True))
    title = escaped(picture.title)
    members = {box.id: box.members for box in picture.boxes}
    spaces = {space.id: {"name": space.name or space.id, **record(space)} for space in host.namespaces}
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n'
        f"<style>{palette.shape()}{LAYOUT}{palette.style(False)}{_page(LIGHT)}</style>\n"
        f'<style id="dark" media="(prefers-color-scheme: dark)">{palette.style(True)}{_page(DARK)}</style>\n</head>\n<body>\n'
        f'<header><h1>{title}</h1><span id="hits" role="status"></span><input id="search" type="search" placeholder="name, address, device  /" aria-label="search">'
        f'{_warning(host)}<button id="all" title="o">groups</button><button id="out" title="-" aria-label="smaller">−</button><button id="in" title="+" aria-label="larger">+</button>'
        '<button id="fit" title="0">fit</button><button id="theme" aria-label="light or dark">auto</button></header>\n'
        f'<main><svg id="picture" data-w="{number(picture.width)}" data-h="{number(picture.height)}" role="img" aria-label="{title}"><g id="view">\n{body}\n</g></svg>'
        '<aside id="panel" hidden></aside></main>\n'
        f'<script type="application/json" id="members">{_data(members)}</script>\n'
        f'<script type="application/json" id="problems">{_data([record(problem) for problem in host.problems])}</script>\n<script type="application/json" id="spaces">{_data(spaces)}</script>\n'
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _warning(host: "HostMap") -> str:
    """The button that lists what is wrong or could not be seen."""
    count = len(host.problems)
    return f'<button id="warn" title="what is wrong or could not be seen">! {count}</button>' if count else ""


def _page(colours: "tuple[str, ...]") -> str:
    paper, bar, text, soft, line, accent = colours
    return (
        f"body{{background:{paper};color:{text}}}header,#panel{{background:{bar};border-color:{line}}}button,input{{background:{paper};color:{text};border-color:{line}}}"
        f"#panel h3,#hits{{color:{soft}}}:focus-visible{{outline:2px solid {accent}}}"
    )


def _policy() -> str:
    """Nothing from anywhere; of scripts the one whose hash this is."""
    from base64 import b64encode
    from hashlib import sha256

    own = b64encode(sha256(SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'; base-uri 'none'; form-action 'none'"


def _data(data: object) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
