//! A client's configuration on its way to librdkafka.

use std::ptr::NonNull;

use rdkafka_sys as sys;

use super::{ERRSTR, c_string, written};

/// librdkafka's configuration object; freed, or given away to a client.
pub(crate) struct Conf(NonNull<sys::rd_kafka_conf_t>);

impl Conf {
    /// The defaults.
    pub(crate) fn new() -> Self {
        // SAFETY: takes nothing; librdkafka aborts rather than return null when memory runs out.
        let conf = unsafe { sys::rd_kafka_conf_new() };
        Self(NonNull::new(conf).expect("librdkafka allocates or aborts"))
    }

    /// Sets one property; the error is librdkafka's sentence about the name or the value.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let (name, setting) = (c_string(key), c_string(value));
        let mut errstr = [0_u8; ERRSTR];
        // SAFETY: the object is ours and alive, the strings are NUL-terminated and copied by the call.
        let result = unsafe {
            sys::rd_kafka_conf_set(
                self.0.as_ptr(),
                name.as_ptr(),
                setting.as_ptr(),
                errstr.as_mut_ptr().cast(),
                errstr.len(),
            )
        };
        if result == sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK { Ok(()) } else { Err(written(&errstr)) }
    }

    /// What a property is set to, defaults included.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let name = c_string(key);
        let mut value = vec![0_u8; 8192];
        let mut size = value.len();
        // SAFETY: the object is ours; librdkafka writes at most `size` bytes, the NUL included.
        let result = unsafe {
            sys::rd_kafka_conf_get(self.0.as_ptr(), name.as_ptr(), value.as_mut_ptr().cast(), &raw mut size)
        };
        (result == sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK).then(|| written(&value))
    }

    /// Which events the client shall queue.
    pub(super) fn prepare(&mut self, events: i32) {
        // SAFETY: the object is ours.
        unsafe { sys::rd_kafka_conf_set_events(self.0.as_ptr(), events) }
    }

    /// Lets librdkafka refresh OAUTHBEARER tokens on a thread of its own.
    pub(super) fn queue_sasl(&mut self) {
        // SAFETY: the object is ours.
        unsafe { sys::rd_kafka_conf_enable_sasl_queue(self.0.as_ptr(), 1) }
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_conf_t {
        self.0.as_ptr()
    }
}

impl Drop for Conf {
    fn drop(&mut self) {
        // SAFETY: whoever gives the object away forgets this value first.
        unsafe { sys::rd_kafka_conf_destroy(self.0.as_ptr()) }
    }
}
