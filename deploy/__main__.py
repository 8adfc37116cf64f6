"""`python -m deploy`."""

import sys

from blueprint.topology import PROJECT_ROOT

sys.path.append(str(PROJECT_ROOT / "functions"))  # shared/contract is there

from deploy.cli import main

if __name__ == "__main__":
    main()
