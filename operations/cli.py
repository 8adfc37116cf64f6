"""The command line: `python -m operations audit`."""

import os
import sys
from argparse import ArgumentParser
from typing import NoReturn

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from blueprint.gcloud import GcloudError, GcloudMissingError
from blueprint.topology import read_topology
from operations.audit.cloud import audit_in_the_cloud
from operations.audit.command import UNDECIDED, add_arguments
from operations.redrive.system import EMULATORS


class _Parser(ArgumentParser):
    """Wrong usage is not exit status 2, which means that a promise is broken."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(UNDECIDED, f"{self.prog}: error: {message}\n")


def main() -> None:
    parser = _Parser(prog="python -m operations", description="What an operator does to live data.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    audit = commands.add_parser("audit", help="decide whether every promise holds")
    audit.add_argument("--project", required=True, help="ID of the Google Cloud project")
    add_arguments(audit)
    arguments = parser.parse_args()
    if named := [name for name in EMULATORS if os.environ.get(name)]:
        audit.error(f"unset {' and '.join(named)}: this audits the cloud, not an emulator")
    try:
        sys.exit(audit_in_the_cloud(arguments, read_topology()))
    except (GcloudError, GcloudMissingError, GoogleAPIError, GoogleAuthError) as error:
        audit.exit(UNDECIDED, f"{error}\nNothing was decided.\n")
