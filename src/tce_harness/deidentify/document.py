"""An encapsulated document replaced by an empty page (rule D16 of Annex E)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from tce_harness.deidentify.outcome import CannotBeMadeSafe

_TEXT = "This document was removed when the instance was de-identified."


def blank_pdf() -> bytes:
    """Return a PDF 1.4 file of one page that says that the document was removed."""
    stream = f"BT /F1 14 Tf 50 780 Td ({_TEXT}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return content


def replace_document(dataset: Dataset) -> None:
    """Replace the Encapsulated Document (0042,0011) of a data set, in place.

    Raises
    ------
    CannotBeMadeSafe
        When it is not a PDF: an empty model or clinical document would not be a valid one.
    """
    kind = str(dataset.get("MIMETypeOfEncapsulatedDocument") or "").strip().lower()
    if kind != "application/pdf":
        raise CannotBeMadeSafe("an encapsulated document that is not a PDF cannot be replaced by a valid one")
    content = blank_pdf()
    dataset.EncapsulatedDocument = content + b"\x00" * (len(content) & 1)
    dataset.EncapsulatedDocumentLength = len(content)
    dataset.BurnedInAnnotation = "NO"
