"""The DICOM objects of the profile, built and read."""
