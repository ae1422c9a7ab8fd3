"""Small CSV logs written by hand, one per dialect, and how the tests read them."""

import hashlib
from pathlib import Path

from dronecheck.readers import csvlog
from dronecheck.safe.io import Input

# ruff: noqa: E501
FLIGHT_READER_HEADER = (
    "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,"
    "OSD.height [ft],OSD.vpsHeight [ft],OSD.altitude [ft],OSD.hSpeed [MPH],OSD.flycState,OSD.gpsNum,OSD.gpsLevel,"
    "OSD.droneType,OSD.isOnGround,OSD.isMotorOn,HOME.latitude,HOME.longitude,RECOVER.aircraftSerial,"
    "APPGPS.latitude,APPGPS.longitude,APPGPS.accuracy,APP.tip,APP.warning"
)
FLIGHT_READER = (
    "sep=,\n" + FLIGHT_READER_HEADER + "\n"
    "6/13/2025,3:34:35.30 PM,0m 0.0s,0.0,40.1000000,124.3000000,0,0.3,100,0,Starting Motors,14,5,DJI FPV,True,True,"
    ",,SN1,40.0999000,124.2999000,8,Motors starting.,\n"
    "6/13/2025,3:34:35.50 PM,0m 0.2s,0.2,40.1000100,124.3000100,10,20.0,110,10,P-GPS,11,4,DJI FPV,False,True,"
    "40.1,124.3,SN1,40.0999000,124.2999000,8,,Low light\n"
    "6/13/2025,3:34:35.70 PM,0m 0.4s,0.4,40.1000200,124.3000200,100,20.0,200,10,P-GPS,9,3,DJI FPV,False,False,"
    "40.1,124.3,SN1,40.0999500,124.2999000,8,,Low light\n"
)

DJI_LOG_VIEWER = (
    "#,CUSTOM.date [local], CUSTOM.updateTime [local], OSD.flyTime, OSD.flyTime [s], OSD.latitude, OSD.longitude,"
    " OSD.height [ft], OSD.altitude [ft], OSD.hSpeed [MPH], OSD.gpsNum, OSD.gpsLevel, OSD.isMotorOn, APP.tip\r\n"
    "1,5/23/2018,0:59:58,0m 10s,10.6,39.9,-105.1,0,8000,0,12,5,True,\r\n"
    "2,5/23/2018,0:00:01,0m 14s,13.6,39.9001,-105.1,10,8010,0,12,5,True,Beep\r\n"
)

DJI_LOG_PARSER = (
    "CUSTOM.dateTime,OSD.flyTime,OSD.latitude,OSD.longitude,OSD.height,OSD.altitude,OSD.xSpeed,OSD.ySpeed,"
    "OSD.flycState,OSD.gpsNum,OSD.gpsLevel,OSD.droneType,OSD.isOnGround,OSD.isMotorOn,HOME.latitude,HOME.longitude,"
    "HOME.altitude,DETAILS.aircraftSerial,APP.tip,APP.warn\n"
    "2024-05-01T10:00:00.100Z,0.1,47.5,8.5,0.0,400.0,3.0,4.0,GPSAtti,15,5,Mavic3,true,false,47.5,8.5,399.5,S9,,\n"
    "2024-05-01T10:00:00.200Z,0.2,47.50001,8.5,1.5,401.5,3.0,4.0,GPSAtti,15,5,Mavic3,false,true,47.5,8.5,399.5,S9,,\n"
)

AIRDATA = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),"
    "height_above_ground_at_drone_location(feet),ground_elevation_at_drone_location(feet),"
    "altitude_above_seaLevel(feet),height_sonar(feet),speed(mph),satellites,gpslevel, xSpeed(mph),isPhoto,"
    "altitude(feet),ascent(feet),flycStateRaw,flycState,message\n"
    "143400,2024-05-01 10:00:00,41.0000001,-87.0,0,Available with any HD 360 subscription,,600,1.0,0,14,5,0,0,600,0,"
    '41,Motors_Off,"Hello, pilot"\n'
    "143700,2024-05-01 10:00:00,41.0000101,-87.0,10,,,610,,10,14,5,10,0,610,10,41,Motors_Started,\n"
    "143900,2024-05-01 10:00:01,41.0000201,-87.0,20,,,620,,10,5,5,10,0,620,20,6,P-GPS,\n"
)

