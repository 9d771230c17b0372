"""The live map in a browser: one page on loopback, what changes as server-sent events. It only shows; with --control devices can be set up and down."""
