"""What limits Usher: hashes, names that grow, collections that are new, and the mail provider."""

from dataclasses import dataclass
from math import ceil, log

from create_user.hash_queue import HASHES_PER_CPU, hash_cpu_seconds

ROUNDS = 12  # create_user's default
HASH_QUEUE_SECONDS = 10  # create_user's default
OTHER_CPU_SECONDS = 0.02  # of a sign-up besides its hash: an allowance
RAMP_START = HOT_RANGE = 500  # operations per second: on a new collection; on names that grow


@dataclass(frozen=True, kw_only=True)
class CreateUser:
    """The settings of create_user that decide how many sign-ups it takes, and the two times that were measured."""

    vcpus: int
    concurrency: int
    instances: int = 1
    timeout_seconds: float = 60
    rounds: int = ROUNDS
    hash_seconds_at_10: float = hash_cpu_seconds(10)
    other_cpu_seconds: float = OTHER_CPU_SECONDS

    @property
    def hash_seconds(self) -> float:
        return self.hash_seconds_at_10 * 2.0 ** (self.rounds - 10)

    @property
    def cpu_seconds(self) -> float:
        return self.hash_seconds + self.other_cpu_seconds

    @property
    def busy_seconds(self) -> float:
        """An instance's time for a sign-up. All but the hashes runs in one Python process, on one vCPU at a time."""
        return max(self.cpu_seconds / self.vcpus, self.other_cpu_seconds)

    @property
    def alone_seconds(self) -> float:
        """The same where each sign-up is alone on its instance: Cloud Run counts tenths of a second."""
        return ceil(self.cpu_seconds * 10) / 10

    @property
    def longest_wait_seconds(self) -> float:
        """The last of `concurrency` sign-ups waits so long for its hash to begin."""
        return max(self.concurrency / self.vcpus - HASHES_PER_CPU, 0) * self.hash_seconds

    @property
    def useful_concurrency(self) -> int:
        """Of more at once, the last is refused or times out."""
        wait_seconds = min(HASH_QUEUE_SECONDS, self.timeout_seconds - HASHES_PER_CPU * self.hash_seconds)
        return int(self.vcpus * (wait_seconds / self.hash_seconds + HASHES_PER_CPU))

    @property
    def most_per_second(self) -> float:
        """Sign-ups of all instances."""
        return self.instances / self.busy_seconds

    def instances_for(self, rate: float, *, utilisation: float = 1) -> int:
        return ceil(rate * self.busy_seconds / utilisation)


def sign_ups_per_second(vcpus: int, rounds: int, *, hash_seconds_at_10: float, other_cpu_seconds: float) -> float:
    """What a busy instance of create_user completes."""
    return CreateUser(
        vcpus=vcpus,
        concurrency=vcpus,
        rounds=rounds,
        hash_seconds_at_10=hash_seconds_at_10,
        other_cpu_seconds=other_cpu_seconds,
    ).most_per_second


def shards_for(operations: float) -> int:
    """Of names that grow within each shard, for so many operations a second."""
    return ceil(operations / HOT_RANGE)


def ramp_minutes(operations: float) -> int:
    """Until a new collection may take so many operations a second, half more every 5 minutes."""
    return 5 * ceil(log(max(operations / RAMP_START, 1), 1.5))


def conversations_within(mails_per_second: float, seconds: float) -> int:
    """How many of `seconds` each keep to the mail provider's limit; one there has to be."""
    return max(int(mails_per_second * seconds), 1)