HEALTHYDRONES = (
    "latitude,longitude,altitude(feet),ascent(feet),speed(mph),distance(feet),time(millisecond),datetime(utc),"
    "satellites,voltage(v),max_altitude(feet),flycStateRaw,flycState,message\n"
    "41.29448715,-72.96442396,156.0,0,0,0,510700,2016-09-15 17:51:19,10,0,156,6,GPS_Atti,Home Point Recorded\n"
    "41.29448736,-72.96442380,166.0,10,5,0,510800,2016-09-15 17:51:19,10,0,166,6,GPS_Atti,\n"
    "41.29448736,-72.96442380,166.0,10,5,0,510800,2016-09-15 17:51:19,10,0,166,6,GPS_Atti,\n"
    "41.29448757,-72.96442370,176.0,20,5,0,510900,2016-09-15 17:51:20,7,0,176,11,AutoTakeoff,\n"
)

LITCHI = (
    "latitude,longitude,altitude(m),speed(mps),satellites,time(millisecond),datetime(utc),datetime(local),isflying,"
    "isMotorsOn,flightmode,home_latitude,home_longitude,dronetype,planename,FlyControllerSerialNumber\n"
    "50.0000001,8.0,0.0,0.0,16,0,2021-06-01 12:00:00.500,2021-06-01 14:00:00.500,0,0,GPS,50.0,8.0,44,Bird,F7\n"
    "50.0000201,8.0,12.5,3.0,16,100,2021-06-01 12:00:00.600,2021-06-01 14:00:00.600,1,1,GPS,50.0,8.0,44,Bird,F7\n"
)

LITCHI_MISSION = (
    "latitude,longitude,altitude(m),heading(deg),curvesize(m),rotationdir,gimbalmode,actiontype1,actionparam1\n"
    "50.1,8.1,30,0,0.2,0,0,-1,0\n"
)

OPEN_DRONELOG = (
    "time_s,lat,lng,alt_ft,distance_to_home_ft,height_ft,speed_mph,satellites,flight_mode,messages,metadata\n"
    '0.0,52.0000001,4.0,30,0,0,0,14,P-GPS,,"{""format"":""x"",""start_time"":""2026-02-01 14:35:52+00""}"\n'
    "0.5,52.0000101,4.0,40,1,10,10,14,P-GPS,,\n"
)

UGCS = (
    "Time,cs:altitude_agl,cs:altitude_amsl,cs:ground_elevation,fc:altitude_raw,fc:ground_speed,fc:home_latitude,"
    "fc:home_longitude,fc:is_armed,fc:latitude,fc:longitude,fc:satellite_count\n"
    "2018-04-19T16:01:38.252,,,,,,,,false,,,\n"
    "2018-04-19T16:01:38.394,5.0,25.0,20.0,4.0,1.0,56.976,24.073,false,56.9761234,24.0731234,13\n"
    "2018-04-19T16:01:38.494,6.0,26.0,20.0,5.0,1.0,56.976,24.073,true,56.9761235,24.0731234,13\n"
)

DRONEDEPLOY = (
    "#DroneDeploy\t2.75.0\n#Flight Recorder\nSession Start\t06/04/2018 20:32:30\n#Aircraft\nAircraft Model\tInspire 2\n"
    "Aircraft Firmware\t01.02.0100\nFlight Controller Serial Number\tFC77\n"
    "Date/Time (GMT)\tElapsed Time (sec)\tInfo\tDevice Latitude (Degrees)\tDevice Longitude (Degrees)\t"
    "Aircraft Latitude (Degrees)\tAircraft Longitude (Degrees)\tAircraft Speed (mph)\t"
    "Aircraft Barometric Altitude (ft)\tAircraft Satellites\tAircraft Motors On\tAircraft Flying\t"
    "Aircraft Flight Mode\tAircraft Ultrasonic Altitude (ft)\tAircraft GPS Signal Value\tHome Latitude (Degrees)\t"
    "Home Longitude (Degrees)\n"
    '06/04/2018 20:32:36\t6.5\t[{"message":"up"}]\t37.7\t-122.4\t0\t0\t0\t0\t0\t0\t0\tNAVI\t0\t0\t0\t0\n'
    "06/04/2018 20:32:36\t6.6\t\t37.7\t-122.4\t37.7718031\t-122.4074253\t0\t10\t14.0\t1\t0\tNAVI\t9\t5\t37.77\t-122.40\n"
    "06/04/2018 20:32:37\t6.8\t\t37.7\t-122.4\t37.7718041\t-122.4074253\t10\t20\tN/A\t1\t1\tNAVI\tNo Data\t5\tnull\tnull\n"
    "#Flight Recorder Session End\nDate/Time (UTC)\t06/04/2018 20:32:38\nElapsed Time (sec)\t8\n"
)

