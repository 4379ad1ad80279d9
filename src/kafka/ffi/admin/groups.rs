//! Consumer groups: listed, described, deleted.

use std::ffi::CString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Call, Options};
use crate::kafka::ffi::{Code, Handle, Queue, c_string, text};

/// A group as the list of groups has it.
#[derive(Debug, Clone)]
pub(crate) struct GroupListed {
    pub(crate) name: String,
    /// It only keeps offsets: it never had members that Kafka assigned partitions to.
    pub(crate) simple: bool,
    /// `Stable`, `Empty`, …; `Unknown` for states that librdkafka does not know.
    pub(crate) state: String,
    /// `Classic` or `Consumer` (KIP-848).
    pub(crate) protocol: String,
}

/// The groups of the brokers that answered, and what the others failed with.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupList {
    pub(crate) groups: Vec<GroupListed>,
    pub(crate) failed: Vec<(Code, String)>,
}

/// A group with its members.
#[derive(Debug, Clone)]
pub(crate) struct GroupDescribed {
    pub(crate) listed: GroupListed,
    pub(crate) code: Code,
    pub(crate) text: String,
    pub(crate) assignor: String,
    /// `host:port`; empty if unknown.
    pub(crate) coordinator: String,
    pub(crate) members: Vec<MemberDescribed>,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub(crate) struct MemberDescribed {
    pub(crate) id: String,
    /// Of a static member (KIP-345); empty without.
    pub(crate) instance: String,
    pub(crate) client_id: String,
    /// Its address, with a leading `/` taken off.
    pub(crate) host: String,
    pub(crate) assigned: Vec<(String, i32)>,
}

/// What became of a group that was to be deleted.
#[derive(Debug, Clone)]
pub(crate) struct GroupDeleted {
    pub(crate) name: String,
    pub(crate) code: Code,
    pub(crate) text: String,
}

impl Handle {
    /// Asks every broker for its groups.
    pub(crate) fn ask_groups(self: &Arc<Self>, wait: Duration) -> Call {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies the options.
        unsafe { sys::rd_kafka_ListConsumerGroups(self.as_ptr(), options.0.as_ptr(), queue.as_ptr()) }
        Call { queue, deadline: Instant::now() + wait }
    }

    /// Asks for groups (one at least, each once) with their members.
    pub(crate) fn ask_members(self: &Arc<Self>, names: &[&str], wait: Duration) -> Call {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, wait);
        let queue = Queue::new(self);
        let names: Vec<CString> = names.iter().map(|name| c_string(name)).collect();
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        // SAFETY: all objects are alive; librdkafka copies names and options.
        unsafe {
            sys::rd_kafka_DescribeConsumerGroups(
                self.as_ptr(),
                pointers.as_mut_ptr(),
                pointers.len(),
                options.0.as_ptr(),
                queue.as_ptr(),
            );
        }
        Call { queue, deadline: Instant::now() + wait }
    }

    /// Asks the coordinators to delete groups with their offsets.
    pub(crate) fn ask_group_deletion(self: &Arc<Self>, names: &[&str], wait: Duration) -> Call {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_DELETEGROUPS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies them, and each is destroyed once after the call.
        unsafe {
            let mut orders: Vec<_> =
                names.iter().map(|name| sys::rd_kafka_DeleteGroup_new(c_string(name).as_ptr())).collect();
            sys::rd_kafka_DeleteGroups(
                self.as_ptr(),
                orders.as_mut_ptr(),
                orders.len(),
                options.0.as_ptr(),
                queue.as_ptr(),
            );
            for order in orders {
                sys::rd_kafka_DeleteGroup_destroy(order);
            }
        }
        Call { queue, deadline: Instant::now() + wait }
    }
}

impl Call {
    /// The groups that were asked for.
    pub(crate) fn groups<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<GroupList, (Code, String)>, E> {
        Ok(self.answer(tick)?.map(|answer| {
            // SAFETY: the result belongs to the answer, which lives until the copies are made.
            unsafe {
                let result = sys::rd_kafka_event_ListConsumerGroups_result(answer.0.as_ptr());
                let (mut groups, mut errors) = (0, 0);
                let list = sys::rd_kafka_ListConsumerGroups_result_valid(result, &raw mut groups);
                let failed = sys::rd_kafka_ListConsumerGroups_result_errors(result, &raw mut errors);
                GroupList {
                    groups: (0..groups).map(|at| listed(*list.add(at))).collect(),
                    failed: (0..errors).map(|at| error(*failed.add(at))).collect(),
                }
            }
        }))
    }

