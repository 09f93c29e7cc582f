"""De-identifiers of other makers: installed, run, judged and timed beside the reference."""
