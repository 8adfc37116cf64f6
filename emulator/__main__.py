"""`python -m emulator`."""

import os
import sys

if __name__ == "__main__":
    try:
        from blueprint.topology import PROJECT_ROOT

        sys.path.append(str(PROJECT_ROOT / "functions"))  # shared/contract and the functions' settings are there
        from emulator.cli import main

        try:
            main()
        finally:
            if sys.stdout and not sys.stdout.isatty():  # a terminal may be stopped, and has no reader to leave
                sys.stdout.flush()
    except KeyboardInterrupt:  # while it imports, too
        sys.exit(130)
    except BrokenPipeError:  # whoever reads has seen enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python writes what is left once more as it ends
        sys.exit(141)
