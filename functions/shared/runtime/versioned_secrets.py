"""Secret keys that can be rotated."""


class VersionedSecrets:
    """
    The live versions: one `VERSION:SECRET` per line. New things are made under the last, `current`.

    To rotate, add a line above the last one, and once every instance knows it, move it to the end.
    """

    _MINIMUM_BYTES = 32

    def __init__(self, secrets: dict[str, bytes]) -> None:
        self._secrets = secrets
        self.current = list(secrets)[-1]

    @classmethod
    def parse(cls, text: str) -> "VersionedSecrets":
        """
        Read the lines.

        Raises:
            ValueError: A line is malformed, a secret is too short or a version occurs twice.
        """
        secrets = {}
        for line in text.split():
            version, _, secret = line.partition(":")
            if not version or version in secrets or len(secret.encode()) < cls._MINIMUM_BYTES:
                expected = f"each version once, with secrets of {cls._MINIMUM_BYTES} bytes or more"
                raise ValueError(f"must be lines of VERSION:SECRET, {expected}")
            secrets[version] = secret.encode()
        return cls(secrets)

    def __contains__(self, version: str) -> bool:
        return version in self._secrets

    def __getitem__(self, version: str) -> bytes:
        return self._secrets[version]
