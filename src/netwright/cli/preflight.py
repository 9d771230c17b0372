"""`nw preflight`: can labs be made here, and if not, what mends it."""

import os

from .text import paint, put, put_json
from .words import Words


def main(words: list[str]) -> int:
    """0 when nothing is missing."""
    given = Words(words, {"--json": ""})
    from ..kernel.userns import capable, preflight
    from ..lab.uplink import why_not

    found = preflight()
    how = "as root" if os.geteuid() == 0 and capable() else "without root"
    uplink = "" if found else why_not().removeprefix("uplink: ")
    if "--json" in given:
        lacks = [{"what": lack.what, "why": lack.why, "fix": lack.fix} for lack in found]
        put_json({"ready": not found, "how": how, "lacks": lacks, "uplink": uplink or True})
        return 1 if found else 0
    for lack in found:
        put(paint(lack.what, "bad") + f": {lack.why}\n    {lack.fix}")
    if not found:
        put(paint(f"nothing is missing: labs can be made here, {how}", "good"))
        put(f"uplink (NAT to the machine's network): {uplink or 'can be had'}")
    return 1 if found else 0
