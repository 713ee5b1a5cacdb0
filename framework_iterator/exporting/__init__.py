"""Messages as files: Parquet, Arrow, CSV and JSON lines."""

from framework_iterator.exporting.export import export

__all__ = ["export"]
