"""`python -m operations`."""

import sys

from blueprint.topology import PROJECT_ROOT

sys.path.append(str(PROJECT_ROOT / "functions"))  # the audit and shared/ are there

from operations.cli import main

if __name__ == "__main__":
    main()
