"""Planning's decisions as pure functions: clean a history, forecast it, score it, and say what to buy."""
