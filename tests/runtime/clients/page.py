"""In the box: `nw web` in a real Chromium. Each function is one story; it returns what a test then looks at.

    python page.py STORY DIRECTORY      prints JSON; pictures go into the directory

Its neighbours and those of tests/kernel/inside have to be in PYTHONPATH.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from chrome import Chrome, Page
from live_client import Web, ip, until

EVIL = "<img src=x onerror=document.title='owned'>\x1b[1m"


def host(containers: int = 6) -> None:
    """A switch with containers, a way out, two routers apart, and a name that is markup."""
    lines = ["link set lo up", "link add docker0 type bridge", "addr add 172.17.0.1/16 dev docker0", "link set docker0 up"]
    for number in range(1, containers + 1):
        lines += [f"netns add c{number}", f"link add veth{number} type veth peer name eth0 netns c{number}", f"link set veth{number} master docker0 up"]
    lines += ["netns add inet", "link add uplink type veth peer name eth0 netns inet", "addr add 203.0.113.2/24 dev uplink", "link set uplink up"]
    lines += ["netns add r1", "netns add r2", "link add east type veth peer name west netns r2", "link set east netns r1"]
    ip(*lines)
    for number in range(1, containers + 1):
        inside(f"c{number}", "link set lo up", "link set eth0 up", f"addr add 172.17.0.{number + 1}/16 dev eth0", "route add default via 172.17.0.1")
    inside("inet", "link set eth0 up", "addr add 203.0.113.1/24 dev eth0")
    inside("r1", "link set east up", "addr add 10.9.0.1/24 dev east")
    inside("r2", "link set west up", "addr add 10.9.0.2/24 dev west")
    subprocess.run(["ip", "netns", "add", EVIL.replace("/", "")], check=True)


def inside(name: str, *commands: str) -> None:
    for command in commands:
        subprocess.run(["ip", "-n", name, *command.split()], check=True)


@contextmanager
def pinging() -> Iterator[None]:
    """Traffic on the uplink."""
    command = ["ip", "netns", "exec", "inet", "ping", "-q", "-i", "0.005", "-s", "1400", "203.0.113.2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ping:
        try:
            yield
        finally:
            ping.terminate()


def opened(chrome: Chrome, web: Web) -> Page:
    page = chrome.page()
    page.open(web.url)
    page.wait("document.querySelectorAll('g.box').length > 3 && alive === 'on'")
    return page


def reload(page: Page) -> None:
    """The same page anew: the cookie opens it."""
    page.value("window.old = true; location.reload()")
    page.wait("!window.old && document.querySelectorAll('g.box').length > 3 && alive === 'on'")


def said(page: Page, web: Web) -> dict[str, object]:
    """What must be nothing: requests elsewhere, complaints."""
    return {"elsewhere": [url for url in page.asked if not url.startswith((f"http://127.0.0.1:{web.port}{web.path}", "data:,"))], "said": page.said}


# -- stories ---------------------------------------------------------------------------------------------------------------


def loads(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """The page as it comes, light, dark, narrow; its address without the token; names as text."""
    page = opened(chrome, web)
    out: dict[str, object] = {"title": page.value("document.title"), "address": page.value("location.href"), "cookie": page.value("document.cookie")}
    page.picture(f"{pictures}/light.png")
    out["light"] = page.value("getComputedStyle(document.body).backgroundColor")
    page.prefer(color_scheme="dark")
    out["dark"] = page.value("getComputedStyle(document.body).backgroundColor")
    page.picture(f"{pictures}/dark.png")
    page.size(380, 760)
    page.wait("innerWidth === 380")
    out["sideways"] = page.value("document.documentElement.scrollWidth")
    page.picture(f"{pictures}/narrow.png")
    out["texts"] = page.value("[...document.querySelectorAll('g.box .title')].map(e => e.lastChild.textContent)")
    out["markup"] = page.value("document.querySelectorAll('#view img, #view script').length")
    reload(page)
    return {**out, **said(page, web)}


def lives(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """A link goes down and comes back, a container comes and goes; what flashes; what is written down."""
    page = opened(chrome, web)
    waits = []
    for number in range(6):
        state = ("down", "up")[number % 2]
        began = time.monotonic()
        inside("r1", f"link set east {state}")
        page.wait(f"!!document.querySelector('g.line .wire.down') === {'true' if state == 'down' else 'false'}")
        waits.append(time.monotonic() - began)
    page.wait("document.querySelectorAll('g.box.flash').length > 0")
    page.picture(f"{pictures}/flash.png")
    ip("netns add late", "link add vlate type veth peer name eth0 netns late")
    page.wait("Object.values(map.names).includes('late') && map.lines.some(l => l.cables.some(c => c.includes('vlate')))")
    ip("netns del late")
    page.wait("!Object.values(map.names).includes('late')")
    page.press("c")
    page.wait("!document.getElementById('changes').hidden")
    page.wait("document.getElementById('list').textContent.includes('late: namespace gone')")
    log = page.value("[...document.querySelectorAll('#list li')].map(e => e.textContent)")
    page.picture(f"{pictures}/changes.png")
    return {"waits": waits, "log": log, **said(page, web)}


def finds(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """Search by address, details, the other end of a cable, a cable with its rate; by keyboard alone."""
    page = opened(chrome, web)
    page.press("/")
    page.type("172.17.0.4")
    page.press("Enter")
    page.wait("document.querySelector('#panel h2') && document.querySelector('#panel h2').textContent === 'c3'")
    out: dict[str, object] = {"hits": page.value("document.getElementById('hits').textContent"), "details": page.value("document.getElementById('panel').innerText")}
    page.picture(f"{pictures}/details.png")
    page.click("#panel button.link")
    page.wait("document.querySelector('#panel h2').textContent === 'host'")
    page.press("Escape")
    page.wait("document.getElementById('panel').hidden")
    with open("/run/netns/stale", "w") as file:
        file.write("no namespace")  # an empty one could be one that is just being made
    ip("netns add another")
    page.wait("!document.getElementById('trouble').hidden")
    page.click("#trouble")
    out["problems"] = page.wait("document.querySelector('#panel li') && document.getElementById('panel').innerText")
    page.picture(f"{pictures}/problems.png")
    page.press("Escape")
    with pinging():
        out["rate"] = page.wait("[...document.querySelectorAll('text.rate')].map(e => e.textContent).find(t => t.includes('Mbit/s'))", 20)
        page.value("[...document.querySelectorAll('g.line')].find(g => map.lines[g.dataset.at].cables.flat().includes('uplink')).focus()")
        page.press("Enter")
        page.wait("!document.getElementById('panel').hidden && document.querySelector('#panel h2').textContent.includes('inet')")
        page.wait("document.getElementById('panel').innerText.includes('bit/s')")
        out["cable"] = page.value("document.getElementById('panel').innerText")
        page.picture(f"{pictures}/rate.png")
    return {**out, **said(page, web)}


def moves(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """Groups that open, zoom and pan that stay while the map changes, languages, themes kept over a reload."""
    page = opened(chrome, web)
    out: dict[str, object] = {"boxes": page.value("Object.values(map.boxes).filter(b => b.members.length > 1).length")}
    page.click("g.group .frame")
    page.wait("document.querySelector('g.group.open')")
    out["members"] = page.value("document.querySelector('g.group.open .cells').textContent")
    page.picture(f"{pictures}/open.png")
    page.press("Escape")
    page.wheel(400, 300, -300)
    page.drag(200, 700, 120, -60)
    before = page.value("JSON.stringify(at)")
    inside("r1", "link set east down")
    page.wait("document.querySelector('g.line .wire.down')")
    out["stays"] = page.value("JSON.stringify(at)") == before and bool(page.value("!!document.querySelector('g.group.open')"))
    page.press("0")
    out["fits"] = page.value("JSON.stringify(at)") != before
    page.click("#language")
    out["chinese"] = page.value("[document.documentElement.lang, document.getElementById('fit').textContent, document.getElementById('search').placeholder]")
    page.press("t")
    page.press("t")
    reload(page)
    out["kept"] = page.value("[document.getElementById('theme').textContent, getComputedStyle(document.body).backgroundColor]")
    page.picture(f"{pictures}/chinese.png")
    return {**out, **said(page, web)}


def controls(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """A device set down after a question, and up again in the other language; without --control there is no button."""
    page = opened(chrome, web)
    _details(page, "r1", "r1")
    out: dict[str, object] = {"without": page.value("document.querySelectorAll('#panel button.set').length")}
    complaints = said(page, web)
    with_control = Web("--control")
    page = opened(chrome, with_control)
    _details(page, "docker0", "host")
    lo = "[...document.querySelectorAll('#panel button.set')].filter(b => b.ariaLabel.endsWith(': lo')).length"
    buttons = {"host": page.value(lo)}
    page.press("Escape")
    _details(page, "r1", "r1")
    out["buttons"] = {"r1": page.value("document.querySelectorAll('#panel button.set').length"), **buttons}
    _press_east(page)
    out["question"] = page.value("document.getElementById('question').textContent")
    page.picture(f"{pictures}/question.png")
    page.click("#no")
    page.wait("!document.getElementById('ask').open")
    _press_east(page)
    page.click("#yes")
    page.wait("!document.getElementById('ask').open && document.querySelector('g.line .wire.down')")
    page.wait("[...document.querySelectorAll('#panel button.set')].some(b => b.textContent === 'set up' && b.ariaLabel.endsWith('east'))")
    page.picture(f"{pictures}/set-down.png")
    page.click("#language")
    page.wait("[...document.querySelectorAll('#panel button.set')].some(b => b.textContent === '启用' && b.ariaLabel.endsWith('east'))")
    _press_east(page)
    out["chinese"] = page.value("['question', 'yes', 'no'].map(id => document.getElementById(id).textContent)")
    page.click("#yes")
    page.wait("!document.getElementById('ask').open && !document.querySelector('g.line .wire.down')")
    out["ends"] = _ends(page, pictures)
    told = [line.split(" ", 2)[2] for line in with_control.err().splitlines()]
    orders = [("r1", "east", "down"), ("r1", "east", "up"), ("r2", "west", "down"), ("r2", "west", "up")]
    if told != [f"ip -n {name} link set dev {device} {state}" for name, device, state in orders]:
        raise SystemExit(f"told: {told}")
    more = said(page, with_control)
    with_control.end()
    return {**out, **{name: [*complaints[name], *more[name]] for name in more}}


def _ends(page: Page, pictures: str) -> dict[str, object]:
    """The same from the details of a cable, which has a button for each end; light and dark. The page speaks Chinese by now."""
    page.click("#language")
    page.value("[...document.querySelectorAll('g.line')].find(g => map.lines[g.dataset.at].cables.flat().includes('west')).focus()")
    page.press("Enter")
    page.wait("document.querySelectorAll('#panel .end').length === 2")
    out: dict[str, object] = {"labels": sorted(page.value("[...document.querySelectorAll('#panel .end button.set')].map(b => b.ariaLabel)"))}
    for state, other in (("down", "up"), ("up", "down")):
        page.value("[...document.querySelectorAll('#panel .end button.set')].find(b => b.ariaLabel.endsWith('r2 west')).focus()")
        page.press("Enter")
        page.wait("document.getElementById('ask').open")
        page.click("#yes")
        page.wait(f"!document.getElementById('ask').open && [...document.querySelectorAll('#panel .end button.set')].some(b => b.ariaLabel === 'set {other}: r2 west')")
        if state == "down":
            out["text"] = page.value("[...document.querySelectorAll('#panel .end')].map(e => e.innerText)")
            page.picture(f"{pictures}/cable-down.png")
            page.prefer(color_scheme="dark")
            page.picture(f"{pictures}/cable-down-dark.png")
            page.prefer(color_scheme="light")
    return out


def _details(page: Page, words: str, name: str) -> None:
    page.press("/")
    page.value("document.getElementById('search').value = ''")
    page.type(words)
    page.press("Enter")
    page.wait(f"document.querySelector('#panel h2') && document.querySelector('#panel h2').textContent === '{name}'")


def _press_east(page: Page) -> None:
    page.value("[...document.querySelectorAll('#panel button.set')].find(b => b.ariaLabel.endsWith('east')).click()")
    page.wait("document.getElementById('ask').open")


def ends(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """nw web ends under the page, and another begins: the page says so and does not pretend."""
    page = opened(chrome, web)
    web.end()
    page.wait("alive === 'off'")
    page.picture(f"{pictures}/ended.png")
    return {"dot": page.value("document.getElementById('live').title"), "used": _used(chrome)}


def _used(chrome: Chrome) -> str:
    """What a second opening of the same address says."""
    web = Web()
    opened(chrome, web)
    page = chrome.page()
    # Another profile has no cookie; here it is enough to ask without.
    page.open(web.url.replace("127.0.0.1", "localhost"))
    text = page.wait("document.body && document.body.innerText")
    web.end()
    return str(text)


def main() -> None:
    story, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    host()
    web = Web()
    with Chrome() as chrome:
        out = globals()[story](chrome, web, pictures)
    if web.process.poll() is None:
        web.end()
    until(lambda: web.process.poll() is not None)
    print(json.dumps({**out, "err": web.err()}))


if __name__ == "__main__":
    main()
