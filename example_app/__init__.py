"""An application to learn from: flights that left New York City, the weather there, and the planes."""
