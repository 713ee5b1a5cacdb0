"""The commands that `manage.py` has."""