TXTLOGTOCSV = (
    "CUSTOM.updateTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [m],OSD.altitude [m],OSD.gpsNum,"
    "OSD.gpsLevel,OSD.isMotorUp,CUSTOM.isVideo\n"
    "2021/04/19 09:31:07.123,0.1,47.5,8.5,0.0,400.0,15,5,False,\n"
    "2021/04/19 09:31:07.223,0.2,47.50001,8.5,1.5,401.5,15,5,True,Recording\n"
)

FLYTREX = (
    "latitude,longitude,altitude(feet),ascent(feet),speed(mph),distance(feet),max_altitude(feet),max_ascent(feet),"
    "max_speed(mph),max_distance(feet),time(millisecond),datetime(utc),datetime(local),satellites,pressure(Pa),"
    "temperature(F)\n"
    "32.1000000,34.8000000,100,0,0,0,100,0,0,0,0,2014-05-01 10:00:00,2014-05-01 13:00:00,12,101325,70\n"
    "32.1000100,34.8000000,110,10,5,3,110,10,5,3,1000,2014-05-01 10:00:01,2014-05-01 13:00:01,12,101300,70\n"
)

PHANTOM_SUBSET = (
    "Id,Time(seconds),Time(text),Latitude,Longitude\n"
    "1,0.3,0m 0.3s,-44.69009395,170.42456545\n"
    "2,0.5,0m 0.5s,-44.69009368,170.42456536\n"
)

YUNEEC_REMOTE = (
    ",lon,lat,alt,accuracy,speed,angle\n"
    "20170812 14:05:09:123,-1.5601001,52.3801001,98.0,4.0,0.0,12.0\n"
    "20170812 14:05:10:130,-1.5601001,52.3801001,98.0,4.0,0.0,12.0\n"
    "20170812 14:05:11:140,-1.5601011,52.3801021,98.1,4.0,0.3,15.0\n"
)

DATCON_HEADER = (
    "Tick#,offsetTime,IMU_ATTI(0):Longitude[degrees [-180;180]],IMU_ATTI(0):Latitude[degrees [-180;180]],"
    "IMU_ATTI(0):velH:C[meters/Sec],General:relativeHeight:C[meters],GPS(0):Long,GPS(0):Lat,GPS(0):Date,GPS(0):Time,"
    "GPS:dateTimeStamp,GPS(0):heightMSL[meters],GPS(0):hDOP,GPS(0):numSV,Controller:flycState,Attribute|Value,"
    "ConvertDatV3,3.6.1"
)
DATCON = (
    DATCON_HEADER + "\n"
    "100,1.000,0.01,0.01,0.0,,8.5,47.5,20180401,95959,,,,4,,Firmware Date|Jan 1 2018\n"
    "200,1.005,8.5,47.5,0.0,0.0,8.5000001,47.5000001,20180401,95959,2018-04-01T09:59:59Z,400.0,0.9,14,P-GPS,ACType|P4\n"
    "300,1.010,8.5,47.5,0.0,0.0,8.5000001,47.5000001,20180401,95959,2018-04-01T09:59:59Z,400.0,0.9,14,P-GPS,\n"
    "400,1.205,8.5,47.5,3.0,1.0,8.5000101,47.5000001,20180401,100000,2018-04-01T10:00:00Z,401.0,0.9,14,P-GPS,\n"
    "500,1.305,8.5,47.5,3.0,2.0,8.5000101,47.5000001,20180401,100000,2018-04-01T10:00:00Z,401.0,0.9,14,P-GPS,\n"
)

FEW_COLUMNS = (
    "time(millisecond),datetime(utc),latitude,longitude,altitude(meters),ascent(meters),speed(m/s)\n"
    "0,2026-05-01 03:00:00,47.0000001,8.0000001,400.0,0.0,0.0\n"
    "200,2026-05-01 03:00:00,47.0000101,8.0000001,401.0,10.0,1.0\n"
)

SAMPLES = {
    "few_columns": FEW_COLUMNS,
    "datcon": DATCON,
    "yuneec_remote": YUNEEC_REMOTE,
    "txtlogtocsv": TXTLOGTOCSV,
    "flytrex": FLYTREX,
    "phantom_subset": PHANTOM_SUBSET,
    "flight_reader": FLIGHT_READER,
    "dji_log_viewer": DJI_LOG_VIEWER,
    "dji_log_parser": DJI_LOG_PARSER,
    "airdata": AIRDATA,
    "healthydrones": HEALTHYDRONES,
    "litchi": LITCHI,
    "open_dronelog": OPEN_DRONELOG,
    "ugcs": UGCS,
    "dronedeploy": DRONEDEPLOY,
}


def read(content, name="log.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return csvlog.read(Input(Path(name), data, hashlib.sha256(data).hexdigest()))


def issues(flight):
    """The issues by code (the last of each)."""
    return {issue.code.value: issue for issue in flight.issues}
