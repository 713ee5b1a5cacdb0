"""Fetch what was planned: the consumer, its events, and the policy of retries and probes."""
