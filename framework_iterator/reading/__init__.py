"""Fetch what was planned, in the loop's thread: the consumer, its events, stages, retries, probes."""
