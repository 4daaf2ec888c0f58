"""Products and segments from tables, shop exports and feeds."""
