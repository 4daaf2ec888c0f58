"""Pixels and colours: colour arithmetic, encodings, quiet areas, depth."""
