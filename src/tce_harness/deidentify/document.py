"""An encapsulated document replaced by an empty one of its kind (rule D16 of Annex E)."""

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


def empty_cda(identifier: str) -> bytes:
    """Return an HL7 CDA Release 2 document without a patient, an author or a content.

    What its schema demands is there with null flavour MSK, masked.

    Parameters
    ----------
    identifier
        A UID, the root of the document's own identifier.
    """
    masked = '<id nullFlavor="MSK"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3">'
        '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f'<id root="{identifier}"/>'
        '<code nullFlavor="MSK"/>'
        f"<title>{_TEXT}</title>"
        '<effectiveTime nullFlavor="MSK"/>'
        '<confidentialityCode nullFlavor="MSK"/>'
        f"<recordTarget><patientRole>{masked}</patientRole></recordTarget>"
        f'<author><time nullFlavor="MSK"/><assignedAuthor>{masked}</assignedAuthor></author>'
        "<custodian><assignedCustodian><representedCustodianOrganization>"
        f"{masked}"
        "</representedCustodianOrganization></assignedCustodian></custodian>"
        f'<component><nonXMLBody><text mediaType="text/plain">{_TEXT}</text></nonXMLBody></component>'
        "</ClinicalDocument>\n"
    ).encode("ascii")


def empty_stl() -> bytes:
    """Return a binary STL model of no triangles: a header of 80 bytes and their number."""
    return _TEXT.encode("ascii").ljust(80) + bytes(4)


def _empty(kind: str, identifier: str) -> bytes | None:
    match kind:
        case "application/pdf":
            return blank_pdf()
        case "text/xml":
            return empty_cda(identifier)
        case "model/stl":
            return empty_stl()
        case "model/obj":
            return f"# {_TEXT}\nv 0 0 0\n".encode("ascii")
        case "model/mtl":
            return f"# {_TEXT}\nnewmtl removed\n".encode("ascii")
    return None


def replace_document(dataset: Dataset) -> None:
    """Replace the Encapsulated Document (0042,0011) of a data set by an empty one of its kind, in place.

    Its SOP Instance UID must be the new one already: an HL7 document gets it for its own identifier, which
    HL7 Instance Identifier (0040,E001) repeats.

    Raises
    ------
    CannotBeMadeSafe
        When it is of a kind of which no empty document is known.
    """
    kind = str(dataset.get("MIMETypeOfEncapsulatedDocument") or "").strip().lower()
    identifier = str(dataset.get("SOPInstanceUID") or "")
    content = _empty(kind, identifier)
    if content is None:
        raise CannotBeMadeSafe(
            "an encapsulated document that is no PDF, HL7 document, STL, OBJ or MTL cannot be replaced by a "
            "valid one"
        )
    dataset.EncapsulatedDocument = content + b"\x00" * (len(content) & 1)
    dataset.EncapsulatedDocumentLength = len(content)
    dataset.BurnedInAnnotation = "NO"
    if "HL7InstanceIdentifier" in dataset:
        dataset.HL7InstanceIdentifier = identifier
    if "ListOfMIMETypes" in dataset:
        del dataset.ListOfMIMETypes  # of what the document held within
