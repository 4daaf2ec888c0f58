"""How `pipeline.py` moves work through the stages: calls, poster steps, and the running session."""
