"""What tests, proofs and benchmarks run Usher with: stacks, proxies, servers, fakes and builders."""
