"""What dronecheck knows of MAVLink messages: layouts of those it uses, checksum bytes of all, names of values.

Taken from pymavlink's dialect "all" (whose import alone would take longer than reading most logs); a test holds
the two equal. Fields are little-endian and without gaps, in the order on the wire; those of an extension come last
and are absent (zero) in MAVLink 1. MAVLink 2 cuts zeros off a payload's end.
"""

from __future__ import annotations

import numpy as np

__all__ = ["BESIDE", "CRC_EXTRA", "LAYOUTS", "LONGEST", "TYPES", "UNKNOWN", "USED", "WITNESSES", "mode_name"]

LAYOUTS: dict[str, tuple[int, str]] = {
    "HEARTBEAT": (0, "custom_mode:u4 type:u1 autopilot:u1 base_mode:u1 system_status:u1 mavlink_version:u1"),
    "SYSTEM_TIME": (2, "time_unix_usec:u8 time_boot_ms:u4"),
    "GPS_RAW_INT": (
        24,
        "time_usec:u8 lat:i4 lon:i4 alt:i4 eph:u2 epv:u2 vel:u2 cog:u2 fix_type:u1 satellites_visible:u1 "
        "alt_ellipsoid:i4 h_acc:u4 v_acc:u4 vel_acc:u4 hdg_acc:u4 yaw:u2",
    ),
    "SCALED_PRESSURE": (29, "time_boot_ms:u4 press_abs:f4 press_diff:f4 temperature:i2 temperature_press_diff:i2"),
    "GLOBAL_POSITION_INT": (
        33,
        "time_boot_ms:u4 lat:i4 lon:i4 alt:i4 relative_alt:i4 vx:i2 vy:i2 vz:i2 hdg:u2",
    ),
    "GPS2_RAW": (
        124,
        "time_usec:u8 lat:i4 lon:i4 alt:i4 dgps_age:u4 eph:u2 epv:u2 vel:u2 cog:u2 fix_type:u1 "
        "satellites_visible:u1 dgps_numch:u1 yaw:u2 alt_ellipsoid:i4 h_acc:u4 v_acc:u4 vel_acc:u4 hdg_acc:u4",
    ),
    "CAMERA_TRIGGER": (112, "time_usec:u8 seq:u4"),
    "CAMERA_FEEDBACK": (
        180,
        "time_usec:u8 lat:i4 lng:i4 alt_msl:f4 alt_rel:f4 roll:f4 pitch:f4 yaw:f4 foc_len:f4 img_idx:u2 "
        "target_system:u1 cam_idx:u1 flags:u1 completed_captures:u2",
    ),
    "DISTANCE_SENSOR": (
        132,
        "time_boot_ms:u4 min_distance:u2 max_distance:u2 current_distance:u2 type:u1 id:u1 orientation:u1 "
        "covariance:u1 horizontal_fov:f4 vertical_fov:f4 quaternion:4f4 signal_quality:u1",
    ),
    "TERRAIN_REPORT": (
        136,
        "lat:i4 lon:i4 terrain_height:f4 current_height:f4 spacing:u2 pending:u2 loaded:u2",
    ),
    "AUTOPILOT_VERSION": (
        148,
        "capabilities:u8 uid:u8 flight_sw_version:u4 middleware_sw_version:u4 os_sw_version:u4 board_version:u4 "
        "vendor_id:u2 product_id:u2 flight_custom_version:8u1 middleware_custom_version:8u1 os_custom_version:8u1 "
        "uid2:18u1",
    ),
    "HOME_POSITION": (
        242,
        "latitude:i4 longitude:i4 altitude:i4 x:f4 y:f4 z:f4 q:4f4 approach_x:f4 approach_y:f4 approach_z:f4 "
        "time_usec:u8",
    ),
    "EXTENDED_SYS_STATE": (245, "vtol_state:u1 landed_state:u1"),
    "STATUSTEXT": (253, "severity:u1 text:S50 id:u2 chunk_seq:u1"),
}


