"""Programs that read, one each: look into them for how a thing is done."""
