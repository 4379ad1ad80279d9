//! A broker that answers on its first address and advertises another, as one in a container does: just enough of the
//! protocol (`ApiVersions` 3, `Metadata` 1) to be believed.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

const METADATA: i16 = 3;
const API_VERSIONS: i16 = 18;

/// Starts one that leads partition 0 of topic `t` and says that it lives at `host:port`; returns its first address.
pub(super) fn broker(host: &'static str, port: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || serve(stream, host, port));
        }
    });
    address
}

fn serve(mut stream: TcpStream, host: &str, port: u16) -> Option<()> {
    loop {
        let mut size = [0; 4];
        stream.read_exact(&mut size).ok()?;
        let mut request = vec![0; u32::from_be_bytes(size) as usize];
        stream.read_exact(&mut request).ok()?;
        let key = i16::from_be_bytes([request[0], request[1]]);
        let mut answer = request[4..8].to_vec();
        match key {
            API_VERSIONS => answer.extend(api_versions()),
            METADATA => {
                let client = u16::from_be_bytes([request[8], request[9]]) as usize;
                let count = &request[10 + client..14 + client];
                answer.extend(metadata(host, port, count != [0; 4]));
            }
            _ => return None,
        }
        stream.write_all(&(answer.len() as u32).to_be_bytes()).ok()?;
        stream.write_all(&answer).ok()?;
    }
}

/// No error; which versions of five requests; no throttling.
fn api_versions() -> Vec<u8> {
    let ranges: [(i16, i16, i16); 5] =
        [(0, 3, 7), (1, 4, 11), (2, 1, 5), (METADATA, 1, 1), (API_VERSIONS, 0, 3)];
    let mut bytes = vec![0, 0, ranges.len() as u8 + 1];
    for (key, low, high) in ranges {
        for number in [key, low, high] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.push(0);
    }
    bytes.extend([0; 5]);
    bytes
}

/// One broker, itself the controller; topic `t` if any topic was asked for.
fn metadata(host: &str, port: u16, topics: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let number = |bytes: &mut Vec<u8>, number: i32| bytes.extend(number.to_be_bytes());
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend((text.len() as u16).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    number(&mut bytes, 1);
    number(&mut bytes, 7);
    text(&mut bytes, host);
    number(&mut bytes, i32::from(port));
    bytes.extend([255, 255]);
    number(&mut bytes, 7);
    number(&mut bytes, i32::from(topics));
    if topics {
        bytes.extend([0, 0]);
        text(&mut bytes, "t");
        bytes.push(0);
        number(&mut bytes, 1);
        bytes.extend([0, 0]);
        // Partition 0, led by broker 7, which holds the one copy.
        for value in [0, 7, 1, 7, 1, 7] {
            number(&mut bytes, value);
        }
    }
    bytes
}
