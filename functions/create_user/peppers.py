"""The secret keys under which passwords are hashed."""


class Peppers:
    """
    The live versions: one `VERSION:SECRET` per line, the newest last.

    To rotate, add a line. A version may be removed once no stored hash names it.
    """

    _MINIMUM_BYTES = 32

    def __init__(self, secrets: dict[str, bytes]) -> None:
        self._secrets = secrets
        self.newest = list(secrets)[-1]

    @classmethod
    def parse(cls, text: str) -> "Peppers":
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
                raise ValueError(f"Expected lines VERSION:SECRET, {expected}")
            secrets[version] = secret.encode()
        return cls(secrets)

    def __getitem__(self, version: str) -> bytes:
        """
        The secret of a version.

        Raises:
            ValueError: The version is not live.
        """
        if version not in self._secrets:
            raise ValueError("the stored hash names a pepper that is not live")
        return self._secrets[version]
