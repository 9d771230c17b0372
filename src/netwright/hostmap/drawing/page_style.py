"""How the page in a file and the live page look: their colours, light or dark, and the rules that both have.

The first has it written into itself, the second gets it as files of its own (web/serve.py), because its policy allows no style inside.
"""

from . import palette

# what the pages call them -> (light, dark)
COLOURS = {
    "paper": ("#ffffff", "#12161c"), "bar": ("#f4f6f9", "#1b212a"), "ink": ("#1a2028", "#e8ecf1"), "soft": ("#4a5462", "#b3bdc9"),
    "edge": ("#c9d1db", "#39424e"), "accent": ("#0b66a8", "#6bb8f0"), "alarm": ("#b3261e", "#ff8a80"), "flash": ("#f2a900", "#ffd166"),
    "good": ("#1d7244", "#6fcf97"),
}  # fmt: skip

RULES = """* { box-sizing: border-box; }
html, body { margin: 0; height: 100%; overflow: hidden; }
body { display: flex; flex-direction: column; background: var(--paper); color: var(--ink); font: 14px/1.4 system-ui, sans-serif; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
header { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; padding: 6px 10px; background: var(--bar); border-bottom: 1px solid var(--edge); }
h1 { font-size: 14px; margin: 0 auto 0 0; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
button, input { font: inherit; min-height: 30px; padding: 3px 9px; border: 1px solid var(--edge); border-radius: 6px; background: var(--paper); color: var(--ink); }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
input { width: min(240px, 40vw); }
input::placeholder { color: var(--soft); opacity: 1; }
.buttons { display: flex; gap: 6px; flex-wrap: wrap; }
#hits { color: var(--soft); min-width: 2ch; }
main { flex: 1; display: flex; min-height: 0; position: relative; }
#picture { flex: 1; min-width: 0; height: 100%; touch-action: none; cursor: grab; user-select: none; }
#picture.moving { cursor: grabbing; }

/* the drawing */
g.box { cursor: pointer; }
g.box, g.line { outline: none; }
g.line:hover .wire, g.line:focus-visible .wire { stroke-width: 4; }
g.box:focus-visible .frame { stroke-width: 4; stroke: var(--accent); }
.chosen .frame, .found .frame { stroke-width: 3; }
.group.open .back { display: none; }
.searching g.box:not(.found):not(.lit) { opacity: .25; }
.searching g.line:not(.lit) { opacity: .15; }
.choosing g.line:not(.lit) { opacity: .25; }
g.line.lit .wire { stroke-width: 3; }
g.line.lit .wire.many { stroke-width: 5; }

/* details */
#panel { width: 360px; overflow: auto; padding: 10px 14px 24px; background: var(--bar); border-left: 1px solid var(--edge); overflow-wrap: anywhere; font-size: 13px; }
#panel h2 { font-size: 15px; margin: 2px 34px 2px 0; }
#panel h3 { font-size: 12px; margin: 14px 0 2px; color: var(--soft); font-weight: 600; }
#panel p { margin: 2px 0; color: var(--soft); }
#panel ul { margin: 0; padding: 0; list-style: none; }
#panel li { padding: 2px 0; border-top: 1px solid color-mix(in srgb, var(--edge) 50%, transparent); }
#panel li:first-child { border-top: 0; }
#panel code { font: 12px/1.4 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace; }
#panel small { color: var(--soft); display: block; }
#panel .close { position: sticky; top: 0; float: right; width: 30px; padding: 3px 0; }

@media (max-width: 700px) {
  h1 { flex: 1; }
  input { flex: 1 1 100%; width: auto; order: 5; }
  #hits { order: 4; }
  .buttons { flex-wrap: nowrap; overflow-x: auto; order: 6; width: 100%; gap: 4px; padding: 2px; scrollbar-width: none; }
  .buttons button { flex: 1 0 auto; padding: 3px 6px; font-size: 13px; }
  main { flex-direction: column; }
  #picture { min-height: 0; }
  #panel { flex: 0 0 58%; width: auto; border-left: 0; border-top: 1px solid var(--edge); }
}
"""


def sheet(dark: bool) -> str:
    """The colours of the page and of the drawing on it, for one of both."""
    colours = "".join(f"--{name}:{pair[dark]};" for name, pair in COLOURS.items())
    return f":root{{color-scheme:{'dark' if dark else 'light'};{colours}}}{palette.style(dark)}"


def rules() -> str:
    """What does not depend on light or dark."""
    return palette.shape() + RULES
