"""The arrival desk: what came, what was found, what is still awaited."""
