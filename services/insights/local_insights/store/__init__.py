"""Items, durable: the contract in prose, the engine behind it."""
