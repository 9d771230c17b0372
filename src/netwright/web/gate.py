"""Who may see the page. Pure: a request's words in, a verdict out.

How it works. The address that `nw web` prints holds a token that is good for one opening, and a place (a path nobody can guess). The
browser gets a cookie for it, HttpOnly, SameSite=Strict, and for this place only: cookies do not know ports, so that another server on
127.0.0.1 would be sent it otherwise. Whoever has neither is refused. Independent of that, a request has to name this machine as its host (a
name that an attacker lets resolve to 127.0.0.1 is refused) and must not come from another site's page. What changes something (one path, and
only where the gate was made for it) has to say where it comes from, and be JSON: no form of a page elsewhere can send that.
"""

from hmac import compare_digest

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
COOKIE = "nw"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}  # fmt: skip


@value
class Verdict:
    """`status` 200 for welcome; else why not, in words for the page. `cookie`: hand out the cookie."""

    status: int
    why: str = ""
    cookie: bool = False


@value
class Visitor:
    """What is looked at of a request; `origin`, `site` and `kind` are its headers Origin, Sec-Fetch-Site and Content-Type, "" where absent."""

    method: str
    host: str
    path: str
    token: str = ""
    cookie: str = ""
    origin: str = ""
    site: str = ""
    mode: str = ""
    kind: str = ""


WELCOME = Verdict(200)
NO_HOST = Verdict(403, "this page is only served under the name of this machine itself: 127.0.0.1 or localhost")
NO_ORIGIN = Verdict(403, "another site's page asked for this; it may not")
NO_METHOD = Verdict(405, "this page only shows: nothing can be sent to it")
NO_KIND = Verdict(415, "what is sent here has to be application/json")
NO_PLACE = Verdict(404, "there is nothing here")
NO_KEY = Verdict(401, "this address has been used, or was never one of mine; press Enter where nw web runs, and it prints a new one")


class Gate:
    """The secrets of one run: where the page is, what the cookie is, and the tokens that have not been used yet."""

    MOST = 16

    def __init__(self, place: str, secret: str, control: bool = False) -> None:
        self.place, self._secret, self._control = place, secret, control
        self._tokens: list[str] = []

    def add(self, token: str) -> str:
        """Another opening; returns the path for it. Only the last few are good."""
        self._tokens = [*self._tokens, token][-self.MOST :]
        return f"/{self.place}/?token={token}"

    def cookie(self) -> str:
        """The Set-Cookie header."""
        return f"{COOKIE}={self._secret}; Path=/{self.place}/; HttpOnly; SameSite=Strict"

    def verdict(self, visitor: Visitor) -> Verdict:
        """Whether this visitor may come in. Using a token up is part of it."""
        if not is_loopback(visitor.host):
            return NO_HOST
        posting = visitor.method == "POST" and visitor.path.split("/")[2:] == ["control"]
        if visitor.method not in ("GET", "HEAD") and not posting:
            return NO_METHOD
        door = visitor.path == f"/{self.place}/"
        if not _own(visitor, door) or (posting and not visitor.origin):
            return NO_ORIGIN
        if (posting and not self._control) or not visitor.path.startswith("/") or not _same(visitor.path.split("/")[1], self.place):
            return NO_PLACE
        if _same(visitor.cookie, self._secret):
            return NO_KIND if posting and visitor.kind.partition(";")[0].strip().lower() != "application/json" else WELCOME
        if door and self._use(visitor.token):
            return Verdict(200, cookie=True)
        return NO_KEY

    def _use(self, token: str) -> bool:
        found = [known for known in self._tokens if _same(known, token)]
        self._tokens = [known for known in self._tokens if known not in found]
        return bool(found)


def _same(one: str, other: str) -> bool:
    """In a time that does not tell where they differ."""
    return compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine itself; the port is free, so that the page can be reached through ssh -L."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, "80"
    return name.lower() in LOOPBACK and port.isascii() and port.isdigit()


def _own(visitor: Visitor, door: bool) -> bool:
    """Not asked for by another site: links to the door may be clicked anywhere."""
    if visitor.origin and visitor.origin != f"http://{visitor.host}":
        return False
    return visitor.site in ("", "none", "same-origin") or (door and visitor.mode == "navigate")


def cookies(header: str) -> "Mapping[str, str]":
    """The Cookie header. Of one name, the first: browsers send that of the longest path first."""
    out: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, found = part.strip().partition("=")
        if equals:
            out.setdefault(name, found)
    return out