WITNESSES: dict[str, tuple[int, str]] = {  # bear witness beside positions; one that is not intact is nothing lost
    "SYS_STATUS": (
        1,
        "onboard_control_sensors_present:u4 onboard_control_sensors_enabled:u4 onboard_control_sensors_health:u4 "
        "load:u2 voltage_battery:u2 current_battery:i2 drop_rate_comm:u2 errors_comm:u2 errors_count1:u2 "
        "errors_count2:u2 errors_count3:u2 errors_count4:u2 battery_remaining:i1",
    ),
    "SCALED_IMU": (26, "time_boot_ms:u4 xacc:i2 yacc:i2 zacc:i2 xgyro:i2 ygyro:i2 zgyro:i2"),
    "RAW_IMU": (27, "time_usec:u8 xacc:i2 yacc:i2 zacc:i2 xgyro:i2 ygyro:i2 zgyro:i2"),
    "ATTITUDE": (30, "time_boot_ms:u4 roll:f4 pitch:f4 yaw:f4"),
    "LOCAL_POSITION_NED": (32, "time_boot_ms:u4 x:f4 y:f4 z:f4 vx:f4 vy:f4 vz:f4"),
    "HIGHRES_IMU": (
        105,
        "time_usec:u8 xacc:f4 yacc:f4 zacc:f4 xgyro:f4 ygyro:f4 zgyro:f4 xmag:f4 ymag:f4 zmag:f4 abs_pressure:f4 "
        "diff_pressure:f4 pressure_alt:f4 temperature:f4",
    ),
    "BATTERY_STATUS": (
        147,
        "current_consumed:i4 energy_consumed:i4 temperature:i2 voltages:10u2 current_battery:i2 id:u1 "
        "battery_function:u1 type:u1 battery_remaining:i1",
    ),
    "EKF_STATUS_REPORT": (
        193,
        "velocity_variance:f4 pos_horiz_variance:f4 pos_vert_variance:f4 compass_variance:f4",
    ),
    "ESTIMATOR_STATUS": (230, "time_usec:u8 vel_ratio:f4 pos_horiz_ratio:f4 pos_vert_ratio:f4 mag_ratio:f4"),
}


def _kind(code: str) -> str | tuple[str, int]:
    """Return "u4", or ("u1", 8) for "8u1"; little-endian."""
    count = code.rstrip("1248").rstrip("ifu")
    return code if code[0] == "S" else ("<" + code[len(count) :], int(count)) if count else "<" + code


def _tables(layouts: dict[str, tuple[int, str]]) -> dict[int, tuple[str, np.dtype[np.void]]]:
    return {
        msg_id: (name, np.dtype([(field.split(":")[0], _kind(field.split(":")[1])) for field in fields.split()]))
        for name, (msg_id, fields) in layouts.items()
    }


USED, BESIDE = _tables(LAYOUTS), _tables(WITNESSES)

