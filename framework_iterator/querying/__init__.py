"""SQL over topics, by duckdb."""
