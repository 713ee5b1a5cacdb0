"""Read the parts of a plan in several processes, and combine what they give."""
