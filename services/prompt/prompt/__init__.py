"""The console program: asks for a value, sends it to the frontend, prints what comes back."""
