"""podman's side: programs that it accepts as its netavark and its aardvark-dns."""
