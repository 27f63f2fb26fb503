"""What turns tracks into sightings."""
