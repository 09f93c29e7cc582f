"""Planted values in other spellings, character sets and value representations, and packed in text."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from urllib.parse import quote

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from mutant import INVALID, PART, SURVIVES, Mutant, Subject, put
from specimens import ACCESSION, BORN, NAME, NHS_NUMBER, OTHER_NAME, even

#: A text that no row of the table names, of 64 characters and more.
SPOT = "(0028,0A04)"
LONG = "(0018,4000)"
UNPADDED_DAY = "12/3/1957"

_NOT_SAID = "PS315-D5C text-not-in-declared-set"
_FULL_WIDTH = NHS_NUMBER.translate({ord("0") + digit: ord("\uff10") + digit for digit in range(10)})


def _said(name: str, text: str, *, path: str = SPOT, vr: str = "LO", fails: tuple[str, ...] = (SURVIVES,),
          warns: tuple[str, ...] = (), blind: str = "") -> Mutant:  # fmt: skip
    """Return the mutant that says a text where nothing stood, in UTF-8."""

    def change(subject: Subject) -> None:
        subject.clean.SpecificCharacterSet = "ISO_IR 192"
        put(path, text, vr)(subject)

    return Mutant(name=name, of="image", change=change, fails=fails, warns=warns, blind=blind)


def _coded(name: str, text: str, charset: str, terms: list[str], path: str = "(0010,0010)", *,
           fails: tuple[str, ...] = (SURVIVES,)) -> Mutant:  # fmt: skip
    """Return the mutant that holds a name in bytes of another character set, declared beside it."""

    def change(subject: Subject) -> None:
        subject.clean.SpecificCharacterSet = terms
        subject.clean.PatientName = "PSEUDO"
        put(path, text, "PN" if path == "(0010,0010)" else "LO")(subject)
        assert text.encode(charset)

    return Mutant(name=name, of="image", change=change, fails=fails)


def _raw(name: str, coded: Callable[[], bytes], terms: str, fails: tuple[str, ...]) -> Mutant:
    """Return the mutant that holds bytes in Patient's Name that the declared set does not explain."""

    def change(subject: Subject) -> bytes:
        subject.clean.SpecificCharacterSet = terms
        subject.clean[0x00100010] = DataElement(0x00100010, "PN", "Q" * len(even(coded())))
        return subject.written().replace(b"Q" * len(even(coded())), coded().ljust(len(even(coded()))))

    return Mutant(name=name, of="image", change=change, fails=fails)


_FAMILY_GIVEN = NAME.partition("=")[0]

NAMES = (
    _said("name in upper case without marks", "SZCZEPANSKA-HAND MALGORZATA"),
    _said("name in lower case in a sentence", "spoke to malgorzata szczepanska-hand on the ward"),
    _said("name reversed", "Małgorzata Szczepańska-Hand"),
    _said("name with a comma", "Szczepańska-Hand, Małgorzata"),
    _said("name without hyphen", "Szczepanska Hand, Malgorzata"),
    _said("name without any separator", "SzczepanskaHandMalgorzata"),
    _said("name with underscores, as a file is named", "CT_Szczepanska_Hand_Malgorzata_01"),
    _said("name in camel case", "thorax-SzczepanskaHand-Malgorzata.dcm"),
    _said("family name with an initial", "M. Szczepanska-Hand"),
    _said("family name with a title", "Frau Szczepańska-Hand"),
    _said("name over two values", "Szczepańska-Hand\\Małgorzata"),
    _said("name with carets and empty groups", "Szczepańska-Hand^Małgorzata^^^"),
    _said("name whose letters became question marks", "Szczepa?ska-Hand^Ma?gorzata"),
    _said("name whose letters fell out", "Szczepaska-Hand Magorzata"),
    _said("ideographic name alone", "石動丸 圭太郎"),
    _said("ideographic name unparted", "患者石動丸圭太郎様"),
    _said("ideographic family name of three letters in a text", "石動丸様"),
    _said("given name alone", "for Małgorzata", fails=(), warns=(PART,)),
    _said("another of the patient's names, straight apostrophe gone", "OShaughnessy Siobhan Mary"),
    _said("another of the patient's names, curly apostrophe",
        "O\N{RIGHT SINGLE QUOTATION MARK}Shaughnessy, Siobhan Mary"),
    _said("name in another name element", NAME, path="(0008,1048)", vr="PN", fails=(SURVIVES,),
          warns=("PS315-D2 replaced-not-removed",)),
    _said("name as second of two names", "NOBODY^AT ALL\\" + NAME, path="(0008,009C)", vr="PN"),
    _said("name as the other patient's name", OTHER_NAME, path="(0010,0010)", vr="PN"),
    _said("name in its own element, reversed", "Małgorzata^Szczepańska-Hand", path="(0010,0010)", vr="PN"),
    _said("family name in its own element with another given name", "Szczepańska-Hand^Zenobia",
          path="(0010,0010)", vr="PN"),
    _said("ideographic group alone in its own element", "NOBODY=石動丸^圭太郎", path="(0010,0010)", vr="PN"),
)  # fmt: skip

