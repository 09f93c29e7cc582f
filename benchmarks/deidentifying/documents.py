"""Two objects that refer to a CT image and that no recipe makes: an encapsulated PDF and a segmentation."""

from __future__ import annotations

import zlib

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    SegmentationStorage,
)

# Patient, study and equipment, as the image has them.
_TAKEN = (
    "SpecificCharacterSet",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "Manufacturer",
    "InstitutionName",
    "ReferringPhysicianName",
    "StudyDescription",
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyID",
    "FrameOfReferenceUID",
    "ManufacturerModelName",
    "DeviceSerialNumber",
    "SoftwareVersions",
)
_SERIES = {EncapsulatedPDFStorage: 901, SegmentationStorage: 902}


def documents_about(image: FileDataset) -> list[FileDataset]:
    """Return an encapsulated PDF and a segmentation about a CT image, in series of their own."""
    return [_encapsulated_pdf(image), _segmentation(image)]


def _beside(image: FileDataset, sop_class: UID, modality: str) -> FileDataset:
    """Return an instance of the image's study with what is common to all."""
    number = _SERIES[sop_class]
    dataset = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in _TAKEN:
        if keyword in image:
            dataset[keyword] = image[keyword]
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = _uid(image, f"{number}.1")
    dataset.SeriesInstanceUID = _uid(image, str(number))
    dataset.SeriesNumber, dataset.InstanceNumber = number, 1
    dataset.Modality = modality
    dataset.SeriesDate = dataset.ContentDate = dataset.StudyDate
    dataset.SeriesTime = dataset.ContentTime = dataset.StudyTime
    dataset.RetrieveAETitle = "FERNHILL_PACS1"
    return dataset


def _uid(image: FileDataset, end: str) -> str:
    return f"{str(image.StudyInstanceUID)[:50].rstrip('.')}.{end}"


def _encapsulated_pdf(image: FileDataset) -> FileDataset:
    dataset = _beside(image, EncapsulatedPDFStorage, "DOC")
    del dataset.FrameOfReferenceUID
    dataset.AcquisitionDateTime = f"{dataset.StudyDate}{dataset.StudyTime}"
    dataset.ConversionType = "WSD"
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = f"Letter about {dataset.PatientName}"
    dataset.ConceptNameCodeSequence = [_code("18842-5", "LN", "Discharge Summary")]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    content = _pdf(f"{dataset.PatientName}, {dataset.PatientID}, born {dataset.PatientBirthDate}")
    dataset.EncapsulatedDocumentLength = len(content)
    dataset.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return dataset


def _pdf(text: str) -> bytes:
    """Return a PDF of one page whose text is compressed, as it is in nearly every PDF."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    drawn = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({escaped}) Tj ET".encode("latin-1", "replace"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    ]
    content, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + head + table + end


def _segmentation(image: FileDataset) -> FileDataset:
    dataset = _beside(image, SegmentationStorage, "SEG")
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ContentLabel, dataset.ContentDescription = "LUNG", f"Lung of {dataset.PatientName}"
    dataset.ContentCreatorName = "Okonkwo^Bernadette"
    dataset.PositionReferenceIndicator = ""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.NumberOfFrames = 1
    dataset.Rows, dataset.Columns = image.Rows, image.Columns
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = dataset.PixelRepresentation = 0
    dataset.LossyImageCompression = "00"
    dataset.SegmentationType = "BINARY"
    dataset.SegmentSequence = [_segment()]
    dataset.DimensionOrganizationSequence = [_item(DimensionOrganizationUID=_uid(image, "903"))]
    dataset.DimensionIndexSequence = [
        _item(
            DimensionOrganizationUID=_uid(image, "903"),
            DimensionIndexPointer=0x0062000B,
            FunctionalGroupPointer=0x0062000A,
        )
    ]
    dataset.ReferencedSeriesSequence = [
        _item(SeriesInstanceUID=image.SeriesInstanceUID, ReferencedInstanceSequence=[_reference(image)])
    ]
    dataset.SharedFunctionalGroupsSequence = [_shared(image)]
    dataset.PerFrameFunctionalGroupsSequence = [_frame(image)]
    size = (int(image.Rows) * int(image.Columns) + 7) // 8
    dataset.PixelData = b"\x0f" * (size + size % 2)
    dataset["PixelData"].VR = "OB"
    return dataset


def _segment() -> Dataset:
    return _item(
        SegmentNumber=1,
        SegmentLabel="Lung",
        SegmentAlgorithmType="MANUAL",
        SegmentedPropertyCategoryCodeSequence=[_code("123037004", "SCT", "Anatomical Structure")],
        SegmentedPropertyTypeCodeSequence=[_code("39607008", "SCT", "Lung")],
    )


def _shared(image: FileDataset) -> Dataset:
    measures = _item(SliceThickness="5", PixelSpacing=["1", "1"])
    return _item(
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[_item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
    )


def _frame(image: FileDataset) -> Dataset:
    source = _reference(image)
    source.PurposeOfReferenceCodeSequence = [_code("121322", "DCM", "Source image for image processing")]
    derivation = _item(
        DerivationCodeSequence=[_code("113076", "DCM", "Segmentation")], SourceImageSequence=[source]
    )
    content = _item(
        DimensionIndexValues=1,
        FrameReferenceDateTime=f"{image.StudyDate}{image.StudyTime}",
        FrameAcquisitionDateTime=f"{image.StudyDate}{image.StudyTime}",
        FrameComments=f"drawn for {image.PatientName}",
    )
    return _item(
        DerivationImageSequence=[derivation],
        FrameContentSequence=[content],
        PlanePositionSequence=[_item(ImagePositionPatient=["0", "0", "0"])],
        SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=1)],
    )


def _reference(image: FileDataset) -> Dataset:
    return _item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    return _item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
