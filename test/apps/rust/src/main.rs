use std::env;
use std::io::prelude::*;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let port = env::var("PORT").unwrap_or("7878".to_string());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();

    for stream in listener.incoming() {
        let stream = stream.unwrap();
        thread::spawn(|| handle_connection(stream));
    }
}

fn handle_connection(mut stream: TcpStream) {
    let request = BufReader::new(&mut stream).lines();
    let head = request.map_while(Result::ok).take_while(|line| !line.is_empty());
    if head.count() == 0 {
        return;
    }

    let contents = "Hello, World!\n";
    let length = contents.len();
    let response =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{contents}");
    let _ = stream.write_all(response.as_bytes());
}
