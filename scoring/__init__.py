"""The batch: read, normalise, infer, write, roll up, refresh."""