NUMBERS = (
    _said("NHS number", NHS_NUMBER),
    _said("NHS number 3-3-4 with blanks", "999 860 7566"),
    _said("NHS number 3-3-4 with hyphens", "NHS 999-860-7566"),
    _said("NHS number 3-3-4 with dots", "999.860.7566"),
    _said("NHS number with no-break blanks", "999\u00a0860\u00a07566"),
    _said("NHS number in full-width digits", _FULL_WIDTH),
    _said("NHS number behind letters", f"NHSNO{NHS_NUMBER}"),
    _said("NHS number in a path", f"/spool/{NHS_NUMBER}/1.dcm"),
    _said("accession number in lower case", ACCESSION.lower()),
    _said("accession number with a blank", "RX 44910273"),
    _said("accession number with hyphens", "RX-4491-0273"),
)

DATES = (
    _said("birth date in digits", f"born {BORN}"),
    _said("birth date with slashes", "born 12/03/1957"),
    _said("birth date without leading zeros", f"born {UNPADDED_DAY}"),
    _said("birth date, month first", "DOB 03/12/1957"),
    _said("birth date with a month's name", "12-MAR-1957"),
    _said("birth date with the full month", "March 12, 1957"),
    _said("birth date with an ordinal", "12th March 1957"),
    _said("birth date by ISO 8601", "1957-03-12"),
    _said("birth date with a time, ISO 8601 basic", f"{BORN}T081500"),
    _said("birth date with dots", "12.03.1957"),
    _said("birth date in Japanese", "1957年3月12日"),
)

REPRESENTATIONS = (
    _said("AE title", NHS_NUMBER, path="(0008,0054)", vr="AE"),
    _said("CS", "SZCZEPANSKA HAND", path="(0018,1261)", vr="CS"),
    _said("DS", NHS_NUMBER, path="(0018,0088)", vr="DS"),
    _said("IS", NHS_NUMBER, path="(0018,1153)", vr="IS", fails=(SURVIVES, INVALID)),
    _said("LT", "Ask Szczepanska-Hand, Malgorzata", path=LONG, vr="LT"),
    _said("SH", "SZCZEPANSKA-HAND", path="(0018,1160)", vr="SH"),
    _said("ST", "by Szczepanska-Hand", path="(0018,9074)", vr="ST"),
    _said("UC", "by Szczepanska-Hand", path="(0008,0119)", vr="UC"),
    _said("UT", "by Szczepanska-Hand", path="(0040,A160)", vr="UT"),
    _said("UR", f"https://pacs.example/patients/{NHS_NUMBER}", path="(0008,010E)", vr="UR"),
    _said("AS and DA hold no text", BORN, path="(0008,0023)", vr="DA", fails=(),
          blind="a date in another date element may be anybody's date"),
    _said("UI with the number as a component", f"1.2.826.0.1.{NHS_NUMBER}.1", path="(0008,3002)", vr="UI"),
)  # fmt: skip

