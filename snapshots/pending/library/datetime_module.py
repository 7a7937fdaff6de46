# datetime: construction, arithmetic, formatting, parsing, zones.
from datetime import *

d, t = date(2024, 2, 29), time(13, 5, 9, 123456)
dt = datetime(2024, 2, 29, 13, 5, 9, 123)
print(d, t, dt, repr(d), repr(t), repr(dt), d.weekday(), d.isoweekday(), d.isocalendar(), d.toordinal(), d.timetuple().tm_yday, d.replace(year=2023, day=1), d.ctime(), date.min, date.max, datetime.max, d.strftime("%a %d %B %Y %j %U %%"))
print(d + timedelta(1), d - timedelta(weeks=1), d - date(2023, 2, 28), dt + timedelta(hours=25, microseconds=-124), dt - datetime(2000, 1, 1), d < date(2025, 1, 1), dt == dt.replace(), hash(d) == hash(date(2024, 2, 29)))
delta = timedelta(days=-1, hours=5, minutes=3, microseconds=7)
print(delta, repr(delta), delta.days, delta.seconds, delta.microseconds, delta.total_seconds(), abs(delta), -delta, delta * 2, delta / 2, delta // timedelta(hours=1), delta % timedelta(hours=1), divmod(timedelta(5), timedelta(2)), timedelta(1) / timedelta(hours=6), timedelta(hours=1.5), timedelta.max, timedelta(milliseconds=1), timedelta(microseconds=0.5), bool(timedelta()))
print(date.fromisoformat("2024-03-01"), date.fromisoformat("20240301"), date.fromisoformat("2024-W09-5"), datetime.fromisoformat("2024-03-01T12:30:45.5+02:00"), time.fromisoformat("T12:30Z"), dt.isoformat(" ", "milliseconds"), t.isoformat("minutes"), datetime.strptime("01/Mar/24 14:05 +0130", "%d/%b/%y %H:%M %z"), date.fromtimestamp(0), datetime.fromtimestamp(0, UTC), datetime.fromtimestamp(1e9 + 0.25, timezone.utc), dt.replace(tzinfo=UTC).timestamp())
tz = timezone(timedelta(hours=-5, minutes=-30), "HERE")
aware = datetime(2024, 1, 1, tzinfo=tz)
print(aware, aware.tzname(), aware.utcoffset(), aware.astimezone(UTC), aware.dst(), repr(tz), timezone.utc, repr(timezone(timedelta(seconds=1))), aware.utctimetuple().tm_hour, aware == aware.astimezone(UTC), datetime.combine(d, t, tz), aware.timetz(), aware - datetime(2024, 1, 1, tzinfo=UTC))
print(dt.strftime("%Y-%m-%dT%H:%M:%S.%f %p %I %y %w %Z%z|"), aware.strftime("%z %:z %Z"), f"{dt:%H:%M}", format(d, ""), t.strftime("%H"), date(5, 1, 1).strftime("%Y"), dt.date(), dt.time(), dt.fold, datetime.fromordinal(1), date.fromisocalendar(2020, 53, 5))
for f in (lambda: date(2023, 2, 29), lambda: date(0, 1, 1), lambda: date(2024, 13, 1), lambda: time(24), lambda: datetime(2024, 1, 1, 0, 60), lambda: date.max + timedelta(1), lambda: d - 1, lambda: d < 5, lambda: d < dt, lambda: aware - dt, lambda: aware < dt, lambda: timedelta(10**10), lambda: timezone(timedelta(days=2)), lambda: date.fromisoformat("2024-1-1"), lambda: datetime.strptime("x", "%Y"), lambda: datetime.strptime("2024 extra", "%Y"), lambda: date("2024"), lambda: timedelta(1) / 0, lambda: datetime.fromtimestamp(1e20), lambda: d.replace(month=0), lambda: setattr(d, "year", 1), lambda: datetime.fromisoformat("2024-01-01T25:00"), lambda: time(1) < time(1, tzinfo=tz)):
    try:
        print(f())
    except (ValueError, TypeError, OverflowError, AttributeError, ZeroDivisionError) as error:
        print(type(error).__name__, error)


class Fixed(tzinfo):
    def utcoffset(self, dt):
        return timedelta(hours=1)

    def dst(self, dt):
        return timedelta(0)

    def tzname(self, dt):
        return "FIX"


print(datetime(2024, 1, 1, 12, tzinfo=Fixed()).astimezone(UTC), datetime(2024, 1, 1, tzinfo=Fixed()), datetime.now(UTC).tzinfo, datetime(2024, 6, 1).astimezone().utcoffset())
