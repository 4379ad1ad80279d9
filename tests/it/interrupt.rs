//! Ctrl-C, and Ctrl-C again.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::process::Running;
use crate::support::sandbox::Sandbox;

/// Much less than a record may take to be given up.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn the_first_ctrl_c_waits_for_what_is_in_flight_and_the_second_does_not() {
    let sandbox = Sandbox::start();
    let records = ["publish", "doctor.available", "--count", "1000", "--rate", "20", "-o", "ndjson", "--yes"];
    let mut publish = Running::start(sandbox.rdvctl(&records), None, LIMIT);
    publish.wait_until_it_says("\"stored\"");
    let broker = i32::try_from(sandbox.pid()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(broker, Signal::STOP).unwrap();
    // Some records more, which nobody acknowledges.
    sleep(Duration::from_millis(400));
    publish.interrupt();
    sleep(Duration::from_millis(400));
    assert!(publish.is_running(), "{}", publish.err_so_far());
    publish.interrupt();
    publish.wait().expect(130);
}
