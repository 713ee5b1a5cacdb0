"""How far a run has come: what was admitted, what the reader was given, which partitions have ended."""