# id:checksum byte:longest payload
_ALL = """
    0:50:9 1:124:43 2:137:12 4:237:14 5:217:28 6:104:3 7:119:32 11:89:6 20:214:20 21:159:2 22:220:25 23:168:23 24:24:52
    25:23:101 26:170:24 27:144:29 28:67:16 29:115:16 30:39:28 31:246:48 32:185:28 33:104:28 34:237:22 35:244:22
    36:222:37 37:212:7 38:9:7 39:254:38 40:230:5 41:28:4 42:28:6 43:132:3 44:221:5 45:232:3 46:11:2 47:153:4 48:41:21
    49:39:20 50:78:37 51:196:5 53:3:5 54:15:27 55:3:25 61:167:72 62:183:26 63:119:181 64:191:225 65:118:42 66:148:6
    67:21:4 69:243:30 70:124:38 73:38:38 74:20:20 75:158:35 76:152:33 77:143:10 81:106:22 82:49:39 83:22:37 84:143:53
    85:140:51 86:5:53 87:150:51 89:231:28 90:183:56 91:63:42 92:54:33 93:47:81 100:175:34 101:102:117 102:158:117
    103:208:57 104:56:116 105:93:63 106:138:44 107:108:65 108:32:92 109:185:9 110:84:254 111:34:16 112:174:12 113:124:39
    114:237:44 115:4:64 116:76:24 117:128:6 118:56:14 119:116:12 120:134:97 121:237:2 122:203:2 123:250:113 124:87:57
    125:203:6 126:220:79 127:25:35 128:226:35 129:46:24 130:29:13 131:223:255 132:85:39 133:6:18 134:229:43 135:203:8
    136:1:22 137:195:16 138:109:120 139:168:43 140:181:41 141:47:32 142:72:243 143:131:16 144:127:93 146:103:100
    147:154:54 148:178:78 149:200:60 150:134:42 151:219:8 152:208:8 153:188:12 154:84:15 155:22:13 156:19:6 157:21:15
    158:134:15 160:78:12 161:68:3 162:189:9 163:127:28 164:154:44 165:21:3 166:21:9 167:144:22 168:1:12 169:234:18
    170:73:34 171:181:66 172:22:98 173:83:8 174:167:48 175:138:19 176:234:3 177:240:20 178:47:24 179:189:29 180:52:47
    181:174:4 182:229:40 183:85:2 184:159:206 185:186:7 186:72:29 191:92:27 192:36:54 193:71:26 194:98:33 195:120:37
    200:134:42 201:205:14 214:69:8 215:101:3 216:50:3 217:202:6 218:17:7 219:162:2 220:34:32 221:71:42 222:15:3
    223:119:47 224:102:45 225:208:73 226:207:8 230:163:42 231:105:40 232:151:65 233:35:182 234:150:40 235:179:42
    241:90:32 242:104:60 243:85:61 244:95:6 245:130:2 246:184:38 247:81:19 248:8:254 249:204:36 250:49:30 251:170:18
    252:44:18 253:83:54 254:46:9 256:71:42 257:131:9 258:187:232 259:92:237 260:146:14 261:179:61 262:12:23 263:133:255
    264:49:32 265:26:20 266:193:255 267:35:255 268:14:4 269:109:215 270:59:20 271:22:53 275:126:32 276:18:50 277:62:30
    280:70:33 281:48:13 282:123:35 283:74:149 284:99:32 285:137:49 286:210:57 287:1:23 288:20:23 295:234:12 296:158:41
    299:19:96 301:243:58 310:28:17 311:95:116 320:243:20 321:88:2 322:243:149 323:78:147 324:132:146 330:23:167
    331:91:233 332:236:239 333:231:109 335:225:24 339:199:5 340:99:70 345:209:21 350:232:252 360:11:25 370:75:109
    373:117:42 375:251:140 376:199:8 385:147:133 386:132:16 387:4:72 388:8:37 390:156:240 420:20:73 435:134:46 436:193:9
    437:30:1 441:169:17 513:99:45 8002:218:16 8003:231:41 8004:172:98 8005:251:38 8006:97:14 8007:64:32 8008:234:33
    8009:144:16 8010:155:41 8011:20:102 8012:54:16 8013:222:46 8014:200:14 8015:23:24 8016:149:18 9000:113:137
    9005:117:34 10001:209:20 10002:186:41 10003:4:1 10004:133:9 10005:103:9 10006:193:4 10007:71:17 10008:240:14
    10151:195:85 11000:134:52 11001:15:136 11002:234:180 11003:64:5 11004:11:232 11005:93:230 11010:46:49 11011:106:44
    11020:205:16 11030:144:44 11031:133:44 11032:85:44 11033:195:37 11034:79:5 11035:128:8 11036:177:34 11037:130:28
    11038:47:38 11039:142:9 11040:132:44 11041:208:44 11042:201:44 11043:193:44 11044:189:44 11060:162:78 12900:114:44
    12901:254:59 12902:140:53 12903:249:46 12904:77:54 12905:49:43 12915:94:249 12918:139:51 12919:7:18 12920:20:5
    17000:103:179 17150:26:33 17151:72:16 17153:19:17 17154:89:17 17155:27:10 17156:14:91 17157:187:84 17158:106:24
    42000:227:1 42001:239:46 50001:246:32 50002:181:246 50003:62:19 50004:240:10 50005:152:6 52000:13:100 52001:239:1
    60000:4:22 60010:208:33 60011:183:7 60012:99:36 60013:129:24 60014:134:8 60020:202:4 60040:156:245 60041:191:255
    60045:14:23 60046:171:28 60047:55:7 60050:220:14 60051:245:24 60052:101:44 60053:45:6
"""

