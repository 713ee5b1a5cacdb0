raise RuntimeError("made for another version,\nas it seems")
