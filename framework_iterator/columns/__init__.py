"""Messages as columns: Arrow record batches."""
