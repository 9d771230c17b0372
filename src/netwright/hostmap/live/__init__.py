"""The map while it changes: events of all namespaces, the map that follows them, what is different, in values and in words."""
