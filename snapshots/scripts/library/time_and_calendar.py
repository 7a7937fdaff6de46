# time and calendar where they do not depend on the clock.
import calendar
import time

t = time.gmtime(1_000_000_000)
print(t, t.tm_year, t[3], t.tm_zone, time.mktime(t) - 1_000_000_000, calendar.timegm(t), time.strftime("%Y-%m-%d %H:%M:%S %a %b %j", t), time.asctime(t), time.ctime(0), time.strptime("2001-09-09", "%Y-%m-%d").tm_yday, tuple(t), len(t), t.n_fields, time.gmtime(-1).tm_year, time.localtime(0).tm_hour, time.tzname, time.timezone, time.daylight)
start, monotonic, counter = time.time(), time.monotonic(), time.perf_counter()
time.sleep(0.01)
print(time.time() > start - 1, time.monotonic() - monotonic >= 0.01, time.perf_counter() - counter >= 0.009, time.process_time() >= 0, time.time_ns() > 1e18, time.monotonic_ns() > 0, time.perf_counter_ns() > 0, time.thread_time() >= 0, time.get_clock_info("monotonic").monotonic)
print(time.struct_time(range(9)), time.struct_time(range(9)).tm_isdst, time.strftime("%%", t), repr(time.strftime("", t)), time.strptime("Mon Jan  5 03:04:05 2015").tm_wday, time.strptime("12:30 PM", "%I:%M %p")[3:5])
for f in (lambda: time.sleep(-1), lambda: time.sleep("a"), lambda: time.gmtime(10**30), lambda: time.strptime("x", "%Y"), lambda: time.struct_time([1]), lambda: time.strftime("%Y", (1,)), lambda: time.mktime(5), lambda: time.strptime("2000-13", "%Y-%m"), lambda: time.gmtime("a"), lambda: time.strftime(5), lambda: time.asctime((2000, 13, 1, 0, 0, 0, 0, 0, 0)), lambda: time.get_clock_info("x")):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, OSError) as error:
        print(type(error).__name__, error)
print(calendar.month(2024, 2), calendar.isleap(1900), calendar.leapdays(2000, 2024), calendar.monthrange(2024, 2), calendar.weekday(2024, 1, 1), list(calendar.day_abbr), calendar.TextCalendar(6).formatweek([(1, 6), (2, 0)], 3), calendar.monthcalendar(2024, 9)[0], calendar.Month.MAY, list(calendar.Calendar().itermonthdays(2023, 2))[:5])
