"""Export Selector, Export Manager and Receiver."""
