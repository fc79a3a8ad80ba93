// transport.ts: how tests talk to a server: the same contract over a socket and in process.

/** Nothing complete arrived in time. */
export class ReplyTimeout extends Error {}

/** The server hung up. */
export class ConnectionClosed extends Error {}

/** One client connection; bytes are latin-1 strings. */
export interface Connection {
  write(text: string): Promise<void>;
  /**
   * The next reply or push. Throws ReplyTimeout after `timeoutMs`, ConnectionClosed when the
   * server hangs up first.
   */
  frame(timeoutMs: number): Promise<string>;
  /** Waits up to `ms` and returns what is there, "" when nothing arrived; it stays unread. */
  quiet(ms: number): Promise<string>;
  /** Everything up to the hang-up. Throws ReplyTimeout. */
  untilClosed(timeoutMs: number): Promise<string>;
  close(): void;
}

/** A way to open connections to one server. */
export interface Transport {
  open(): Promise<Connection>;
  sleep(ms: number): Promise<void>;
  /** Closes what the transport itself holds open. */
  close(): void;
}
