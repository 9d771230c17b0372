"""Pure values: what a namespace, a link, an address is; no I/O."""
