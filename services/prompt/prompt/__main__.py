"""Start the program: `python -m prompt`."""

import sys

from prompt.main import main

sys.exit(main())
