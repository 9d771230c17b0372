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

# Drawn, connected, and every carrier of `host` there: it comes to a device a moment after it is set up, and who differs stands apart.
SETTLED = "alive === 'on' && map && Object.values(map.boxes).some(box => box.members.length === 6) && !document.querySelector('g.line .wire.down')"
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
    command = ["ip", "netns", "exec", "inet", "ping", "-q", "-i", "0.005", "-s", "8000", "203.0.113.2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ping:
        try:
            yield
        finally:
            ping.terminate()


def opened(chrome: Chrome, web: Web) -> Page:
    page = chrome.page()
    page.open(web.url)
    page.wait(SETTLED)
    return page


def reload(page: Page) -> None:
    """The same page anew: the cookie opens it."""
    page.value("window.old = true; location.reload()")
    page.wait(f"!window.old && {SETTLED}")


def said(page: Page, web: Web) -> dict[str, object]:
    """What must be nothing: requests elsewhere, complaints."""
    return {"elsewhere": [url for url in page.asked if not url.startswith((f"http://127.0.0.1:{web.port}{web.path}", "data:,"))], "said": page.said}


# -- stories ---------------------------------------------------------------------------------------------------------------


def loads(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """The page as it comes, light, dark, narrow; its address without the token; names as text."""
    page = opened(chrome, web)
    out: dict[str, object] = {"title": page.value("document.title"), "address": page.value("location.href"), "cookie": page.value("document.cookie")}
    page.picture(f"{pictures}/light.png")
    paper = "getComputedStyle(document.body).backgroundColor"
    page.becomes(paper, "rgb(255, 255, 255)")
    page.prefer(color_scheme="dark")
    page.becomes(paper, "rgb(18, 22, 28)")
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
    # What flashes does so for two seconds: it is noted, for who looks later.
    page.value("new MutationObserver(() => { if (view.querySelector('g.box.flash')) window.flashed = true; }).observe(view, {subtree: true, childList: true, attributes: true})")
    waits = []
    for number in range(6):
        state = ("down", "up")[number % 2]
        began = time.monotonic()
        inside("r1", f"link set east {state}")
        page.wait(f"!!document.querySelector('g.line .wire.down') === {'true' if state == 'down' else 'false'}")
        waits.append(time.monotonic() - began)
    page.wait("window.flashed")
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
    _search(page, "172.17.0.4")
    page.press("Enter")
    page.wait("document.querySelector('#panel h2') && document.querySelector('#panel h2').textContent === 'c3'")
    page.becomes("document.getElementById('hits').textContent", "1/1")
    out: dict[str, object] = {"details": page.value("document.getElementById('panel').innerText")}
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
    page.wait("document.querySelector('#panel li') && document.getElementById('panel').innerText.includes('/run/netns/stale')")
    page.picture(f"{pictures}/problems.png")
    page.press("Escape")
    page.wait("document.getElementById('panel').hidden")
    with pinging():
        out["rate"] = page.wait("[...document.querySelectorAll('text.rate')].map(e => e.textContent).find(t => t.includes('Mbit/s'))")
        _focus_cable(page, "uplink")
        page.press("Enter")
        page.wait("!document.getElementById('panel').hidden && document.querySelector('#panel h2').textContent.includes('inet')")
        out["cable"] = page.wait("['bit/s', 'uplink'].every(word => document.getElementById('panel').innerText.includes(word)) && document.getElementById('panel').innerText")
        page.picture(f"{pictures}/rate.png")
    return {**out, **said(page, web)}


def moves(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """Groups that open, zoom and pan that stay while the map changes, languages, themes kept over a reload."""
    page = opened(chrome, web)
    out: dict[str, object] = {"boxes": page.value("Object.values(map.boxes).filter(box => box.name.startsWith('c1 … c6')).length")}
    page.click("g.group .frame")
    page.wait("document.querySelector('g.group.open')")
    out["members"] = page.value("document.querySelector('g.group.open .cells').textContent")
    page.picture(f"{pictures}/open.png")
    page.press("Escape")
    page.wait("document.getElementById('panel').hidden")
    place = "view.getAttribute('transform')"
    for act in (lambda: page.wheel(400, 300, -300), lambda: page.drag(200, 700, 120, -60)):
        before = page.value(place)
        act()
        page.wait(f"{place} !== {json.dumps(before)}")
    before = page.value(place)
    inside("r1", "link set east down")
    page.wait("document.querySelector('g.line .wire.down')")
    out["stays"] = page.value(place) == before and bool(page.value("!!document.querySelector('g.group.open')"))
    page.press("0")
    page.wait(f"{place} !== {json.dumps(before)}")
    page.click(f"#{_box(page, 'r2')} .title", lambda: (inside("r1", "link set east up"), page.wait("waiting")))
    page.wait("document.querySelector('#panel h2') && document.querySelector('#panel h2').textContent === 'r2'")
    page.wait("!waiting && !document.querySelector('g.line .wire.down')")
    page.click("#language")
    words = "[document.documentElement.lang, document.getElementById('fit').textContent, document.getElementById('search').placeholder]"
    page.becomes(words, ["zh", "全图", "名称、地址、设备 ( / )"])
    paint = "[document.getElementById('theme').textContent, getComputedStyle(document.body).backgroundColor]"
    page.press("t")
    page.becomes(paint, ["浅色", "rgb(255, 255, 255)"])
    page.press("t")
    page.becomes(paint, ["深色", "rgb(18, 22, 28)"])
    reload(page)
    page.becomes(paint, ["深色", "rgb(18, 22, 28)"])
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
    page.wait("document.getElementById('panel').hidden")
    _details(page, "r1", "r1")
    out["buttons"] = {"r1": page.value("document.querySelectorAll('#panel button.set').length"), **buttons}
    _press_east(page)
    page.becomes("document.getElementById('question').textContent", "Set east of r1 down?")
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
    page.becomes("['question', 'yes', 'no'].map(id => document.getElementById(id).textContent)", ["要启用 r1 的 east 吗？", "是", "否"])
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
    page.wait("language === 'en'")
    _focus_cable(page, "west")
    page.press("Enter")
    page.becomes("[...document.querySelectorAll('#panel .end button.set')].map(b => b.ariaLabel).sort()", ["set down: r1 east", "set down: r2 west"])
    out: dict[str, object] = {}
    for state, other in (("down", "up"), ("up", "down")):
        page.value("[...document.querySelectorAll('#panel .end button.set')].find(b => b.ariaLabel.endsWith('r2 west')).focus()")
        page.wait("document.activeElement.matches('#panel button.set')")
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
    _search(page, words)
    page.press("Enter")
    page.wait(f"document.querySelector('#panel h2') && document.querySelector('#panel h2').textContent === '{name}'")


def _search(page: Page, words: str) -> None:
    page.press("/")
    page.wait("document.activeElement.id === 'search'")
    page.value("document.getElementById('search').value = ''")
    page.type(words)
    page.wait(f"document.getElementById('search').value === '{words}' && view.querySelector('g.found')")


def _box(page: Page, name: str) -> object:
    return page.value(f"Object.entries(map.boxes).find(([id, box]) => box.name === '{name}')[0]")


def _focus_cable(page: Page, device: str) -> None:
    page.value(f"[...document.querySelectorAll('g.line')].find(g => map.lines[g.dataset.at].cables.flat().includes('{device}')).focus()")
    page.wait("document.activeElement.matches('g.line')")


def _press_east(page: Page) -> None:
    page.value("[...document.querySelectorAll('#panel button.set')].find(b => b.ariaLabel.endsWith('east')).click()")
    page.wait("document.getElementById('ask').open")


def ends(chrome: Chrome, web: Web, pictures: str) -> dict[str, object]:
    """nw web ends under the page, and another begins: the page says so and does not pretend."""
    page = opened(chrome, web)
    web.end()
    page.wait("alive === 'off'")
    page.picture(f"{pictures}/ended.png")
    page.becomes("document.getElementById('live').title", "connection lost; trying again")
    return {"used": _used(chrome)}


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


def forget() -> None:
    """Namespaces that the machine itself has pinned: their mounts were copied into the box, some below its own /run. This is a mount namespace of ours."""
    if os.getpid() != 1:  # the test makes this the first process of a box: by hand it would take away the machine's own /run
        raise SystemExit("a test starts this: pytest tests/runtime/test_page.py")
    subprocess.run(["umount", "-n", "-l", "/run"], check=True)
    with open("/proc/self/mountinfo") as file:
        pins = [line.split()[4] for line in file if " - nsfs " in line]
    if pins:
        # Not all can be taken away by who is not root outside; then they are on the map, and in nobody's way.
        subprocess.run(["umount", "-n", "-l", *reversed(pins)], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["mount", "-n", "-t", "tmpfs", "tmpfs", "/run"], check=True)


def main() -> None:
    story, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    forget()
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
