"""Photos and films held against flight logs: do they agree, what is the camera's clock worth, where was it taken.

shots         items as moments and places, grouped by the clock that they share
log_path      the aircraft's way as a function of time
photo_events  the clock by the log's photo events
path_fit      the clock by the places themselves
camera_clock  which of these holds
judge         one shot against one log
agree         all of it
from_log      what an agreeing log says of an item: its place, its direction, the take-off
"""

from dronecheck.footage.agreement.agree import agreements
from dronecheck.footage.agreement.from_log import place_in_log, pose_in_log, takeoff_flight
from dronecheck.footage.agreement.model import AgreementVerdict, FilmMiss, LogAgreement

__all__ = [
    "AgreementVerdict", "FilmMiss", "LogAgreement", "agreements", "place_in_log", "pose_in_log", "takeoff_flight",
]  # fmt: skip
