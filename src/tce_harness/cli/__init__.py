"""One module per command."""


def main() -> None:
    """Run the ``tce`` command."""
