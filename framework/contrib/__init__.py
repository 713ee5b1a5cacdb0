"""Support for other frameworks: each module needs the package of its name, and is imported by it."""
