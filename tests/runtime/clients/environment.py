"""The environment of the clients, plain whoever runs the tests: what would point a client elsewhere, or have it speak another language, goes.

The PATH of some roots has no sbin, where nft and sshd live.
"""

import os

ELSEWHERE = (
    "CONTAINERS_", "CONTAINER_", "CONTAINERD_", "DOCKER_", "CNI_", "NETCONFPATH", "CAP_ARGS", "NETAVARK_", "NETWRIGHT_RUN_DIR", "NETWRIGHT_STATE_DIR",
    "STORAGE_", "REGISTRY_AUTH_FILE", "XDG_", "DBUS_", "LANG", "LC_", "TZ", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
)  # fmt: skip

for name in [name for name in os.environ if name.startswith(ELSEWHERE)]:
    del os.environ[name]
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["PATH"] = ":".join(filter(None, [os.environ.get("PATH"), "/usr/local/sbin", "/usr/sbin", "/sbin"]))
