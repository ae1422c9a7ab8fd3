"""Outlines of areas: edges by their model, arcs, rings, repair, and the region that distances are measured to."""
