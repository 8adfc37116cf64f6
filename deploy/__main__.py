"""The command line: `python -m deploy bundle`."""

import argparse

from deploy.bundle import stage
from deploy.topology import PROJECT_ROOT, read_topology


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("bundle", help="stage each function in build/<name>/").set_defaults(run=_bundle)
    parser.parse_args().run()


def _bundle() -> None:
    for name, function in read_topology().functions.items():
        print(f"{stage(name, function).relative_to(PROJECT_ROOT)}/")


main()
