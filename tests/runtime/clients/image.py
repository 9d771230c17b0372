"""A small image of this machine's static busybox, as an archive that podman and containerd load: no registry, no network."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

NAME = "localhost/box:1"
BUSYBOX = "/bin/busybox"
CLIENT = '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n%s\\n" "$REMOTE_ADDR"\n'
WEB = ("httpd", "-f", "-p", "80", "-h", "/www")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


def is_static() -> bool:
    """The machine has a busybox that runs by itself: it names no loader of libraries."""
    return os.path.exists(BUSYBOX) and b"/ld-" not in Path(BUSYBOX).read_bytes()[:4096]


def write(path: Path) -> None:
    """An OCI archive with the image under its name."""
    layer = files()
    config = _json(
        {
            "architecture": ARCHITECTURES.get(os.uname().machine, os.uname().machine),
            "os": "linux",
            "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sleep", "100000"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": _described("config.v1+json", config),
            "layers": [_described("layer.v1.tar", layer)],
        }
    )
    names = {"io.containerd.image.name": NAME, "org.opencontainers.image.ref.name": NAME}
    known = {**_described("manifest.v1+json", manifest), "annotations": names}
    with tarfile.open(path, "w") as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _add(archive, "index.json", _json({"schemaVersion": 2, "manifests": [known]}))
        for blob in (layer, config, manifest):
            _add(archive, f"blobs/sha256/{_digest(blob)[7:]}", blob)


def files() -> bytes:
    """The image's files as a tar: its only layer."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in ("bin", "dev", "etc", "proc", "root", "sys", "tmp", "var", "www", "www/cgi-bin"):
            _add(archive, name, None)
        _add(archive, "bin/busybox", Path(BUSYBOX).read_bytes(), 0o755)
        _add(archive, "www/cgi-bin/client", CLIENT.encode(), 0o755)
        for applet in subprocess.run([BUSYBOX, "--list"], check=True, capture_output=True, text=True).stdout.split():
            if applet != "busybox":
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
    return held.getvalue()


def _add(archive: tarfile.TarFile, name: str, data: bytes | None, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.size = mode, len(data or b"")
    if data is None:
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    archive.addfile(entry, io.BytesIO(data or b""))


def _described(kind: str, data: bytes) -> dict[str, object]:
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
