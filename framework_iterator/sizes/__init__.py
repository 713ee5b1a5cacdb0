"""How large the messages of topics are."""
