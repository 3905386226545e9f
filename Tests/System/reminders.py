"""Shows that a worker tells of each instance of an event once and in time, and of none that was moved away."""
import datetime

from house import claim, play, until
from recurrence import UTC, read, stamp


def reminders(site):
    site.start_api()
    site.start_worker()
    site.start_worker()
    caller, second = site.caller(), datetime.timedelta(seconds=1)
    start = datetime.datetime.now(UTC).replace(microsecond=0) + 8 * second
    fields = {"title": "Soon", "starts_at": stamp(start), "ends_at": stamp(start + 60 * second),
              "rrule": "FREQ=SECONDLY;INTERVAL=4;COUNT=5", "reminders": [{"minutes_before": 0}]}
    event = caller.post("/api/calendar/events", fields).json
    left_out = f"scope=this&recurrence_id={stamp(start + 8 * second)}"
    caller.ask("DELETE", f"/api/calendar/events/{event['id']}?{left_out}")
    caller.post("/api/calendar/events", fields | {"title": "Never"} | {"status": "cancelled"})

    def told():
        return caller.get("/api/notifications").json["notifications"]

    until(lambda: len(told()) >= 4, 60, lambda: f"only {len(told())} notifications")
    # One more would have come by now.
    until(lambda: datetime.datetime.now(UTC) > start + 22 * second, 40, "the clock stands still")
    times = sorted(read(one["created_at"]) for one in told())
    wanted = [start + number * 4 * second for number in (0, 1, 3, 4)]
    late = [(found - due).total_seconds() for found, due in zip(times, wanted)]
    claim("each instance is told of once and in time, by two workers",
          len(times) == 4 and all(0 <= one < 3 for one in late) and {one["title"] for one in told()} == {"Soon"},
          f"{len(times)} notifications, the latest {max(late):.2f} s late")


if __name__ == "__main__":
    play(reminders, 180)
