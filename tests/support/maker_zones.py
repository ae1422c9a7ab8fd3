"""Fictitious answers of the services of DJI and Autel, in the shapes that theirs have."""

from __future__ import annotations


def dji(**changes):
    area = {
        "area_id": 11, "name": "Arena", "type": 1, "shape": 0, "lat": 49.775278, "lng": 24.027778, "radius": 500,
        "level": 1, "begin_at": 0, "end_at": 0, "country": "UA", "city": "Lviv", "polygon_points": None,
        "color": "#1088F2", "url": "", "sub_areas": None, "description": "", "height": 0, "address": "",
    }  # fmt: skip
    return {**area, **changes}


SQUARE = [[22.0, 48.0], [22.1, 48.0], [22.1, 48.1], [22.0, 48.1], [22.0, 48.0]]
DJI = {
    "areas": [
        dji(),
        dji(
            area_id=12,
            sub_areas=[
                {
                    "height": 0,
                    "level": 2,
                    "lat": 48.0,
                    "lng": 22.0,
                    "radius": 90,
                    "polygon_points": [SQUARE],
                    "shape": 1,
                },
                {"height": 60, "level": 6, "lat": 48.0, "lng": 22.0, "radius": 90, "polygon_points": None, "shape": 0},
            ],
        ),
    ]
}


def autel(**changes):
    place = {
        "longitude": -105.22752, "latitude": 40.03884, "longitude_type": "W", "latitude_type": "N",
        "nofly_radius": 1000, "height_limit_radius": 0, "warning_radius": 2000,
    }  # fmt: skip
    return {
        "continent": "North America", "country": "United States", "city": "Somewhere", "nfz_name": "Somewhere Airport",
        "nfz_type": "Airport", "nfz_dots": [{"dot_type": 1, "locations": [{**place, **changes}]}],
    }  # fmt: skip


AUTEL = [
    autel(),
    {
        **autel(longitude=116.388, latitude=39.7828, longitude_type="E", nofly_radius=2400, height_limit_radius=8000),
        "country": "China",
        "nfz_name": "南苑机场",
    },
]
