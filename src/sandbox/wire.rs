//! Kafka's frames: a length, a header with api key, version and correlation id, a body.

use std::io::{self, Read, Write};

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, decode_request_header_from_buffer};

/// The longest request that is read: Kafka's own `socket.request.max.bytes`.
pub(super) const MAX_FRAME: usize = 100 * 1024 * 1024;

/// A request whose header was understood.
pub(super) struct Call {
    /// What is asked.
    pub(super) api: ApiKey,
    /// In which version of the protocol.
    pub(super) version: i16,
    /// Who asks, as it names itself.
    pub(super) client_id: String,
    correlation_id: i32,
    body: Bytes,
}

impl Call {
    /// Understands a frame's header; `None` for anything but a request of a known kind.
    pub(super) fn parse(mut frame: Bytes) -> Option<Self> {
        // Api key, version, correlation id: the decoder below indexes them unasked.
        if frame.len() < 8 {
            return None;
        }
        let header: RequestHeader = decode_request_header_from_buffer(&mut frame).ok()?;
        Some(Self {
            api: ApiKey::try_from(header.request_api_key).ok()?,
            version: header.request_api_version,
            client_id: header.client_id.map(|id| id.to_string()).unwrap_or_default(),
            correlation_id: header.correlation_id,
            body: frame,
        })
    }

    /// The body as a request; `None` if it is none.
    pub(super) fn body<R: Decodable>(&self) -> Option<R> {
        R::decode(&mut self.body.clone(), self.version).ok()
    }

    /// The frame that answers this call.
    pub(super) fn reply(&self, response: &impl Encodable) -> Option<BytesMut> {
        self.reply_as(response, self.version, self.api.response_header_version(self.version))
    }

    /// The same in another version than the one asked.
    pub(super) fn reply_as(&self, response: &impl Encodable, version: i16, header: i16) -> Option<BytesMut> {
        let mut frame = BytesMut::zeroed(4);
        let mut head = ResponseHeader::default();
        head.correlation_id = self.correlation_id;
        head.encode(&mut frame, header).ok()?;
        response.encode(&mut frame, version).ok()?;
        let length = u32::try_from(frame.len() - 4).ok()?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        Some(frame)
    }
}

/// The next frame without its length; `None` at the end of the stream.
pub(super) fn read_frame(reader: &mut impl Read) -> io::Result<Option<Bytes>> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a request of more than 100 MiB"));
    }
    // The buffer grows with what arrives, never by what a length claims.
    let mut frame = Vec::with_capacity(length.min(64 * 1024));
    if reader.take(length as u64).read_to_end(&mut frame)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(frame.into()))
}

/// Sends a frame that has its length.
pub(super) fn write_frame(writer: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    writer.write_all(frame)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_whole_and_the_end_is_no_error() {
        let mut bytes: &[u8] = &[0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0];
        assert_eq!(read_frame(&mut bytes).unwrap().unwrap(), [1, 2, 3].as_slice());
        assert_eq!(read_frame(&mut bytes).unwrap().unwrap(), [].as_slice());
        assert!(read_frame(&mut bytes).unwrap().is_none());
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_read() {
        let mut bytes: &[u8] = &[0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(read_frame(&mut bytes).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_frame_that_stops_half_way_is_an_error() {
        let mut bytes: &[u8] = &[0x06, 0x00, 0x00, 0x00, 1, 2];
        assert_eq!(read_frame(&mut bytes).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_no_request_is_not_understood() {
        for bytes in [&b""[..], b"\0\x03", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 40]] {
            assert!(Call::parse(Bytes::copy_from_slice(bytes)).is_none(), "{bytes:?}");
        }
    }
}