CODED = (
    _coded("Japanese name in ISO 2022 IR 87", "Nobody^At=石動丸^圭太郎", "iso2022_jp",
           ["", "ISO 2022 IR 87"]),
    _coded("Japanese name in GB18030", "Nobody^At=石動丸^圭太郎", "gb18030", ["GB18030"]),
    _coded("Japanese name in GBK", "Nobody^At=石動丸^圭太郎", "gb18030", ["GBK"],
           fails=(SURVIVES, INVALID)),
    _coded("Japanese name in ISO 2022 IR 149", "Nobody^At=石動丸^圭太", "euc_kr", ["", "ISO 2022 IR 149"]),
    _coded("Polish name in Latin-2", "Szczepańska-Hand^Małgorzata", "iso8859-2", ["ISO_IR 101"]),
    _coded("Polish name in a text in Latin-2", "Szczepańska-Hand, Małgorzata", "iso8859-2", ["ISO_IR 101"],
        SPOT),
    _coded("Japanese name in a text in ISO 2022 IR 87", "石動丸 圭太郎", "iso2022_jp", ["", "ISO 2022 IR 87"],
        SPOT),
    _raw("name in UTF-8 that is declared Latin-1", _FAMILY_GIVEN.encode, "ISO_IR 100",
         (SURVIVES, _NOT_SAID, INVALID)),
    _raw("name in GB18030 that is declared Latin-1", lambda: "石動丸^圭太郎".encode("gb18030"), "ISO_IR 100",
         (SURVIVES, INVALID)),
)  # fmt: skip


def _item_in_its_own_set(subject: Subject) -> None:
    """Put a name in an item that declares another set than the data set (PS3.3 section C.12.1.1.2)."""
    item = Dataset()
    item.SpecificCharacterSet, item.Manufacturer = "GB18030", "Northgate"
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109104", "DCM"
    purpose.CodeMeaning = "De-identifying Equipment"
    item.PurposeOfReferenceCodeSequence = [purpose]
    item.add(DataElement(0x00081070, "PN", "Nobody^At=石動丸^圭太郎"))
    subject.clean.ContributingEquipmentSequence.append(item)


def _text(name: str, pack: Callable[[str], str], path: str = LONG, vr: str = "LT", **more: str) -> Mutant:
    return _said(name, pack(_FAMILY_GIVEN.replace("^", ", ")), path=path, vr=vr, **more)  # type: ignore[arg-type]


def _as_entities(text: str) -> str:
    return "".join(letter if letter.isascii() else f"&#{ord(letter)};" for letter in text)


def _as_json(text: str) -> str:
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in text)


PACKED = (
    Mutant(name="an item in a character set of its own", of="image", change=_item_in_its_own_set,
           fails=(SURVIVES,)),
    _text("percent encoding in a URL", lambda text: "https://x.example/?q=" + quote(text), "(0008,010E)",
        "UR"),
    _text("percent encoding in a text", lambda text: "see " + quote(text)),
    _text("HTML entities by number", lambda text: f"<p>{_as_entities(text)}</p>"),
    _text("HTML entities by hexadecimal number",
          lambda text: "".join(f"&#x{ord(letter):x};" for letter in text)),
    _text("HTML entities by name", lambda text: text.replace("ń", "&nacute;").replace("ł", "&lstrok;"),
          blind="the oracle knows entities by their numbers alone"),
    _text("quoted-printable", lambda text: quopri.encodestring(text.encode()).decode()),
    _text("escapes of JSON", lambda text: '{"name": "' + _as_json(text) + '"}'),
    _text("base64", lambda text: base64.b64encode(text.encode()).decode()),
    _text("base64 in lines", lambda text: base64.encodebytes((text * 3).encode()).decode()),
    _text("base64 for URLs", lambda text: base64.urlsafe_b64encode(("??>>" + text).encode()).decode()),
    _text("base64 of UTF-16", lambda text: base64.b64encode(text.encode("utf-16-le")).decode()),
    _text("base64 twice", lambda text: base64.b64encode(base64.b64encode(text.encode())).decode()),
    _text("hexadecimal", lambda text: text.encode().hex()),
    _text("hexadecimal in pairs", lambda text: text.encode().hex(" ").upper()),
)  # fmt: skip

TEXTS = (*NAMES, *NUMBERS, *DATES, *REPRESENTATIONS, *CODED, *PACKED)
