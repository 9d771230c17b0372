"""Pictures of a host: SVG, one HTML file, and text for Graphviz and Mermaid. All of it is pure: a HostMap in, a text out."""
