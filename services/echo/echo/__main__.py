"""Start the service: `python -m echo`."""

from echo.main import main

main()
