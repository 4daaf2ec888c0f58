"""What a layout must keep: families, placements, type sizes, glyphs."""
