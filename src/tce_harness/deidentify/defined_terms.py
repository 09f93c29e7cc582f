"""Words that code strings are made of, so that a name which is one of them tells nothing there."""

from __future__ import annotations

from functools import cache

from tce_harness.content import Content
from tce_harness.deidentify.vocabulary import fold, load_vocabulary

_SHIPPED = "simulators/policies/vocabulary/en.txt"
#: Body parts of PS3.16 Annex L, and defined terms and enumerated values of PS3.3, as far as they are words of
#: three letters and more that somebody could be called by and the shipped vocabulary lacks them.
_TERMS = """
    abdomenpelvis abs absolute accumulated after algorithm all alpha aluminum any arc arrow automatic
    average axis back background balanced band barrel basic beam bearing begin bitmap black blade blank
    block blue blur bottle bow box bucky butterfly buttock calf cancelled card cassette catheter cell
    chair cheek circle circular clinical cold collar column compass composite cone constant continuous
    copper cornea corner corrected count cross crosshair curve cut cutline cylinder cylindrical dash date
    decay derived detail detector device difference digital direct discrete disposed distorted dock door
    dot double dyn echo electron ellipse empty end energy even event exact exposed external eyelid eyes
    face fail false fan fast field filter fine first fixed flash flat flip floating focused fog force
    forward fourier frame framing gain gamma gantry gate gauss gold gradient grating gray green grid group
    hanging heel helix hybrid iac identity ilium image ink internal inverse ion jaw jump landscape laser
    lead lens level light line linear lock loop lost lump machine mag male manual map mark mask master
    matrix max maximum mean median mesh min minimum mip mixed mode model monitor motion mouse mouth mpr
    multi mylar negative neutron none norm normalized nose odd off open optical original other output page
    pair paper parallel part pass path peak pencil penis phantom photon pilot pin planar plane plus point
    polygon polyline portrait posture power present prime print processed proton pulse pure quick rad
    radial ramp raw ray rectangle rectangular red reference reflected remove reset resp rest reverse rigid
    roll rotate row ruler sampled scale scalp sclera screen seal semiautomatic sharp shutter silver simple
    sinc sine sit slab slow snap soft software spatial speed spin split spot square stack star start step
    stop storage strip sub subtracted sum table tabletop tall target test text thigh thymus timed tin tone
    tool track transfer true tungsten turn twin type unit unknown upright user valid vector verified video
    void vulva wait water wave wax wedge white wholebody window wing wire yes zero zoom zygoma
"""


@cache
def _words() -> frozenset[str]:
    shipped = load_vocabulary(Content.with_overlays().file(_SHIPPED))
    return shipped.words | frozenset(map(fold, _TERMS.split()))


def is_term(word: str) -> bool:
    """Return whether a folded word can be, or be part of, a defined term or a plain word of a report.

    It is asked of the shipped vocabulary, whatever a policy's own holds: what a code string means is the
    standard's, not the site's.
    """
    return word in _words()
