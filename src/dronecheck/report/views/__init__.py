"""What plots and page both draw: the map, the panels of heights, the distance to the border."""
