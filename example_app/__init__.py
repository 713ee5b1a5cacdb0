"""An example application: flights that left New York City, the weather there, and the planes."""
