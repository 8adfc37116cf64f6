"""What tests, proofs and benchmarks run Usher with: stacks, proxies, servers, fakes and builders."""

import os

from emulator.proxies import past_proxies

os.environ.update(past_proxies(os.environ))  # all of it is on this machine
