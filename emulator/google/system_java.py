"""`python -m emulator.google.system_java`: exits with 1 where the system has no Java that runs Google's emulators."""

import os
import sys

from emulator.google.find import minimum_java
from emulator.google.java import find_java
from emulator.processes.errors import StackError

if __name__ == "__main__":
    try:
        find_java(minimum_java(os.environ), os.environ, bundled=None)
    except StackError:
        sys.exit(1)
