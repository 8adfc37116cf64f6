"""`python -m deploy`."""

import signal
import sys

from blueprint.topology import PROJECT_ROOT

sys.path.append(str(PROJECT_ROOT / "functions"))  # shared/contract is there

from deploy.cli import main

if __name__ == "__main__":
    # As Ctrl-C: whoever cancels a job leaves no canary behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
