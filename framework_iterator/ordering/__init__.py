"""Give the messages of several partitions in one order: by time, or newest first."""
