"""One run result in; HTML, JSON and JUnit XML out."""
