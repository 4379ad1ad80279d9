use super::totals::{By, totals};
use super::*;

fn log(start: i64, end: i64, high: i64) -> Log {
    Log { start, end, high }
}

fn row(committed: Option<i64>, log: Option<Log>) -> Row {
    Row::new("g".into(), ("t".into(), 0), committed, log, Uncommitted::Unknown)
}

#[test]
fn lag_is_end_minus_committed_and_never_made_up() {
    // committed, log, status, lag, lost, drained
    let cases = [
        (Some(4), Some(log(0, 10, 10)), "ok", Some(6), None, None),
        (Some(10), Some(log(0, 10, 10)), "ok", Some(0), None, Some(true)),
        (None, Some(log(0, 10, 10)), "none", None, None, None),
        (None, Some(log(7, 7, 7)), "none", None, None, Some(true)),
        (Some(3), Some(log(5, 10, 10)), "expired", Some(7), Some(2), None),
        (Some(3), Some(log(5, 5, 5)), "expired", Some(2), Some(2), Some(true)),
        (Some(12), Some(log(0, 10, 10)), "ahead", None, None, None),
        // Read uncommitted records of an open transaction.
        (Some(12), Some(log(0, 10, 15)), "ok", Some(0), None, Some(true)),
        (Some(3), None, "unknown", None, None, None),
        (None, None, "unknown", None, None, None),
    ];
    for (committed, log, status, lag, lost, drained) in cases {
        let row = row(committed, log);
        assert_eq!(row.status.name(), status, "{committed:?} {log:?}");
        assert_eq!((row.lag(), row.lost(), row.drained()), (lag, lost, drained), "{committed:?} {log:?}");
    }
}

#[test]
fn nothing_committed_has_a_lag_only_when_it_is_said_where_it_starts() {
    let of = |uncommitted| Row::new("g".into(), ("t".into(), 0), None, Some(log(2, 10, 10)), uncommitted);
    assert_eq!(of(Uncommitted::AsEarliest).lag(), Some(8));
    assert_eq!(of(Uncommitted::AsLatest).lag(), Some(0));
    assert_eq!(of(Uncommitted::AsLatest).drained(), Some(true));
    assert_eq!(of(Uncommitted::AsLatest).status, Status::None);
}

#[test]
fn the_age_is_that_of_the_first_unread_record() {
    let mut behind = row(Some(4), Some(log(0, 10, 10)));
    behind.seen_ms = 10_000;
    assert_eq!((behind.age_ms(), behind.wants_reading()), (None, Some((4, 10))));
    behind.found(Unread::Record(5, Some(7_500)), None);
    assert_eq!((behind.age_ms(), behind.drained()), (Some(2_500), Some(false)));
    assert!(behind.notes.is_empty());
    let mut timeless = row(Some(4), Some(log(0, 10, 10)));
    timeless.found(Unread::Record(5, None), None);
    assert_eq!((timeless.age_ms(), timeless.notes.len()), (None, 1));
    let done = row(Some(10), Some(log(0, 10, 10)));
    assert_eq!((done.age_ms(), done.wants_reading()), (Some(0), None));
    assert_eq!(row(None, Some(log(0, 10, 10))).age_ms(), None);
}

#[test]
fn drained_is_true_when_only_control_records_are_left() {
    let mut control = row(Some(9), Some(log(0, 10, 10)));
    control.found(Unread::Nothing, None);
    assert_eq!((control.lag(), control.drained(), control.age_ms()), (Some(1), Some(true), Some(0)));
}

#[test]
fn a_time_in_the_future_and_an_open_transaction_are_said() {
    let mut early = row(Some(4), Some(log(0, 10, 10)));
    early.seen_ms = 10_000;
    early.found(Unread::Record(4, Some(13_600_000)), None);
    assert_eq!(early.age_ms(), Some(-13_590_000));
    assert_eq!(early.notes, ["the next record's time is 3h46m ahead of this clock"]);
    let open = row(Some(4), Some(log(0, 10, 15)));
    assert_eq!(open.notes, ["a transaction is open: offsets 10 to 14 cannot be read yet"]);
    assert!(row(Some(20), Some(log(0, 10, 10))).notes[0].contains("past the log's end 10"));
}

#[test]
fn programs_get_the_fields_in_order_and_null_for_what_is_not_known() {
    let mut all = row(Some(3), Some(log(5, 10, 10)));
    all.seen_ms = 2_000;
    all.found(Unread::Record(5, Some(500)), None);
    all.state = Some("Stable".into());
    let json = all.to_json().to_string();
    assert_eq!(
        json,
        r#"{"group":"g","topic":"t","partition":0,"committed":3,"start":5,"end":10,"lag":7,"age_seconds":1.5,"drained":false,"status":"expired","member":null,"client_id":null,"host":null,"state":"Stable","lost":2}"#
    );
    let json = row(None, None).to_json().to_string();
    assert_eq!(
        json,
        r#"{"group":"g","topic":"t","partition":0,"committed":null,"start":null,"end":null,"lag":null,"age_seconds":null,"drained":null,"status":"unknown","member":null,"client_id":null,"host":null,"state":null}"#
    );
}

#[test]
fn totals_add_what_is_known_and_count_the_rest() {
    let rows = [
        row(Some(4), Some(log(0, 10, 10))),
        row(Some(1), Some(log(0, 10, 10))),
        row(None, Some(log(0, 10, 10))),
        row(Some(1), None),
    ];
    let sums = totals(&rows, By::Group);
    assert_eq!(sums.len(), 1);
    let sum = &sums[0];
    assert_eq!((sum.partitions, sum.lag, sum.none, sum.unknown, sum.lagging), (4, Some(15), 1, 1, 4));
    assert_eq!(totals(&rows[2..], By::Topic)[0].lag, None, "nothing known is not zero");
    assert_eq!(totals(&rows, By::Topic)[0].topic.as_deref(), Some("t"));
}

#[test]
fn times_are_shown_as_people_read_them() {
    let cases = [
        (0, "0s"),
        (340, "340ms"),
        (12_500, "12.5s"),
        (200_000, "3m20s"),
        (7_500_000, "2h05m"),
        (273_600_000, "3d04h"),
        (-1500, "-1.5s"),
    ];
    for (ms, text) in cases {
        assert_eq!(seconds(ms), text);
    }
}
