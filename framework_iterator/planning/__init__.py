"""What a run will read: starts and ends as they are written, resolved to offsets."""
