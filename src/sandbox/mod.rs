//! The embedded broker, its front end, its life as a process.
