//! Secrets typed at a terminal, which is left as it was found, also when whoever types gives up.

use std::io;

/// Asks a question whose answer is not shown. Ctrl-C ends the program, as everywhere.
pub(super) fn ask(question: &str) -> io::Result<String> {
    #[cfg(unix)]
    let _asking = interrupts::Asking::begin()?;
    let answer = rpassword::prompt_password(question);
    #[cfg(unix)]
    if answer.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
        // The terminal shows again what is typed, but the cursor is still behind the question.
        crate::output::say("");
        interrupts::end();
    }
    answer
}

/// While a secret is typed, the terminal is in a state in which nobody wants to find it afterwards. Ctrl-C is a character
/// then, from which `rpassword` makes a signal before it puts the terminal right. So the signal must not end the process yet.
#[cfg(unix)]
mod interrupts {
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use tokio::signal::unix::{SignalKind, signal};

    /// What shells say of a program that ctrl-C ended.
    const INTERRUPTED: i32 = 130;

    static IS_ASKING: AtomicBool = AtomicBool::new(false);

    /// A question that waits for its answer.
    pub(super) struct Asking;

    impl Asking {
        pub(super) fn begin() -> io::Result<Self> {
            static HEARD: OnceLock<()> = OnceLock::new();
            if HEARD.get().is_none() {
                listen()?;
                // Nobody else asks at the same time: there is one terminal.
                let _ = HEARD.set(());
            }
            IS_ASKING.store(true, Ordering::SeqCst);
            Ok(Self)
        }
    }

    impl Drop for Asking {
        fn drop(&mut self) {
            IS_ASKING.store(false, Ordering::SeqCst);
        }
    }

    /// Takes the signal over for the rest of the process: where nothing is asked, it ends the program as before.
    fn listen() -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let mut interrupts = {
            let _inside = runtime.enter();
            signal(SignalKind::interrupt())?
        };
        thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
            runtime.block_on(async {
                while interrupts.recv().await.is_some() {
                    if !IS_ASKING.load(Ordering::SeqCst) {
                        end();
                    }
                }
            });
        })?;
        Ok(())
    }

    pub(super) fn end() -> ! {
        std::process::exit(INTERRUPTED)
    }
}