UNKNOWN = -2
_ENTRIES = np.array([entry.split(":") for entry in _ALL.split()], np.int64)
CRC_EXTRA = np.full(int(_ENTRIES[-1, 0]) + 2, UNKNOWN, np.int16)  # by id; the last entry stands for all higher ids
CRC_EXTRA[_ENTRIES[:, 0]] = _ENTRIES[:, 1]
LONGEST = np.full(len(CRC_EXTRA), 255, np.int64)
LONGEST[_ENTRIES[:, 0]] = _ENTRIES[:, 2]

TYPES = {
    1: "fixed wing", 2: "quadrotor", 3: "coaxial helicopter", 4: "helicopter", 7: "airship", 8: "balloon", 9: "rocket",
    10: "ground rover", 11: "surface boat", 12: "submarine", 13: "hexarotor", 14: "octorotor", 15: "tricopter",
    16: "flapping wing", 17: "kite", 19: "VTOL tail-sitter duo", 20: "VTOL tail-sitter quad", 21: "VTOL tiltrotor",
    22: "VTOL", 23: "VTOL tail-sitter", 24: "VTOL tiltwing", 25: "VTOL", 28: "parafoil", 29: "dodecarotor",
    35: "decarotor",
}  # fmt: skip
_COPTER = {
    0: "stabilize", 1: "acro", 2: "altitude hold", 3: "auto", 4: "guided", 5: "loiter", 6: "return to launch",
    7: "circle", 9: "land", 11: "drift", 13: "sport", 14: "flip", 15: "autotune", 16: "position hold", 17: "brake",
    18: "throw", 19: "avoid ADS-B", 20: "guided without GNSS", 21: "smart return to launch", 22: "flow hold",
    23: "follow", 24: "zigzag", 27: "auto return to launch",
}  # fmt: skip
_PLANE = {
    0: "manual", 1: "circle", 2: "stabilize", 3: "training", 4: "acro", 5: "fly-by-wire A", 6: "fly-by-wire B",
    7: "cruise", 8: "autotune", 10: "auto", 11: "return to launch", 12: "loiter", 13: "take-off", 14: "avoid ADS-B",
    15: "guided", 17: "Q stabilize", 18: "Q hover", 19: "Q loiter", 20: "Q land", 21: "Q return to launch",
    22: "Q autotune", 23: "Q acro", 24: "thermal",
}  # fmt: skip
_PX4 = {
    1: "manual", 2: "altitude", 3: "position", 4: "auto", 5: "acro", 6: "offboard", 7: "stabilized", 8: "rattitude",
}  # fmt: skip
_PX4_AUTO = {1: "ready", 2: "take-off", 3: "hold", 4: "mission", 5: "return", 6: "land", 8: "follow target"}
ARDUPILOT, PX4 = 3, 12
_PLANES = frozenset((1, 19, 20, 21, 22, 23, 24, 25))
_COPTERS = frozenset((2, 3, 4, 13, 14, 15, 29, 35))


def mode_name(autopilot: int, vehicle_type: int, custom_mode: int) -> str:
    """Return the name of a flight mode, or its number."""
    names: dict[int, str] = {}
    if autopilot == PX4:
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24
        return _PX4_AUTO.get(sub, f"auto {sub}") if main == 4 else _PX4.get(main, f"mode {main}")
    if autopilot == ARDUPILOT:
        names = _PLANE if vehicle_type in _PLANES else _COPTER if vehicle_type in _COPTERS else {}
    return names.get(custom_mode, f"mode {custom_mode}")
