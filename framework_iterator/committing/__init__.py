"""Commit what the reader has marked as consumed."""
