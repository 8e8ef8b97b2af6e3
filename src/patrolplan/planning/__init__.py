"""The decision wing: what is asked, decided, scheduled and judged, without geometry."""
