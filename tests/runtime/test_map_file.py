"""`nw map --format html` in a real browser: it opens, groups open, search finds, nothing is asked of the network, nothing overlaps."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import chrome
import pytest
from sandbox import missing

from netwright.hostmap.drawing.formats import drawn

ROOT = Path(__file__).resolve().parents[2]

# Pairs of boxes that overlap, and ends of cables that are at no plug; both in the coordinates of the picture.
OVERLAPS = """(() => {
  const place = g => g.getAttribute('transform').match(/-?[\\d.]+/g).map(Number);
  const boxes = [...document.querySelectorAll('g.box')].map(g => {
    const [x, y] = place(g), frame = g.querySelector('.frame');
    return {id: g.id, x, y, w: +frame.getAttribute('width'), h: +frame.getAttribute('height'),
      marks: [...g.querySelectorAll('.mark')].map(m => [x + +m.getAttribute('x') + 4, y + +m.getAttribute('y') + 4])};
  });
  const bad = [];
  for (const a of boxes) for (const b of boxes)
    if (a.id < b.id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) bad.push(`${a.id} and ${b.id}`);
  for (const g of document.querySelectorAll('g.line')) {
    const path = g.querySelector('path'), all = path.getTotalLength();
    for (const [at, id] of [[0, g.dataset.one], [all, g.dataset.other]]) {
      const p = path.getPointAtLength(at), box = boxes.find(b => b.id === id);
      if (!box.marks.some(([x, y]) => Math.abs(x - p.x) < 0.3 && Math.abs(y - p.y) < 0.3)) bad.push(`${g.querySelector('title').textContent} at ${p.x},${p.y}`);
    }
  }
  return bad;
})()"""


def _pictures():
    spec = importlib.util.spec_from_file_location("netwright_pictures", ROOT / "docs" / "pictures" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nasty(sketch):
    """A workshop in which somebody means harm."""
    host = sketch("</script><script>document.title='owned'</script>", "192.0.2.1/24")
    host.bridge("host", "br0")
    for number in range(6):
        name = f"<img src=x onerror=document.title='owned'>{number}"
        host.space(name, "docker", group="<b>")
        host._cables.append(_cable(host, name, number))
    return host.done()


def _cable(host, name, number):
    from netwright.hostmap.model import Cable

    host.device("host", f"<i>{number}", "veth", "br0")
    host.device(name, "<u>", "veth", address="10.0.0.9/24")
    return Cable(("host", f"<i>{number}"), (name, "<u>"), up=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[chrome.Chrome]:
    if not chrome.found():
        missing("there is no Chromium (Debian: chromium)")
    with chrome.Chrome() as found:
        yield found


@pytest.fixture
def page(browser: chrome.Chrome, tmp_path: Path) -> chrome.Page:
    """The page of the workshop."""
    return _opened(browser, tmp_path, _pictures().workshop())


def _opened(browser: chrome.Chrome, directory: Path, host, fragment: str = "") -> chrome.Page:
    path = directory / "map.html"
    path.write_text(drawn(host, "html"), encoding="utf-8")
    page = browser.page()
    page.open(path.as_uri() + fragment)
    page.wait("document.readyState === 'complete' && document.querySelector('#view').hasAttribute('transform')")
    return page


def test_it_opens_and_asks_nobody(page: chrome.Page):
    assert page.value("document.querySelectorAll('g.box').length") == 15
    page.becomes(OVERLAPS, [])
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("file:")] == []


def test_a_group_opens_and_closes_and_nothing_overlaps(page: chrome.Page):
    height = "document.querySelector('g.group .frame').getAttribute('height')"
    closed = page.value(height)
    page.click("g.group .title")
    page.becomes("document.querySelectorAll('g.group.open').length", 1)
    page.wait("getComputedStyle(document.querySelector('g.group .cells')).display !== 'none'")
    page.becomes("document.querySelectorAll('#panel summary').length", 12)
    page.becomes(OVERLAPS, [])
    page.click("g.group .title")
    page.becomes(height, closed)
    page.becomes(OVERLAPS, [])
    assert page.said == []


def test_a_group_opens_by_keyboard(page: chrome.Page):
    page.value("document.querySelector('g.group').focus()")
    page.wait("document.activeElement.matches('g.group')")
    for key, opened in (("Enter", 1), (" ", 0)):
        page.press(key)
        page.becomes("document.querySelectorAll('g.group.open').length", opened)
        page.becomes("document.querySelector('g.group').getAttribute('aria-expanded')", str(bool(opened)).lower())
    page.becomes("document.querySelectorAll('#panel summary').length", 12)


def test_tab_brings_what_it_reaches_into_sight(page: chrome.Page):
    for _ in range(6):
        page.press("+")
    page.value("document.querySelector('#theme').focus()")
    seen = "(r => r.left >= 0 && r.top >= 0 && r.left < innerWidth && r.top < innerHeight)(document.activeElement.querySelector('.frame').getBoundingClientRect())"
    for number in range(1, 16):
        page.press("Tab")
        page.wait(f"document.activeElement === document.querySelectorAll('g.box')[{number - 1}] && {seen}")
    page.press("Enter")
    page.wait("!document.querySelector('#panel').hidden && document.querySelector('g.chosen') === document.activeElement")
    page.click("#panel .close")
    page.wait("document.querySelector('#panel').hidden && document.activeElement.matches('g.box')")


def test_search_goes_to_what_is_inside_a_group(page: chrome.Page):
    page.press("/")
    page.wait("document.activeElement.id === 'search'")
    page.type("172.17.0.9")
    page.becomes("document.querySelectorAll('g.found').length", 1)
    page.press("Enter")
    page.becomes("document.querySelector('#hits').textContent", "1/1")
    page.wait("document.querySelector('g.group').classList.contains('open')")
    page.wait("document.querySelector('#panel details[open] summary').textContent === 'worker-8'")
    page.press("Escape")
    page.wait("document.querySelector('#panel').hidden")
    page.becomes("document.body.className", "")


def test_keys_and_wheel_move_the_picture(page: chrome.Page):
    place = "document.querySelector('#view').getAttribute('transform')"
    first = page.value(place)
    seen = {first}
    for act in (lambda: page.press("+"), lambda: page.press("ArrowLeft"), lambda: page.wheel(400, 400, -200), lambda: page.drag(20, 500, 60, 30)):
        act()
        page.wait(f"!{json.dumps(sorted(seen))}.includes({place})")
        seen.add(page.value(place))
    # The page has its own observer, which was there before and so is told before.
    page.value("window.sizes = 0; new ResizeObserver(() => { window.sizes += 1; }).observe(document.querySelector('#picture'))")
    page.wait("window.sizes === 1")
    page.size(1000, 700)
    page.wait("window.sizes > 1 && innerWidth === 1000")
    assert page.value(place) in seen - {first}, "a new size leaves it where one put it"
    page.size(1280, 800)
    page.click("#fit")
    page.becomes(place, first)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_system_until_told_otherwise(page: chrome.Page, scheme: str):
    page.prefer(color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}
    page.becomes(paper, colours[scheme])
    page.click("#theme")
    page.becomes(paper, colours["light"])
    page.click("#theme")
    page.becomes(paper, colours["dark"])


def test_names_do_nothing(browser: chrome.Chrome, tmp_path: Path):
    page = _opened(browser, tmp_path, nasty(_pictures().Sketch), "#onerror")
    page.becomes("document.querySelectorAll('#panel summary').length", 6)
    assert page.value("document.title").startswith("</script>")
    assert page.value("document.querySelectorAll('img, b, i, u').length") == 0
    page.becomes(OVERLAPS, [])
    assert page.said == []


def test_what_could_not_be_seen_is_listed(browser: chrome.Chrome, tmp_path: Path):
    from netwright.hostmap.model import HostMap, Problem

    problem = Problem("hidden", "processes of other users are not listed", "/proc", "it is <mounted> with hidepid", "sudo nw map")
    page = _opened(browser, tmp_path, HostMap(host="h", problems=(problem,)))
    page.click("#warn")
    page.wait("!document.querySelector('#panel').hidden")
    assert page.value("document.querySelector('#panel').innerText.replace(/\\s+/g, ' ')").endswith(
        "processes of other users are not listed /proc: it is <mounted> with hidepid sudo nw map"
    )
    assert page.said == []


def test_a_narrow_screen(page: chrome.Page):
    page.size(400, 700)
    page.wait("innerWidth === 400")
    page.click("g.box .title")
    page.becomes("document.querySelector('#panel').getBoundingClientRect().width", 400)
    assert page.value("document.documentElement.scrollWidth") <= 400
