"""Numbers about finished assets: criteria, their fusion, and what they are worth."""
