"""Read a run with `async for`: the loop gives messages, a thread of the run makes the calls that wait."""
