"""`python -m emulator`."""

import sys

from blueprint.topology import PROJECT_ROOT

sys.path.append(str(PROJECT_ROOT / "functions"))  # shared/contract and the functions' settings are there

if __name__ == "__main__":
    try:
        from emulator.cli import main

        main()
    except KeyboardInterrupt:  # while it imports, too
        sys.exit(130)
