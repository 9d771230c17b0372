"""The live map in a browser: one page on loopback, what changes as server-sent events. It only shows; nothing can be changed there."""
