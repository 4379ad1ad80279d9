//! What crosses the C interface is given back: commands that look at groups, under valgrind.

mod with_valgrind {
    use std::process::Command;
    use std::time::Duration;

    use crate::support::kafka::Raw;
    use crate::support::process::Running;
    use crate::support::{Kafka, unique};

    /// valgrind's exit code for a definite leak or an invalid access; no code of rdvctl's.
    const FOUND: &str = "--error-exitcode=99";

    #[test]
    #[ignore = "needs real Kafka, and valgrind: the answers of a broker are what is copied and freed"]
    fn looking_at_groups_and_moving_them_leaks_nothing() {
        let kafka = Kafka::shared();
        let (topic, group) = (kafka.topic(2), unique("leaks"));
        kafka.write(&topic, &[Raw { value: Some(b"{}".to_vec()), ..Raw::default() }]);
        crate::lag::commit(&kafka, &group, &topic, &[(0, 0), (1, 0)]);
        let commands: [&[&str]; 6] = [
            &["lag", &group],
            &["lag", &group, "--wait", "--timeout", "1s"],
            &["groups", "describe", &group],
            &["groups", "peek", &group],
            &["groups", "reset", &group, "--to", "end", "--yes"],
            &["groups", "delete", &group, "--yes"],
        ];
        for args in commands {
            let looked_at = kafka.rdvctl().args(args);
            let inner = looked_at.command();
            let mut command = Command::new("valgrind");
            command
                .args(["-q", "--leak-check=full", "--errors-for-leak-kinds=definite"])
                .args(["--show-leak-kinds=definite", FOUND])
                .arg(inner.get_program())
                .args(inner.get_args())
                .env_clear()
                .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = Running::start(command, None, Duration::from_secs(120)).wait();
            assert!([0, 1].contains(&run.code), "{}", run.transcript());
        }
    }
}
