"""What the store holds, as the envelopes that would put it there again."""