    /// The groups that were asked for, with their members.
    pub(crate) fn members<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<GroupDescribed>, (Code, String)>, E> {
        Ok(self.answer(tick)?.map(|answer| {
            // SAFETY: as in `groups`.
            unsafe {
                let result = sys::rd_kafka_event_DescribeConsumerGroups_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
                (0..count).map(|at| described(*list.add(at))).collect()
            }
        }))
    }

    /// What became of each group that was to be deleted.
    pub(crate) fn deleted<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<GroupDeleted>, (Code, String)>, E> {
        Ok(self.answer(tick)?.map(|answer| {
            // SAFETY: as in `groups`.
            unsafe {
                let result = sys::rd_kafka_event_DeleteGroups_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_DeleteGroups_result_groups(result, &raw mut count);
                (0..count)
                    .map(|at| {
                        let one = *list.add(at);
                        let (code, words) = error(sys::rd_kafka_group_result_error(one));
                        GroupDeleted { name: text(sys::rd_kafka_group_result_name(one)), code, text: words }
                    })
                    .collect()
            }
        }))
    }
}

/// An error object's code and words; null is no error.
///
/// # Safety
/// `raw` is null or alive.
pub(super) unsafe fn error(raw: *const sys::rd_kafka_error_t) -> (Code, String) {
    if raw.is_null() {
        return (Code::OK, String::new());
    }
    // SAFETY: the caller's promise; the words are copied.
    unsafe { (Code::from(sys::rd_kafka_error_code(raw)), text(sys::rd_kafka_error_string(raw))) }
}

/// # Safety
/// `one` is alive.
unsafe fn listed(one: *const sys::rd_kafka_ConsumerGroupListing_t) -> GroupListed {
    // SAFETY: the caller's promise; texts are copied, names of states and types are static.
    unsafe {
        let state = sys::rd_kafka_ConsumerGroupListing_state(one);
        let kind = sys::rd_kafka_ConsumerGroupListing_type(one);
        GroupListed {
            name: text(sys::rd_kafka_ConsumerGroupListing_group_id(one)),
            simple: sys::rd_kafka_ConsumerGroupListing_is_simple_consumer_group(one) != 0,
            state: text(sys::rd_kafka_consumer_group_state_name(state)),
            protocol: text(sys::rd_kafka_consumer_group_type_name(kind)),
        }
    }
}

/// # Safety
/// `one` is alive.
unsafe fn described(one: *const sys::rd_kafka_ConsumerGroupDescription_t) -> GroupDescribed {
    // SAFETY: the caller's promise; members and nodes belong to the group and are copied.
    unsafe {
        let (code, words) = error(sys::rd_kafka_ConsumerGroupDescription_error(one));
        let node = sys::rd_kafka_ConsumerGroupDescription_coordinator(one);
        let coordinator = if node.is_null() {
            String::new()
        } else {
            format!("{}:{}", text(sys::rd_kafka_Node_host(node)), sys::rd_kafka_Node_port(node))
        };
        let state = sys::rd_kafka_ConsumerGroupDescription_state(one);
        let kind = sys::rd_kafka_ConsumerGroupDescription_type(one);
        let count = sys::rd_kafka_ConsumerGroupDescription_member_count(one);
        GroupDescribed {
            listed: GroupListed {
                name: text(sys::rd_kafka_ConsumerGroupDescription_group_id(one)),
                simple: sys::rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(one) != 0,
                state: text(sys::rd_kafka_consumer_group_state_name(state)),
                protocol: text(sys::rd_kafka_consumer_group_type_name(kind)),
            },
            code,
            text: words,
            assignor: text(sys::rd_kafka_ConsumerGroupDescription_partition_assignor(one)),
            coordinator,
            members: (0..count)
                .map(|at| member(sys::rd_kafka_ConsumerGroupDescription_member(one, at)))
                .collect(),
        }
    }
}

/// # Safety
/// `one` is alive.
unsafe fn member(one: *const sys::rd_kafka_MemberDescription_t) -> MemberDescribed {
    // SAFETY: the caller's promise; the assignment belongs to the member and is copied.
    unsafe {
        let assignment = sys::rd_kafka_MemberDescription_assignment(one);
        let assigned = if assignment.is_null() {
            Vec::new()
        } else {
            let list = sys::rd_kafka_MemberAssignment_partitions(assignment);
            super::partitions(list).into_iter().map(|at| (at.topic, at.partition)).collect()
        };
        MemberDescribed {
            id: text(sys::rd_kafka_MemberDescription_consumer_id(one)),
            instance: text(sys::rd_kafka_MemberDescription_group_instance_id(one)),
            client_id: text(sys::rd_kafka_MemberDescription_client_id(one)),
            host: text(sys::rd_kafka_MemberDescription_host(one)).trim_start_matches('/').to_owned(),
            assigned,
        }
    }
}
