"""Zone files of GIS programs: GeoPackage, FlatGeobuf, Shapefile, GeoParquet."""
