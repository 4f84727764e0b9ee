const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const SHOW_CURSOR = '\u001b[?25h';

/** Calls `react`, instead of ending the process at once, when somebody presses Ctrl-C or ends the process. Returns how to stop that. */
export function onInterrupt(react: () => void): () => void {
  const listener = (): void => {
    // The progress display hides it.
    if (process.stdout.isTTY) {
      process.stdout.write(SHOW_CURSOR);
    }
    react();
  };
  SIGNALS.forEach((signal) => process.on(signal, listener));
  return () => SIGNALS.forEach((signal) => process.off(signal, listener));
}
