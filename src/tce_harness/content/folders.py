"""Where the four content folders lie: in the wheel, in a checkout, and the user's own laid over them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tce_harness.model.errors import HarnessError

FOLDERS = ("simulators", "scenarios", "fixtures", "reports")


def _shipped() -> Path:
    """Return the folder that holds the shipped content, found from this file alone.

    A wheel carries it in ``tce_harness/_content``; an editable install does not, so a checkout is read
    from its root.
    """
    package = Path(__file__).resolve().parent.parent
    for root in (package / "_content", package.parent.parent):
        if all((root / folder).is_dir() for folder in FOLDERS):
            return root
    raise HarnessError(
        f"the content folders {', '.join(FOLDERS)} are neither in {package / '_content'} nor in "
        f"{package.parent.parent}: reinstall tce-harness"
    )


@dataclass(frozen=True, slots=True)
class Content:
    """The content folders, overlays first.

    Parameters
    ----------
    roots
        Folders that each may hold ``simulators``, ``scenarios``, ``fixtures`` and ``reports``; a file in an
        earlier one hides the file of the same relative path in a later one.
    """

    roots: tuple[Path, ...]

    @classmethod
    def with_overlays(cls, *overlays: Path) -> Content:
        """Return the shipped content with the user's folders over it; the last named is on top.

        Raises
        ------
        HarnessError
            When an overlay is not a folder or holds none of the content folders.
        """
        for overlay in overlays:
            if not overlay.is_dir():
                raise HarnessError(f"--content {overlay}: there is no such folder")
            if not any((overlay / folder).is_dir() for folder in FOLDERS):
                raise HarnessError(
                    f"--content {overlay}: it holds none of the folders {', '.join(FOLDERS)}; "
                    "name the folder that contains them"
                )
        return cls((*reversed(overlays), _shipped()))

    def files(self, folder: str, pattern: str) -> tuple[Path, ...]:
        """Return the files below a content folder that match a glob pattern, sorted by relative path."""
        found: dict[Path, Path] = {}
        for root in self.roots:
            for path in (root / folder).glob(pattern):
                found.setdefault(path.relative_to(root), path)
        return tuple(found[relative] for relative in sorted(found))

    def file(self, relative: str) -> Path:
        """Return one file by its path, such as ``fixtures/fonts/face.ttf``.

        Raises
        ------
        HarnessError
            When no root holds it.
        """
        for root in self.roots:
            if (root / relative).is_file():
                return root / relative
        raise HarnessError(f"content file {relative} is in none of: {', '.join(map(str, self.roots))}")

    def relative(self, path: Path) -> str:
        """Return the path as the reports print it: relative to its root where it lies in one."""
        for root in self.roots:
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
        return path.as_posix()
