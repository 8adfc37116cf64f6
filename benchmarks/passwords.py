"""
What the check of a password costs, as a table: `PYTHONPATH=functions python -m benchmarks.passwords`.

Each password takes its turn, round by round: whatever else the machine does meets all of them.
"""

import random
from contextlib import suppress
from statistics import median
from time import process_time

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy, PasswordRefusedError

ROUNDS = 100
CHECKS_A_ROUND = 20
PERSONAL = {"your name": "Ewan Valentine", "your address": "ewan@example.com", "the beginning of your address": "ewan"}
_CHANCE = random.Random(0)  # noqa: S311  # the same ones each time
_DIGITS = "".join(_CHANCE.choices("0123456789", k=128))
PASSWORDS = {
    "a passphrase": "plum tractor violet harbour",
    "16 random characters": "".join(_CHANCE.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=16)),
    "256 random letters": "".join(_CHANCE.choices("abcdefghijklmnopqrstuvwxyz", k=256)),
    "256: digits around a letter": f"{_DIGITS}x{_DIGITS}"[:256],
    "256: a listed word, again and again": "999999" + "love" * 30 + "qzx" + "love" * 30 + "9999999",
    "256: nearly a run": "abcdefgh" * 27 + "qzmbvxhatwqk" * 3 + "qzxw",
    "256: marks in falling order": "a" + "\u0345" * 60 + "\u0301" * 90 + "\u0316" * 90 + "\u0338" * 15,
    "256: characters that stand for 18 each": "\ufdfa" * 250 + "violet",
}


def main() -> None:
    policy = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())
    times: dict[str, list[float]] = {name: [] for name in PASSWORDS}
    for _ in range(ROUNDS):
        for name, password in PASSWORDS.items():
            started = process_time()
            for _ in range(CHECKS_A_ROUND):
                with suppress(PasswordRefusedError):
                    policy.check(password, PERSONAL)
            times[name].append((process_time() - started) / CHECKS_A_ROUND * 1e6)
    for name, measured in times.items():
        print(f"| {name} | {median(measured):.0f} ({min(measured):.0f} to {max(measured):.0f}) µs |")


if __name__ == "__main__":
    main()
