"""A daemon that answers what the map asks of Docker, on /run/docker.sock: one container (web, or of a name that is given) whose
sandbox is abcdef012345."""

import http.server
import json
import os
import socketserver
import sys

ID = "0123456789abcdef" * 4
NAME = sys.argv[2] if len(sys.argv) > 2 else "web"
ANSWERS = {
    "/containers/json": [{"Id": ID, "Names": [f"/{NAME}"], "Labels": {"com.docker.compose.project": "shop"}}],
    f"/containers/{ID}/json": {"Id": ID, "NetworkSettings": {"SandboxKey": "/var/run/docker/netns/abcdef012345"}},
}


class Answering(http.server.BaseHTTPRequestHandler):
    """GET only."""

    def do_GET(self) -> None:
        """What is asked for, or 404."""
        body = json.dumps(ANSWERS.get(self.path, {"message": "page not found"})).encode()
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    with socketserver.ThreadingUnixStreamServer("/run/docker.sock", Answering) as server:
        os.close(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY))
        server.serve_forever()
