"""A headless Chromium, spoken to over a pipe (Chrome DevTools Protocol): as much of it as the tests of the page need.

    with Chrome() as chrome:
        page = chrome.page(); page.open(url); page.wait("document.title"); page.press("/"); page.picture("/tmp/x.png")

It notes everything that the page asks the network for, says on the console, or throws. What an act (a key, a click, a size) leads to is seen by `wait`
and `becomes`, which look until a deadline. $NETWRIGHT_SLOWER=6 makes every page six times slower: what a test forgot to wait for then shows.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing that Chromium does by itself, and nothing off this machine.
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--metrics-recording-only", "--disable-default-apps",
    "--disable-features=OptimizationHints,MediaRouter,DialMediaRouteProvider,Translate", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    "--remote-debugging-pipe",
)  # fmt: skip
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}

# The middle of an element that did not move for two frames and would get the click; what is in the way (a text) while that is not so.
# A tab in the background has no frames.
STILL = """(async () => {
  const frame = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 100); });
  const found = () => document.querySelector(SELECTOR);
  const middle = () => { const r = found().getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
  if (document.readyState !== 'complete' || !found()) return 'it is not there';
  const before = middle();
  await frame(); await frame();
  const now = found() ? middle() : [], at = found() && document.elementFromPoint(...now);
  if (`${now}` !== `${before}`) return `it moved from ${before} to ${now}`;
  return found().contains(at) ? now : `at ${now} there is ${at ? at.outerHTML.slice(0, 200) : 'nothing of the page'}`;
})()"""


def found() -> str | None:
    """Where Chromium is."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chrome:
    """One browser with a profile of its own that is thrown away."""

    def __init__(self) -> None:
        self._profile = tempfile.mkdtemp(prefix="chrome-")
        read, self._out = os.pipe()
        self._in, write = os.pipe()
        os.set_blocking(self._in, False)
        # Chromium reads from 3 and writes to 4.
        command = f'exec 3<&{read} 4>&{write}; exec "$0" "$@"'
        argv = ["bash", "-c", command, found(), *QUIET, f"--user-data-dir={self._profile}", "about:blank"]
        self._process = subprocess.Popen(argv, pass_fds=(read, write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read)
        os.close(write)
        self._data, self._number, self.pages = b"", 0, {}

    def __enter__(self) -> "Chrome":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.ask("Browser.close")
        except (OSError, TimeoutError, EOFError):
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._profile, ignore_errors=True)

    def page(self, width: int = 1280, height: int = 800) -> "Page":
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.ask(f"{domain}.enable")
        if slower := os.environ.get("NETWRIGHT_SLOWER"):
            page.ask("Emulation.setCPUThrottlingRate", {"rate": float(slower)})
        page.size(width, height)
        return page

    def ask(self, method: str, params: dict | None = None, session: str = "", seconds: float = 60) -> dict:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params or {}, **({"sessionId": session} if session else {})}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            answer = self._next(end, method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def listen(self, seconds: float) -> None:
        """Take in what comes for so long."""
        end = time.monotonic() + seconds
        try:
            while True:
                self._next(end, "")
        except TimeoutError:
            return

    def _next(self, end: float, what: str) -> dict:
        while b"\0" not in self._data:
            if not select.select([self._in], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(what)
            more = os.read(self._in, 1 << 20)
            if not more:
                raise EOFError("Chromium has ended")
            self._data += more
        line, _, self._data = self._data.partition(b"\0")
        message = json.loads(line)
        page = self.pages.get(message.get("sessionId"))
        if page and "method" in message:
            page.happened(message["method"], message["params"])
        return message


class Page:
    """A tab. `asked`: addresses; `said`: warnings and errors of the console, exceptions, failed requests."""

    def __init__(self, chrome: Chrome, session: str) -> None:
        self._chrome, self._session = chrome, session
        self.asked, self.said = [], []

    def ask(self, method: str, params: dict | None = None) -> dict:
        return self._chrome.ask(method, params, self._session)

    def happened(self, method: str, params: dict) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Network.loadingFailed" and not params.get("canceled"):
            self.said.append(params["errorText"])
        elif method == "Runtime.exceptionThrown":
            self.said.append(json.dumps(params["exceptionDetails"])[:2000])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("warning", "error"):
            self.said.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.said.append(json.dumps(params["args"])[:2000])

    def open(self, url: str) -> None:
        self.ask("Page.navigate", {"url": url})

    def value(self, script: str) -> object:
        """Of an expression; promises are awaited."""
        result = self.ask("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {json.dumps(result['exceptionDetails'])[:1000]}")
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 60) -> object:
        """Until the expression is true; its value."""
        return self._until(f"(async found => (found = await found) instanceof Node || found)({script})", bool, seconds, "true")

    def becomes(self, script: str, wanted: object, seconds: float = 60) -> None:
        """Until the expression has this value."""
        self._until(script, lambda found: found == wanted, seconds, repr(wanted))

    def _until(self, script: str, good: Callable[[object], bool], seconds: float, wanted: str) -> object:
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.value(script)
                if good(found):
                    return found
            except RuntimeError as error:
                found = error  # not loaded yet, or another page is being loaded
            if time.monotonic() > end:
                raise TimeoutError(f"never {wanted}: {script}; at last: {found!r}; the page said: {self.said}")
            self._chrome.listen(0.02)

    def size(self, width: int, height: int, scale: float = 1) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def prefer(self, **features: str) -> None:
        """prefer(color_scheme="dark", reduced_motion="reduce")"""
        listed = [{"name": "prefers-" + name.replace("_", "-"), "value": text} for name, text in features.items()]
        self.ask("Emulation.setEmulatedMedia", {"features": listed})

    def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"windowsVirtualKeyCode": KEYS.get(key, ord(key.upper()) if len(key) == 1 and key.isalnum() else 0), "key": key}
        self.ask("Input.dispatchKeyEvent", {"type": "keyDown", **code, **text})
        self.ask("Input.dispatchKeyEvent", {"type": "keyUp", **code})

    def type(self, text: str) -> None:
        self.ask("Input.insertText", {"text": text})

    def click(self, selector: str, between: Callable[[], object] = bool) -> None:
        """In the middle of the first that fits, once it stands still there with nothing over it: a page that was just resized moves its picture a frame later."""
        self.click_at(*self._until(STILL.replace("SELECTOR", json.dumps(selector)), lambda found: isinstance(found, list), 60, f"{selector} to be clicked"), between)

    def click_at(self, x: float, y: float, between: Callable[[], object] = bool) -> None:
        """`between` is done with the button held down."""
        self._mouse("mousePressed", x, y)
        between()
        self._mouse("mouseReleased", x, y)

    def _mouse(self, kind: str, x: float, y: float) -> None:
        self.ask("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "buttons": int(kind != "mouseReleased"), "clickCount": 1})

    def drag(self, x: float, y: float, by_x: float, by_y: float) -> None:
        self._mouse("mousePressed", x, y)
        for part in (0.3, 0.6, 1):
            self._mouse("mouseMoved", x + by_x * part, y + by_y * part)
        self._mouse("mouseReleased", x + by_x, y + by_y)

    def wheel(self, x: float, y: float, by: float) -> None:
        self.ask("Input.dispatchMouseEvent", {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": by})

    def picture(self, path: str) -> None:
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("Page.captureScreenshot", {"format": "png"})["data"]))
