// net_bun.ts: sockets on Bun. Writes are synchronous system calls; what does not fit waits for `drain`.
//
// On Linux the system is called directly: the runtime's own write costs a quarter of a microsecond more. It gets what the
// system did not take, so that it calls `drain`, and all that follows until then. The number of the file is given up with
// the socket: it may belong to another one next.

import type { Socket } from "../lib/platform/mod.ts";
import { canSend, send } from "./libc_bun.ts";
import {
  type Accept,
  addressText,
  type ListenAddress,
  type Listening,
  type Receiver,
  type SocketOptions,
} from "./net.ts";

interface BunSocketHandle {
  data: Connection;
  write(buf: Uint8Array, off: number, len: number): number;
  end(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, ms: number): void;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly fd: number;
}

interface BunRuntime {
  listen(options: unknown): { port: number; stop(now: boolean): void };
}

const HAS_SEND = canSend();
const bun = (globalThis as unknown as { Bun: BunRuntime }).Bun;

class Connection implements Socket {
  private handle: BunSocketHandle;
  receiver: Receiver | null = null;
  readonly isUnix: boolean;
  fd: number;
  /** Whether the system itself is called for writes. */
  isDirect = HAS_SEND;
  private path: string;
  private remoteText = "";
  private localText = "";

  constructor(handle: BunSocketHandle, path: string) {
    this.handle = handle;
    this.path = path;
    this.isUnix = path !== "";
    this.fd = handle.fd;
  }

  get remote(): string {
    if (this.isUnix) return `${this.path}:0`;
    this.remoteText ||= addressText(this.handle.remoteAddress, this.handle.remotePort);
    return this.remoteText;
  }

  get local(): string {
    if (this.isUnix) return `${this.path}:0`;
    this.localText ||= addressText(this.handle.localAddress, this.handle.localPort);
    return this.localText;
  }

  write(buf: Uint8Array, off: number, len: number): number {
    if (!this.isDirect) return this.writeSlowly(buf, off, len);
    const taken = send(this.fd, buf, off, len);
    if (taken === len) return taken;
    this.isDirect = false;
    if (taken <= 0) return this.writeSlowly(buf, off, len);
    return taken + this.writeSlowly(buf, off + taken, len - taken);
  }

  private writeSlowly(buf: Uint8Array, off: number, len: number): number {
    const taken = this.handle.write(buf, off, len);
    return taken < 0 ? 0 : taken;
  }

  pauseInput(paused: boolean): void {
    if (paused) this.handle.pause();
    else this.handle.resume();
  }

  /** All was written; the system is to be called again. */
  drained(): void {
    this.isDirect = HAS_SEND && this.fd >= 0;
    this.receiver?.writable();
  }

  end(): void {
    this.forgetFile();
    this.handle.end();
  }

  destroy(): void {
    // An orderly end: what was written still arrives, and the peer sees the end and no reset.
    this.end();
  }

  /** The socket is closed, or will be. */
  ended(): void {
    this.forgetFile();
    this.receiver?.ended();
  }

  private forgetFile(): void {
    this.fd = -1;
    this.isDirect = false;
  }
}

/** Listens with Bun's own sockets. */
export function listen(
  address: ListenAddress,
  options: SocketOptions,
  accept: Accept,
): Listening {
  const path = address.path ?? "";
  const socket = {
    open(handle: BunSocketHandle): void {
      if (path === "") {
        handle.setNoDelay(true);
        if (options.keepAliveSeconds > 0) {
          handle.setKeepAlive(true, options.keepAliveSeconds * 1000);
        }
      }
      const connection = new Connection(handle, path);
      handle.data = connection;
      connection.receiver = accept(connection);
    },
    data(handle: BunSocketHandle, bytes: Uint8Array): void {
      handle.data.receiver?.feed(bytes, 0, bytes.length);
    },
    drain(handle: BunSocketHandle): void {
      handle.data.drained();
    },
    close(handle: BunSocketHandle): void {
      handle.data?.ended();
    },
    error(handle: BunSocketHandle): void {
      handle.data?.ended();
    },
  };
  const server = path !== ""
    ? bun.listen({ unix: path, socket })
    : bun.listen({ hostname: address.host, port: address.port, backlog: address.backlog, socket });
  return { host: address.host, port: server.port ?? 0, close: () => server.stop(false) };
}
