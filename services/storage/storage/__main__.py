"""Start the service: `python -m storage`."""

from storage.main import main

main()
