"""Commit what the loop has marked as consumed."""
