"""For Django: the folder of the commands."""
