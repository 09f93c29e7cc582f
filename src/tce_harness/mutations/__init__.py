"""What a defective or hostile simulator does differently."""
