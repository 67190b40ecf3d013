"""Run the command line: `python -m local_insights` is the command `insights`."""

from local_insights.main import main

if __name__ == "__main__":
    main()
