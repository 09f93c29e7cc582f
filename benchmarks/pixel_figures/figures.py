"""The figures: the reference over planted images, the judge over mistakes and over clean ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from pixel_figures.cleaning import Cleaner
from pixel_figures.judging import Judge, Judged, Verdict
from pixel_figures.sheet import ContactSheet
from tce_harness.fixtures import SyntheticInstance
from tce_harness.model.canary import Fate
from tce_harness.model.painted_text import PaintedPlace
from tce_harness.mutations.pixel_faults import PixelFault, with_fault
from tce_harness.objects.instance import encode_instance, read_instance

Named = tuple[str, SyntheticInstance]
_MOST_SHOWN = 120


@dataclass(slots=True)
class Counted:
    """One line of a table.

    Parameters
    ----------
    same_outside
        Written images whose values outside the bands are what they were.
    empty_besides
        Written images with nothing left in icon, overlays and unused bits.
    held_back
        Why images were not written, and how often.
    """

    images: int = 0
    written: int = 0
    same_outside: int = 0
    empty_besides: int = 0
    fails: int = 0
    held_back: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Judged) -> None:
        """Count one image that was judged."""
        self.fails += judged.fails
        self.verdicts[judged.verdict] += 1
        self.notes.update(judged.notes)


@dataclass(slots=True)
class Cost:
    """What judging took."""

    boxes: int = 0
    seconds: float = 0.0

    def add(self, judged: Judged) -> None:
        """Count one image that was judged."""
        self.boxes += judged.boxes
        self.seconds += judged.seconds

    @property
    def milliseconds_a_box(self) -> float:
        """Of processor time, the decoding of both images included."""
        return 1000 * self.seconds / max(1, self.boxes)


@dataclass(slots=True)
class Figures:
    """Everything that the page tells."""

    representations: dict[str, Counted] = field(default_factory=dict)
    faults: dict[PixelFault, Counted] = field(default_factory=dict)
    clean: Counted = field(default_factory=Counted)
    cost: Cost = field(default_factory=Cost)
    claims: frozenset[str] = frozenset()
    is_judged: bool = False
    reading: str = ""

    @property
    def faults_missed(self) -> int:
        """Images with a mistake that were not failed, and images without one that were."""
        wrong = 0
        for fault, counted in self.faults.items():
            wrong += counted.fails if fault.removes else counted.images - counted.fails
        return wrong

    @property
    def is_good(self) -> bool:
        """Whether nothing planted was left in what was written, and the judge was right each time."""
        left = sum(each.fails for each in self.representations.values())
        other = sum(
            2 * each.written - each.same_outside - each.empty_besides
            for each in self.representations.values()
        )
        return not (left or other or self.faults_missed or self.clean.fails)


def over_reference(
    figures: Figures, images: Iterable[Named], cleaner: Cleaner, judge: Judge, sheet: ContactSheet
) -> None:
    """De-identify images and judge what was written."""
    figures.claims = frozenset(cleaner.claims)
    shown: set[str] = set()
    for name, image in images:
        counted = figures.representations.setdefault(name, Counted())
        counted.images += 1
        done = cleaner.clean(image)
        after, told = None, f"held back: {done.reason}"
        if done.content:
            counted.written += 1
            counted.same_outside += bool(done.same_outside)
            counted.empty_besides += bool(done.empty_besides)
            judged = judge.judge(image, done.content)
            counted.add(judged)
            figures.cost.add(judged)
            after, told = read_instance(done.content), str(judged.verdict)
        else:
            counted.held_back[done.reason] += 1
        if name not in shown and len(shown) < _MOST_SHOWN:
            shown.add(name)
            sheet.add(name, image.dataset, after, told, _first_frame(image))


def over_faults(
    figures: Figures, images: Sequence[Named], judge: Judge, sheet: ContactSheet, *, each: int, seed: int
) -> None:
    """Make every mistake with so many images, of as many representations, and judge what comes of it."""
    for fault in PixelFault:
        counted = figures.faults.setdefault(fault, Counted())
        for image, exported in with_mistake(fault, images, each, Random(f"{seed}/{fault}")):
            counted.images += 1
            judged = judge.judge(image, exported)
            counted.add(judged)
            figures.cost.add(judged)
            if counted.images == 1:
                sheet.add(
                    str(fault),
                    image.dataset,
                    read_instance(exported),
                    str(judged.verdict),
                    _first_frame(image),
                )


def with_mistake(
    fault: PixelFault, images: Sequence[Named], most: int, random: Random
) -> Iterator[tuple[SyntheticInstance, bytes]]:
    """Yield so many images, first one of each representation, and what a mistake makes of them."""
    made = 0
    for image in _every_representation_first(random.sample(images, len(images))):
        dataset = with_fault(fault, image.dataset, image.burned_in, random)
        if dataset is not None:
            yield image, encode_instance(dataset)
            made += 1
        if made == most:
            return


def _every_representation_first(images: Sequence[Named]) -> Iterator[SyntheticInstance]:
    seen: Counter[str] = Counter()
    turns = []
    for name, image in images:
        turns.append((seen[name], image))
        seen[name] += 1
    yield from (image for _, image in sorted(turns, key=lambda each: each[0]))


def over_clean(
    figures: Figures, images: Iterable[tuple[SyntheticInstance, SyntheticInstance]], judge: Judge
) -> None:
    """Judge images without identifying text: by themselves, and as a perfect removal from their twins."""
    for planted, clean in images:
        figures.clean.images += 1
        texts = tuple(text for text in planted.burned_in if text.place is PaintedPlace.PIXELS)
        harmless = tuple(text for text in clean.burned_in if text.fate is Fate.MUST_STAY)
        for original, painted in ((planted, texts), (clean, harmless)):
            judged = judge.judge(original, clean.content, painted)
            figures.clean.add(judged)
            figures.cost.add(judged)


def _first_frame(image: SyntheticInstance) -> int:
    return min((text.frame for text in image.burned_in), default=1)
