// net_bun.ts: sockets on Bun. Writes are synchronous system calls; what does not fit waits for `drain`.

import type { Socket } from "../lib/platform/mod.ts";
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

const bun = (globalThis as unknown as { Bun: BunRuntime }).Bun;

class Connection implements Socket {
  private handle: BunSocketHandle;
  receiver: Receiver | null = null;
  readonly isUnix: boolean;
  readonly fd: number;
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
    const taken = this.handle.write(buf, off, len);
    return taken < 0 ? 0 : taken;
  }

  pauseInput(paused: boolean): void {
    if (paused) this.handle.pause();
    else this.handle.resume();
  }

  end(): void {
    this.handle.end();
  }

  destroy(): void {
    // An orderly end: what was written still arrives, and the peer sees the end and no reset.
    this.end();
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
      handle.data.receiver?.writable();
    },
    close(handle: BunSocketHandle): void {
      handle.data?.receiver?.ended();
    },
    error(handle: BunSocketHandle): void {
      handle.data?.receiver?.ended();
    },
  };
  const server = path !== ""
    ? bun.listen({ unix: path, socket })
    : bun.listen({ hostname: address.host, port: address.port, backlog: address.backlog, socket });
  return { host: address.host, port: server.port ?? 0, close: () => server.stop(false) };
}
