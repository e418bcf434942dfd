//! Requests that wait for their turn: those waits are none of the time that a write may take.

use std::num::NonZeroU32;
use std::time::Duration;

use cs_transport::{BlockingTransport, Lane, RateLimit, RateLimiters};
use jiff::SignedDuration;

use super::*;

/// An API on a clock that waits move, which loses the answer to the second update and knows an old token.
struct Slow {
    now: Mutex<Timestamp>,
    seen: Mutex<Vec<String>>,
}

impl BlockingTransport for Slow {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut seen = self.seen.lock().unwrap();
        seen.push(request.method().to_string());
        if request.method() == "PUT" && seen.iter().filter(|method| *method == "PUT").count() == 2 {
            return Err(TransportError::new(ErrorKind::Protocol, Sent::Maybe));
        }
        let mut response = Response::new(Bytes::from(json!({ "token": token("blt1") }).to_string()));
        let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&self.now());
        response.headers_mut().insert("date", now.unwrap().parse().unwrap());
        Ok(response)
    }

    fn sleep(&self, duration: Duration) {
        *self.now.lock().unwrap() += SignedDuration::try_from(duration).unwrap();
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

#[test]
fn a_long_wait_in_line_takes_no_time_from_the_attempts() {
    for lanes in [&[Lane::Write][..], &[Lane::Write, Lane::Read]] {
        // The token was changed long before.
        let start = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let slow = Slow { now: Mutex::new(start), seen: Mutex::default() };
        let pace = RateLimit::new(RateLimiters::with_window(Duration::from_secs(100)));
        let pace = lanes.iter().fold(pace, |pace, lane| pace.assume(*lane, NonZeroU32::MIN));
        let client = Client::builder(slow)
            .region("na")
            .pace(pace)
            .credential(Credential::Authtoken(Secret::new("session")))
            .build()
            .unwrap();
        let tokens = stack(&client).delivery_tokens();
        tokens.update(&uid(), &web()).unwrap();
        tokens.get(&uid()).unwrap();
        tokens.update(&uid(), &web()).unwrap();
        let slow = client.transport();
        assert_eq!(*slow.seen.lock().unwrap(), ["PUT", "GET", "PUT", "GET", "PUT"]);
        assert!(slow.now() > start + SignedDuration::from_secs(199), "{}", slow.now());
    }
}
