// net.ts: what the two network implementations have in common: where to listen and whom to tell.

import type { Socket } from "../lib/platform/mod.ts";

/** One address to listen on: TCP host and port, or the path of a Unix socket. */
export interface ListenAddress {
  host: string;
  port: number;
  /** Path of a Unix socket; host and port are ignored then. */
  path?: string;
  backlog: number;
}

/** The receiving side of one connection; a session of the engine. */
export interface Receiver {
  feed(bytes: Uint8Array, off: number, len: number): void;
  writable(): void;
  ended(): void;
}

/**
 * Decides about a new connection: returns the receiver, or null when the connection was refused (what had to be said was
 * written to the socket).
 */
export type Accept = (socket: Socket) => Receiver | null;

/** Per-connection settings. */
export interface SocketOptions {
  /** Seconds between keep-alive probes, 0 for none. */
  keepAliveSeconds: number;
}

/** A bound listener. */
export interface Listening {
  /** The host asked for; "" for a Unix socket. */
  readonly host: string;
  /** The port really bound (interesting after asking for port 0); 0 for a Unix socket. */
  readonly port: number;
  close(): void;
}

/** "ip:port" as Valkey prints it: IPv6 in brackets, mapped IPv4 plain. */
export function addressText(host: string, port: number): string {
  const plain = host.startsWith("::ffff:") && host.includes(".") ? host.slice(7) : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** A network implementation. Throws an Error with the system's reason when it cannot bind. */
export type Listen = (
  address: ListenAddress,
  options: SocketOptions,
  accept: Accept,
) => Listening;
