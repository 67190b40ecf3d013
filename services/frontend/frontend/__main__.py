"""Start the service: `python -m frontend`."""

from frontend.main import main

main()
