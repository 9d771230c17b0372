"""Colours and type, for light and dark: plain rules without variables, because not every renderer of SVG knows those.

Contrast of any text against what is behind it is at least 4.5 to 1 (WCAG AA); a test computes it.
"""

# tone -> (box, frame and name on the legend) in light, then in dark
TONES = {
    "host": ("#f1f4f8", "#44546a", "#1f2732", "#9fb3cc"),
    "docker": ("#eaf4fd", "#0b66a8", "#14293a", "#6bb8f0"),
    "podman": ("#f5effb", "#7a3fa8", "#2a1f36", "#c79bea"),
    "kubernetes": ("#ebeffd", "#3053c8", "#1b2344", "#92abf7"),
    "containerd": ("#eceffa", "#4a5a9e", "#20253d", "#a3b0e6"),
    "lab": ("#eaf7ef", "#1d7244", "#17301f", "#6fcf97"),
    "network": ("#fdf5e3", "#8a5a00", "#33280f", "#e6b85c"),
    "other": ("#f5f5f3", "#63635e", "#262624", "#b5b5ad"),
}
# class -> (light, dark)
INK = {
    "paper": ("#ffffff", "#12161c"), "text": ("#1a2028", "#e8ecf1"), "soft": ("#4a5462", "#b3bdc9"), "pill": ("#ffffff", "#0e1217"),
    "edge": ("#b6bfca", "#48525f"), "rail": ("#33475f", "#8aa5c4"), "on": ("#ffffff", "#0e1217"),
    "up": ("#4d6b8c", "#7f9fc2"), "down": ("#b3261e", "#ff8a80"), "stands": ("#7a6a3a", "#c9b26b"), "count": ("#1a2028", "#e8ecf1"),
}  # fmt: skip
FONT = "'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace"
SIZES = {"title": 12, "note": 10, "name": 11, "rname": 11, "address": 11, "raddress": 11, "extra": 10, "member": 10, "inner": 10, "count": 10, "legend": 10}


def style(dark: bool) -> str:
    """The colours of one of both."""
    ink = {name: pair[dark] for name, pair in INK.items()}
    rules = [
        f".paper{{fill:{ink['paper']}}}", f"text{{fill:{ink['text']}}}", f".note,.address,.inner,.extra{{fill:{ink['soft']}}}",
        f".pill{{fill:{ink['pill']};stroke:{ink['edge']}}}", f".stub{{fill:{ink['edge']}}}", f".rail{{fill:{ink['rail']}}}",
        f".rail.down{{fill:{ink['down']}}}", f".rname,.raddress{{fill:{ink['on']}}}",
        f".wire{{stroke:{ink['up']}}}", f".wire.down{{stroke:{ink['down']}}}", f".wire.stands{{stroke:{ink['stands']}}}",
        f".mark{{fill:{ink['up']};stroke:{ink['paper']}}}", f".mark.down,.mark.lost{{fill:{ink['down']}}}", f".count{{fill:{ink['count']}}}",
        f".halo{{fill:{ink['paper']}}}",
    ]  # fmt: skip
    for tone, (light, frame, dark_box, dark_frame) in TONES.items():
        fill, edge = (dark_box, dark_frame) if dark else (light, frame)
        rules.append(f".{tone} .frame,.{tone} .back{{fill:{fill};stroke:{edge}}}.{tone} .title,.{tone} .more{{fill:{edge}}}.legend.{tone}{{fill:{edge}}}")
    return "".join(rules)


def shape() -> str:
    """What does not depend on light or dark."""
    sizes = "".join(f".{name}{{font-size:{size}px}}" for name, size in SIZES.items())
    return (
        f"text{{font-family:{FONT};white-space:pre}}{sizes}.title,.member,.rname,.head{{font-weight:bold}}.head{{font-size:14px}}"
        ".wire{fill:none;stroke-width:1.6}.wire.many{stroke-width:3.6}.wire.down{stroke-dasharray:6 4}.wire.stands{stroke-dasharray:2 4}"
        ".hit{fill:none;stroke:transparent;stroke-width:11}"
        ".frame{stroke-width:1.3}.back{stroke-width:1}.unseen .frame,.gone .frame{stroke-dasharray:5 4}.mark{stroke-width:1}"
    )
