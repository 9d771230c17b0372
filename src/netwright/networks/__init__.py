"""Container networks: what a runtime does so that a container gets an interface, an address, a way out, a name and ports."""
