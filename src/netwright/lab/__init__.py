"""Labs: a network written down, made, checked and taken away; as a file, and in Python."""
