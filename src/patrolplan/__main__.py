"""Run the command line as ``python -m patrolplan``."""

import sys

from patrolplan.cli import main

if __name__ == "__main__":
    sys.exit(main())
