"""The store: interfaces, engine-neutral SQL, and the engines."""
