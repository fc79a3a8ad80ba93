// net_deno.ts: sockets on Deno. Writes are asynchronous: the bytes go into a pooled buffer, one write is in flight per
// connection, further output waits in the session until it is done. The read buffer starts small, so that an idle
// connection costs little, and grows while reads fill it.

import type { Socket } from "../lib/platform/mod.ts";
import {
  type Accept,
  addressText,
  type ListenAddress,
  type Listening,
  type Receiver,
  type SocketOptions,
} from "./net.ts";

const READ_BYTES_START = 512;
const READ_BYTES_MAX = 65536;
const POOL_MAX = 64;
const CHUNK_BYTES = 65536;
const SMALL_CHUNK_BYTES = 1024;

const chunks: Uint8Array[] = [];
/** For short replies: when thousands of clients are answered at once, each has one in flight. */
const smallChunks: Uint8Array[] = [];

function takeChunk(len: number): Uint8Array {
  if (len <= SMALL_CHUNK_BYTES) return smallChunks.pop() ?? new Uint8Array(SMALL_CHUNK_BYTES);
  return chunks.pop() ?? new Uint8Array(CHUNK_BYTES);
}

function giveChunk(chunk: Uint8Array): void {
  const pool = chunk.length === SMALL_CHUNK_BYTES ? smallChunks : chunks;
  if (pool.length < POOL_MAX) pool.push(chunk);
}

class Connection implements Socket {
  private conn: Deno.Conn;
  receiver: Receiver | null = null;
  readonly isUnix: boolean;
  readonly fd: number;
  private path: string;
  private inFlight: Uint8Array | null = null;
  private inFlightEnd = 0;
  private inFlightOff = 0;
  private closing = false;
  private resume: (() => void) | null = null;
  private paused = false;

  constructor(conn: Deno.Conn, path: string, number: number) {
    this.conn = conn;
    this.path = path;
    this.isUnix = path !== "";
    this.fd = number;
  }

  get remote(): string {
    return this.isUnix ? `${this.path}:0` : netText(this.conn.remoteAddr);
  }

  get local(): string {
    return this.isUnix ? `${this.path}:0` : netText(this.conn.localAddr);
  }

  write(buf: Uint8Array, off: number, len: number): number {
    if (this.inFlight !== null || this.closing) return 0;
    const taken = Math.min(len, CHUNK_BYTES);
    const chunk = takeChunk(taken);
    if (taken <= 64) { for (let i = 0; i < taken; i++) chunk[i] = buf[off + i]; }
    else chunk.set(buf.subarray(off, off + taken));
    this.inFlight = chunk;
    this.inFlightOff = 0;
    this.inFlightEnd = taken;
    this.push();
    return taken;
  }

  private push(): void {
    const chunk = this.inFlight as Uint8Array;
    this.conn.write(chunk.subarray(this.inFlightOff, this.inFlightEnd)).then(
      this.written,
      this.failed,
    );
  }

  private written = (count: number): void => {
    this.inFlightOff += count;
    if (this.inFlightOff < this.inFlightEnd) return this.push();
    const chunk = this.inFlight as Uint8Array;
    this.inFlight = null;
    giveChunk(chunk);
    if (this.closing) this.closeNow();
    else this.receiver?.writable();
  };

  private failed = (): void => {
    this.inFlight = null;
    this.closeNow();
  };

  pauseInput(paused: boolean): void {
    this.paused = paused;
    if (!paused && this.resume !== null) {
      const go = this.resume;
      this.resume = null;
      go();
    }
  }

  end(): void {
    if (this.closing) return;
    this.closing = true;
    if (this.inFlight === null) this.closeNow();
  }

  destroy(): void {
    this.closing = true;
    this.closeNow();
  }

  private closeNow(): void {
    this.closing = true;
    this.pauseInput(false);
    try {
      this.conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Reads until the end of the connection. */
  async run(): Promise<void> {
    let buf = new Uint8Array(READ_BYTES_START);
    try {
      while (!this.closing) {
        const count = await this.conn.read(buf);
        if (count === null) break;
        (this.receiver as Receiver).feed(buf, 0, count);
        if (count === buf.length && count < READ_BYTES_MAX) {
          buf = new Uint8Array(buf.length * 8 > READ_BYTES_MAX ? READ_BYTES_MAX : buf.length * 8);
        }
        if (this.paused) await new Promise<void>((resolve) => this.resume = resolve);
      }
    } catch (error) {
      if (!isHangUp(error)) throw error;
    } finally {
      this.receiver?.ended();
      this.destroy();
    }
  }
}

function isHangUp(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.NotConnected;
}

function netText(address: Deno.Addr): string {
  return address.transport === "tcp" ? addressText(address.hostname, address.port) : "?:0";
}

/** Listens with Deno's own sockets. */
export function listen(
  address: ListenAddress,
  options: SocketOptions,
  accept: Accept,
): Listening {
  const path = address.path ?? "";
  const listener = path !== ""
    ? Deno.listen({ transport: "unix", path })
    : Deno.listen({ hostname: address.host, port: address.port });
  acceptAll(listener, path, options, accept);
  const port = listener.addr.transport === "tcp" ? listener.addr.port : 0;
  return { host: address.host, port, close: () => listener.close() };
}

async function acceptAll(
  listener: Deno.Listener,
  path: string,
  options: SocketOptions,
  accept: Accept,
): Promise<void> {
  let number = 8;
  for (;;) {
    let conn: Deno.Conn;
    try {
      conn = await listener.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // A peer that vanished or a lack of descriptors must not end accepting; give others a turn.
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    if ("setNoDelay" in conn) {
      const tcp = conn as Deno.TcpConn;
      tcp.setNoDelay(true);
      tcp.setKeepAlive(options.keepAliveSeconds > 0);
    }
    const connection = new Connection(conn, path, number++);
    connection.receiver = accept(connection);
    if (connection.receiver !== null) connection.run();
  }
}
