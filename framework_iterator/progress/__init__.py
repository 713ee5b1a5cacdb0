"""How far a run has come: what was admitted, what the loop was given, which partitions have ended."""
