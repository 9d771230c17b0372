"""A Picture and its HostMap as one HTML file that asks the network for nothing: pan, zoom, search, groups that open, details.

The page's own policy forbids every connection and every script but its own, whose hash stands in it.
"""

import json

from ..plain import record
from .page_script import SCRIPT
from .page_style import rules, sheet
from .svg import elements, number
from .words import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import HostMap
    from .scene import Picture

# What only this page has, after the rules of both.
OWN = "\n.group:not(.open) .cells { display: none; }\n#warn { color: var(--alarm); }\n#panel details { padding: 2px 0; }\n#panel summary { cursor: pointer; }\n"


def html(picture: "Picture", host: "HostMap") -> str:
    """The page."""
    body = "\n".join(elements(picture, whole=True))
    title = escaped(picture.title)
    members = {box.id: box.members for box in picture.boxes}
    spaces = {space.id: {"name": space.name or space.id, **record(space)} for space in host.namespaces}
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n'
        f'<style>{sheet(False)}</style>\n<style id="dark" media="(prefers-color-scheme: dark)">{sheet(True)}</style>\n<style>{rules()}{OWN}</style>\n</head>\n<body>\n'
        f'<header><h1>{title}</h1><span id="hits" role="status"></span><input id="search" type="search" placeholder="name, address, device  ( / )" aria-label="search">'
        f'<span class="buttons">{_warning(host)}<button id="all" title="open or fold groups (o)">groups</button><button id="out" title="smaller (-)" aria-label="smaller">−</button><button id="in" title="larger (+)" aria-label="larger">+</button>'
        '<button id="fit" title="show all (0)">fit</button><button id="theme" title="light or dark (t)" aria-label="light or dark">auto</button></span></header>\n'
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


def _policy() -> str:
    """Nothing from anywhere; of scripts the one whose hash this is."""
    from base64 import b64encode
    from hashlib import sha256

    own = b64encode(sha256(SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'; base-uri 'none'; form-action 'none'"


def _data(data: object) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
