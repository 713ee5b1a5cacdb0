"""Select messages: by key, by bytes of the payload, by a predicate."""
