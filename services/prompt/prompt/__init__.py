"""The console program: reads values, sends them to the frontend, prints the responses."""
